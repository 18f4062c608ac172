"""Long polls: how soon a committed message is delivered, and what waiting readers weigh."""

from __future__ import annotations

import http.client
import statistics
import subprocess
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from lxml import etree
from sqlalchemy import Engine

from reference_hub.model.queue import Payload
from reference_hub.settings import load
from reference_hub.store import mailbox
from reference_hub.store.db import open_engine
from tests.bench.figures import Figure
from tests.bench.running import SCOPE, Bench, Caller, running

READERS = 50
IDLE = 200
MESSAGES = 40
QUEUE = b'<queue xmlns="%b"><polling>LONG</polling><idleTimeout>50</idleTimeout></queue>' % (
    b"http://www.sifassociation.org/infrastructure/3.3"
)
PAYLOAD = Payload({"messageType": "RESPONSE"}, "application/xml", b"<xStudents/>")


@dataclass(slots=True)
class Reader:
    """One consumer with one queue; waits for a message in a thread of its own."""

    queue: str
    port: int
    headers: dict[str, str]
    arrived: float = 0.0

    def read(self, tail: str = "") -> str:
        """Wait for the next message; its id, '' when the wait ended without one."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=90)
        connection.request("GET", f"/queues/{self.queue}/messages{tail}", headers=self.headers)
        answer = connection.getresponse()
        answer.read()
        self.arrived = time.monotonic()
        connection.close()
        return answer.getheader("messageId", "") if answer.status == 200 else ""


def reader(bench: Bench, caller: Caller) -> Reader:
    """A reader with a new queue of the caller."""
    made = etree.fromstring(caller.ask("POST", "/queues", QUEUE))
    return Reader(str(made.get("id")), bench.hub, dict(caller.headers))


def waiting(readers: Sequence[Reader]) -> list[threading.Thread]:
    """Every reader in a thread, given time to arrive at the hub."""
    threads = [threading.Thread(target=each.read, daemon=True) for each in readers]
    for thread in threads:
        thread.start()
    time.sleep(2)
    return threads


def send(engine: Engine, queues: Sequence[str]) -> float:
    """Commit one message for each queue; the moment after the commit."""
    with engine.begin() as connection:
        for queue in queues:
            mailbox.put(connection, queue, "response", SCOPE, "xStudent", "QUERY", PAYLOAD)
    return time.monotonic()


def delays(engine: Engine, listener: Reader) -> Iterator[float]:
    """Milliseconds from commit to delivery, message by message, to one of the readers."""
    tail = ""
    for _ in range(MESSAGES):
        seen: list[str] = []

        def wait(tail: str = tail, seen: list[str] = seen) -> None:
            seen.append(listener.read(tail))

        thread = threading.Thread(target=wait)
        thread.start()
        time.sleep(0.1)
        sent = send(engine, [listener.queue])
        thread.join()
        tail = f";deleteMessageId={seen[0]}"
        yield 1000 * (listener.arrived - sent)


def latency(bench: Bench) -> Figure:
    """One reader is served while 49 others wait; then all 50 at once, recorded beside it."""
    engine = open_engine(load(None, {"DATABASE_URL": bench.url}))
    readers = [reader(bench, bench.caller(f"reader-{number}")) for number in range(READERS)]
    threads = waiting(readers[1:])
    one = statistics.median(delays(engine, readers[0]))
    sent = send(engine, [each.queue for each in readers[1:]])
    for thread in threads:
        thread.join()
    together = statistics.median(1000 * (each.arrived - sent) for each in readers[1:])
    engine.dispose()
    text = f"milliseconds; a message to all {READERS - 1} at once: median {together:.0f} ms"
    return Figure("long_poll_median_ms", one, 20, "lower", text)


def weight(bench: Bench) -> Figure:
    """Memory of the server process while 200 readers wait and nothing happens."""
    caller = bench.caller("idle")
    before = resident(bench.hub)
    waiting([reader(bench, caller) for _ in range(IDLE)])
    after = resident(bench.hub)
    text = f"megabytes of the server process with {IDLE} readers; {before:.0f} before"
    return Figure("idle_long_polls_200_mb", after, 200, "lower", text)


def resident(port: int) -> float:
    """Megabytes that the largest process of the hub on this port holds."""
    listed = subprocess.run(
        ["ps", "-ww", "-eo", "rss,args"], capture_output=True, text=True, check=True
    ).stdout
    sizes = [
        int(line.split()[0])
        for line in listed.splitlines()
        if "reference-hub" in line and str(port) in line
    ]
    return max(sizes) / 1024


def measure(folder: Path) -> list[Figure]:
    """Both, each on a hub of its own."""
    with running(folder / "latency") as bench:
        first = latency(bench)
    with running(folder / "weight") as bench:
        return [first, weight(bench)]
