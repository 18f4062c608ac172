"""A district on a real store, and vendors on real sockets."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner
from sqlalchemy import Engine

from conformance.simulators import serve
from reference_hub.cli import cli
from reference_hub.settings import Database, Delivery, Settings, Worker
from reference_hub.store.db import url_of
from tests.reference_hub.delivery.district import District, Vendor

Start = Callable[[], subprocess.Popen[bytes]]
SCRIPT = """
import msgspec, sys
from reference_hub.settings import Settings
from reference_hub.workers.loop import work
work(msgspec.json.decode(sys.argv[1], type=Settings))
"""


@pytest.fixture
def start(hub_settings: Settings, tmp_path: Path) -> Iterator[Start]:
    """Start worker processes; those still alive at the end are killed by id."""
    settings = Settings(
        database=Database(url=url_of(hub_settings)),
        worker=Worker(lease_seconds=2, poll_seconds=0.05, timeout_seconds=10),
        delivery=Delivery(pause_after=100),
    )
    running: list[subprocess.Popen[bytes]] = []

    def begin() -> subprocess.Popen[bytes]:
        text = msgspec.json.encode(settings).decode()
        log = (tmp_path / f"worker{len(running)}.log").open("wb")
        command = [sys.executable, "-c", SCRIPT, text]
        running.append(subprocess.Popen(command, stdout=log, stderr=log))
        log.close()
        return running[-1]

    yield begin
    for process in running:
        if process.poll() is None:
            process.kill()
        process.wait(10)


@pytest.fixture
def district(store: Engine) -> District:
    """A hub with an empty store."""
    return District(store)


@pytest.fixture
def vendor() -> Iterator[tuple[Vendor, str]]:
    """A vendor and its base URL."""
    app = Vendor()
    with serve(app) as handle:
        yield app, handle.url


@pytest.fixture
def connected(district: District, vendor: tuple[Vendor, str]) -> tuple[District, Vendor, int]:
    """A district, a vendor that has acknowledged its POD, and the vendor's id."""
    app, url = vendor
    vendor_id = district.vendor()
    district.connect(vendor_id, url)
    district.issue(vendor_id)
    district.deliver()
    app.seen.clear()
    return district, app, vendor_id


@pytest.fixture
def in_background() -> Iterator[Callable[[Callable[[], None]], threading.Thread]]:
    """Run functions in threads that are joined at the end of the test."""
    threads: list[threading.Thread] = []

    def start(body: Callable[[], None]) -> threading.Thread:
        thread = threading.Thread(target=body)
        threads.append(thread)
        thread.start()
        return thread

    yield start
    for thread in threads:
        thread.join(20)


@pytest.fixture
def hub(hub_settings: Settings) -> Callable[..., str]:
    """Run a command on the store; its output. A refusal raises with the sentence."""

    def run(*words: str) -> str:
        url = url_of(hub_settings).replace("postgresql+psycopg://", "postgresql://")
        done = CliRunner().invoke(cli, words, env={"DATABASE_URL": url})
        if done.exception:
            raise done.exception
        return done.output

    return run
