"""Paths, zones, media types, message parameters, errors, response headers."""

from __future__ import annotations

import gzip
import uuid
from datetime import datetime
from typing import Any

import pytest
import requests
from lxml import etree
from sqlalchemy import Engine
from structlog.testing import capture_logs

from reference_hub.app import create_app
from reference_hub.codec.schema import Judge
from reference_hub.settings import Settings

COLLECTION = "/requests/xStudents"
SINGLE = "/requests/xStudents/xStudent"


@pytest.mark.requirement(
    "INF-ZON-002", "INF-ZON-003", "INF-URL-005", "INF-URL-006", "INF-URL-007", "NEG-064"
)
@pytest.mark.parametrize(
    "path",
    [
        ";zoneId=demo-district",
        ";contextId=DEFAULT;zoneId=demo%2Ddistrict",
        "/",
        "/;zoneId=demo-district",
        ".xml",
        ".xml;zoneId=demo-district",
        ";colour=blue",
        "?where2=1",
    ],
)
def test_ways_to_write_the_own_collection(sis: Any, path: str) -> None:
    assert sis.send("GET", COLLECTION + path).status_code == 204


@pytest.mark.requirement(
    "INF-ZON-004", "INF-ZON-005", "INF-HDR-009", "INF-URL-001", "NEG-015", "NEG-063"
)
@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("xStudents;zoneId=nowhere", 404),
        ("xStudents;zoneId=other-district", 403),
        ("xStudents;contextId=OTHER", 404),
        ("xStudents;zoneId=a;zoneId=b", 400),
        ("xStudents;zoneId", 400),
        ("xStudents;zoneId=demo-district/1", 400),
        ("xStudents%3BzoneId=demo-district", 404),
        ("xStudents;zoneId=%FF", 400),
        ("xstudents", 404),
        ("nothings", 404),
        ("xSchools/1/xStudents", 404),
    ],
)
def test_paths_that_lead_nowhere(sis: Any, path: str, status: int) -> None:
    reply = sis.send("GET", f"/requests/{path}")
    assert reply.status_code == status
    assert etree.fromstring(reply.content).findtext("{*}code") == str(status)


def test_a_zone_given_twice_must_be_the_same(sis: Any) -> None:
    path = f"{COLLECTION};zoneId=demo-district"
    assert sis.send("GET", path, zoneId="demo-district").status_code == 204
    assert sis.send("GET", path, zoneId="nowhere").status_code == 400


@pytest.mark.requirement("INF-TRN-014", "INF-DEL-003", "INF-URL-004", "NEG-016")
@pytest.mark.parametrize(
    ("verb", "path"),
    [
        ("DELETE", COLLECTION),
        ("GET", SINGLE),
        ("PUT", SINGLE),
        ("POST", f"{COLLECTION}/1"),
        ("PATCH", COLLECTION),
        ("OPTIONS", COLLECTION),
    ],
)
def test_methods_that_are_not_offered_are_405(sis: Any, verb: str, path: str) -> None:
    reply = sis.send(verb, path, b"<xStudent/>")
    assert reply.status_code == 405
    assert etree.fromstring(reply.content).findtext("{*}code") == "405"
    assert verb not in reply.headers["Allow"].split(", ")


@pytest.mark.requirement("INF-HDR-011", "INF-HDR-012")
@pytest.mark.parametrize(
    "headers",
    [
        {"requestType": "DELAYED"},
        {"requestType": "soon"},
        {"messageType": "EVENT"},
        {"serviceType": "SERVICEPATH"},
        {"requestAction": "DELETE"},
    ],
)
def test_parameters_the_hub_cannot_follow_are_400(sis: Any, headers: dict[str, str]) -> None:
    assert sis.send("GET", COLLECTION, **headers).status_code == 400


@pytest.mark.requirement("INF-HDR-011")
def test_an_unknown_method_override_is_400(sis: Any) -> None:
    assert sis.send("PUT", COLLECTION, b"<x/>", methodOverride="PATCH").status_code == 400


@pytest.mark.requirement("INF-FMT-010", "NEG-035")
@pytest.mark.parametrize(
    "content_type", ["", "text/xml", "application/xml; charset=UTF-8", 'text/xml;charset="utf-8"']
)
def test_xml_in_all_its_names_is_accepted(
    sis: Any, one_student: etree._Element, content_type: str
) -> None:
    body = etree.tostring(one_student)
    reply = sis.send("POST", SINGLE, body, Content_Type=content_type)
    assert reply.status_code == 201


@pytest.mark.requirement("INF-FMT-012", "NEG-035")
@pytest.mark.parametrize(
    "headers",
    [
        {"Content_Type": "application/pdf"},
        {"Content_Type": "application/xml; charset=latin-1"},
        {"Accept": "application/pdf"},
        {"Content_Encoding": "br"},
    ],
)
def test_other_forms_are_415(
    sis: Any, one_student: etree._Element, headers: dict[str, str]
) -> None:
    reply = sis.send("POST", SINGLE, etree.tostring(one_student), **headers)
    assert reply.status_code == 415
    assert "application/xml" in reply.headers["Accept"]


@pytest.mark.parametrize(
    "accept", ["*/*", "application/json, */*;q=0.1", "text/xml", "application/*"]
)
def test_what_takes_xml_is_answered(sis: Any, accept: str) -> None:
    assert sis.send("GET", COLLECTION, Accept=accept).status_code == 204


BAD_BODIES = {
    "not closed": b"<xStudent>",
    "nothing": b"",
    "doctype": b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><xStudent>&e;</xStudent>',
    "latin-1": b'<?xml version="1.0" encoding="iso-8859-1"?><xStudent>\xe9</xStudent>',
    "not utf-8": b"<xStudent>\xe9</xStudent>",
    "utf-16": "<xStudent/>".encode("utf-16"),
    "deep": b"<a>" * 5000,
    "another object": b'<xStaff xmlns="http://www.sifassociation.org/datamodel/na/4.x"/>',
    "a collection": b"<xStudents><xStudent/></xStudents>",
}


@pytest.mark.requirement(
    "INF-TRN-006", "INF-FMT-016", "INF-CRE-008", "NEG-017", "NEG-036", "NEG-060"
)
@pytest.mark.parametrize("name", BAD_BODIES)
def test_bodies_that_cannot_be_read_are_400(sis: Any, name: str) -> None:
    reply = sis.send("POST", SINGLE, BAD_BODIES[name])
    assert reply.status_code == 400
    assert b"root:" not in reply.content


@pytest.mark.parametrize("body", [b"<xStudents/>", b"<xStudent/>", b"<xStaffs><xStaff/></xStaffs>"])
def test_a_multi_create_wants_a_filled_collection(sis: Any, body: bytes) -> None:
    assert sis.send("POST", COLLECTION, body).status_code == 400


@pytest.mark.parametrize("body", [b"<deleteRequest/>", b"<xStudents/>"])
def test_a_multi_delete_wants_ids(sis: Any, body: bytes) -> None:
    assert sis.send("PUT", COLLECTION, body, methodOverride="DELETE").status_code == 400


@pytest.mark.requirement("INF-TRN-011")
def test_a_body_over_the_limit_is_413(sis: Any) -> None:
    body = b"<xStudent>" + b" " * 1_000_000
    assert sis.send("POST", SINGLE, body).status_code == 413
    assert sis.send("POST", SINGLE, iter((body, b"</xStudent>"))).status_code == 413


@pytest.mark.requirement("INF-TRN-007", "NEG-037")
def test_a_compressed_body_is_read_up_to_the_limit(sis: Any, one_student: etree._Element) -> None:
    small = gzip.compress(etree.tostring(one_student))
    assert sis.send("POST", SINGLE, small, Content_Encoding="gzip").status_code == 201
    bomb = gzip.compress(b" " * 5_000_000)
    assert sis.send("POST", SINGLE, bomb, Content_Encoding="gzip").status_code == 413
    assert sis.send("POST", SINGLE, small[:-9], Content_Encoding="gzip").status_code == 400


@pytest.mark.requirement("INF-ERR-001", "INF-ERR-004", "INF-ERR-006", "NEG-057")
@pytest.mark.parametrize("path", ["/", "/nothing", "/requests", "/requests/", "//requests//x"])
def test_unknown_paths_are_404_with_a_valid_error(
    sis: Any, infrastructure: etree.XMLSchema, path: str
) -> None:
    replies = requests.get(sis.base + path, timeout=5), sis.send("GET", path)
    assert [reply.status_code for reply in replies] == [404, 404]
    for reply in replies:
        infrastructure.assertValid(etree.fromstring(reply.content))


@pytest.mark.requirement("INF-HDR-003", "INF-HDR-005", "INF-FMT-017")
@pytest.mark.parametrize(("path", "kind"), [(COLLECTION, "RESPONSE"), ("/nothing", "ERROR")])
def test_every_answer_carries_the_message_headers(sis: Any, path: str, kind: str) -> None:
    headers = sis.send("GET", path, requestId="r-1", generatorId="g-1").headers
    assert uuid.UUID(headers["messageId"]).version == 4
    assert headers["messageType"] == kind
    assert headers["responseAction"] == "QUERY"
    assert datetime.fromisoformat(headers["timestamp"]).tzinfo is not None
    assert (headers["requestId"], headers["generatorId"]) == ("r-1", "g-1")


@pytest.mark.requirement("INF-HDR-004", "NEG-030")
@pytest.mark.parametrize(
    ("verb", "action"), [("POST", "CREATE"), ("PUT", "UPDATE"), ("DELETE", "DELETE")]
)
def test_the_response_action_follows_the_method(sis: Any, verb: str, action: str) -> None:
    assert sis.send(verb, f"{COLLECTION}/1").headers["responseAction"] == action


@pytest.mark.requirement("INF-AUT-001", "INF-AUT-015", "INF-ERR-001")
def test_no_credentials_are_401_everywhere(hub: Any, infrastructure: etree.XMLSchema) -> None:
    for verb, path in (("GET", COLLECTION), ("POST", SINGLE), ("GET", "/environments/1")):
        reply = requests.request(verb, hub.base + path, timeout=5)
        assert reply.status_code == 401
        infrastructure.assertValid(etree.fromstring(reply.content))


def test_an_unexpected_error_is_500_with_the_id_of_the_log(
    web_settings: Settings, engine: Engine
) -> None:
    app = create_app(web_settings, engine, judge=Judge())

    @app.get("/broken")
    def broken() -> str:
        raise RuntimeError("Canary")

    with capture_logs() as logs:
        reply = app.test_client().get("/broken")
    assert reply.status_code == 500
    assert etree.fromstring(reply.data).get("id") == logs[0]["id"]
    assert "Canary" not in str(logs) + reply.text
