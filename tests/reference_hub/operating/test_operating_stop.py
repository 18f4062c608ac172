"""A hub that is told to stop: what it has begun it ends, and nothing else."""

from __future__ import annotations

import base64
import contextlib
import signal
import socket
import time
from pathlib import Path

import pytest
from sqlalchemy import Engine

from reference_hub.model.scope import Scope
from reference_hub.store import vendors
from tests.reference_hub.operating.served import Served, Start
from tests.waiting import until

BODY = (
    b'<environment xmlns="http://www.sifassociation.org/infrastructure/3.3">'
    b"<applicationInfo><applicationKey>sis</applicationKey></applicationInfo></environment>"
)
HEAD = (
    b"POST /environments/environment HTTP/1.1\r\nHost: hub\r\nContent-Type: application/xml\r\n"
    b"Authorization: Basic " + base64.b64encode(b"sis:a-secret") + b"\r\n"
    b"Content-Length: %d\r\n\r\n" % len(BODY)
)


def connected(served: Served, sent: bytes = b"") -> socket.socket:
    made = socket.create_connection(("127.0.0.1", served.port), timeout=15)
    made.sendall(sent)
    return made


def refused(served: Served) -> bool:
    with contextlib.suppress(ConnectionError), connected(served):
        return False
    return True


def waiting(port: int) -> int:
    """How many connections to a port no process has taken yet, as the kernel counts them."""
    lines = [line.split() for line in Path("/proc/net/tcp").read_text("ascii").splitlines()[1:]]
    (listener,) = (one for one in lines if one[1].endswith(f":{port:04X}") and one[3] == "0A")
    return int(listener[4].partition(":")[2], 16)


@pytest.fixture
def served(start: Start, store: Engine) -> Served:
    """A hub of two processes that knows the SIS and gives a running request its ten seconds."""
    with store.begin() as connection:
        vendors.add_application(connection, "sis", "a-secret", Scope("demo-district"))
    return start("workers = 2", "threads = 4")


def test_a_running_request_is_finished_and_a_new_one_refused(served: Served) -> None:
    assert served.get("/healthz").status_code == 200
    with connected(served, HEAD + BODY[:20]) as running:
        until(lambda: waiting(served.port) == 0)
        time.sleep(0.3)
        served.process.send_signal(signal.SIGTERM)
        until(lambda: refused(served))
        assert served.process.poll() is None
        running.sendall(BODY[20:])
        answer = b"".join(iter(lambda: running.recv(65536), b""))
    assert answer.startswith(b"HTTP/1.1 201")
    assert answer.rstrip().endswith(b"environment>")
    assert served.process.wait(10) == 0


# Half a request is waited for as long as a running one, silence is not.
@pytest.mark.parametrize(("half", "graceful", "most"), [(b"", 30, 25), (HEAD[:30], 2, 20)])
def test_clients_that_say_nothing_do_not_keep_it_running(
    start: Start, half: bytes, graceful: int, most: int
) -> None:
    served = start("workers = 2", "threads = 4", graceful_seconds=graceful)
    with contextlib.ExitStack() as stack:
        for _ in range(3):
            stack.enter_context(connected(served, half))
        assert served.get("/healthz").status_code == 200
        time.sleep(0.3)
        began = time.monotonic()
        assert served.stop() == 0
    assert time.monotonic() - began < most


def test_an_interrupt_ends_it_too(served: Served) -> None:
    served.get("/healthz")
    assert served.stop(signal.SIGINT) == 0
