"""The hub under gunicorn, spoken to by clients that do not keep to HTTP."""

from __future__ import annotations

import base64
import contextlib
import http.client
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest
import requests
from lxml import etree
from sqlalchemy import Engine

from reference_hub.model.scope import Scope
from reference_hub.settings import Settings
from reference_hub.store import vendors

INF = "http://www.sifassociation.org/infrastructure/3.3"
LIMIT = 1.5
CANARY = "Canary"
PROGRAM = """
import sys
from reference_hub.http_worker import HubWorker
from reference_hub.server import serve
from reference_hub.settings import Database, Server, Settings
HubWorker.read_seconds = float(sys.argv[3])
server = Server(port=int(sys.argv[1]), threads=8)
serve(Settings(server=server, database=Database(url=sys.argv[2])), lambda: None)
"""
POST = b"POST /environments/environment HTTP/1.1\r\nHost: hub\r\nContent-Type: application/xml\r\n"
GET = b"GET /nowhere HTTP/1.1\r\nHost: hub\r\n\r\n"


class Served(NamedTuple):
    """Where the hub listens and what it logged."""

    port: int
    log: Path


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def served(
    engine: Engine, hub_settings: Settings, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Served]:
    """A hub of eight threads with a short limit."""
    found = Served(free_port(), tmp_path_factory.mktemp("served") / "log")
    url = engine.url.render_as_string(hide_password=False)
    command = [sys.executable, "-c", PROGRAM, str(found.port), url, str(LIMIT)]
    with found.log.open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        wait_until_up(found, process)
        yield found
    finally:
        process.terminate()
        process.wait(15)


def wait_until_up(served: Served, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 20
    while time.monotonic() < until and process.poll() is None:
        try:
            requests.get(f"http://127.0.0.1:{served.port}/", timeout=5)
        except requests.ConnectionError:
            time.sleep(0.1)
        else:
            return
    pytest.fail(served.log.read_text())


@contextmanager
def connected(served: Served, sent: bytes) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", served.port), timeout=10) as connection:
        connection.sendall(sent)
        yield connection


def answer(served: Served, sent: bytes) -> tuple[int, bytes, etree._Element]:
    """Status, head and error element of what the hub says until it closes."""
    with connected(served, sent) as connection:
        received = b"".join(iter(lambda: connection.recv(65536), b""))
    head, _, body = received.partition(b"\r\n\r\n")
    return int(head.split()[1]), head, etree.fromstring(body)


def authorized(store: Engine) -> bytes:
    with store.begin() as connection:
        vendors.add_application(connection, "sis", "a-secret", Scope("demo-district"))
    return b"Authorization: Basic %s\r\n" % base64.b64encode(b"sis:a-secret")


@pytest.mark.requirement("INF-ERR-001", "INF-ERR-002", "INF-ERR-005")
@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"GET /?canary=" + CANARY.encode() * 2000 + b" HTTP/1.1\r\n\r\n", 414),
        (b"GET / HTTP/1.1\r\nHost: hub\r\nExpect: Canary\r\n\r\n", 417),
        (b"GET / HTTP/1.1\r\nHost: hub\r\nX-Long: " + CANARY.encode() * 2000 + b"\r\n\r\n", 431),
        (b"Canary\r\n\r\n", 400),
        (b"canary /Canary HTTP/1.1\r\n\r\n", 400),
        (b"GET /Canary HTTP/9.9\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nCanary Canary\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nHost: hub\r\nTransfer-Encoding: Canary\r\n\r\n", 501),
    ],
)
def test_what_is_no_http_is_refused_with_a_sif_error(
    served: Served, standards: Path, sent: bytes, status: int
) -> None:
    found, head, error = answer(served, sent)
    assert (found, error.tag, error.findtext("{*}code")) == (status, f"{{{INF}}}error", str(status))
    assert b"messageType: ERROR" in head
    folder = standards / "schemas" / "official" / "infrastructure-3.3"
    etree.XMLSchema(etree.parse(str(folder / "SIF_Message.xsd"))).assertValid(error)
    assert b"canary" not in (head + etree.tostring(error)).lower()
    assert "canary" not in served.log.read_text().lower()


@pytest.mark.parametrize(
    "body", [b"zz\r\n<a/>\r\n0\r\n\r\n", b"4\r\n<a/>XX0\r\n\r\n", b"4;=\r\nab"]
)
def test_a_broken_chunked_body_is_400(served: Served, store: Engine, body: bytes) -> None:
    chunked = b"Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
    status, _, error = answer(served, POST + authorized(store) + chunked + body)
    assert (status, error.findtext("{*}code")) == (400, "400")
    assert error.findtext("{*}message") == "The chunked body cannot be read."


def test_a_broken_body_that_nobody_reads_gets_one_answer(served: Served) -> None:
    with connected(served, POST + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n") as connection:
        received = b"".join(iter(lambda: connection.recv(65536), b""))
    assert received.count(b"HTTP/1.1") == 1
    assert received.startswith(b"HTTP/1.1 401")


@pytest.mark.parametrize(("size", "told"), [(100, "keep-alive"), (300_000, "close")])
def test_a_refusal_of_a_long_body_says_that_the_connection_ends(
    served: Served, size: int, told: str
) -> None:
    with requests.Session() as session:
        for _ in range(5):
            reply = session.post(f"http://127.0.0.1:{served.port}/nowhere", b"x" * size, timeout=5)
            assert (reply.status_code, reply.headers["Connection"]) == (404, told)


@pytest.mark.parametrize(
    "half", [b"GET / HT", POST, POST + b"Content-Length: 99\r\n", b"", POST + b"X: "]
)
def test_half_open_connections_hold_the_hub_no_longer_than_the_limit(
    served: Served, half: bytes
) -> None:
    with ExitStack() as stack:
        for _ in range(20):
            stack.enter_context(connected(served, half))
        begin = time.monotonic()
        requests.get(f"http://127.0.0.1:{served.port}/nowhere", timeout=30)
        assert time.monotonic() - begin < LIMIT + 1


def test_bodies_that_do_not_come_hold_the_hub_no_longer_than_the_limit(
    served: Served, store: Engine
) -> None:
    half = POST + authorized(store) + b"Content-Length: 99\r\n\r\n<environment"
    with ExitStack() as stack:
        for _ in range(20):
            stack.enter_context(connected(served, half))
        begin = time.monotonic()
        requests.get(f"http://127.0.0.1:{served.port}/nowhere", timeout=30)
        assert time.monotonic() - begin < LIMIT + 1.5


def test_a_head_that_does_not_end_is_408(served: Served) -> None:
    status, _, error = answer(served, POST)
    assert (status, error.findtext("{*}code")) == (408, "408")


def test_a_client_that_sends_a_byte_now_and_then_is_cut_off(served: Served) -> None:
    begin = time.monotonic()
    with connected(served, b"GET /") as connection, contextlib.suppress(OSError):
        while time.monotonic() - begin < LIMIT + 5:
            time.sleep(0.2)
            connection.sendall(b"a")
    assert time.monotonic() - begin < LIMIT + 3


@pytest.mark.requirement("INF-TRN-003")
def test_a_connection_is_kept_alive_for_longer_than_the_limit(served: Served) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=10)
    with contextlib.closing(connection):
        ports = []
        for pause in (LIMIT + 0.7, 0):
            connection.request("GET", "/nowhere")
            ports.append(connection.sock.getsockname())
            assert connection.getresponse().read().startswith(b"<error")
            time.sleep(pause)
    assert ports[0] == ports[1]


def test_a_first_byte_may_come_late(served: Served) -> None:
    with connected(served, b"") as connection:
        time.sleep(LIMIT + 0.7)
        connection.sendall(GET)
        assert connection.recv(65536).startswith(b"HTTP/1.1 404")


def test_clients_that_do_not_close_hold_up_nobody(served: Served) -> None:
    with ExitStack() as stack:
        for _ in range(20):
            connection = stack.enter_context(connected(served, b"canary\r\n\r\n"))
            assert connection.recv(65536).startswith(b"HTTP/1.1 400")
        begin = time.monotonic()
        for _ in range(3):
            requests.get(f"http://127.0.0.1:{served.port}/nowhere", timeout=30)
        assert time.monotonic() - begin < 1
