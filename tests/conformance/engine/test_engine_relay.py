"""The relay records everything, changes nothing, and gives scripted answers when told."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable

import pytest

from conformance.listener import Answer, Relay
from conformance.problems import Unreachable
from conformance.wire import Limits, Wire
from tests.conformance.engine.conftest import Listening, answering, http, request_of

Listen = Callable[..., Listening]
PATIENT = Limits(read_seconds=10, total_seconds=20)


def test_a_request_passes_unchanged(listen: Listen) -> None:
    seen: list[bytes] = []

    def conversation(connection: socket.socket) -> None:
        seen.append(request_of(connection))
        connection.sendall(http("204 No Content"))

    server = listen(conversation)
    with Relay(f"{server.url}/sif3") as relay, Wire(PATIENT) as wire:
        headers = {"X-One": "a  b", "dataPrivacyMarker": "T.o-k"}
        wire.send(
            "PUT", f"{relay.url}/xStudents;zoneId=A%20b;contextId=C?x=%5By%5D", headers, b"<a/>"
        )
    head, _, body = seen[0].partition(b"\r\n\r\n")
    assert head.startswith(b"PUT /sif3/xStudents;zoneId=A%20b;contextId=C?x=%5By%5D HTTP/1.1\r\n")
    assert b"\r\nX-One: a  b\r\n" in head
    assert b"\r\ndataPrivacyMarker: T.o-k\r\n" in head
    assert body == b"<a/>"


def test_an_answer_passes_unchanged(listen: Listen) -> None:
    server = listen(answering(http("418 Teapot", b"short", "X-Twice: 1", "X-Twice: 2")))
    with Relay(server.url) as relay, Wire(PATIENT) as wire:
        reply = wire.send("GET", relay.url)
    assert reply.head.startswith(b"HTTP/1.1 418 Teapot\r\n")
    assert (reply.body, reply.headers.all("X-Twice")) == (b"short", ["1", "2"])


def test_every_exchange_is_recorded(listen: Listen) -> None:
    server = listen(answering(http("200 OK", b"yes")))
    with Relay(server.url) as relay, Wire(PATIENT) as wire:
        wire.send("POST", f"{relay.url}/a;b=c", {"X-A": "1"}, b"body")
        (kept,) = relay.exchanges
    assert (kept.request.method, kept.request.path, kept.request.body) == (
        "POST",
        "/a;b=c",
        b"body",
    )
    assert (kept.status, kept.body, kept.scripted) == (200, b"yes", False)


def test_a_scripted_answer_is_given_as_often_as_asked(listen: Listen) -> None:
    server = listen(answering(http("200 OK")))
    with Relay(server.url) as relay, Wire(PATIENT) as wire:
        relay.script("POST xStudents", Answer(503, {"X-Busy": "1"}, b"busy"), times=2)
        replies = [wire.send("POST", f"{relay.url}/xStudents/xStudent") for _ in range(3)]
    assert [reply.status for reply in replies] == [503, 503, 200]
    assert (replies[0].headers.get("X-Busy"), replies[0].body) == ("1", b"busy")


@pytest.mark.parametrize(("busy", "status"), [(1, 200), (2, 503)])
def test_a_target_that_says_how_long_it_is_busy_is_asked_once_more(
    listen: Listen, busy: int, status: int
) -> None:
    server = listen(answering(http("200 OK")))
    with Relay(server.url) as relay, Wire(PATIENT) as wire:
        relay.script("GET xStudents", Answer(503, {"Retry-After": "0"}, b"busy"), times=busy)
        assert wire.send("GET", f"{relay.url}/xStudents").status == status


def test_a_script_leaves_other_requests_alone(listen: Listen) -> None:
    server = listen(answering(http("200 OK")))
    with Relay(server.url) as relay, Wire(PATIENT) as wire:
        relay.script(lambda request: request.headers.get("X-A") == "1", Answer(500))
        assert wire.send("GET", f"{relay.url}/xStudents").status == 200
        assert wire.send("GET", f"{relay.url}/xStudents", {"X-A": "1"}).status == 500


def test_a_scripted_drop_closes_the_connection(listen: Listen) -> None:
    server = listen(answering(http("200 OK")))
    with Relay(server.url) as relay, Wire(PATIENT) as wire:
        relay.script("GET x", Answer(drop=True))
        with pytest.raises(Unreachable):
            wire.send("GET", f"{relay.url}/x")


def test_a_dead_server_is_answered_with_502(listen: Listen) -> None:
    server = listen(lambda connection: None)
    with Relay(server.url) as relay, Wire(PATIENT) as wire:
        assert wire.send("GET", relay.url).status == 502


def test_head_keeps_the_length_of_the_body_it_does_not_have(listen: Listen) -> None:
    server = listen(answering(b"HTTP/1.1 200 OK\r\nContent-Length: 77\r\n\r\n"))
    with Relay(server.url) as relay, Wire(PATIENT) as wire:
        reply = wire.send("HEAD", relay.url)
    assert (reply.headers.get("Content-Length"), reply.body) == ("77", b"")


def test_waiting_ends_with_the_request_that_was_waited_for(listen: Listen) -> None:
    server = listen(answering(http("200 OK")))
    with Relay(server.url) as relay, Wire(PATIENT) as wire:
        later = threading.Timer(0.05, wire.send, ("GET", f"{relay.url}/late"))
        later.start()
        found = relay.wait("GET late", seconds=2)
        later.join()
        assert found is not None
        assert relay.wait("GET never", seconds=0.01) is None
