"""What several vendors cost each other: five against one, and four while the fifth is away.

Each vendor is a process of its own; the hub delivers with one worker as it runs. Rounds alternate.
"""

from __future__ import annotations

import socket
import statistics
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from reference_hub.clock import Clock
from reference_hub.settings import Database, Settings, Worker
from reference_hub.store.db import open_engine
from reference_hub.workers.loop import run
from tests.bench.figures import Figure
from tests.bench.obligations import EMPTY, connect, moments, sink, take

if TYPE_CHECKING:
    from sqlalchemy import Engine

VENDORS = 5
STUDENTS = 100
ROUNDS = 4
# Changes of one round, and the seconds between them: the hub is idle most of the time.
CHANGES = 20
PACE = 0.15
AWAY = ("hanging", "down")


def drained(engine: Engine, settings: Settings) -> float:
    """Deliver until nothing is due; the seconds that took."""
    began = time.perf_counter()
    run(engine, settings, Clock(), threading.Event(), until_empty=True)
    return time.perf_counter() - began


def five_vendors_vs_one(engine: Engine, settings: Settings, ports: list[int]) -> Figure:
    """The same students to five vendors against one, in one worker process."""
    pairs = []
    for turn in range(ROUNDS + 1):
        seconds = {}
        for count in (1, VENDORS):
            _afresh(engine, ports[:count])
            take(engine, 0, 1)
            drained(engine, settings)
            take(engine, 1 + turn * STUDENTS, STUDENTS)
            seconds[count] = drained(engine, settings)
        if turn:
            pairs.append((seconds[1], seconds[VENDORS]))
    one, five = (statistics.median(column) for column in zip(*pairs, strict=True))
    ratio = statistics.median(five / one for one, five in pairs)
    rate, alone = VENDORS * STUDENTS / five, STUDENTS / one
    detail = f"{rate:.0f} messages/s to {VENDORS} vendors, {alone:.0f} to one"
    return Figure("five_vendors_vs_one", ratio, 5.2, "lower", detail)


def lag_with_one_vendor_down(engine: Engine, settings: Settings, ports: list[int]) -> Figure:
    """Median lag of four vendors while the fifth hangs or is down against all five there; the
    worse of the two."""
    lags: dict[str, list[float]] = {kind: [] for kind in ("", *AWAY)}
    for turn in range(ROUNDS):
        for kind in lags:
            with _fifth(kind, ports[-1]) as fifth:
                found = _lags(engine, settings, [*ports[:-1], fifth], turn)
            lags[kind] += found
    usual, *away = (statistics.median(found) for found in lags.values())
    parts = ", ".join(f"{kind} {1000 * lag:.1f}" for kind, lag in zip(AWAY, away, strict=True))
    detail = f"median ms of four vendors: undisturbed {1000 * usual:.1f}; the fifth {parts}"
    return Figure("lag_with_one_vendor_down", max(away) / usual, 1.2, "lower", detail)


@contextmanager
def _fifth(kind: str, port: int) -> Iterator[int]:
    """The port of the fifth vendor: it is there, takes connections and never answers, or is not."""
    if not kind:
        yield port
        return
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        if kind == "hanging":
            listener.listen(64)
        yield listener.getsockname()[1]


def _lags(engine: Engine, settings: Settings, ports: list[int], turn: int) -> list[float]:
    _afresh(engine, ports)
    there = ports[: VENDORS - 1]
    stop = threading.Event()
    worker = threading.Thread(target=run, args=(engine, settings, Clock(), stop))
    worker.start()
    try:
        # The first opens the sessions, and finds the fifth away.
        before = {port: len(moments(port)) for port in there}
        take(engine, 10_000 + turn * 100, 1)
        _wait(there, before, 1)
        accepted = []
        for number in range(1, CHANGES + 1):
            accepted.append(time.monotonic())
            take(engine, 10_000 + turn * 100 + number, 1)
            time.sleep(PACE)
        _wait(there, before, CHANGES + 1)
    finally:
        stop.set()
        worker.join(60)
    return [
        moment - began
        for port in there
        for (_, moment), began in zip(moments(port)[before[port] + 1 :], accepted, strict=True)
    ]


def _afresh(engine: Engine, ports: list[int]) -> None:
    with engine.begin() as connection:
        connection.exec_driver_sql(EMPTY)
    for number, port in enumerate(ports):
        connect(engine, f"vendor-{number}", port, "off")


def _wait(ports: list[int], before: dict[int, int], count: int) -> None:
    deadline = time.monotonic() + 60
    while any(len(moments(port)) < before[port] + count for port in ports):
        if time.monotonic() > deadline:
            raise RuntimeError("The hub did not deliver to four vendors within 60 s")
        time.sleep(0.02)


def measure(folder: Path) -> list[Figure]:
    """Throughput first, then the lag."""
    place = folder / "delivery"
    place.mkdir()
    settings = Settings(
        database=Database(directory=str(place / "postgres")),
        worker=Worker(poll_seconds=0.5, timeout_seconds=4),
    )
    with ExitStack() as vendors:
        ports = []
        for number in range(VENDORS):
            (place / str(number)).mkdir()
            ports.append(vendors.enter_context(sink(place / str(number))))
        engine = open_engine(settings, pool_size=16)
        try:
            return [
                five_vendors_vs_one(engine, settings, ports),
                lag_with_one_vendor_down(engine, settings, ports),
            ]
        finally:
            engine.dispose()
