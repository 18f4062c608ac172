"""The two functions of a Data Protection Enforcer, in our binding (profile)."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from lxml import etree

from fixtures.writers import xpress
from reference_hub.model.pod import Condition, Terms
from reference_hub.store import exclusions
from tests.reference_hub.acknowledge.conftest import acknowledge, post
from tests.reference_hub.web.conftest import SCOPE

MARKER = "dataPrivacyMarker"
FILTER = "/privacy/filter?object=xStudent"
XML = {"Content_Type": "application/xml", "Accept": "application/xml"}


def marker(client: Any, **told: object) -> Any:
    return post(client, "/privacy/markers", told)


def test_the_marker_is_that_of_the_pod_in_force(hub: Any, reader: Any) -> None:
    pod = hub.pod(1)
    reply = marker(reader, zoneId="demo-district", contextId="DEFAULT", appId="reader")
    assert reply.status_code == 200
    wanted = {"podId": pod.id, "podVersion": pod.version, "validTo": "2035-06-30"}
    assert reply.json() == wanted | {MARKER: pod.token}
    assert reader.send("GET", "/requests/xStudents", **{MARKER: pod.token}).status_code == 204


def test_being_told_the_marker_acknowledges_nothing(hub: Any, reader: Any) -> None:
    pod = hub.pod(1)
    marker(reader)
    assert reader.send("GET", f"/privacy/pods/{pod.id}/acknowledgements").status_code == 404


def test_without_a_pod_there_is_no_marker(hub: Any, reader: Any) -> None:
    assert marker(reader).status_code == 404
    hub.pod(1, status="Draft")
    assert marker(reader).status_code == 404


def test_a_pod_for_somebody_else_gives_no_marker(hub: Any, reader: Any, stranger: Any) -> None:
    hub.pod(1, entries=(Terms(app_ids=("MathApp",), granted=("xStudent",)),))
    assert marker(reader).status_code == 404
    assert marker(stranger).status_code == 404


def test_what_the_caller_says_of_itself_widens_nothing(hub: Any, reader: Any) -> None:
    hub.pod(1)
    for name in ("zoneId", "contextId", "appId", "fingerprint"):
        assert marker(reader, **{name: "another"}).status_code == 404
    assert marker(reader, dataModel="http://www.sifassociation.org/datamodel/na/4.x").ok


def test_ended_pods_are_410(hub: Any, reader: Any) -> None:
    hub.pod(1, status="Expired")
    assert marker(reader).status_code == 410


def test_an_ended_pod_of_one_application_hides_no_other(hub: Any, reader: Any) -> None:
    with hub.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE application SET app_id = 'ReadingApp'")
    hub.pod(1, status="Expired", app_id="ReadingApp")
    pod = hub.pod(1)
    assert marker(reader, appId="ReadingApp").json()[MARKER] == pod.token


@pytest.mark.usefixtures("receipts_only")
def test_under_receipt_it_is_409_until_the_receipt(hub: Any, reader: Any) -> None:
    pod = hub.pod(1)
    assert marker(reader).status_code == 409
    assert acknowledge(reader, pod).status_code == 201
    assert marker(reader).json()[MARKER] == pod.token


def test_before_the_first_day_it_is_409(hub: Any, reader: Any) -> None:
    hub.pod(1, starts=date(2034, 1, 1))
    assert marker(reader).status_code == 409


def test_the_marker_service_takes_an_empty_body_and_no_nonsense(
    hub: Any, reader: Any, sis: Any
) -> None:
    hub.pod(1)
    assert post(reader, "/privacy/markers", b"").status_code == 200
    for body in (b"[", b"[]", b"1", b'{"zoneId": 5}', b'{"appId": "\\u0000"}', b"\xfe"):
        assert post(reader, "/privacy/markers", body).status_code == 422
    assert post(reader, "/privacy/markers", b"{}", Content_Type="text/plain").status_code == 415
    assert marker(sis).status_code == 403
    assert reader.send("GET", "/privacy/markers").status_code == 405


@pytest.fixture
def payload(students: Any) -> bytes:
    """Two students in their collection."""
    return etree.tostring(xpress.collection("xStudents", students(2)))


def filtered(client: Any, body: bytes, token: str = "", **headers: str) -> Any:
    shown = {MARKER: token} if token else {}
    return client.send("POST", FILTER, body, **(XML | shown | headers))


def names(reply: Any) -> set[str]:
    return {etree.QName(each).localname for each in etree.fromstring(reply.content).iter("*")}


def test_the_filter_leaves_what_is_granted(hub: Any, reader: Any, payload: bytes) -> None:
    pod = hub.pod(1)
    reply = filtered(reader, payload, pod.token)
    assert reply.status_code == 200
    assert names(reply) == {"xStudents", "xStudent", "name", "givenName", "localId"}
    assert reply.headers[MARKER] == pod.token
    before = etree.fromstring(payload)
    leaves = [each for each in before.iter("*") if (each.text or "").strip()]
    attributes = [each for one in before.iter("*") for each in one.attrib]
    # Of each student the id, the local id and the given name are left.
    assert int(reply.headers["X-POD-Removed"]) == len(leaves) + len(attributes) - 2 * 3


def test_the_filter_takes_one_object_and_json(hub: Any, reader: Any, students: Any) -> None:
    pod = hub.pod(1)
    one = filtered(reader, etree.tostring(students(1)[0]), pod.token)
    assert names(one) == {"xStudent", "name", "givenName", "localId"}
    body = b'{"xStudent": {"@refId": "1", "localId": "7", "stateProvinceId": "8"}}'
    asked = {"Content_Type": "application/json", "Accept": "application/json"}
    reply = filtered(reader, body, pod.token, **asked)
    assert reply.status_code == 200
    assert reply.json() == {"xStudent": {"@refId": "1", "localId": "7"}}
    assert reply.headers["X-POD-Removed"] == "1"


NA4 = "http://www.sifassociation.org/datamodel/na/4.x"


def test_the_filter_stands_behind_the_gate(
    hub: Any, reader: Any, stranger: Any, payload: bytes
) -> None:
    assert "403-01" in filtered(reader, payload).text
    assert "403-POD-UNKNOWN" in filtered(reader, payload, "guessed").text
    old = filtered(reader, payload, hub.pod(1, status="Expired").token)
    assert (old.status_code, "410-20" in old.text) == (410, True)
    assert "403-POD-UNKNOWN" in filtered(stranger, payload, hub.pod(1).token).text
    assert filtered(reader, payload, hub.pod(1, granted=("xStaff",)).token).status_code == 403


def test_nothing_left_is_204(hub: Any, reader: Any, payload: bytes) -> None:
    row = Condition("ROW_FILTER", "xStudent/localId", "eq", "nobody")
    terms = Terms(granted=("xStudent",), conditions=(row,))
    reply = filtered(reader, payload, hub.pod(1, entries=(terms,)).token)
    assert (reply.status_code, reply.content) == (204, b"")
    assert int(reply.headers["X-POD-Removed"]) > 20


REFUSED: list[tuple[bytes, dict[str, str], int]] = [
    (b"<xStudent", {}, 422),
    (b"", {}, 422),
    (b'<!DOCTYPE a [<!ENTITY b "c">]><xStudent>&b;</xStudent>', {}, 422),
    (b"<xStaff/>", {}, 422),
    (b"\xff\xfe", {}, 422),
    (b"{", {"Content_Type": "application/json"}, 422),
    (b"[1]", {"Content_Type": "application/json"}, 422),
    (b"<xStudent/>", {"Content_Type": "text/csv"}, 415),
    (b"<xStudent/>", {"Content_Encoding": "br"}, 415),
    (b"x" * 1_000_100, {}, 413),
]


def test_what_the_filter_cannot_read_is_refused(hub: Any, reader: Any) -> None:
    token = hub.pod(1).token
    for body, headers, status in REFUSED:
        assert filtered(reader, body, token, **headers).status_code == status, body[:40]


def test_the_filter_needs_a_name_of_an_object(reader: Any) -> None:
    for name in ("", "?object=", "?object=x%00", "?object=../x", "?object=é"):
        reply = reader.send("POST", f"/privacy/filter{name}", b"<a/>", **XML)
        assert reply.status_code == 400, name


def hashing(hub: Any) -> Any:
    """A POD that shows local ids as hashes, acknowledged."""
    one = Condition("HASH", "xStudent/localId")
    return hub.pod(1, entries=(Terms(granted=("xStudent",), conditions=(one,)),))


def test_the_districts_systems_filter_for_a_vendor(hub: Any, reader: Any, sis: Any) -> None:
    pod = hashing(hub)
    body = b'<xStudent xmlns="%s" refId="1"><localId>7</localId></xStudent>' % NA4.encode()
    early = filtered(sis, body, pod.token)
    assert (early.status_code, "403-POD-UNACK" in early.text) == (403, True)
    acknowledge(reader, pod)
    first, again = (filtered(sis, body, pod.token).text for _ in range(2))
    assert first == again
    assert ">7<" not in first
    assert "403-01" in filtered(sis, body).text
    assert "403-POD-UNKNOWN" in filtered(sis, body, "guessed").text


def test_a_vendor_learns_no_hash_from_the_filter(hub: Any, reader: Any, sis: Any) -> None:
    pod = hashing(hub)
    acknowledge(reader, pod)
    body = b'<xStudent xmlns="%s" refId="1"><localId>7</localId></xStudent>' % NA4.encode()
    real = filtered(sis, body, pod.token).text
    asked = [filtered(reader, body, pod.token).text for _ in range(2)]
    assert len({real, *asked}) == 3


def test_where_no_pod_is_asked_for_the_filter_takes_nothing_away(hub: Any) -> None:
    client = hub.client("unbound", hub.vendor("unbound", policy="off"))
    assert client.open().status_code == 201
    with hub.engine.begin() as connection:
        exclusions.add(connection, SCOPE, "0" * 32, [None], "operator")
    body = (
        b'<xStudent xmlns="http://www.sifassociation.org/datamodel/na/4.x"'
        b' refId="5B72F2D4-7A83-4297-A71F-8B5FB26CBF14">'
        b"<SIF_Metadata><TimeElements/></SIF_Metadata><localId>7</localId></xStudent>"
    )
    reply = filtered(client, body)
    assert reply.headers["X-POD-Removed"] == "0"
    assert b"<SIF_Metadata>" in reply.content
