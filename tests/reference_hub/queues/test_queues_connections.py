"""Several readers of one queue, each on a connection of its own (Infrastructure Services 9.3.3)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import requests

from tests.reference_hub.queues.conftest import Box
from tests.reference_hub.web.conftest import Client


@pytest.fixture
def two(sis: Client, box: Callable[..., Box]) -> Box:
    """A queue for two connections with three messages in it."""
    made = box(sis, maxConcurrentConnections="2")
    for number in range(3):
        made.put(requestId=f"r{number}")
    return made


def request_id(reply: requests.Response) -> str:
    assert reply.status_code == 200, reply.text
    return reply.headers["requestId"]


@pytest.mark.requirement("INF-QUE-013", "INF-QUE-016")
def test_each_connection_has_its_own_message_and_is_echoed(two: Box) -> None:
    replies = [two.read(connectionId=number) for number in "01001"]
    assert [request_id(reply) for reply in replies] == ["r0", "r1", "r0", "r0", "r1"]
    assert [reply.headers["connectionId"] for reply in replies] == list("01001")


def test_the_next_message_is_the_oldest_that_no_other_connection_has(two: Box) -> None:
    first = two.read(connectionId="0").headers["messageId"]
    second = two.read(connectionId="1").headers["messageId"]
    assert request_id(two.read(second, connectionId="1")) == "r2"
    assert two.read(first, connectionId="0").status_code == 204
    assert request_id(two.read(connectionId="1")) == "r2"


def test_one_connection_cannot_delete_the_message_of_another(two: Box) -> None:
    first = two.read(connectionId="0").headers["messageId"]
    two.read(connectionId="1")
    assert two.read(first, connectionId="1").status_code == 404
    assert two.drop(first, connectionId="1").status_code == 404
    assert two.drop(first, connectionId="0").status_code == 204


@pytest.mark.requirement("INF-QUE-015")
@pytest.mark.parametrize("number", [None, "2", "-1", "one", "", "99999999999999999999"])
def test_a_connection_that_is_none_of_the_queue_is_404(two: Box, number: str | None) -> None:
    headers = {} if number is None else {"connectionId": number}
    assert two.read(**headers).status_code == 404
    assert two.look().findtext("{*}messageCount") == "3"


@pytest.mark.requirement("INF-QUE-015")
def test_a_new_connection_has_nothing_to_delete(two: Box) -> None:
    first = two.read(connectionId="0").headers["messageId"]
    assert two.read(first, connectionId="1").status_code == 404


def test_an_empty_queue_makes_each_connection_wait_for_itself(
    sis: Client, box: Callable[..., Box]
) -> None:
    made = box(sis, maxConcurrentConnections="2")
    replies = [made.read(connectionId=number).status_code for number in "0101"]
    assert replies == [204, 204, 503, 503]
