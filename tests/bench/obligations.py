"""What privacy costs: delivery to five vendors with PODs against the same without them.

Rounds alternate; the floor is the same hub in the same run, with the policy off.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from fixtures import pods as agreements
from fixtures.generate import student
from fixtures.writers import xpress
from reference_hub.cli_pods import obligations
from reference_hub.clock import Clock
from reference_hub.codec.xml import fold, refid_of, tostring
from reference_hub.journeys import prepare
from reference_hub.journeys.accept import accept
from reference_hub.journeys.acknowledge import acknowledge
from reference_hub.journeys.deliver import deliver_next
from reference_hub.journeys.issue_pod import issue_pod
from reference_hub.model.change import CREATE, Change
from reference_hub.model.scope import Scope
from reference_hub.settings import Database, Settings, Worker
from reference_hub.store import vendors
from reference_hub.store.db import open_engine
from reference_hub.workers.loop import run, transports
from tests.bench.figures import Figure
from tests.system.processes import ROOT, end, free_port, wait_for_port

if TYPE_CHECKING:
    from sqlalchemy import Engine

SCOPE = Scope("demo-district")
VENDORS = 5
STUDENTS = 100
ROUNDS = 5
ACKNOWLEDGEMENTS = 20
AGREEMENT = agreements.agreement("reading-app")
GRANTED = agreements.granted_paths(AGREEMENT)


@contextmanager
def sink(folder: Path) -> Iterator[int]:
    """A vendor that takes everything; its port."""
    port = free_port()
    log = folder / "sink.log"
    with log.open("wb") as file:
        command = [sys.executable, "-m", "tests.bench.sink", str(port)]
        process = subprocess.Popen(command, cwd=ROOT, stdout=file, stderr=file)
    try:
        wait_for_port(process, port, log)
        yield port
    finally:
        end(process)


def connect(engine: Engine, name: str, port: int, policy: str) -> int:
    """A vendor with one push connection; under `required` its POD is acknowledged."""
    with engine.begin() as connection:
        vendor_id = vendors.add_vendor(connection, name, "Example Reading App", SCOPE, policy)
        vendors.add_subscriber(
            connection,
            vendor_id,
            name,
            SCOPE,
            format="sif-xml",
            transport="sif_push",
            url=f"http://127.0.0.1:{port}/sif3",
            credentials={"key": "demo-vendor", "secret": "demo-secret-1", "method": "Basic"},
            objects=["xStudent"],
        )
        if policy == "required":
            vendor = vendors.required_vendor(connection, name)
            pod = issue_pod(connection, vendor, "1.0.0", GRANTED, obligations(AGREEMENT), Clock())
            acknowledge(connection, vendor_id, pod.token, "operator", Clock())
    return vendor_id


def take(engine: Engine, first: int, count: int) -> None:
    """Accept so many new students."""
    elements = [xpress.student(student(5, first + number)) for number in range(count)]
    changes = [
        Change(CREATE, "xStudent", fold(refid_of(each)), tostring(each)) for each in elements
    ]
    with engine.begin() as connection:
        accept(connection, SCOPE, "sis", changes, Clock())


def drained(engine: Engine, settings: Settings) -> float:
    """Deliver until nothing is due; the seconds that took."""
    with transports(settings, Clock()) as ways:
        began = time.perf_counter()
        while deliver_next(engine, settings, ways, Clock()):
            pass
        return time.perf_counter() - began


@contextmanager
def timed(module: Any, *names: str) -> Iterator[Callable[[], float]]:
    """The seconds spent in functions of a module while this is open."""
    spent: list[float] = []
    before = {name: getattr(module, name) for name in names}

    def watched(function: Callable[..., object]) -> Callable[..., object]:
        def call(*given: object, **named: object) -> object:
            began = time.perf_counter()
            try:
                return function(*given, **named)
            finally:
                spent.append(time.perf_counter() - began)

        return call

    for name, function in before.items():
        setattr(module, name, watched(function))
    try:
        yield lambda: sum(spent)
    finally:
        for name, function in before.items():
            setattr(module, name, function)


def throughput(folder: Path, settings: Settings, port: int) -> Iterator[Figure]:
    """Five vendors with PODs required against five without."""
    engine = open_engine(settings)
    pairs, shares = [], []
    for turn in range(ROUNDS + 1):
        seconds = {}
        for policy in ("off", "required"):
            with engine.begin() as connection:
                connection.exec_driver_sql(EMPTY)
            for number in range(VENDORS):
                connect(engine, f"{policy}-{turn}-{number}", port, policy)
            drained(engine, settings)
            take(engine, turn * STUDENTS, STUDENTS)
            with timed(prepare, "may_go", "data") as spent:
                seconds[policy] = drained(engine, settings)
            if policy == "required" and turn:
                shares.append(spent() / seconds[policy])
        if turn:
            pairs.append((seconds["off"], seconds["required"]))
    engine.dispose()
    ratio = statistics.median(off / on for off, on in pairs)
    off, on = (statistics.median(column) for column in zip(*pairs, strict=True))
    rate = VENDORS * STUDENTS
    detail = f"{rate / on:.0f} messages/s to {VENDORS} vendors, without PODs {rate / off:.0f}"
    yield Figure("hub_pod_on_vs_off", ratio, 0.8, "higher", detail)
    share = statistics.median(shares)
    unit = f"of {1000 * on / rate:.2f} ms a message in gate and filter"
    yield Figure("gate_and_filter_share", share, 0.3, "lower", unit)


EMPTY = (
    "TRUNCATE vendor, subscriber, pod, message, object_version, sif_object, object_tally, audit,"
    " receipt, deletion RESTART IDENTITY CASCADE"
)


def acknowledged(folder: Path, settings: Settings, port: int) -> Iterator[Figure]:
    """From the push of a POD to the first data byte, with one worker as it runs."""
    engine, stop = open_engine(settings), threading.Event()
    with engine.begin() as connection:
        connection.exec_driver_sql(EMPTY)
    connect(engine, "acknowledging", port, "required")
    drained(engine, settings)
    before = len(moments(port))
    worker = threading.Thread(target=run, args=(engine, settings, Clock(), stop))
    worker.start()
    try:
        for turn in range(ACKNOWLEDGEMENTS):
            with engine.begin() as connection:
                vendor = vendors.required_vendor(connection, "acknowledging")
                issue_pod(
                    connection, vendor, f"2.0.{turn}", GRANTED, obligations(AGREEMENT), Clock()
                )
                changed = [xpress.student(student(6, turn))]
                changes = [
                    Change(CREATE, "xStudent", fold(refid_of(each)), tostring(each))
                    for each in changed
                ]
                accept(connection, SCOPE, "sis", changes, Clock())
            wait_for(port, before + 2 * (turn + 1))
    finally:
        stop.set()
        worker.join(30)
        engine.dispose()
    seen = moments(port)[before:]
    waits = [
        1000 * (data - pod)
        for (kind, pod), (_, data) in zip(seen[::2], seen[1::2], strict=True)
        if kind == "pod"
    ]
    median, worst = statistics.median(waits), max(waits)
    detail = f"milliseconds from POD to data, median of {len(waits)}; the longest {worst:.0f}"
    yield Figure("pod_ack_median_ms", median, 1000, "lower", detail)


def moments(port: int) -> list[tuple[str, float]]:
    """What came to the vendor, and when."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/bench/moments") as answer:
        return msgspec.json.decode(answer.read(), type=list[tuple[str, float]])


def wait_for(port: int, count: int) -> None:
    """Wait until so many messages have come, 30 s at most."""
    deadline = time.monotonic() + 30
    while len(moments(port)) < count:
        if time.monotonic() > deadline:
            raise RuntimeError("The hub did not deliver a POD and its data within 30 s")
        time.sleep(0.02)


def measure(folder: Path) -> list[Figure]:
    """Throughput and share first, then the time to the first data."""
    place = folder / "obligations"
    place.mkdir()
    settings = Settings(
        database=Database(directory=str(place / "postgres")),
        worker=Worker(batch=50, poll_seconds=0.05, timeout_seconds=10),
    )
    with sink(place) as port:
        return [*throughput(place, settings, port), *acknowledged(place, settings, port)]
