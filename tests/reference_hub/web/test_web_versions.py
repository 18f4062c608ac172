"""Every infrastructure version is understood, and answered in kind; errors are richer from 3.6."""

from __future__ import annotations

import re
import uuid
from datetime import datetime, timedelta
from typing import Any

import pytest
import requests
from lxml import etree

COLLECTION = "/requests/xStudents"
SINGLE = f"{COLLECTION}/xStudent"
UNKNOWN_ID = "8A2A0C1B-55F3-4B6C-9C0F-0123456789AB"
WWW = "http://www.sifassociation.org/infrastructure/"
VERSIONS = ["3.0.1", "3.1", "3.2", "3.2.1", "3.3", "3.4", "3.5", "3.6", "3.7"]
SPELLINGS = [
    *(WWW + version for version in VERSIONS),
    "http://sifassociation.org/infrastructure/3.2.1",
    "https://www.sifassociation.org/infrastructure/3.3",
    "https://sifassociation.org/infrastructure/3.6",
]
NA4 = "http://www.sifassociation.org/datamodel/na/4.x"


def namespace(body: bytes) -> str | None:
    return etree.QName(etree.fromstring(body)).namespace


def create(space: str, inner: str = "<consumerName>x</consumerName>") -> bytes:
    declared = f' xmlns="{space}"' if space else ""
    return f"<environment{declared}>{inner}</environment>".encode()


def deletion(space: str, refid: str = UNKNOWN_ID) -> bytes:
    declared = f' xmlns="{space}"' if space else ""
    deletes = f'<deletes><delete id="{refid}"/></deletes>'
    return f"<deleteRequest{declared}>{deletes}</deleteRequest>".encode()


def text(error: etree._Element, name: str) -> str | None:
    return error.findtext(f"{{*}}{name}")


@pytest.mark.requirement("INF-FMT-001", "INF-FMT-002", "NEG-038")
@pytest.mark.parametrize("space", SPELLINGS)
def test_an_environment_is_opened_and_answered_in_the_callers_namespace(
    hub: Any, space: str
) -> None:
    client = hub.client("versions")
    made = client.open(create(space))
    assert (made.status_code, namespace(made.content)) == (201, space)
    error = client.send("GET", f"{COLLECTION}/{UNKNOWN_ID}")
    assert (error.status_code, namespace(error.content)) == (404, space)


@pytest.mark.requirement("NEG-038")
@pytest.mark.parametrize("space", ["", *SPELLINGS])
def test_a_delete_request_of_any_version_deletes_and_is_answered_in_it(
    sis: Any, one_student: etree._Element, space: str
) -> None:
    sis.send("POST", SINGLE, etree.tostring(one_student))
    body = deletion(space, one_student.get("refId", ""))
    reply = sis.send("PUT", COLLECTION, body, methodOverride="DELETE")
    assert (reply.status_code, namespace(reply.content)) == (200, space or WWW + "3.3")
    assert b'statusCode="204"' in reply.content
    assert sis.send("GET", COLLECTION).status_code == 204


@pytest.mark.requirement("NEG-038")
@pytest.mark.parametrize("space", ["urn:sif", WWW + "4.0", WWW + "3.3/", NA4])
def test_an_environment_of_something_else_is_400(hub: Any, space: str) -> None:
    assert hub.client("versions").open(create(space)).status_code == 400


@pytest.mark.requirement("NEG-040")
@pytest.mark.parametrize(("space", "version"), [("3.3", "3.2.1"), ("3.0.1", "3.6"), ("3.7", "3.3")])
def test_payload_and_supported_version_may_differ(hub: Any, space: str, version: str) -> None:
    supported = f"<supportedInfrastructureVersion>{version}</supportedInfrastructureVersion>"
    inner = f"<applicationInfo>{supported}</applicationInfo>"
    made = hub.client("versions").open(create(WWW + space, inner))
    assert (made.status_code, namespace(made.content)) == (201, WWW + space)
    found = etree.fromstring(made.content).findtext(".//{*}supportedInfrastructureVersion")
    assert found == version


@pytest.mark.requirement("INF-ERR-008")
@pytest.mark.parametrize("version", VERSIONS)
def test_errors_have_type_and_sub_code_from_3_6_on(hub: Any, version: str) -> None:
    client = hub.client("versions")
    client.open(create(WWW + version))
    reply = client.send("POST", SINGLE, b"<xStudent", Content_Type="application/xml")
    error = etree.fromstring(reply.content)
    rich = ("DATA", "400-01") if version >= "3.6" else (None, None)
    assert (text(error, "code"), text(error, "type"), text(error, "subCode")) == ("400", *rich)
    assert (text(error, "description") or "").startswith("400-01") is (version < "3.6")


@pytest.mark.requirement("INF-ERR-008")
def test_an_error_of_3_6_lists_each_fault_without_values(
    hub: Any, one_student: etree._Element
) -> None:
    client = hub.client("versions")
    client.open(create(WWW + "3.6"))
    for path in ("{*}name/{*}type", "{*}address/{*}stateProvince"):
        one_student.find(path).text = "Canary"  # type: ignore[union-attr]
    reply = client.send("POST", SINGLE, etree.tostring(one_student))
    details = etree.fromstring(reply.content).findall("{*}errorDetails/{*}errorDetail")
    told = [[etree.QName(each).localname for each in detail] for detail in details]
    assert len(told) > 1
    assert all(each == ["type", "subCode", "message"] for each in told)
    assert b"Canary" not in reply.content


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        (f"{COLLECTION}/{UNKNOWN_ID}", "DATA"),
        (f"{COLLECTION};zoneId=nowhere", "DATA"),
        (f"/requests/alerts/{UNKNOWN_ID}", "INFRASTRUCTURE"),
        (f"/queues/{UNKNOWN_ID}", "INFRASTRUCTURE"),
    ],
)
def test_the_type_of_an_error_tells_data_from_infrastructure(
    hub: Any, path: str, kind: str
) -> None:
    client = hub.client("versions")
    client.open(create(WWW + "3.7"))
    reply = client.send("GET", path)
    error = etree.fromstring(reply.content)
    names = [etree.QName(each).localname for each in error]
    assert (reply.status_code, text(error, "type")) == (404, kind)
    assert names[:4] == ["code", "scope", "type", "message"]


def test_the_errors_of_3_6_in_pesc_are_those_of_the_published_json_schema(hub: Any) -> None:
    client = hub.client("versions")
    client.open(create(WWW + "3.6"))
    profile = "urn:sif:inf/global/3.6+pesc"
    headers = {"Content_Type": "application/json", "Accept_Profile": profile}
    error = client.send("POST", SINGLE, b"{", **headers).json()["error"]
    known = {"id", "code", "scope", "type", "subCode", "message", "description", "errorDetails"}
    assert error.keys() <= known
    assert (error["code"], error["type"], error["subCode"]) == (400, "DATA", "400-01")
    (detail,) = error["errorDetails"]["errorDetail"]
    assert detail["message"] == error["message"]


@pytest.mark.requirement("INF-ERR-001", "INF-ERR-003", "INF-ERR-004", "INF-ERR-006")
def test_an_error_has_an_id_a_scope_and_a_short_message(
    sis: Any, infrastructure: etree.XMLSchema
) -> None:
    for path in (f"{COLLECTION}/{UNKNOWN_ID}", "/requests/nothings", "/nothing"):
        reply = sis.send("GET", path)
        error = etree.fromstring(reply.content)
        infrastructure.assertValid(error)
        assert reply.headers["messageType"] == "ERROR"
        assert uuid.UUID(error.get("id")).version == 4
        assert text(error, "scope")
        assert 0 < len(text(error, "message") or "") <= 1024


@pytest.mark.requirement("INF-FMT-004", "INF-FMT-017")
def test_the_hubs_own_ids_and_times_have_the_standards_form(sis: Any) -> None:
    reply = sis.send("GET", "/nothing")
    environment = sis.environment.get("id")
    for each in (reply.headers["messageId"], environment):
        assert (uuid.UUID(each).version, str(uuid.UUID(each))) == (4, each)
    stamp = reply.headers["timestamp"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)", stamp)
    assert datetime.fromisoformat(stamp).utcoffset() == timedelta(0)


@pytest.mark.requirement("INF-FMT-005")
def test_ids_are_compared_without_regard_to_case(sis: Any, one_student: etree._Element) -> None:
    sis.send("POST", SINGLE, etree.tostring(one_student))
    refid = one_student.get("refId", "")
    for spelled in (refid.lower(), refid.upper()):
        assert sis.send("GET", f"{COLLECTION}/{spelled}").status_code == 200


@pytest.mark.requirement("INF-FMT-007", "INF-FMT-003")
def test_a_body_is_the_object_or_the_collection_itself(
    sis: Any, one_student: etree._Element
) -> None:
    made = sis.send("POST", SINGLE, etree.tostring(one_student))
    page = etree.fromstring(sis.send("GET", COLLECTION).content)
    assert etree.fromstring(made.content).tag == f"{{{NA4}}}xStudent"
    assert (page.tag, [each.tag for each in page]) == (
        f"{{{NA4}}}xStudents",
        [f"{{{NA4}}}xStudent"],
    )


@pytest.mark.requirement("INF-TRN-006", "NEG-036")
@pytest.mark.parametrize("declared", ["utf-8", "iso-8859-1", ""])
def test_latin_1_is_refused_whatever_it_is_declared_as(sis: Any, declared: str) -> None:
    head = f'<?xml version="1.0" encoding="{declared}"?>' if declared else ""
    body = f'{head}<xStudent xmlns="{NA4}" refId="{UNKNOWN_ID}"><localId>é</localId></xStudent>'
    assert sis.send("POST", SINGLE, body.encode("latin-1")).status_code == 400
    assert sis.send("GET", COLLECTION).status_code == 204


@pytest.mark.requirement("INF-FMT-016", "NEG-036")
def test_a_byte_order_mark_is_legal_and_signs_survive(sis: Any) -> None:
    body = f'<xStudent xmlns="{NA4}" refId="{UNKNOWN_ID}"><localId>Zoë 蓝</localId></xStudent>'
    assert sis.send("POST", SINGLE, b"\xef\xbb\xbf" + body.encode()).status_code == 201
    assert "Zoë 蓝" in sis.send("GET", f"{COLLECTION}/{UNKNOWN_ID}").content.decode()
    doctype = b"<!DOCTYPE xStudent>" + body.encode()
    assert sis.send("PUT", f"{COLLECTION}/{UNKNOWN_ID}", doctype).status_code == 400


@pytest.mark.requirement("NEG-035")
@pytest.mark.parametrize("media", ["application/xml", "text/xml", "application/json"])
@pytest.mark.parametrize("charset", ["", ";charset=utf-8", '; charset="UTF-8"'])
def test_a_charset_parameter_of_utf_8_is_no_obstacle(sis: Any, media: str, charset: str) -> None:
    student = f'<xStudent xmlns="{NA4}" refId="{UNKNOWN_ID}"/>'
    body = f'{{"xStudent": {{"@refId": "{UNKNOWN_ID}"}}}}' if "json" in media else student
    reply = sis.send("POST", SINGLE, body.encode(), Content_Type=media + charset)
    assert reply.status_code == 201


@pytest.mark.requirement("NEG-041")
def test_elements_in_another_order_than_the_schemas_are_400(
    sis: Any, one_student: etree._Element
) -> None:
    one_student.insert(0, one_student[-1])
    reply = sis.send("POST", SINGLE, etree.tostring(one_student))
    assert reply.status_code == 400
    assert b"400-01" in reply.content


@pytest.mark.requirement("NEG-017")
@pytest.mark.parametrize(
    "path",
    [
        SINGLE,
        COLLECTION,
        "/environments/environment",
        "/queues/queue",
        "/queues",
        "/subscriptions/subscription",
        "/provisionRequests/provisionRequest",
        "/requests/alerts/alert",
        "/services/rosterValidations/rosterValidation",
    ],
)
@pytest.mark.parametrize(
    ("body", "media"), [(b"<a><b></a>", "application/xml"), (b'{"a":', "application/json")]
)
def test_a_malformed_payload_is_400_everywhere(
    sis: Any, path: str, body: bytes, media: str
) -> None:
    headers = sis.signed(sis.key if "environment" in path else sis.user)
    url = sis.base + path
    reply = requests.post(url, body, headers=headers | {"Content-Type": media}, timeout=5)
    assert reply.status_code == 400


@pytest.mark.requirement("NEG-030")
@pytest.mark.parametrize(
    ("verb", "override", "action"),
    [
        ("GET", "", "QUERY"),
        ("HEAD", "", "HEAD"),
        ("POST", "GET", "QUERY"),
        ("PUT", "DELETE", "DELETE"),
        ("POST", "", "CREATE"),
    ],
)
def test_the_response_action_tells_what_was_done(
    sis: Any, verb: str, override: str, action: str
) -> None:
    headers = {"methodOverride": override} if override else {}
    assert sis.send(verb, COLLECTION, b"<x/>", **headers).headers["responseAction"] == action


@pytest.mark.requirement("NEG-031")
@pytest.mark.parametrize("intention", ["ALL", "ONE-OFF", "NO-CACHING", "NO-CACHE"])
def test_each_spelling_of_a_query_intention_is_tolerated(sis: Any, intention: str) -> None:
    assert sis.send("GET", COLLECTION, queryIntention=intention).status_code == 204


@pytest.mark.requirement("INF-STA-003")
def test_204_and_304_have_no_body(sis: Any, one_student: etree._Element) -> None:
    sis.send("POST", SINGLE, etree.tostring(one_student))
    path = f"{COLLECTION}/{one_student.get('refId')}"
    answers = [sis.send("PUT", path, etree.tostring(one_student)), sis.send("DELETE", path)]
    assert [(each.status_code, each.content) for each in answers] == [(204, b"")] * 2
    assert all("Content-Type" not in each.headers for each in answers)


@pytest.mark.requirement("INF-URL-001", "INF-URL-004", "INF-URL-006", "INF-URL-007")
def test_names_are_case_sensitive_and_paths_are_decoded_once(
    sis: Any, one_student: etree._Element
) -> None:
    sis.send("POST", SINGLE, etree.tostring(one_student))
    refid = one_student.get("refId", "")
    coded = refid.replace("-", "%2D")
    statuses = {
        COLLECTION: 200,
        f"{COLLECTION}/": 200,
        f"{COLLECTION}/?colour=blue": 200,
        "/requests/xstudents": 404,
        SINGLE: 405,
        f"{COLLECTION}/{coded}": 200,
        f"{COLLECTION}/{coded.replace('%', '%25')}": 404,
    }
    assert {path: sis.send("GET", path).status_code for path in statuses} == statuses


@pytest.mark.requirement("INF-TRN-010")
def test_unknown_headers_and_parameters_are_tolerated(sis: Any) -> None:
    reply = sis.send("GET", f"{COLLECTION}?colour=blue&x=", **{"X-Own": "1", "IdType": "a"})
    assert reply.status_code == 204
