"""Starts hubs as commands, and ends exactly those."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Engine

from reference_hub.server import GRACEFUL_SECONDS
from tests.reference_hub.operating.served import Served, Start, wait_until_listening
from tests.system.processes import free_port

# The command, with a shorter patience for slow clients and for those that it is told to leave.
PROGRAM = """
import sys
from reference_hub import server
from reference_hub.cli import main
from reference_hub.http_worker import HubWorker
HubWorker.read_seconds = float(sys.argv[1])
server.GRACEFUL_SECONDS = int(sys.argv[2])
sys.argv[1:] = ["serve"]
main()
"""


@contextmanager
def hubs(engine: Engine, folder: Path) -> Iterator[Start]:
    """Start hubs on a store with lines for their settings file; all of them end together."""
    running: list[Served] = []
    url = engine.url.render_as_string(hide_password=False)

    def begin(
        *lines: str,
        read_seconds: float = 30.0,
        graceful_seconds: int = GRACEFUL_SECONDS,
        **environ: str,
    ) -> Served:
        port = free_port()
        own = folder / f"hub-{port}"
        own.mkdir()
        (own / "hub.toml").write_text("\n".join(["[server]", f"port = {port}", *lines]), "utf-8")
        with (own / "log").open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-c", PROGRAM, str(read_seconds), str(graceful_seconds)],
                cwd=own,
                env=os.environ | {"DATABASE_URL": url} | environ,
                stdout=log,
                stderr=log,
            )
        scheme = "https" if any(line.startswith("certificate") for line in lines) else "http"
        running.append(Served(port, own / "log", process, scheme))
        wait_until_listening(running[-1])
        return running[-1]

    try:
        yield begin
    finally:
        for served in running:
            served.http.close()
            served.stop()


@pytest.fixture
def start(store: Engine, tmp_path: Path) -> Iterator[Start]:
    """Hubs of one test, on its empty store."""
    with hubs(store, tmp_path) as begin:
        yield begin


@pytest.fixture(scope="module")
def start_shared(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Start]:
    """Hubs of one file, for tests that look at no content of the store."""
    with hubs(engine, tmp_path_factory.mktemp("hubs")) as begin:
        yield begin
