"""Providers that hang, drip or answer nonsense, and what becomes of everybody else."""

from __future__ import annotations

import socket
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import create_engine

from reference_hub.app import create_app
from reference_hub.clock import Clock
from reference_hub.codec.schema import Judge
from reference_hub.journeys.delay import answer_next
from reference_hub.model.provider import Provider
from reference_hub.replay import replaying
from reference_hub.settings import Settings
from reference_hub.store import providers
from reference_hub.store.db import STORE_LOST
from tests.reference_hub.broker.conftest import Elsewhere, drained
from tests.reference_hub.web.conftest import SCOPE, Client, Hub

Registered = Callable[..., Any]
LIST = "/requests/xStudents"
NOWHERE = "postgresql+psycopg://nobody@127.0.0.1:1/nothing"
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/xml\r\nContent-Length: 4\r\n\r\n"


@pytest.fixture
def dripping(hub: Hub, provider: Client) -> Iterator[None]:
    """A provider that sends its head byte by byte, each long before the time-out."""

    def drip(listener: socket.socket) -> None:
        connection, _ = listener.accept()
        with closing(connection):
            connection.recv(65536)
            for byte in HEAD + b"<a/>":
                try:
                    connection.sendall(bytes([byte]))
                except OSError:
                    return
                time.sleep(0.1)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=drip, args=(listener,))
        thread.start()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/sif"
        entry = Provider(
            str(uuid.uuid4()), "far-sis", None, SCOPE, "OBJECT", "xStudents", "Far SIS", url, {},
            ("application/xml",),
        )  # fmt: skip
        with hub.engine.begin() as connection:
            assert providers.insert(connection, entry)
        yield
        thread.join(20)


@pytest.mark.usefixtures("dripping")
def test_a_head_that_drips_is_waited_for_no_longer_than_silence(consumer: Client) -> None:
    began = time.monotonic()
    assert consumer.send("GET", LIST).status_code == 503
    assert time.monotonic() - began < 3


def test_a_hanging_provider_leaves_half_of_the_threads_to_others(
    hub: Hub, consumer: Client, registered: Registered, elsewhere: Elsewhere
) -> None:
    registered("xStudents")
    elsewhere.slow = 2.0
    most = hub.settings.server.threads // 2
    with ThreadPoolExecutor(most + 1) as pool:
        hanging = [pool.submit(consumer.send, "GET", LIST) for _ in range(most)]
        time.sleep(0.3)
        began = time.monotonic()
        refused = consumer.send("GET", LIST)
        assert (refused.status_code, int(refused.headers["Retry-After"]) > 0) == (503, True)
        assert consumer.send("GET", "/requests/xSchools").status_code == 204
        assert time.monotonic() - began < 0.9
        assert {each.result().status_code for each in hanging} == {503}
    elsewhere.slow = 0.0
    assert consumer.send("GET", LIST).status_code == 200


def test_a_status_that_http_does_not_have_is_not_passed_on(
    consumer: Client, registered: Registered, elsewhere: Elsewhere
) -> None:
    registered("xStudents")
    elsewhere.says("", 799)
    assert consumer.send("GET", LIST).status_code == 503


def test_a_store_that_is_lost_on_the_way_is_no_answer_to_a_delayed_request(
    hub: Hub, consumer: Client, subscribed: Registered
) -> None:
    queue = subscribed(consumer, "xSchools")
    headers = {"requestType": "DELAYED", "queueId": queue.split("/")[2], "requestId": "r-1"}
    assert consumer.send("GET", LIST, **headers).status_code == 202
    settings, clock = Settings(), Clock()
    lost, found = (
        replaying(create_app(settings, engine, clock, Judge()))
        for engine in (create_engine(NOWHERE), hub.engine)
    )
    with pytest.raises(STORE_LOST):
        answer_next(hub.engine, settings, lost, clock)
    assert drained(consumer, queue) == []
    later = Clock(now=lambda: clock.now() + timedelta(days=1))
    assert answer_next(hub.engine, settings, found, later)
    assert [each.headers["status"] for each in drained(consumer, queue)] == ["204"]
