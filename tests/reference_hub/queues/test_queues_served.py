"""Long polls of a served hub: they hold no thread, and a commit wakes them."""

from __future__ import annotations

import http.client
import os
import re
import signal
import socket
import statistics
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import requests
from lxml import etree
from sqlalchemy import Engine, text

from reference_hub.model.queue import Payload
from reference_hub.settings import Settings
from reference_hub.store import mailbox, queues, vendors
from tests.reference_hub.web.conftest import INF, SCOPE, SECRET, Client
from tests.system.processes import Processes, free_port

IDLE = 8
LISTENERS = "SELECT pid FROM pg_stat_activity WHERE query LIKE 'LISTEN hub_queues%'"


@dataclass
class Served:
    """A hub process, and a consumer in it."""

    client: Client
    engine: Engine
    process: subprocess.Popen[bytes]
    port: int

    def queue(self, idle: int = IDLE) -> str:
        """The id of a new LONG queue."""
        body = (
            f'<queue xmlns="{INF}"><polling>LONG</polling><idleTimeout>{idle}</idleTimeout></queue>'
        )
        made = self.client.send("POST", "/queues", body.encode(), Content_Type="application/xml")
        assert made.status_code == 201, made.text
        return str(etree.fromstring(made.content).get("id"))

    def put(self, *queue_ids: str) -> float:
        """A message into each queue; the moment after the commit."""
        payload = Payload({"requestId": "r"}, "application/xml", b"<xStudents/>")
        with self.engine.begin() as connection:
            for queue_id in queue_ids:
                mailbox.put(connection, queue_id, "response", SCOPE, "xStudent", "QUERY", payload)
        return time.monotonic()

    def ask(self, queue_id: str, done: str = "") -> Poll:
        """A GET that waits in a thread of its own."""
        tail = f";deleteMessageId={done}" if done else ""
        poll = Poll(self, f"/queues/{queue_id}/messages{tail}")
        poll.thread.start()
        return poll

    def busy(self) -> int:
        """Threads of the process."""
        return len(os.listdir(f"/proc/{self.process.pid}/task"))


@dataclass
class Poll:
    """One waiting GET and what came of it."""

    served: Served
    path: str
    status: int = 0
    message_id: str = ""
    at: float = 0.0
    thread: threading.Thread = field(init=False)

    def __post_init__(self) -> None:
        self.thread = threading.Thread(target=self._run)

    def _run(self) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self.served.port, timeout=60)
        with closing(connection):
            client = self.served.client
            connection.request("GET", self.path, headers=client.signed(client.user))
            reply = connection.getresponse()
            reply.read()
            self.at = time.monotonic()
            self.status, self.message_id = reply.status, reply.getheader("messageId", "")

    def over(self) -> Poll:
        """Wait for the end of it."""
        self.thread.join(30)
        assert self.status
        return self


@pytest.fixture(scope="module")
def process(
    engine: Engine, hub_settings: Settings, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """`reference-hub serve` with its default eight threads."""
    port = free_port()
    environ = {
        "DATABASE_URL": engine.url.render_as_string(hide_password=False),
        "HUB_SERVER_PORT": str(port),
    }
    with Processes(tmp_path_factory.mktemp("served"), environ) as processes:
        yield processes.start("reference-hub", "serve", port=port), port


@pytest.fixture
def served(process: tuple[subprocess.Popen[bytes], int], store: Engine) -> Served:
    """The hub with an empty store but for one consumer."""
    running, port = process
    return consumer(store, running, port)


def consumer(store: Engine, running: subprocess.Popen[bytes], port: int) -> Served:
    with store.begin() as connection:
        vendors.add_application(connection, "sis", SECRET, SCOPE)
    client = Client(f"http://127.0.0.1:{port}", "sis")
    assert client.open().status_code == 201
    return Served(client, store, running, port)


@pytest.mark.requirement("INF-QUE-012")
def test_an_empty_queue_is_held_for_its_idle_timeout_and_then_204(served: Served) -> None:
    queue_id, begin = served.queue(idle=1), time.monotonic()
    poll = served.ask(queue_id).over()
    assert poll.status == 204
    assert 1.0 <= poll.at - begin < 5


@pytest.mark.requirement("INF-QUE-012")
def test_a_message_ends_the_wait_at_once(served: Served) -> None:
    queue_id = served.queue()
    poll = served.ask(queue_id)
    time.sleep(0.3)
    sent = served.put(queue_id)
    assert poll.over().status == 200
    assert poll.at - sent < 2


def test_an_acknowledgement_that_then_waits_is_done_once(served: Served) -> None:
    queue_id = served.queue()
    served.put(queue_id)
    first = served.ask(queue_id).over()
    poll = served.ask(queue_id, done=first.message_id)
    time.sleep(0.3)
    served.put(queue_id)
    assert poll.over().status == 200
    assert poll.message_id != first.message_id


def test_among_fifty_waiting_readers_each_is_served_soon(served: Served) -> None:
    waiting = [served.queue(idle=20) for _ in range(50)]
    polls = [served.ask(queue_id) for queue_id in waiting[1:]]
    time.sleep(1.5)
    delays, done = [], ""
    for _ in range(15):
        poll = served.ask(waiting[0], done)
        time.sleep(0.1)
        sent = served.put(waiting[0])
        done = poll.over().message_id
        delays.append(poll.at - sent)
    served.put(*waiting[1:])
    assert [poll.over().status for poll in polls] == [200] * 49
    # On a machine that does nothing else 5 ms are usual; the benchmark holds it to 20.
    assert statistics.median(delays) <= 0.2


def test_two_hundred_readers_hold_no_thread_and_little_memory(served: Served) -> None:
    queue_id = served.queue(idle=20)
    before = served.busy()
    with ExitStack() as stack:
        for _ in range(200):
            stack.enter_context(waiting_socket(served, queue_id))
        time.sleep(2)
        begin = time.monotonic()
        assert served.client.send("GET", "/queues").status_code == 200
        assert time.monotonic() - begin < 5
        assert served.busy() <= before + 8 + 2
        assert resident(served.process.pid) < 200


def resident(pid: int) -> float:
    """Megabytes of the largest process of the hub."""
    listed = subprocess.run(
        ["ps", "-o", "rss=", "-p", str(pid), "--ppid", str(pid)],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    return max(int(line) for line in listed.split()) / 1024


@contextmanager
def waiting_socket(served: Served, queue_id: str) -> Iterator[socket.socket]:
    fields = served.client.signed(served.client.user)
    head = [f"GET /queues/{queue_id}/messages HTTP/1.1", "Host: hub"]
    head += [f"{name}: {value}" for name, value in fields.items()]
    with socket.create_connection(("127.0.0.1", served.port), timeout=30) as connection:
        connection.sendall("\r\n".join((*head, "", "")).encode())
        yield connection


def test_a_reader_that_goes_away_frees_its_place_and_loses_nothing(served: Served) -> None:
    queue_id = served.queue(idle=20)
    with waiting_socket(served, queue_id):
        time.sleep(0.5)
    time.sleep(0.3)
    served.put(queue_id)
    time.sleep(0.3)
    with served.engine.connect() as connection:
        states = connection.execute(text("SELECT state FROM message")).scalars().all()
    assert states == ["waiting"]
    assert served.ask(queue_id).over().status == 200


def test_a_request_sent_ahead_is_answered_after_the_one_that_waits(served: Served) -> None:
    queue_id = served.queue()
    with waiting_socket(served, queue_id) as connection:
        time.sleep(0.3)
        connection.sendall(b"GET /nowhere HTTP/1.1\r\nHost: hub\r\nConnection: close\r\n\r\n")
        time.sleep(0.3)
        served.put(queue_id)
        received = b"".join(iter(lambda: connection.recv(65536), b""))
    assert re.findall(rb"HTTP/1\.1 (\d+)", received) == [b"200", b"404"]


def test_a_connection_serves_several_waits(served: Served) -> None:
    queue_id = served.queue()
    with requests.Session() as http_session:
        served.client.http = http_session
        for _ in range(3):
            timer = threading.Timer(0.2, served.put, [queue_id])
            timer.start()
            reply = served.client.send("GET", f"/queues/{queue_id}/messages")
            timer.join()
            done = reply.headers["messageId"]
            gone = served.client.send("DELETE", f"/queues/{queue_id}/messages/{done}")
            assert (reply.status_code, gone.status_code) == (200, 204)


def test_a_deleted_queue_ends_the_wait(served: Served) -> None:
    queue_id = served.queue()
    poll = served.ask(queue_id)
    time.sleep(0.3)
    with served.engine.begin() as connection:
        queues.delete(connection, queue_id)
    begin = time.monotonic()
    assert poll.over().status == 404
    assert poll.at - begin < 2


@pytest.mark.requirement("NEG-066")
def test_a_deleted_environment_ends_the_wait_with_401(served: Served) -> None:
    queue_id = served.queue()
    poll = served.ask(queue_id)
    time.sleep(0.3)
    assert served.client.environment is not None
    own = served.client.environment.get("id")
    assert served.client.send("DELETE", f"/environments/{own}").status_code == 204
    assert poll.over().status == 401


def test_a_lost_listener_comes_back_and_readers_are_woken_again(served: Served) -> None:
    queue_id = served.queue()
    poll = served.ask(queue_id)
    time.sleep(0.5)
    with served.engine.begin() as connection:
        (pid,) = connection.execute(text(LISTENERS)).scalars()
        connection.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})
    time.sleep(1)
    sent = served.put(queue_id)
    assert poll.over().status == 200
    assert poll.at - sent < 2


def test_a_hub_that_stops_answers_its_readers_with_204(store: Engine, tmp_path: Path) -> None:
    port = free_port()
    environ = {
        "DATABASE_URL": store.url.render_as_string(hide_password=False),
        "HUB_SERVER_PORT": str(port),
    }
    with Processes(tmp_path, environ) as processes:
        own = consumer(store, processes.start("reference-hub", "serve", port=port), port)
        poll = own.ask(own.queue(idle=30))
        time.sleep(0.5)
        begin = time.monotonic()
        own.process.send_signal(signal.SIGTERM)
        assert poll.over().status == 204
        assert own.process.wait(30) == 0
        assert time.monotonic() - begin < 20
