"""JSON in both notations and XML, chosen by headers, suffix, profile, content, application."""

from __future__ import annotations

import json
from typing import Any

import pytest
import requests
from lxml import etree
from sqlalchemy import Engine, text

from fixtures.writers import xpress
from reference_hub.codec import json_goessner, json_pesc
from reference_hub.codec.json_text import dumps
from reference_hub.codec.shape_book import ShapeBook

COLLECTION = "/requests/xStudents"
SINGLE = f"{COLLECTION}/xStudent"
JSON = "application/json"
XML = "application/xml"
PESC_PROFILE = "urn:sif:data/na/4.3+pesc,urn:sif:inf/global/3.3+pesc"
SHAPES = ShapeBook().of(xpress.NA4)


def as_json(element: etree._Element, notation: str) -> bytes:
    if notation == "pesc":
        return dumps(json_pesc.write(element, SHAPES))
    return dumps(json_goessner.write(element))


def canonical(element: etree._Element) -> bytes:
    return etree.tostring(element, method="c14n")


def configure(engine: Engine, key: str, notation: str) -> None:
    with engine.begin() as connection:
        statement = text("UPDATE application SET notation = :notation WHERE key = :key")
        connection.execute(statement, {"notation": notation, "key": key})


def error_code(reply: requests.Response) -> object:
    return reply.json()["error"]["code"]


@pytest.fixture
def stored(sis: Any, one_student: etree._Element) -> str:
    """The path of a student in the store."""
    assert sis.send("POST", SINGLE, etree.tostring(one_student)).status_code == 201
    return f"{COLLECTION}/{one_student.get('refId')}"


@pytest.mark.requirement("INF-FMT-013", "INF-FMT-014")
@pytest.mark.parametrize("notation", ["goessner", "pesc"])
def test_a_student_in_json_is_stored_as_the_same_xml(
    sis: Any, one_student: etree._Element, notation: str
) -> None:
    body = as_json(one_student, notation)
    made = sis.send("POST", SINGLE, body, Content_Type=JSON)
    assert (made.status_code, made.headers["Content-Type"]) == (201, JSON)
    assert made.json() == json.loads(body)
    path = f"{COLLECTION}/{one_student.get('refId')}"
    got = sis.send("GET", path, Accept=XML)
    assert canonical(etree.fromstring(got.content)) == canonical(one_student)


@pytest.mark.requirement("NEG-033")
@pytest.mark.parametrize(("notation", "kind"), [("goessner", dict), ("pesc", list)])
def test_a_page_with_one_student_has_the_shape_of_its_notation(
    sis: Any, stored: str, notation: str, kind: type
) -> None:
    profile = f"urn:sif:data/na/4.3+{notation}"
    reply = sis.send("GET", COLLECTION, Accept=JSON, Accept_Profile=profile)
    assert reply.status_code == 200
    assert isinstance(reply.json()["xStudents"]["xStudent"], kind)
    assert reply.headers["Content-Profile"] == profile


@pytest.mark.requirement("INF-FMT-008", "INF-FMT-009", "INF-FMT-010")
@pytest.mark.parametrize(
    ("suffix", "accept", "expected"),
    [
        ("", None, XML),
        ("", "*/*", XML),
        (".json", None, JSON),
        (".json", "*/*", JSON),
        (".xml", None, XML),
        (".json", XML, XML),
        (".xml", JSON, JSON),
        ("", JSON, JSON),
        ("", "text/xml", "text/xml"),
        ("", f"{JSON};q=0.2, {XML};q=0.1", JSON),
        (".json;zoneId=demo-district", None, JSON),
    ],
)
def test_an_answer_has_the_type_of_header_suffix_or_default(
    sis: Any, stored: str, suffix: str, accept: str | None, expected: str
) -> None:
    sis.http.headers["Accept"] = accept
    reply = sis.send("GET", stored + suffix)
    assert (reply.status_code, reply.headers["Content-Type"]) == (200, expected)
    assert reply.content.startswith(b'{"xStudent":' if expected == JSON else b"<xStudent")


@pytest.mark.requirement("INF-FMT-009", "INF-URL-005")
@pytest.mark.parametrize(
    ("suffix", "content_type", "status"),
    [
        (".json", "", 201),
        (".xml", JSON, 201),
        ("", JSON, 201),
        (".json", XML, 400),
        ("", "", 400),
        (".json", "application/json; charset=utf-8", 201),
        (".json", "application/json; charset=utf-16", 415),
        (".json", "text/plain", 415),
    ],
)
def test_a_json_body_is_known_by_header_then_suffix(
    sis: Any, one_student: etree._Element, suffix: str, content_type: str, status: int
) -> None:
    body = as_json(one_student, "goessner")
    reply = sis.send("POST", SINGLE + suffix, body, Content_Type=content_type)
    assert reply.status_code == status


def test_a_content_type_without_a_body_says_nothing(sis: Any, stored: str) -> None:
    sis.http.headers["Accept"] = None
    for content_type in (JSON, "application/pdf"):
        reply = sis.send("GET", stored, Content_Type=content_type)
        assert (reply.status_code, reply.headers["Content-Type"]) == (200, XML)


@pytest.mark.requirement("INF-FMT-012")
@pytest.mark.parametrize("headers", [{"Content_Type": "text/csv"}, {"Accept": "text/csv"}])
def test_other_types_are_415_with_what_is_taken(
    sis: Any, one_student: etree._Element, headers: dict[str, str]
) -> None:
    reply = sis.send("POST", SINGLE, etree.tostring(one_student), **headers)
    assert (reply.status_code, reply.headers["Accept"]) == (415, f"{XML}, text/xml, {JSON}")
    assert sis.send("GET", COLLECTION, Accept=XML).status_code == 204


@pytest.mark.requirement("INF-FMT-018", "INF-FMT-023")
@pytest.mark.parametrize(
    ("configured", "headers", "notation"),
    [
        ("", {}, "goessner"),
        ("pesc", {}, "pesc"),
        ("goessner", {}, "goessner"),
        ("xml", {}, "goessner"),
        ("goessner", {"Accept_Profile": PESC_PROFILE}, "pesc"),
        ("pesc", {"Accept_Profile": "urn:sif:data/na/4.3+goessner"}, "goessner"),
        ("", {"Accept_Profile": "urn:sif:inf/global/3.3+pesc"}, "pesc"),
        ("", {"Accept_Profile": "urn:sif:data/na/4.3"}, "goessner"),
    ],
)
def test_a_json_answer_follows_profile_then_application(
    hub: Any, sis: Any, stored: str, configured: str, headers: dict[str, str], notation: str
) -> None:
    configure(hub.engine, "sis", configured)
    student = sis.send("GET", stored, Accept=JSON, **headers).json()["xStudent"]
    assert ("refId" in student, "@refId" in student) == (notation == "pesc", notation != "pesc")


@pytest.mark.requirement("INF-FMT-023")
@pytest.mark.parametrize("named", [{}, {"Content_Profile": "urn:sif:data/na/4.3+pesc"}])
def test_the_answer_uses_the_notation_of_the_request(
    sis: Any, one_student: etree._Element, named: dict[str, str]
) -> None:
    body = b'{"xStudents":{"xStudent":[' + as_json(one_student, "pesc")[12:-1] + b"]}}"
    reply = sis.send("POST", COLLECTION, body, Content_Type=JSON, **named)
    (created,) = reply.json()["createResponse"]["creates"]["create"]
    assert (reply.status_code, created["statusCode"]) == (200, "201")


@pytest.mark.requirement("INF-ERR-001", "INF-ERR-002")
@pytest.mark.parametrize(("profile", "code"), [("", "404"), (PESC_PROFILE, 404)])
def test_errors_speak_the_notation_too(sis: Any, profile: str, code: object) -> None:
    path = f"{COLLECTION}/8A2A0C1B-55F3-4B6C-9C0F-0123456789AB"
    reply = sis.send("GET", path, Accept=JSON, Accept_Profile=profile)
    assert (reply.status_code, error_code(reply)) == (404, code)
    assert reply.headers["messageType"] == "ERROR"
    assert reply.headers.get("Content-Profile", "") == profile.partition(",")[2]


def test_errors_before_the_session_is_known_are_json_as_asked(hub: Any) -> None:
    for path in (f"{COLLECTION}.json", "/nothing.json"):
        reply = requests.get(hub.base + path, headers={"Accept": "*/*"}, timeout=5)
        assert error_code(reply) == str(reply.status_code)


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"[]",
        b'{"xStudent": {"localId": NaN}}',
        b'{"xStudent": {"localId": "1", "localId": "2"}}',
        b'{"a":' * 50_000,
        b'{"xStudent": {"localId": "\\u0000"}}',
        '{"xStudent": "é"}'.encode("latin-1"),
        b'{"xStudent": {"localId": ' + b"9" * 10_000 + b"}}",
        b"<xStudent/>",
    ],
)
def test_a_json_body_that_cannot_be_read_is_400_in_json(sis: Any, body: bytes) -> None:
    reply = sis.send("POST", SINGLE, body, Content_Type=JSON)
    assert (reply.status_code, error_code(reply)) == (400, "400")
    assert "400-01" in reply.json()["error"]["description"]


def test_a_json_object_that_is_not_valid_is_400(sis: Any, one_student: etree._Element) -> None:
    value = json.loads(as_json(one_student, "goessner"))
    value["xStudent"]["unheardOf"] = "1"
    reply = sis.send("POST", SINGLE, json.dumps(value).encode(), Content_Type=JSON)
    assert (reply.status_code, error_code(reply)) == (400, "400")


@pytest.mark.requirement("NEG-034")
def test_texts_like_numbers_come_back_as_they_were_sent(
    sis: Any, one_student: etree._Element
) -> None:
    one_student.find("{*}localId").text = "0054.10"  # type: ignore[union-attr]
    for notation in ("goessner", "pesc"):
        one_student.set("refId", f"8A2A0C1B-55F3-4B6C-9C0F-00000000000{len(notation)}")
        body = as_json(one_student, notation)
        reply = sis.send("POST", SINGLE, body, Content_Type=JSON)
        assert reply.json()["xStudent"]["localId"] == "0054.10"


def test_json_members_in_any_order_are_valid(sis: Any, one_student: etree._Element) -> None:
    value = json.loads(as_json(one_student, "pesc"))
    value["xStudent"] = dict(reversed(value["xStudent"].items()))
    reply = sis.send("POST", SINGLE, json.dumps(value).encode(), Content_Type=JSON)
    assert reply.status_code == 201


@pytest.mark.parametrize("notation", ["goessner", "pesc"])
def test_a_json_update_and_a_json_bulk_delete_work(
    sis: Any, stored: str, one_student: etree._Element, notation: str
) -> None:
    mark = "" if notation == "pesc" else "@"
    changed = json.dumps({"xStudent": {"localId": "changed"}}).encode()
    assert sis.send("PUT", stored, changed, Content_Type=JSON).status_code == 204
    assert b"<localId>changed</localId>" in sis.send("GET", stored, Accept=XML).content
    refid = {f"{mark}id": one_student.get("refId")}
    deletion = json.dumps({"deleteRequest": {"deletes": {"delete": [refid]}}}).encode()
    reply = sis.send("PUT", COLLECTION, deletion, Content_Type=JSON, methodOverride="DELETE")
    found = reply.json()["deleteResponse"]["deletes"]["delete"]
    assert (found if notation == "goessner" else found[0])[f"{mark}statusCode"] == "204"


@pytest.mark.parametrize(
    ("profile", "namespace"),
    [
        ("urn:sif:data/na/4.3+goessner", xpress.NA4),
        ("urn:sif:data/au/3.4.6+goessner", "http://www.sifassociation.org/datamodel/au/3.4"),
        ("urn:sif:data/uk/2.0+goessner", "http://www.sifassociation.org/datamodel/uk/2.0"),
    ],
)
def test_a_profile_names_the_data_model(sis: Any, profile: str, namespace: str) -> None:
    refid = "8a2a0c1b-55f3-4b6c-9c0f-0123456789ab"
    body = json.dumps({"StudentPeriodAttendance": {"@RefId": refid, "Date": "1"}}).encode()
    path = "/requests/StudentPeriodAttendances"
    headers = {"Content_Type": JSON, "Content_Profile": profile}
    assert sis.send("POST", f"{path}/StudentPeriodAttendance", body, **headers).status_code == 201
    found = etree.fromstring(sis.send("GET", f"{path}/{refid}", Accept=XML).content)
    assert etree.QName(found).namespace == namespace


def test_pesc_of_an_object_without_a_schema_is_400_and_says_so(sis: Any) -> None:
    body = b'{"StudentPeriodAttendance": {"RefId": "8a2a0c1b-55f3-4b6c-9c0f-0123456789ab"}}'
    headers = {"Content_Type": JSON, "Content_Profile": "urn:sif:data/na/4.3+pesc"}
    path = "/requests/StudentPeriodAttendances/StudentPeriodAttendance"
    reply = sis.send("POST", path, body, **headers)
    assert reply.status_code == 400
    assert "needs a schema" in reply.json()["error"]["message"]


@pytest.mark.parametrize("accept", [XML, JSON])
def test_head_shows_the_headers_that_get_would(sis: Any, stored: str, accept: str) -> None:
    answers = [sis.send(verb, stored, Accept=accept) for verb in ("HEAD", "GET")]
    names = ("Content-Type", "Content-Length", "Content-Encoding", "Vary")
    head, get = ({name: each.headers[name] for name in names} for each in answers)
    assert head == get
    assert answers[0].content == b""


def test_an_empty_answer_has_no_type_in_any_notation(sis: Any) -> None:
    reply = sis.send("GET", f"{COLLECTION}.json")
    assert (reply.status_code, reply.content) == (204, b"")
    assert "Content-Type" not in reply.headers


@pytest.mark.requirement("NEG-056")
def test_headers_of_other_products_change_nothing(sis: Any, stored: str) -> None:
    plain = sis.send("GET", stored).content
    odd = {"IdType": "local", "SchoolYear": "2026", "Content_Profile": "x", "Accept_Profile": "y"}
    reply = sis.send("GET", stored, **odd)
    assert (reply.status_code, reply.content) == (200, plain)


@pytest.mark.requirement("NEG-057")
@pytest.mark.parametrize("accept", [XML, JSON])
def test_every_error_has_a_body_with_an_id_and_no_page_of_html(sis: Any, accept: str) -> None:
    for verb, path in (("GET", "/nothing"), ("PATCH", COLLECTION), ("POST", SINGLE)):
        reply = sis.send(verb, path, b"<", Accept=accept)
        assert reply.headers["Content-Type"] == accept
        body = reply.json() if accept == JSON else {}
        found = body["error"]["@id"] if body else etree.fromstring(reply.content).get("id")
        assert len(found) == 36


@pytest.mark.parametrize("notation", ["goessner", "pesc"])
def test_a_vendor_gets_no_more_in_json_than_in_xml(
    hub: Any, sis: Any, reader: Any, one_student: etree._Element, notation: str
) -> None:
    sis.send("POST", SINGLE, etree.tostring(one_student))
    marker = hub.pod(1).token
    profile = f"urn:sif:data/na/4.3+{notation}"
    headers = {"Accept": JSON, "Accept_Profile": profile, "dataPrivacyMarker": marker}
    reply = reader.send("GET", f"{COLLECTION}/{one_student.get('refId')}", **headers)
    mark = "" if notation == "pesc" else "@"
    assert reply.json() == {
        "xStudent": {
            f"{mark}refId": one_student.get("refId"),
            "name": {"givenName": one_student.findtext("{*}name/{*}givenName")},
            "localId": one_student.findtext("{*}localId"),
        }
    }


def test_the_hubs_own_events_speak_the_notation_of_the_reader(
    sis: Any, one_student: etree._Element
) -> None:
    created = sis.send("POST", "/queues/queue", b'{"queue": {"name": "q"}}', Content_Type=JSON)
    queue = created.json()["queue"]["@id"]
    wanted = {"queueId": queue, "serviceName": "xStudents", "serviceType": "OBJECT"}
    body = json.dumps({"subscription": {"zoneId": "demo-district"} | wanted}).encode()
    sis.send("POST", "/subscriptions/subscription", body, Content_Type=JSON)
    student = as_json(one_student, "goessner")
    sis.send("POST", SINGLE, student, Content_Type=JSON)
    for accept in (JSON, XML):
        message = sis.send("GET", f"/queues/{queue}/messages", Accept=accept)
        assert (message.status_code, message.headers["Content-Type"]) == (200, accept)
    assert as_json(etree.fromstring(message.content)[0], "goessner") == student


@pytest.mark.requirement("INF-FMT-019")
@pytest.mark.parametrize("empty", ["", None, {}])
@pytest.mark.parametrize("notation", ["goessner", "pesc"])
def test_empty_members_of_an_environment_count_as_absent(
    hub: Any, empty: object, notation: str
) -> None:
    client = hub.client("json")
    profile = f"urn:sif:inf/global/3.3+{notation}"
    headers = client.signed("json") | {"Content-Type": JSON, "Content-Profile": profile}
    url = f"{hub.base}/environments/environment"
    given = {"instanceId": empty, "userToken": empty, "consumerName": empty}
    body = json.dumps({"environment": given}).encode()
    made = client.http.post(url, body, headers=headers, timeout=5)
    assert made.status_code == 201
    assert not {"instanceId", "userToken", "consumerName"} & made.json()["environment"].keys()
