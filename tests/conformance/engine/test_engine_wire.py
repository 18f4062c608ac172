"""The wire against servers that misbehave: bounded in time and size, nothing retried."""

from __future__ import annotations

import gzip
import socket
import struct
import time
from collections.abc import Callable

import pytest

from conformance.problems import NotVerified, SuiteFault, TimedOut, Unreachable
from conformance.wire import Capture, Counting, Limits, Wire
from tests.conformance.engine.conftest import Listening, answering, http, request_of

Listen = Callable[..., Listening]
PATIENT = Limits(read_seconds=10, total_seconds=20, body_bytes=100_000)
QUICK = Limits(connect_seconds=0.5, read_seconds=0.2, total_seconds=0.5, body_bytes=100_000)


def failing(url: str, limits: Limits = QUICK) -> tuple[NotVerified, float]:
    """The error of one request, and how many seconds it took."""
    began = time.monotonic()
    with Wire(limits) as wire, pytest.raises(NotVerified) as caught:
        wire.send("GET", f"{url}/xStudents")
    return caught.value, time.monotonic() - began


def test_an_answer_is_kept_byte_for_byte(listen: Listen) -> None:
    answer = http("201 Made", b"<a/>", "X-Twice: 1", "x-twice: 2")
    server = listen(answering(answer))
    with Wire(PATIENT) as wire:
        reply = wire.send("POST", f"{server.url}/a;zoneId=b", {"Content-Type": "text/xml"}, b"<b/>")
    assert reply.head + reply.raw == answer
    assert (reply.status, reply.headers.all("X-Twice")) == (201, ["1", "2"])


def test_a_header_can_be_sent_twice(listen: Listen) -> None:
    seen: list[bytes] = []

    def conversation(connection: socket.socket) -> None:
        seen.append(request_of(connection))
        connection.sendall(http("204 No Content"))

    server = listen(conversation)
    with Wire(PATIENT) as wire:
        wire.send("GET", server.url, [("marker", "a"), ("marker", "b")])
    assert seen[0].count(b"marker: ") == 2


def test_silence_ends_after_the_read_limit(listen: Listen) -> None:
    server = listen(lambda connection: time.sleep(5))
    error, seconds = failing(server.url)
    assert isinstance(error, TimedOut)
    assert seconds < 1


def test_dripping_headers_end_at_the_total_limit(listen: Listen) -> None:
    def drip(connection: socket.socket) -> None:
        request_of(connection)
        for sign in b"HTTP/1.1 200 OK\r\nX: " + b"x" * 1000:
            connection.sendall(bytes([sign]))
            time.sleep(0.05)

    error, seconds = failing(listen(drip).url)
    assert isinstance(error, TimedOut)
    assert seconds < 1.5


def test_a_dripping_body_ends_at_the_total_limit(listen: Listen) -> None:
    def drip(connection: socket.socket) -> None:
        request_of(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        for _ in range(1000):
            connection.sendall(b"x")
            time.sleep(0.05)

    error, seconds = failing(listen(drip).url)
    assert isinstance(error, TimedOut)
    assert seconds < 1.5


def test_a_dripping_chunk_size_ends_at_the_total_limit(listen: Listen) -> None:
    def drip(connection: socket.socket) -> None:
        request_of(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        for _ in range(1000):
            connection.sendall(b"0")
            time.sleep(0.05)

    error, seconds = failing(listen(drip).url)
    assert isinstance(error, TimedOut)
    assert seconds < 1.5


def test_a_body_without_end_is_cut_at_the_size_limit(listen: Listen) -> None:
    def flood(connection: socket.socket) -> None:
        request_of(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            connection.sendall(b"x" * 65536)

    error, seconds = failing(listen(flood).url)
    assert isinstance(error, TimedOut)
    assert "100000 bytes" in error.reason
    assert seconds < 1


def test_a_reset_is_unreachable(listen: Listen) -> None:
    def reset(connection: socket.socket) -> None:
        request_of(connection)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    error, _ = failing(listen(reset).url)
    assert isinstance(error, Unreachable)
    assert error.kind == "reset"


def test_a_cut_body_is_unreachable(listen: Listen) -> None:
    def cut(connection: socket.socket) -> None:
        request_of(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")

    error, _ = failing(listen(cut).url)
    assert "in the middle" in error.reason


@pytest.mark.parametrize("greeting", [b"SSH-2.0-OpenSSH_9.2\r\n", b"\x15\x03\x01\x00\x02\x02\x16"])
def test_another_protocol_is_unreachable(listen: Listen, greeting: bytes) -> None:
    def greet(connection: socket.socket) -> None:
        connection.sendall(greeting)
        request_of(connection)

    error, _ = failing(listen(greet).url)
    assert isinstance(error, Unreachable)


def test_a_closed_port_is_refused() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    error, _ = failing(f"http://127.0.0.1:{port}")
    assert isinstance(error, Unreachable)
    assert (error.kind, error.reason) == ("refused", f"nothing listens at 127.0.0.1:{port}")


@pytest.mark.parametrize("url", ["", "xStudents", "ftp://host/", "http://", "http://[::1"])
def test_what_is_no_address_is_unreachable(url: str) -> None:
    with Wire(PATIENT) as wire, pytest.raises(Unreachable, match="not an absolute"):
        wire.send("GET", url)


def test_a_redirect_is_not_followed(listen: Listen) -> None:
    server = listen(answering(http("302 Found", b"", "Location: http://127.0.0.1:1/")))
    with Wire(PATIENT) as wire:
        assert wire.send("GET", server.url).status == 302


def test_a_failure_is_not_retried(listen: Listen) -> None:
    server = listen(lambda connection: None)
    failing(server.url)
    assert server.connections == 1


def test_one_connection_serves_many_requests(listen: Listen) -> None:
    server = listen(answering(http("200 OK", b"x")))
    with Wire(PATIENT) as wire:
        for _ in range(20):
            wire.send("GET", server.url)
    assert server.connections == 1


def test_after_five_silences_nothing_more_is_sent(listen: Listen) -> None:
    server = listen(lambda connection: None)
    with Wire(PATIENT) as wire:
        for _ in range(5):
            with pytest.raises(Unreachable):
                wire.send("GET", server.url)
        with pytest.raises(Unreachable) as caught:
            wire.send("GET", server.url)
    assert (caught.value.kind, server.connections) == ("gave up", 5)


def test_a_body_behind_a_204_is_noticed(listen: Listen) -> None:
    server = listen(answering(b"HTTP/1.1 204 No Content\r\nContent-Length: 4\r\n\r\n<a/>"))
    with Wire(PATIENT) as wire:
        reply = wire.send("DELETE", server.url)
        assert (reply.status, reply.raw) == (204, b"<a/>")
        assert wire.send("DELETE", server.url).status == 204


def test_gzip_is_undone_and_the_raw_bytes_are_kept(listen: Listen) -> None:
    packed = gzip.compress(b"<a/>")
    server = listen(answering(http("200 OK", packed, "Content-Encoding: gzip")))
    with Wire(PATIENT) as wire:
        reply = wire.send("GET", server.url)
    assert (reply.body, reply.raw) == (b"<a/>", packed)


def test_a_gzip_bomb_stays_within_the_size_limit(listen: Listen) -> None:
    packed = gzip.compress(b"x" * 50_000_000)
    server = listen(answering(http("200 OK", packed, "Content-Encoding: gzip")))
    with Wire(PATIENT) as wire:
        assert len(wire.send("GET", server.url).body) == PATIENT.body_bytes


def test_a_fault_of_the_recorder_is_not_blamed_on_the_target(listen: Listen) -> None:
    class Full(Counting):
        def settle(self) -> None:
            raise OSError("disk full")

    server = listen(answering(http("204 No Content")))
    with Wire(PATIENT, Full()) as wire, pytest.raises(SuiteFault):
        wire.send("GET", server.url)


def test_a_failed_exchange_is_recorded_with_its_reason(listen: Listen) -> None:
    kept: list[Capture] = []

    class Keeping(Counting):
        def record(self, capture: Capture) -> int:
            kept.append(capture)
            return super().record(capture)

    server = listen(lambda connection: None)
    with Wire(PATIENT, Keeping()) as wire, pytest.raises(Unreachable):
        wire.send("PUT", f"{server.url}/a", {}, b"body")
    assert kept[0].sent.startswith(b"PUT /a HTTP/1.1\r\n")
    assert kept[0].fault
