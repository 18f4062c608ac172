"""The hub under gunicorn with its usual patience: who is slow is waited for, by few."""

from __future__ import annotations

import base64
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
import requests
from sqlalchemy import Engine

from reference_hub.model.scope import Scope
from reference_hub.store import vendors
from tests.system.processes import Processes, end, free_port, wait_for_port

BODY = (
    b'<environment xmlns="http://www.sifassociation.org/infrastructure/3.3"><applicationInfo>'
    b"<applicationKey>sis</applicationKey></applicationInfo></environment>"
)
HEAD = (
    b"POST /environments/environment HTTP/1.1\r\nHost: hub\r\nContent-Type: application/xml\r\n"
    b"Authorization: Basic " + base64.b64encode(b"sis:a-secret") + b"\r\nConnection: close\r\n"
    b"Content-Length: %d\r\n\r\n" % len(BODY)
)

KEEP = b"GET /healthz HTTP/1.1\r\nHost: hub\r\n\r\n"
CROWDED = """
import sys
from gunicorn.config import WorkerConnections
from reference_hub.server import serve
from reference_hub.settings import Database, Server, Settings
WorkerConnections.default = 60
server = Server(port=int(sys.argv[1]))
serve(Settings(server=server, database=Database(url=sys.argv[2])), lambda: None)
"""


@pytest.fixture(scope="module")
def process(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port of `reference-hub serve` with its default eight threads."""
    port = free_port()
    environ = {"DATABASE_URL": engine.url.render_as_string(hide_password=False)}
    with Processes(tmp_path_factory.mktemp("slow"), environ) as processes:
        processes.start("reference-hub", "serve", "--port", str(port), port=port)
        yield port


@pytest.fixture
def port(process: int, store: Engine) -> int:
    """The same, which knows the SIS."""
    with store.begin() as connection:
        vendors.add_application(connection, "sis", "a-secret", Scope("demo-district"))
    return process


@contextmanager
def connected(port: int, sent: bytes) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        connection.sendall(sent)
        yield connection


def seconds(port: int) -> float:
    """How long somebody else waits for an answer."""
    begin = time.monotonic()
    assert requests.get(f"http://127.0.0.1:{port}/healthz", timeout=60).status_code == 200
    return time.monotonic() - begin


def rest(connection: socket.socket) -> bytes:
    return b"".join(iter(lambda: connection.recv(65536), b""))


def test_idle_connections_make_room_for_others(tmp_path: Path, store: Engine) -> None:
    url, port = store.url.render_as_string(hide_password=False), free_port()
    with (tmp_path / "log").open("wb") as log, ExitStack() as stack:
        process = subprocess.Popen([sys.executable, "-c", CROWDED, str(port), url], stderr=log)
        stack.callback(lambda: end(process))
        wait_for_port(process, port, tmp_path / "log")
        kept = [stack.enter_context(connected(port, KEEP)) for _ in range(50)]
        assert all(each.recv(65536).startswith(b"HTTP/1.1 200") for each in kept)
        for _ in range(30):
            stack.enter_context(connected(port, b""))
        assert seconds(port) < 5


@pytest.mark.parametrize("half", [b"G", HEAD[:120], HEAD[:-2]])
def test_half_a_head_holds_nobody(port: int, half: bytes) -> None:
    seconds(port)
    with ExitStack() as stack:
        waiting = [stack.enter_context(connected(port, half)) for _ in range(20)]
        time.sleep(0.3)
        assert seconds(port) < 1
        if half != b"G":
            waiting[0].sendall(HEAD[len(half) :] + BODY)
            assert rest(waiting[0]).startswith(b"HTTP/1.1 201")


def test_a_head_in_small_pieces_is_understood(port: int) -> None:
    with connected(port, b"") as connection:
        for start in range(0, len(HEAD), 40):
            connection.sendall(HEAD[start : start + 40])
            time.sleep(0.02)
        connection.sendall(BODY)
        assert rest(connection).startswith(b"HTTP/1.1 201")


def test_slow_bodies_leave_half_of_the_threads_to_others(port: int) -> None:
    with ExitStack() as stack:
        slow = [stack.enter_context(connected(port, HEAD + BODY[:9])) for _ in range(8)]
        time.sleep(0.3)
        assert seconds(port) < 3
        time.sleep(1)
        for each in slow:
            each.sendall(BODY[9:])
        told = Counter(rest(each)[9:12] for each in slow)
    # One of the four that were waited for made the environment; the others may send again.
    assert told == {b"201": 1, b"409": 3, b"408": 4}


def test_a_slow_body_is_waited_for_while_nobody_else_is_slow(port: int) -> None:
    for _ in range(6):
        with connected(port, HEAD + BODY[:9]) as connection:
            time.sleep(1.3)
            connection.sendall(BODY[9:])
            assert rest(connection)[9:12] in (b"201", b"409")
