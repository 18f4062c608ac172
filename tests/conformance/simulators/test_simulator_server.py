"""How the simulator serves: open connections, a taken port, gzip, large and chunked bodies."""

from __future__ import annotations

import gzip
import socket
import threading
from typing import Any

import pytest
import requests

from conformance.simulators import Receiver, serve
from conformance.simulators.problems import PortInUse
from conformance.simulators.store import Session


def exchange(connection: socket.socket, request: bytes) -> bytes:
    """Send one request and read one answer."""
    connection.sendall(request)
    data = b""
    while b"\r\n\r\n" not in data:
        data += connection.recv(4096)
    head, _, body = data.partition(b"\r\n\r\n")
    length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0] or 0)
    while len(body) < length:
        body += connection.recv(4096)
    return head


def test_a_connection_stays_open_for_the_next_request(handle: Any) -> None:
    request = b"PUT /sif3/nothing HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nabcde"
    with socket.create_connection(("127.0.0.1", handle.port), timeout=5) as connection:
        heads = [exchange(connection, request) for _ in range(3)]
    assert [head.split(b"\r\n")[0] for head in heads] == [b"HTTP/1.1 401 Unauthorized"] * 3
    assert not any(b"Connection: close" in head for head in heads)


def test_a_taken_port_is_said_in_one_sentence(handle: Any) -> None:
    with pytest.raises(PortInUse, match=f"^Port {handle.port} is in use"):
        serve(Receiver(), handle.port)


def test_closing_ends_open_connections() -> None:
    handle = serve(Receiver())
    with socket.create_connection(("127.0.0.1", handle.port), timeout=5) as connection:
        exchange(connection, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        handle.close()
        assert connection.recv(1) == b""


def test_chunked_and_packed_bodies_are_read(vendor: Any, build: Any) -> None:
    body = build.student(build.refid())
    reply = vendor.create(iter([body[:40], body[40:]]))
    assert reply.status_code == 201
    packed = gzip.compress(build.student(build.refid()))
    assert vendor.create(packed, **{"Content-Encoding": "gzip"}).status_code == 201
    assert vendor.create(b"not gzip", **{"Content-Encoding": "gzip"}).status_code == 400


@pytest.mark.parametrize(
    ("accepted", "packed"), [("gzip", True), ("identity", False), ("gzip;q=0", False)]
)
def test_answers_are_packed_only_on_request(vendor: Any, accepted: str, packed: bool) -> None:
    reply = vendor.send("GET", "xTeachers", **{"Accept-Encoding": accepted})
    assert ("Content-Encoding" in reply.headers) is packed
    assert b"<code>404</code>" in reply.content


def test_parallel_creates_of_one_student_store_it_once(vendor: Any, build: Any) -> None:
    body, statuses = build.student(build.refid()), []

    def create() -> None:
        reply = requests.post(
            f"{vendor.services['requestsConnector']}/xStudents/xStudent",
            body,
            headers=vendor.session(),
        )
        statuses.append(reply.status_code)

    threads = [threading.Thread(target=create) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [201] + [409] * 7


class Defective(Receiver):
    """A receiver with a defect of its own."""

    def find_session(self, token: str) -> Session | None:
        raise ZeroDivisionError(token)


def test_a_defect_is_a_500_that_tells_nothing() -> None:
    with serve(Defective()) as handle:
        headers = {"Authorization": "Basic Zm9vOmJhcg=="}
        reply = requests.get(f"{handle.url}/rc/7/xStudents", headers=headers)
    assert (reply.status_code, reply.headers["messageType"]) == (500, "ERROR")
    assert "foo" not in reply.text
