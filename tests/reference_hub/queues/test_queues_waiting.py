"""When a reader may come again, and how long it is held, under any server."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest
from lxml import etree
from sqlalchemy import text

from reference_hub.clock import Clock
from reference_hub.journeys.idle_queues import report_idle
from tests.reference_hub.access.conftest import Watch
from tests.reference_hub.queues.conftest import Box
from tests.reference_hub.web.conftest import Client


@pytest.mark.requirement("INF-QUE-011")
def test_a_reader_that_does_not_wait_is_told_that_the_service_is_busy(
    mine: Box, infrastructure: etree.XMLSchema
) -> None:
    assert mine.read().status_code == 204
    mine.put()
    reply = mine.read()
    error = etree.fromstring(reply.content)
    infrastructure.assertValid(error)
    assert (reply.status_code, reply.headers["Retry-After"]) == (503, "1")
    assert str(error.findtext("{*}message")).startswith("Service is Busy")
    assert "relativeServicePath" not in reply.headers


def test_after_the_wait_the_reader_is_served_again(mine: Box, watch: Watch) -> None:
    assert mine.read().status_code == 204
    watch.forward(0.1)
    assert mine.read().status_code == 503
    watch.forward(1.0)
    mine.put()
    assert mine.read().status_code == 200


def test_a_reader_that_found_messages_need_not_wait(mine: Box) -> None:
    mine.put()
    mine.put()
    first = mine.read()
    second = mine.read(first.headers["messageId"])
    assert [mine.read().status_code, second.status_code] == [200, 200]


def test_a_long_poll_is_held_until_a_message_comes(sis: Client, box: Callable[..., Box]) -> None:
    made = box(sis, polling="LONG", idleTimeout="10")
    timer = threading.Timer(0.4, made.put)
    begin = time.monotonic()
    timer.start()
    reply = made.read()
    timer.join()
    assert reply.status_code == 200
    assert 0.4 <= time.monotonic() - begin < 5


@pytest.mark.requirement("INF-QUE-012")
def test_a_long_poll_ends_with_204_and_may_be_repeated_at_once(
    sis: Client, box: Callable[..., Box]
) -> None:
    made, begin = box(sis, polling="LONG", idleTimeout="1"), time.monotonic()
    assert [made.read().status_code, made.read().status_code] == [204, 204]
    assert 2.0 <= time.monotonic() - begin < 8


def test_a_long_queue_that_holds_nobody_asks_for_pauses(
    sis: Client, box: Callable[..., Box]
) -> None:
    made = box(sis, polling="LONG", idleTimeout="0")
    assert made.element.findtext("{*}minWaitTime") == "1"
    assert [made.read().status_code, made.read().status_code] == [204, 503]


def test_a_message_that_is_there_is_not_waited_for(sis: Client, box: Callable[..., Box]) -> None:
    made, begin = box(sis, polling="LONG", idleTimeout="10"), time.monotonic()
    made.put()
    assert made.read().status_code == 200
    assert time.monotonic() - begin < 5


def alerts(made: Box) -> list[tuple[str, ...]]:
    with made.engine.connect() as connection:
        documents = connection.execute(text("SELECT document FROM alert")).scalars().all()
    found = [etree.fromstring(bytes(each)) for each in documents]
    return [
        tuple(each.findtext(f"{{*}}{name}", "") for name in ("level", "cause")) for each in found
    ]


@pytest.mark.requirement("NEG-046")
def test_polling_in_a_loop_raises_one_alert(mine: Box, watch: Watch) -> None:
    assert mine.read().status_code == 204
    assert [mine.read().status_code for _ in range(5)] == [503] * 5
    watch.forward(1.1)
    assert mine.read().status_code == 204
    assert alerts(mine) == [("WARNING", "sis")]


def test_a_reader_that_comes_a_little_early_raises_none(mine: Box, watch: Watch) -> None:
    assert mine.read().status_code == 204
    watch.forward(0.8)
    assert mine.read().status_code == 503
    assert alerts(mine) == []


@pytest.mark.requirement("INF-QUE-019")
def test_an_owner_that_stops_reading_is_reported_once_a_day(mine: Box, watch: Watch) -> None:
    clock = Clock(now=watch.now)
    mine.put()
    assert report_idle(mine.engine, clock) == 0
    watch.forward(86_401)
    assert [report_idle(mine.engine, clock), report_idle(mine.engine, clock)] == [1, 0]
    assert alerts(mine) == [("WARNING", "sis")]
    mine.read()
    watch.forward(3600)
    assert report_idle(mine.engine, clock) == 0
