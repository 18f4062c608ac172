"""Garbage sent to the suite's own ears: answered or dropped, and the next call is served."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from conformance.evidence import Evidence
from conformance.incoming import Garbled, body_of
from conformance.listener import Relay
from conformance.roles import Setting
from conformance.session import wire_to
from conformance.simulators.consumer import Consumer
from conformance.stage.play import Theatre
from conformance.wire import Limits, Wire
from tests.conformance.consumer.judging import SECRET, config_of
from tests.conformance.engine.conftest import Listening, answering, http

POST = b"POST /hub/environments/environment HTTP/1.1\r\nHost: a\r\n"
# What is sent, and the status of the answer; 0: none, because the line was not one of HTTP/1.1.
GARBAGE: list[tuple[bytes, int]] = [
    (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\n\n", 0),
    (b"GET\r\n\r\n", 0),
    (b"GET / HTTP/9.9\r\n\r\n", 0),
    (b"GET //[ HTTP/1.1\r\nHost: a\r\n\r\n", 401),
    (b"GET /" + b"x" * 70_000 + b" HTTP/1.1\r\n\r\n", 414),
    (b"GET / HTTP/1.1\r\n" + b"X-A: b\r\n" * 500 + b"\r\n", 431),
    (POST + b"Content-Length: many\r\n\r\n", 400),
    (POST + b"Content-Length: -5\r\n\r\n", 400),
    (POST + b"Content-Length: 99999999999999999999\r\n\r\n", 413),
    (POST + b"Transfer-Encoding: chunked\r\n\r\nZZ\r\n", 400),
    (POST + b"Transfer-Encoding: chunked\r\n\r\n7fffffff\r\nx\r\n", 413),
    (POST + b"Transfer-Encoding: chunked\r\n\r\n-1\r\n", 400),
    (POST + b"Content-Length: 3\r\n\r\n\xff\xfe\x00", 401),
    (POST + b"Authorization: Basic \xff\xff\r\nContent-Length: 0\r\n\r\n", 401),
]


def said(url: str, data: bytes) -> int:
    """The status of the answer to these bytes, 0 if none comes."""
    parts = urlsplit(url)
    with socket.create_connection((parts.hostname or "", parts.port or 0), timeout=2) as link:
        link.sendall(data)
        link.shutdown(socket.SHUT_WR)
        answer = link.recv(65536)
    return int(answer.split(b" ")[1]) if answer.startswith(b"HTTP/") else 0


@pytest.fixture(scope="module")
def theatre() -> Iterator[Theatre]:
    """The suite's own hub."""
    config, evidence = config_of(), Evidence()
    with wire_to(config, evidence) as wire:
        made = Theatre(Setting(config, wire, evidence, 7))
        yield made
        made.close()


@pytest.mark.parametrize(("data", "status"), GARBAGE)
def test_garbage_to_the_hub_is_refused_and_a_client_is_served(
    theatre: Theatre, data: bytes, status: int
) -> None:
    assert said(theatre.url, data) == status
    client = Consumer(theatre.url, "demo-vendor", SECRET)
    client.connect()
    client.link.close()
    theatre.record()


def test_what_garbage_came_is_recorded(theatre: Theatre) -> None:
    mark = len(theatre.log.calls)
    said(theatre.url, POST + b"Content-Length: many\r\n\r\n")
    (call,) = theatre.log.since(mark)
    assert (call.given.status, call.asked.body) == (400, b"")


@pytest.mark.parametrize(("data", "status"), [one for one in GARBAGE if one[1] in (400, 413)])
def test_garbage_to_the_relay_is_refused(data: bytes, status: int) -> None:
    server = Listening(answering(http("204 No Content")))
    with Relay(server.url) as relay, Wire(Limits(read_seconds=2)) as wire:
        assert said(relay.url, data) == status
        assert wire.send("GET", relay.url).status == 204
    server.close()


class Endless:
    """A stream that never ends."""

    def __init__(self, line: bytes) -> None:
        self.line, self.taken = line, 0

    def readline(self, limit: int = -1) -> bytes:
        self.taken += 1
        return self.line[:limit]

    def read(self, size: int = -1) -> bytes:
        self.taken += size
        return b"x" * size


def test_trailers_without_end_are_garbled() -> None:
    stream = Endless(b"0\r\n")
    with pytest.raises(Garbled):
        body_of(stream, "", "chunked", 1000)
    assert stream.taken < 200
