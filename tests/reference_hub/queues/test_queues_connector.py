"""Queues are made, listed, told and deleted by their owner only."""

from __future__ import annotations

import gzip
from collections.abc import Callable

import pytest
from lxml import etree

from tests.reference_hub.queues.conftest import XML, Box
from tests.reference_hub.web.conftest import INF, Client, Hub

ORDER = (
    "polling", "ownerId", "name", "queueUri", "idleTimeout", "minWaitTime",
    "maxConcurrentConnections", "created", "lastAccessed", "lastModified", "messageCount",
)  # fmt: skip


def told(element: etree._Element) -> dict[str, str]:
    return {etree.QName(child).localname: child.text or "" for child in element}


def other(hub: Hub) -> Client:
    client = hub.client("other")
    assert client.open().status_code == 201
    return client


@pytest.mark.requirement("INF-QUE-001")
@pytest.mark.parametrize("path", ["/queues", "/queues/queue", "/queues/queue.xml"])
def test_a_queue_is_made_whole(sis: Client, path: str, infrastructure: etree.XMLSchema) -> None:
    body = f'<queue xmlns="{INF}"><polling>LONG</polling><name>in  box</name></queue>'.encode()
    reply = sis.send("POST", path, body, Content_Type=XML)
    queue = etree.fromstring(reply.content)
    infrastructure.assertValid(queue)
    own = f"{sis.base}/queues/{queue.get('id')}/messages"
    found = told(queue)
    assert (reply.status_code, tuple(found)) == (201, ORDER)
    assert (found["polling"], found["name"], found["queueUri"]) == ("LONG", "in box", own)
    assert (found["idleTimeout"], found["minWaitTime"], found["messageCount"]) == ("20", "0", "0")
    assert sis.environment is not None
    assert found["ownerId"] == sis.environment.get("id")


@pytest.mark.requirement("INF-QUE-012")
def test_what_a_queue_leaves_out_has_defaults(sis: Client, box: Callable[..., Box]) -> None:
    found = told(box(sis, polling="", name="", maxConcurrentConnections="").element)
    assert (found["polling"], found["maxConcurrentConnections"]) == ("IMMEDIATE", "1")
    assert (found["idleTimeout"], found["minWaitTime"]) == ("0", "1")
    assert "name" not in found


@pytest.mark.requirement("INF-QUE-012")
def test_what_is_asked_for_is_lowered_to_the_limits_never_raised(
    sis: Client, box: Callable[..., Box]
) -> None:
    high = told(box(sis, polling="LONG", idleTimeout="999", maxConcurrentConnections="99").element)
    low = told(box(sis, polling="LONG", idleTimeout="5", maxConcurrentConnections="2").element)
    assert (high["idleTimeout"], high["maxConcurrentConnections"]) == ("20", "4")
    assert (low["idleTimeout"], low["maxConcurrentConnections"]) == ("5", "2")


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"<queue><polling>SOMETIMES</polling></queue>", 400),
        (b"<queue><polling>LONG</polling><idleTimeout>-1</idleTimeout></queue>", 400),
        (b"<queue><polling>LONG</polling><idleTimeout>ten</idleTimeout></queue>", 400),
        (b"<queue><maxConcurrentConnections>1e3</maxConcurrentConnections></queue>", 400),
        (b"<queue><name><first>a</first></name></queue>", 400),
        (b"<queues><queue/></queues>", 400),
        (b'<queue xmlns="urn:other"/>', 400),
        (b"<queue>", 400),
        (b"", 400),
        (b"<queue><ownerUri>http://consumer.example/wake</ownerUri></queue>", 405),
    ],
)
def test_what_can_be_no_queue_is_refused(
    sis: Client, body: bytes, status: int, infrastructure: etree.XMLSchema
) -> None:
    reply = sis.send("POST", "/queues", body, Content_Type=XML)
    assert reply.status_code == status
    infrastructure.assertValid(etree.fromstring(reply.content))
    assert sis.send("GET", "/queues").status_code == 204


@pytest.mark.requirement("INF-QUE-017")
def test_a_wake_up_address_is_refused_as_unsupported(sis: Client) -> None:
    body = b"<queue><ownerUri>http://consumer.example/wake</ownerUri></queue>"
    reply = sis.send("POST", "/queues/queue", body, Content_Type=XML)
    assert (reply.status_code, etree.fromstring(reply.content).tag) == (405, f"{{{INF}}}error")


def test_a_queue_is_read_from_a_compressed_body(sis: Client) -> None:
    body = gzip.compress(f'<queue xmlns="{INF}"><name>packed</name></queue>'.encode())
    reply = sis.send("POST", "/queues", body, Content_Type=XML, Content_Encoding="gzip")
    assert (reply.status_code, told(etree.fromstring(reply.content))["name"]) == (201, "packed")


def test_a_queue_is_made_from_json_and_told_in_json(sis: Client) -> None:
    body, media = b'{"queue": {"polling": "LONG", "name": "in box"}}', "application/json"
    reply = sis.send("POST", "/queues/queue", body, Content_Type=media, Accept=media)
    assert (reply.status_code, reply.json()["queue"]["name"]) == (201, "in box")


@pytest.mark.requirement("INF-QUE-002", "INF-QUE-003", "INF-QUE-022")
def test_only_own_queues_are_seen(
    hub: Hub, sis: Client, box: Callable[..., Box], infrastructure: etree.XMLSchema
) -> None:
    stranger = other(hub)
    assert stranger.send("GET", "/queues").status_code == 204
    mine, theirs = [box(sis), box(sis)], box(stranger)
    theirs.put(b"<xStudents><secret/></xStudents>")
    listed = etree.fromstring(sis.send("GET", "/queues").content)
    infrastructure.assertValid(listed)
    assert [each.get("id") for each in listed] == [each.id for each in mine]
    assert told(mine[0].look()) == told(mine[0].element)
    for verb, tail in (
        ("GET", ""),
        ("GET", "/messages"),
        ("DELETE", "/messages/x"),
        ("DELETE", ""),
    ):
        reply = sis.send(verb, f"/queues/{theirs.id}{tail}")
        assert (reply.status_code, b"secret" in reply.content) == (404, False)
    assert len(theirs.all()) == 1


@pytest.mark.parametrize("name", ["00000000-0000-4000-8000-000000000000", "no-uuid", "queue."])
def test_an_unknown_queue_is_404(sis: Client, name: str) -> None:
    assert sis.send("GET", f"/queues/{name}").status_code == 404


def test_an_id_may_be_written_in_any_case(mine: Box) -> None:
    assert mine.client.send("GET", f"/queues/{mine.id.upper()}").status_code == 200


@pytest.mark.requirement("INF-QUE-003")
def test_queues_are_not_changed_and_only_one_is_deleted(mine: Box) -> None:
    body = f'<queue xmlns="{INF}"><polling>LONG</polling></queue>'.encode()
    for verb, tail, allowed in (
        ("PUT", "", "GET, POST"),
        ("DELETE", "", "GET, POST"),
        ("PUT", f"/{mine.id}", "GET, DELETE"),
        ("POST", f"/{mine.id}", "GET, DELETE"),
    ):
        reply = mine.client.send(verb, f"/queues{tail}", body, Content_Type=XML)
        assert (reply.status_code, reply.headers["Allow"]) == (405, allowed)
    assert mine.look().findtext("{*}polling") == "IMMEDIATE"


@pytest.mark.requirement("INF-QUE-004")
def test_a_deleted_queue_takes_messages_and_subscriptions_along(
    mine: Box, subscribe: Callable[..., object], hub: Hub
) -> None:
    subscribe(mine)
    mine.put()
    assert mine.client.send("DELETE", f"/queues/{mine.id}").status_code == 204
    assert mine.read().status_code == 404
    assert mine.client.send("GET", "/subscriptions").status_code == 204
    assert left(hub) == {"queue": 0, "subscription": 0, "message": 0, "payload": 0}


def test_a_deleted_environment_ends_everything(
    mine: Box, subscribe: Callable[..., object], hub: Hub
) -> None:
    subscribe(mine)
    mine.put()
    assert mine.client.environment is not None
    own = f"/environments/{mine.client.environment.get('id')}"
    assert mine.client.send("DELETE", own).status_code == 204
    assert mine.read().status_code == 401
    assert left(hub) == {"queue": 0, "subscription": 0, "message": 0, "payload": 0}


def left(hub: Hub) -> dict[str, int]:
    names = ("queue", "subscription", "message", "payload")
    with hub.engine.connect() as connection:
        return {
            name: connection.exec_driver_sql(f"SELECT count(*) FROM {name}").scalar_one()
            for name in names
        }
