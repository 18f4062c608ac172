"""Transport and formats, row by row: what the standard asks of every answer and every id."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from lxml import etree

from fixtures.writers import xpress

COLLECTION = "/requests/xStudents"
SINGLE = "/requests/xStudents/xStudent"
XML = {"Content_Type": "application/xml"}
# Base Architecture 4.5.2 and 4.6, and 415, which stands in no table but is what is meant.
STATUSES = {200, 201, 202, 204, 304, 400, 401, 403, 404, 405, 409, 410, 412, 413, 415, 500, 503}
Students = Callable[[int], list[etree._Element]]


def canonical(body: bytes) -> bytes:
    return etree.tostring(etree.fromstring(body), method="c14n")


@pytest.mark.requirement("INF-TRN-002")
def test_plain_http_is_accepted_unless_a_certificate_is_set(hub: Any) -> None:
    assert hub.base.startswith("http://")
    assert hub.client("sis").open().status_code == 201


@pytest.mark.requirement("INF-TRN-007", "INF-TRN-008", "INF-TRN-009", "NEG-037")
@pytest.mark.parametrize(
    ("accepted", "packed"), [("gzip", True), ("identity", False), ("", False), ("gzip;q=0", False)]
)
def test_an_answer_is_packed_for_those_who_take_it(
    sis: Any, students: Students, accepted: str, packed: bool
) -> None:
    body = etree.tostring(xpress.collection("xStudents", students(20)))
    sis.send("POST", COLLECTION, body, **XML)
    reply = sis.send("GET", COLLECTION, Accept_Encoding=accepted)
    assert (reply.headers.get("Content-Encoding") == "gzip") is packed
    assert "Accept-Encoding" in reply.headers["Vary"]
    assert len(etree.fromstring(reply.content)) == 20


@pytest.mark.requirement("INF-TRN-006", "INF-TRN-015", "INF-FMT-008", "INF-FMT-010")
def test_without_a_word_on_formats_both_ways_are_xml_in_utf_8(
    sis: Any, one_student: etree._Element
) -> None:
    one_student.find("{*}name/{*}givenName").text = "\u017dofie \U0001f393"
    for name in ("Accept", "Content-Type"):
        sis.http.headers.pop(name, None)
    sent = etree.tostring(one_student, encoding="utf-8")
    reply = sis.send("POST", SINGLE, sent)
    assert (reply.status_code, reply.headers["Content-Type"]) == (201, "application/xml")
    read = etree.fromstring(reply.content.decode("utf-8"))
    assert read.findtext("{*}name/{*}givenName") == "\u017dofie \U0001f393"


@pytest.mark.requirement("INF-FMT-009", "INF-URL-005")
def test_a_header_stands_above_the_suffix_and_the_suffix_above_the_default(sis: Any) -> None:
    path = "/requests/nothings.json"
    by_header = sis.send("GET", path, Accept="application/xml")
    del sis.http.headers["Accept"]
    by_suffix, by_default = sis.send("GET", path), sis.send("GET", "/requests/nothings")
    kinds = [each.headers["Content-Type"] for each in (by_header, by_suffix, by_default)]
    assert kinds == ["application/xml", "application/json", "application/xml"]


@pytest.mark.requirement("INF-FMT-004", "INF-FMT-006")
def test_every_id_the_hub_gives_is_a_uuid_of_version_4(sis: Any) -> None:
    error = etree.fromstring(sis.send("GET", "/requests/nothings").content).get("id", "")
    given = (sis.environment.get("id"), error, sis.send("GET", COLLECTION).headers["messageId"])
    assert [uuid.UUID(each).version for each in given] == [4, 4, 4]
    assert [str(uuid.UUID(each)) for each in given] == list(given)


@pytest.mark.requirement("INF-FMT-007", "INF-QRY-010")
def test_a_body_is_the_object_or_the_collection_and_nothing_around_it(
    sis: Any, one_student: etree._Element
) -> None:
    sis.send("POST", SINGLE, etree.tostring(one_student), **XML)
    listed = etree.fromstring(sis.send("GET", COLLECTION).content)
    single = sis.send("GET", f"{COLLECTION}/{one_student.get('refId')}").content
    assert etree.QName(listed).localname == "xStudents"
    assert [canonical(etree.tostring(each)) for each in listed] == [canonical(single)]


@pytest.mark.requirement("INF-FMT-019")
def test_the_hub_writes_no_empty_element(hub: Any) -> None:
    client = hub.client("sis")
    client.open()
    documents = (
        client.environment,
        etree.fromstring(client.send("GET", "/requests/nothings").content),
    )
    leaves = [each for root in documents for each in root.iter("*") if not len(each)]
    assert [each.tag for each in leaves if not (each.text or "").strip() and not each.attrib] == []
    assert [each.tag for root in documents for each in root.iter("*") if "" in each.values()] == []


@pytest.mark.requirement("INF-STA-001", "INF-STA-003")
def test_the_status_codes_are_those_of_the_standard(sis: Any, one_student: etree._Element) -> None:
    body, path = etree.tostring(one_student), f"{COLLECTION}/{one_student.get('refId')}"
    asked = [
        ("GET", COLLECTION, None, {}, 204),
        ("POST", SINGLE, body, XML, 201),
        ("POST", SINGLE, body, XML, 409),
        ("GET", COLLECTION, None, {}, 200),
        ("PUT", path, body, XML, 204),
        ("PUT", path, b"<", XML, 400),
        ("GET", path, None, {"navigationPage": "1", "navigationPageSize": "1"}, 405),
        ("GET", COLLECTION, None, {"navigationPageSize": "1001"}, 413),
        ("GET", "/requests/nothings", None, {}, 404),
        ("POST", SINGLE, body, {"Content_Type": "text/plain"}, 415),
        ("DELETE", path, None, {}, 204),
        ("DELETE", path, None, {}, 404),
    ]
    replies = [sis.send(verb, where, sent, **more) for verb, where, sent, more, _ in asked]
    assert [reply.status_code for reply in replies] == [status for *_, status in asked]
    assert {reply.status_code for reply in replies} <= STATUSES
    assert {reply.content for reply in replies if reply.status_code == 204} == {b""}


@pytest.mark.requirement("INF-ERR-002", "INF-ERR-003", "INF-ERR-004", "INF-ERR-006", "NEG-057")
@pytest.mark.parametrize(
    ("verb", "path", "status"),
    [
        ("GET", "/nothing", 404),
        ("PUT", "/environments", 405),
        ("GET", f"{COLLECTION}?navigationPage=0&navigationPageSize=1", 400),
        ("GET", f"{COLLECTION}/{uuid.UUID(int=0)}", 404),
        ("GET", f"{COLLECTION}?navigationPageSize=9999", 413),
        ("DELETE", COLLECTION, 405),
    ],
)
def test_an_error_has_code_scope_and_a_message_that_is_not_too_long(
    sis: Any, infrastructure: etree.XMLSchema, verb: str, path: str, status: int
) -> None:
    reply = sis.send(verb, path)
    error = etree.fromstring(reply.content)
    infrastructure.assertValid(error)
    assert (reply.status_code, error.findtext("{*}code")) == (status, str(status))
    assert 0 < len(error.findtext("{*}scope", "")) <= 80
    assert 0 < len(error.findtext("{*}message", "")) <= 1024
    assert reply.headers["messageType"] == "ERROR"
