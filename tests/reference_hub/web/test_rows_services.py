"""What a Direct and a Brokered environment offer, row by row; delays, limits and rights of both."""

from __future__ import annotations

import base64
import hmac
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from lxml import etree

from fixtures.writers import xpress
from reference_hub.model.scope import Scope
from reference_hub.store import vendors

COLLECTION = "/requests/xStudents"
SINGLE = "/requests/xStudents/xStudent"
XML = {"Content_Type": "application/xml"}
INF = "http://www.sifassociation.org/infrastructure/3.3"
Students = Callable[[int], list[etree._Element]]


def services(environment: etree._Element) -> set[str]:
    return {each.get("name", "") for each in environment.iter("{*}infrastructureService")}


def rights(environment: etree._Element, kind: str) -> dict[str, dict[str, str]]:
    """The rights to each service of a type."""
    return {
        service.get("name", ""): {
            each.get("type", ""): each.text or "" for each in service.iter("{*}right")
        }
        for service in environment.iter("{*}service")
        if service.get("type") == kind
    }


@pytest.fixture
def brokered(hub: Any) -> Any:
    """A source in a Brokered environment."""
    client = hub.client("brokered")
    with hub.engine.begin() as connection:
        vendors.add_application(
            connection, "brokered", "a-secret", Scope("demo-district"), environment_type="BROKERED"
        )
    assert client.open().status_code == 201
    return client


@pytest.mark.requirement("INF-EVT-014", "INF-ENV-003", "INF-ACL-008")
def test_only_a_brokered_environment_has_an_events_connector(sis: Any, brokered: Any) -> None:
    assert (sis.environment.get("type"), brokered.environment.get("type")) == ("DIRECT", "BROKERED")
    assert services(brokered.environment) - services(sis.environment) == {"eventsConnector"}
    body = f'<xStudents xmlns="{xpress.NA4}"/>'.encode()
    reply = sis.send("POST", "/eventsConnector", body, messageType="EVENT", **XML)
    assert reply.status_code == 404


@pytest.mark.requirement("INF-RQC-007")
def test_direct_and_brokered_give_the_same_answers(
    sis: Any, brokered: Any, students: Students
) -> None:
    one, other = students(2)
    path = f"{COLLECTION}/{one.get('refId')}"
    asked = [
        ("POST", SINGLE, etree.tostring(one)),
        ("POST", COLLECTION, etree.tostring(xpress.collection("xStudents", [other]))),
        ("GET", f"{COLLECTION}?navigationPage=1&navigationPageSize=1", None),
        ("GET", path, None),
        ("PUT", path, etree.tostring(one)),
        ("HEAD", COLLECTION, None),
        ("DELETE", path, None),
        ("GET", path, None),
        ("DELETE", f"{COLLECTION}/{other.get('refId')}", None),
    ]
    answers = [
        [client.send(verb, where, body, **XML).status_code for verb, where, body in asked]
        for client in (sis, brokered)
    ]
    assert answers[0] == answers[1] == [201, 200, 200, 200, 204, 200, 204, 404, 204]


@pytest.mark.requirement("INF-UTL-004", "INF-ZRG-001")
def test_where_a_consumer_may_provision_itself_there_is_a_registry_of_zones(sis: Any) -> None:
    assert "provisionRequests" in services(sis.environment)
    reply = sis.send("GET", "/requests/zones", serviceType="UTILITY")
    shown = {each.get("id") for each in etree.fromstring(reply.content)}
    assert {"demo-district", "environment-global"} <= shown


@pytest.mark.requirement("INF-QRY-011", "INF-DLY-003", "INF-DLY-011")
def test_one_object_is_never_asked_for_delayed(sis: Any, one_student: etree._Element) -> None:
    made = sis.send("POST", "/queues", f'<queue xmlns="{INF}"/>'.encode(), **XML)
    queue = etree.fromstring(made.content).get("id", "")
    later = {"requestType": "DELAYED", "queueId": queue, "requestId": "r-1"} | XML
    path, body = f"{COLLECTION}/{one_student.get('refId')}", etree.tostring(one_student)
    single = [
        ("GET", path, None),
        ("POST", SINGLE, body),
        ("PUT", path, body),
        ("DELETE", path, None),
    ]
    refused = [sis.send(verb, where, sent, **later) for verb, where, sent in single]
    assert [reply.status_code for reply in refused] == [400] * 4
    codes = {
        etree.fromstring(reply.content).findtext("{*}description", "")[:6] for reply in refused
    }
    assert codes == {"400-04"}
    assert sis.send("GET", COLLECTION, **later).status_code == 202


@pytest.mark.requirement("INF-BLK-005", "INF-TRN-011")
def test_more_objects_than_one_request_may_hold_are_413(sis: Any) -> None:
    body = b"<xStudents>" + b"<xStudent/>" * 10_001 + b"</xStudents>"
    for verb in ("POST", "PUT"):
        reply = sis.send(verb, COLLECTION, body, **XML)
        assert (reply.status_code, etree.fromstring(reply.content).findtext("{*}code")) == (
            413,
            "413",
        )


@pytest.mark.requirement("INF-SVP-005", "INF-ACL-005")
def test_a_service_path_is_listed_as_a_template_with_query_only(sis: Any) -> None:
    listed = rights(sis.environment, "SERVICEPATH")
    assert "xSchools/{}/xStudents" in listed
    assert {tuple(each) for each in listed.values()} == {("QUERY",)}
    reply = sis.send("GET", "/requests/providers;zoneId=environment-global", serviceType="UTILITY")
    registered = {
        each.findtext("{*}serviceName")
        for each in etree.fromstring(reply.content)
        if each.findtext("{*}serviceType") == "SERVICEPATH"
    }
    assert registered == set(listed)


@pytest.mark.requirement("INF-ACL-009")
def test_what_never_publishes_cannot_be_subscribed(sis: Any) -> None:
    listed = rights(sis.environment, "UTILITY")
    assert {listed[name]["SUBSCRIBE"] for name in ("zones", "namespaces")} == {"UNSUPPORTED"}
    assert listed["alerts"]["SUBSCRIBE"] == "APPROVED"


@pytest.mark.requirement("INF-FMT-011", "INF-PRG-008")
def test_every_service_lists_the_media_types_that_it_takes(sis: Any) -> None:
    reply = sis.send("GET", "/requests/providers;zoneId=environment-global", serviceType="UTILITY")
    entries = list(etree.fromstring(reply.content))
    listed = {tuple(media.text for media in each.iter("{*}mediaType")) for each in entries}
    assert listed == {("application/xml", "application/json")}
    for media in ("application/xml", "application/json"):
        answer = sis.send("GET", "/requests/zones", Accept=media)
        assert answer.headers["Content-Type"] == media


def signed_at(client: Any, moment: str) -> dict[str, str]:
    """The session's proof over this very text."""
    digest = hmac.digest(b"a-secret", f"{client.user}:{moment}".encode(), "sha256")
    proof = f"{client.user}:{base64.b64encode(digest).decode()}"
    token = base64.b64encode(proof.encode()).decode()
    return {"Authorization": f"SIF_HMACSHA256 {token}", "timestamp": moment}


@pytest.mark.requirement("NEG-026", "INF-AUT-004")
@pytest.mark.parametrize("hours", [0, 10, -5])
def test_a_timestamp_is_read_as_it_was_written_in_any_zone(hub: Any, hours: int) -> None:
    client = hub.client("sis", method="SIF_HMACSHA256")
    client.open()
    moment = datetime.now(UTC).astimezone(timezone(timedelta(hours=hours)))
    signed = signed_at(client, moment.isoformat())
    reply = client.http.get(f"{hub.base}{COLLECTION}", headers=signed)
    assert reply.status_code == 204
    assert datetime.fromisoformat(reply.headers["timestamp"]).utcoffset() == timedelta(0)


@pytest.mark.requirement("NEG-026")
def test_a_marker_that_comes_back_as_it_was_given_finds_no_change(
    sis: Any, one_student: etree._Element
) -> None:
    sis.send("POST", SINGLE, etree.tostring(one_student), **XML)
    marker = sis.send("HEAD", COLLECTION).headers["changesSinceMarker"]
    since = sis.http.get(
        f"{sis.base}{COLLECTION}",
        params={"changesSinceMarker": marker},
        headers=sis.signed(sis.user),
    )
    assert (since.status_code, since.content) == (204, b"")
