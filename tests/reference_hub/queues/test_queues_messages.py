"""Messages of a queue: oldest first, kept until acknowledged (Infrastructure Services 9.3.1)."""

from __future__ import annotations

import uuid
from collections.abc import Callable

import pytest
import requests
from lxml import etree

from tests.reference_hub.queues.conftest import Box
from tests.reference_hub.web.conftest import Client, Hub


def numbered(box: Box, count: int) -> None:
    for number in range(count):
        box.put(f"<xStudents><n>{number}</n></xStudents>".encode(), requestId=f"r{number}")


def ids(replies: list[requests.Response]) -> list[str]:
    return [reply.headers["requestId"] for reply in replies]


def code(reply: requests.Response) -> tuple[int, str]:
    return reply.status_code, etree.fromstring(reply.content).findtext("{*}code", "")


def test_an_empty_queue_is_204(mine: Box) -> None:
    reply = mine.read()
    assert (reply.status_code, reply.content) == (204, b"")


@pytest.mark.requirement("INF-QUE-005")
def test_the_oldest_message_stays_until_it_is_deleted(mine: Box) -> None:
    mine.put(b"<xStudents><one/></xStudents>", requestId="one", generatorId="me")
    mine.put(b"<xStudents><two/></xStudents>", requestId="two")
    first, again = mine.read(), mine.read()
    assert (first.status_code, first.content) == (200, b"<xStudents><one/></xStudents>")
    assert (first.headers["requestId"], first.headers["generatorId"]) == ("one", "me")
    assert (again.headers["messageId"], again.content) == (
        first.headers["messageId"],
        first.content,
    )


@pytest.mark.requirement("INF-QUE-006", "INF-QUE-020")
def test_delete_message_id_gives_the_next_message(mine: Box) -> None:
    numbered(mine, 2)
    first = mine.read()
    second = mine.read(first.headers["messageId"])
    last = mine.read(second.headers["messageId"])
    assert ids([first, second]) == ["r0", "r1"]
    assert first.headers["messageId"] != second.headers["messageId"]
    assert last.status_code == 204


@pytest.mark.requirement("INF-QUE-007", "NEG-047")
def test_an_id_that_is_not_outstanding_is_404_and_nothing_is_lost(mine: Box) -> None:
    numbered(mine, 2)
    first = mine.read()
    assert code(mine.read(str(uuid.uuid4()))) == (404, "404")
    assert code(mine.read("no-uuid")) == (404, "404")
    second = mine.read(first.headers["messageId"])
    assert code(mine.read(first.headers["messageId"])) == (404, "404")
    assert ids([second, mine.read()]) == ["r1", "r1"]


def test_a_message_that_nobody_has_read_is_not_outstanding(mine: Box) -> None:
    waiting = str(uuid.uuid4())
    mine.put(messageId=waiting)
    assert code(mine.read(waiting)) == (404, "404")
    assert mine.read().headers["messageId"] == waiting


@pytest.mark.requirement("INF-QUE-008")
@pytest.mark.parametrize("form", [";deleteMessageId=", "/"])
def test_a_delete_removes_without_fetching(mine: Box, form: str) -> None:
    numbered(mine, 2)
    first = mine.read().headers["messageId"]
    path = f"/queues/{mine.id}/messages{form}{first}"
    reply = mine.client.send("DELETE", path)
    assert (reply.status_code, reply.content) == (204, b"")
    assert code(mine.client.send("DELETE", path)) == (404, "404")
    assert ids(mine.all()) == ["r1"]


def test_a_delete_without_an_id_is_404(mine: Box) -> None:
    numbered(mine, 1)
    mine.read()
    assert code(mine.client.send("DELETE", f"/queues/{mine.id}/messages")) == (404, "404")


@pytest.mark.requirement("INF-QUE-009")
@pytest.mark.parametrize("verb", ["POST", "PUT"])
def test_messages_can_be_neither_created_nor_changed(mine: Box, verb: str) -> None:
    numbered(mine, 1)
    reply = mine.client.send(verb, f"/queues/{mine.id}/messages", b"<a/>")
    assert (reply.status_code, reply.headers["Allow"]) == (405, "GET, DELETE")
    assert ids(mine.all()) == ["r0"]


@pytest.mark.requirement("NEG-043")
def test_the_matrix_parameter_counts_not_a_header_of_its_name(mine: Box) -> None:
    numbered(mine, 2)
    first = mine.read().headers["messageId"]
    assert mine.read(deleteMessageId=first).headers["messageId"] == first
    second = mine.read(first, deleteMessageId=str(uuid.uuid4()))
    assert ids([second]) == ["r1"]


@pytest.mark.requirement("INF-QUE-014", "NEG-044")
def test_a_connection_id_is_tolerated_where_there_is_one_connection(mine: Box) -> None:
    numbered(mine, 1)
    replies = [mine.read(connectionid="0"), mine.read(connectionid="7"), mine.read()]
    assert ids(replies) == ["r0", "r0", "r0"]
    assert all("connectionId" not in reply.headers for reply in replies)


@pytest.mark.requirement("NEG-045")
def test_a_delayed_error_is_a_message_with_200(mine: Box) -> None:
    mine.put(b"<error/>", "error", requestId="r", relativeServicePath="xStudents;zoneId=Z")
    reply = mine.read()
    assert (reply.status_code, reply.content) == (200, b"<error/>")
    assert reply.headers["messageType"] == "ERROR"
    assert reply.headers["relativeServicePath"] == "xStudents;zoneId=Z"


@pytest.mark.requirement("NEG-042")
def test_a_message_that_is_no_xml_is_handed_out_as_it_came(mine: Box) -> None:
    mine.put(b"<xStudents><broken", "event", eventAction="CREATE")
    mine.put(b"{'no': json", "event", media="application/json", eventAction="CREATE")
    first, second = mine.all()
    assert (first.content, first.headers["Content-Type"]) == (
        b"<xStudents><broken",
        "application/xml",
    )
    assert (second.content, second.headers["Content-Type"]) == (b"{'no': json", "application/json")


def test_header_fields_come_as_they_were_written_without_those_of_the_connection(
    mine: Box,
) -> None:
    given = {"generatorId": "me", "timestamp": "2026-01-02T03:04:05Z", "X-Own": "kept"}
    gone = {"authorization": "Basic secret", "queueId": "q", "Transfer-Encoding": "chunked"}
    mine.put(b"<a/>", "response", "xStudent", "application/xml", **given, **gone)
    headers = mine.read(requestId="of the reader", generatorId="the reader").headers
    assert {name: headers[name] for name in given} == given
    assert not {"authorization", "queueId", "Transfer-Encoding"} & set(headers)


def test_an_answer_without_a_body_is_a_message_without_one(mine: Box) -> None:
    mine.put(None, requestId="r", responseAction="QUERY")
    reply = mine.read()
    assert (reply.status_code, reply.content) == (200, b"")
    assert "Content-Type" not in reply.headers


@pytest.mark.parametrize("tail", ["/messages", "/messages;deleteMessageId=x", "/nowhere"])
def test_no_error_of_the_connector_looks_like_a_message(
    hub: Hub, mine: Box, tail: str, infrastructure: etree.XMLSchema
) -> None:
    mine.put(b"<error/>", "error", relativeServicePath="xStudents")
    stranger = hub.client("stranger")
    stranger.open()
    replies = [
        stranger.send("GET", f"/queues/{mine.id}{tail}", relativeServicePath="x"),
        Client(hub.base, "nobody", user="nobody").send("GET", f"/queues/{mine.id}{tail}"),
    ]
    assert [reply.status_code for reply in replies] == [404, 401]
    for reply in replies:
        infrastructure.assertValid(etree.fromstring(reply.content))
        assert "relativeServicePath" not in reply.headers
        assert reply.headers["messageType"] == "ERROR"


@pytest.mark.requirement("INF-QUE-018")
def test_count_and_times_are_kept(mine: Box) -> None:
    made = mine.element
    times = [made.findtext(f"{{*}}{name}") for name in ("created", "lastAccessed", "lastModified")]
    assert len(set(times)) == 1
    numbered(mine, 2)
    filled = mine.look()
    assert filled.findtext("{*}messageCount") == "2"
    assert str(filled.findtext("{*}lastModified")) > str(times[0])
    assert filled.findtext("{*}lastAccessed") == times[0]
    mine.all()
    after = mine.look()
    assert after.findtext("{*}messageCount") == "0"
    assert after.findtext("{*}lastModified") == filled.findtext("{*}lastModified")
    assert str(after.findtext("{*}lastAccessed")) > str(times[0])


def test_two_readers_of_one_connection_are_at_the_same_message(
    mine: Box, hub: Hub, box: Callable[..., Box]
) -> None:
    numbered(mine, 3)
    again = Box(mine.client, hub.engine, mine.element)
    assert ids([mine.read(), again.read()]) == ["r0", "r0"]
    done = mine.read().headers["messageId"]
    assert mine.read(done).headers["requestId"] == "r1"
    assert again.read(done).status_code == 404
    assert again.read().headers["requestId"] == "r1"
