"""What the hub and its worker do when the embedded PostgreSQL dies."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
import requests
from lxml import etree
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.exc import OperationalError
from structlog.testing import capture_logs

from reference_hub.app import create_app
from reference_hub.clock import Clock
from reference_hub.codec.schema import Judge
from reference_hub.settings import Database, Settings
from reference_hub.store.db import open_engine
from reference_hub.store.outages import Outages
from reference_hub.workers.loop import run
from tests.waiting import until

AUTHORIZED = {"Authorization": "Basic c2lzOmEtc2VjcmV0"}
PROGRAM = """
import sys
from reference_hub.server import serve
from reference_hub.settings import Database, Server, Settings
server, database = Server(port=int(sys.argv[1])), Database(directory=sys.argv[2])
serve(Settings(server=server, database=database), lambda: None)
"""
NOWHERE = "postgresql+psycopg://canary@127.0.0.1:1/canary"


@pytest.fixture
def own(tmp_path: Path) -> Iterator[tuple[Settings, Engine]]:
    """An embedded server of this test alone."""
    settings = Settings(database=Database(directory=str(tmp_path / "pg")))
    engine = open_engine(settings)
    yield settings, engine
    engine.dispose()


def kill(settings: Settings) -> None:
    """End the server at once, as a crash would."""
    running = pid(settings)
    os.kill(int(running), signal.SIGQUIT)
    # Somebody may start it again before anyone looks.
    until(lambda: pid(settings) != running)


def pid(settings: Settings) -> str:
    """Of the embedded server, '' when none runs."""
    file = Path(settings.database.directory) / "postmaster.pid"
    with suppress(FileNotFoundError, IndexError):
        return file.read_text().split()[0]
    return ""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def status(port: int) -> int:
    try:
        url = f"http://127.0.0.1:{port}/requests/xStudents"
        return requests.get(url, headers=AUTHORIZED, timeout=20).status_code
    except requests.ConnectionError:
        return 0


def answers(engine: Engine) -> bool:
    try:
        with engine.connect() as connection:
            return bool(connection.execute(text("SELECT 1")).scalar_one())
    except OperationalError:
        return False


def test_a_store_that_is_away_is_503_and_logged_once_without_values() -> None:
    settings = Settings(database=Database(url=NOWHERE))
    client = create_app(settings, create_engine(NOWHERE), judge=Judge()).test_client()
    with capture_logs() as logs:
        replies = [client.get("/requests/xStudents", headers=AUTHORIZED) for _ in range(3)]
    assert [each.status_code for each in replies] == [503] * 3
    assert int(replies[0].headers["Retry-After"]) > 0
    message = etree.fromstring(replies[0].data).findtext("{*}message")
    assert message == "The hub's store is away; try again later."
    told = [each["event"] for each in logs if each["event"] != "request"]
    assert told == ["the database is away"]
    assert "canary" not in str(logs)


def test_the_hub_starts_its_embedded_server_again(own: tuple[Settings, Engine]) -> None:
    settings, engine = own
    client = create_app(settings, engine, judge=Judge()).test_client()
    kill(settings)
    assert client.get("/requests/xStudents", headers=AUTHORIZED).status_code == 503
    assert client.get("/requests/xStudents", headers=AUTHORIZED).status_code == 401


@pytest.mark.soak
def test_a_worker_starts_its_embedded_server_again(own: tuple[Settings, Engine]) -> None:
    settings, engine = own
    stop = threading.Event()
    worker = threading.Thread(target=run, args=(engine, settings, Clock(), stop))
    worker.start()
    try:
        kill(settings)
        until(lambda: answers(engine))
        assert worker.is_alive()
    finally:
        stop.set()
        worker.join(10)


def test_attempts_to_start_it_again_are_spread_out(tmp_path: Path) -> None:
    outages = Outages(Database(directory=str(tmp_path / "missing" / "pg")), every_seconds=0.3)
    with capture_logs() as logs:
        outages.note(OSError("Canary"))
        outages.note(OSError("Canary"))
        time.sleep(0.4)
        outages.note(OSError("Canary"))
    failed = "the embedded database does not start"
    assert [each["event"] for each in logs] == ["the database is away", failed] * 2
    assert "Canary" not in str(logs)


@pytest.mark.soak
def test_a_server_process_that_dies_during_an_outage_is_replaced(tmp_path: Path) -> None:
    settings = Settings(database=Database(directory=str(tmp_path / "pg")))
    port = free_port()
    command = [sys.executable, "-c", PROGRAM, str(port), settings.database.directory]
    process = subprocess.Popen(command)
    try:
        until(lambda: status(port) == 401)
        listed = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        kill(settings)
        os.kill(int(listed[-1]), signal.SIGKILL)
        until(lambda: status(port) == 401)
        assert process.poll() is None
    finally:
        process.terminate()
        process.wait(20)


def test_a_served_hub_outlives_its_embedded_server_and_stops_the_new_one(tmp_path: Path) -> None:
    settings = Settings(database=Database(directory=str(tmp_path / "pg")))
    port = free_port()
    command = [sys.executable, "-c", PROGRAM, str(port), settings.database.directory]
    process = subprocess.Popen(command)
    try:
        until(lambda: status(port) == 401)
        kill(settings)
        assert status(port) == 503
        until(lambda: status(port) == 401)
    finally:
        process.terminate()
        process.wait(20)
    assert not pid(settings)
