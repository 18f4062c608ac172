"""A hub process for each file of flows; every client here is a stranger to the hub's code."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.reference_hub.command_line import run_in
from tests.system.processes import Processes, free_port

SECRET = "Password1"
SCHEMAS = {"au-3.4": "official/au-3.4.8", "na-3.3": "patched/na-3.3"}
AUSTRALIA = """
[worker]
poll_seconds = 0.1
[queues]
event_objects = 2
[zones.demo-district]
[zones.auRolloverTestingZone]
[applications.rollover]
zone = "demo-district"
secret_env = "APP_SECRET"
environment = "BROKERED"
rights = [
    { name = "StudentPersonals", rights = { QUERY = "APPROVED", CREATE = "APPROVED" } },
    { zone = "auRolloverTestingZone", name = "StudentPersonals", rights = { QUERY = "APPROVED" } },
]
"""
Serve = Callable[..., "Served"]


@dataclass(frozen=True)
class Served:
    """A hub that answers on `port`, and the folder and commands it was set up with."""

    kit: Processes
    port: int

    @property
    def url(self) -> str:
        """Its address, without a trailing slash."""
        return f"http://127.0.0.1:{self.port}"

    def tells(self, *command: str) -> str:
        """What a command of the operator prints."""
        done = run_in(self.kit.folder, self.kit.environ, *command)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def again(self) -> Served:
        """A second hub process on the same store."""
        return _started(self.kit)

    def work(self) -> None:
        """Start a worker."""
        self.kit.start("reference-hub", "work")


def _started(kit: Processes) -> Served:
    port = free_port()
    kit.start("reference-hub", "serve", "--port", str(port), port=port)
    return Served(kit, port)


@contextmanager
def _serving(factory: pytest.TempPathFactory) -> Iterator[Serve]:
    with ExitStack() as running:

        def start(settings: str, *commands: tuple[str, ...]) -> Served:
            folder: Path = factory.mktemp("flow")
            (folder / "hub.toml").write_text(settings, "utf-8")
            secrets = {"APP_SECRET": SECRET, "NO_COLOR": "1"}
            kit = running.enter_context(Processes(folder, secrets))
            for command in commands:
                done = run_in(folder, secrets, *command)
                assert done.returncode == 0, done.stderr
            return _started(kit)

        yield start


@pytest.fixture(scope="module")
def serve(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serve]:
    """Start a hub with this settings file, after these commands of the operator."""
    with _serving(tmp_path_factory) as start:
        yield start


@pytest.fixture(scope="session")
def australia(tmp_path_factory: pytest.TempPathFactory, standards: Path) -> Iterator[Served]:
    """A hub with two published models and a worker; all its clients bring their own instance."""
    with _serving(tmp_path_factory) as start:
        folder = standards / "schemas"
        settings = AUSTRALIA + application("javaApp") + application("dotnet", environment="DIRECT")
        commands = [
            ("schemas", "add", str(folder / path), "--model", model)
            for model, path in SCHEMAS.items()
        ]
        running = start(settings, *commands)
        running.work()
        yield running


def application(key: str, environment: str = "BROKERED", **more: str) -> str:
    """A table of the settings file for one application."""
    rows = {"zone": "demo-district", "secret_env": "APP_SECRET", "environment": environment} | more
    lines = [f"{name} = {json.dumps(value)}" for name, value in rows.items()]
    return "\n".join([f"[applications.{key}]", *lines, ""])
