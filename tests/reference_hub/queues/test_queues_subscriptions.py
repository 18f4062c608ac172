"""Subscriptions: whose, to what, and from when until when (Infrastructure Services 10)."""

from __future__ import annotations

import uuid
from collections.abc import Callable

import pytest
import requests
from lxml import etree
from sqlalchemy import text

from reference_hub.model.rights import APPROVED, REJECTED, UNSUPPORTED, Grant
from reference_hub.store import vendors
from tests.reference_hub.queues.conftest import XML, Box
from tests.reference_hub.web.conftest import INF, SCOPE, SECRET, Client, Hub

Subscribe = Callable[..., requests.Response]


def told(reply: requests.Response) -> dict[str, str]:
    element = etree.fromstring(reply.content)
    return {etree.QName(child).localname: child.text or "" for child in element}


def post(client: Client, body: str, path: str = "/subscriptions") -> requests.Response:
    return client.send("POST", path, body.encode(), Content_Type=XML)


@pytest.mark.requirement("INF-SUB-001")
@pytest.mark.parametrize("path", ["/subscriptions", "/subscriptions/subscription"])
def test_a_subscription_is_made_with_an_id(
    mine: Box, path: str, infrastructure: etree.XMLSchema
) -> None:
    inner = (
        "<zoneId>demo-district</zoneId><contextId>DEFAULT</contextId>"
        "<serviceType>OBJECT</serviceType><serviceName>xStudents</serviceName>"
        f"<queueId>{mine.id}</queueId>"
    )
    reply = post(mine.client, f'<subscription xmlns="{INF}">{inner}</subscription>', path)
    element = etree.fromstring(reply.content)
    infrastructure.assertValid(element)
    assert (reply.status_code, uuid.UUID(element.get("id", "")).version) == (201, 4)
    written = "".join(f"<{name}>{value}</{name}>" for name, value in told(reply).items())
    assert written == inner


def test_several_subscriptions_in_one_request_are_refused(mine: Box) -> None:
    reply = post(mine.client, f'<subscriptions xmlns="{INF}"><subscription/></subscriptions>')
    assert reply.status_code == 400


def test_zone_and_context_have_defaults(mine: Box, subscribe: Subscribe) -> None:
    found = told(subscribe(mine, zoneId=""))
    assert (found["zoneId"], found["contextId"]) == (SCOPE.zone_id, "DEFAULT")


@pytest.mark.requirement("INF-SUB-007")
@pytest.mark.parametrize(
    ("kind", "stored"),
    [
        ("OBJECT", "OBJECT"),
        ("UTILITY", "UTILITY"),
        ("FUNCTIONAL", "FUNCTIONAL"),
        ("FUNCTION", "FUNCTIONAL"),
    ],
)
def test_services_with_events_can_be_subscribed(
    mine: Box, subscribe: Subscribe, kind: str, stored: str
) -> None:
    reply = subscribe(mine, "alerts", kind)
    assert (reply.status_code, told(reply)["serviceType"]) == (201, stored)


@pytest.mark.requirement("INF-SUB-007")
@pytest.mark.parametrize("kind", ["SERVICEPATH", "XQUERYTEMPLATE", "", "object"])
def test_services_without_events_are_refused(mine: Box, subscribe: Subscribe, kind: str) -> None:
    assert subscribe(mine, "xSchools/{}/xStudents", kind).status_code == 400
    assert mine.client.send("GET", "/subscriptions").status_code == 204


@pytest.mark.parametrize("left_out", ["serviceName", "queueId"])
def test_what_must_be_given_is_asked_for(mine: Box, left_out: str) -> None:
    parts = {"serviceType": "OBJECT", "serviceName": "xStudents", "queueId": mine.id}
    inner = "".join(f"<{k}>{v}</{k}>" for k, v in parts.items() if k != left_out)
    assert post(mine.client, f"<subscription>{inner}</subscription>").status_code == 400


@pytest.mark.requirement("INF-SUB-002")
def test_a_foreign_or_unknown_queue_is_404(
    hub: Hub, sis: Client, box: Callable[..., Box], subscribe: Subscribe
) -> None:
    other = hub.client("other")
    other.open()
    theirs = box(other)
    foreign = Box(sis, hub.engine, theirs.element)
    unknown = Box(sis, hub.engine, etree.Element("queue", id=str(uuid.uuid4())))
    assert [subscribe(each).status_code for each in (foreign, unknown)] == [404, 404]
    assert sis.send("GET", "/subscriptions").status_code == 204


@pytest.mark.requirement("INF-SUB-002", "INF-ACL-003", "INF-ACL-004")
@pytest.mark.parametrize(
    ("value", "status"), [(APPROVED, 201), (REJECTED, 403), (UNSUPPORTED, 405)]
)
def test_the_right_to_subscribe_decides(
    hub: Hub, box: Callable[..., Box], subscribe: Subscribe, value: str, status: int
) -> None:
    grants = (Grant("demo-district", "DEFAULT", "OBJECT", "xStudents", {"SUBSCRIBE": value}),)
    with hub.engine.begin() as connection:
        vendors.add_application(connection, "narrow", SECRET, SCOPE, grants=grants)
    client = Client(hub.base, "narrow")
    client.open()
    assert subscribe(box(client)).status_code == status


@pytest.mark.requirement("INF-SUB-002")
@pytest.mark.parametrize(("name", "zone"), [("xStaffs", ""), ("xStudents", "other-district")])
def test_what_no_right_names_is_403(
    hub: Hub, box: Callable[..., Box], subscribe: Subscribe, name: str, zone: str
) -> None:
    grants = (Grant("demo-district", "DEFAULT", "OBJECT", "xStudents", {"SUBSCRIBE": APPROVED}),)
    with hub.engine.begin() as connection:
        vendors.add_application(connection, "narrow", SECRET, SCOPE, grants=grants)
    client = Client(hub.base, "narrow")
    client.open()
    assert subscribe(box(client), name, zoneId=zone).status_code == 403


@pytest.mark.requirement("INF-SUB-003")
def test_a_second_subscription_to_the_same_service_is_409(
    mine: Box, box: Callable[..., Box], subscribe: Subscribe
) -> None:
    first, again = subscribe(mine), subscribe(box(mine.client))
    other = subscribe(mine, "xSchools")
    assert [first.status_code, again.status_code, other.status_code] == [201, 409, 201]


@pytest.mark.requirement("INF-SUB-005")
def test_only_own_subscriptions_are_seen(
    hub: Hub,
    mine: Box,
    box: Callable[..., Box],
    subscribe: Subscribe,
    infrastructure: etree.XMLSchema,
) -> None:
    other = hub.client("other")
    other.open()
    own, foreign = subscribe(mine), subscribe(box(other))
    own_id, foreign_id = (etree.fromstring(each.content).get("id") for each in (own, foreign))
    listed = mine.client.send("GET", "/subscriptions")
    infrastructure.assertValid(etree.fromstring(listed.content))
    assert [each.get("id") for each in etree.fromstring(listed.content)] == [own_id]
    assert told(mine.client.send("GET", f"/subscriptions/{own_id}")) == told(own)
    for verb in ("GET", "DELETE"):
        assert mine.client.send(verb, f"/subscriptions/{foreign_id}").status_code == 404
    assert other.send("GET", f"/subscriptions/{foreign_id}").status_code == 200


@pytest.mark.requirement("INF-SUB-004", "INF-SUB-006")
def test_events_come_from_the_subscription_until_its_end_and_queued_ones_stay(
    mine: Box, subscribe: Subscribe, students: Callable[[int], list[etree._Element]]
) -> None:
    sent = [etree.tostring(each, encoding="utf-8") for each in students(3)]
    create(mine.client, sent[0])
    made = etree.fromstring(subscribe(mine).content).get("id")
    create(mine.client, sent[1])
    assert mine.client.send("PUT", f"/subscriptions/{made}", b"<a/>").status_code == 405
    assert mine.client.send("DELETE", f"/subscriptions/{made}").status_code == 204
    create(mine.client, sent[2])
    (event,) = mine.all()
    assert sent[1] in event.content


def create(client: Client, body: bytes) -> None:
    reply = client.send("POST", "/requests/xStudents/xStudent", body, Content_Type=XML)
    assert reply.status_code == 201, reply.text


def test_subscriptions_are_not_changed_or_deleted_together(mine: Box, subscribe: Subscribe) -> None:
    subscribe(mine)
    for verb in ("PUT", "DELETE"):
        reply = mine.client.send(verb, "/subscriptions", b"<a/>", Content_Type=XML)
        assert (reply.status_code, reply.headers["Allow"]) == (405, "GET, POST")
    with mine.engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM subscription")).scalar_one() == 1


def test_what_all_zones_share_is_subscribed_under_either_name_of_their_zone(
    mine: Box, subscribe: Subscribe
) -> None:
    first = subscribe(mine, "codeSets", "UTILITY", zoneId="infrastructure-utilities")
    again = subscribe(mine, "codeSets", "UTILITY", zoneId="environment-global")
    assert (first.status_code, told(first)["zoneId"]) == (201, "environment-global")
    assert again.status_code == 409
    assert told(subscribe(mine, zoneId="environment-global"))["zoneId"] == SCOPE.zone_id
