"""A simulated product as a process, a worker that delivers, and the steps of taking a vendor on."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec
import pytest

from reference_hub.app import create_app
from reference_hub.clock import Clock
from reference_hub.codec.schema import Judge
from reference_hub.journeys.deliver import deliver_next
from reference_hub.model.console import MANAGER
from reference_hub.settings import Privacy, Settings, Zone
from reference_hub.workers.loop import senders, transports
from tests.reference_hub.console.conftest import Desk, Web
from tests.reference_hub.listening import listening_at
from tests.system.processes import Processes, free_port
from tests.waiting import until

PARTY = "Example Reading App"
SECRET = "demo-secret-1"
KEY = "demo-vendor"
CAN = ("create", "update", "delete", "query", "paging", "head", "pod")
TICKS = ["B07.1", "B07.3", "B07.4", "B08.1", "B08.2", "B14.2", "B15.1", "B16"]
ENTERED = {
    "zone": "demo-district",
    "name": "Reading",
    "party": PARTY,
    "product": "Reading App",
    "policy": "https://reading.example/privacy",
    "district": "Demo Schools",
    "district_policy": "https://district.example/privacy",
    "purpose": "Reading practice",
    "starts": "2025-07-01",
    "ends": "",
    "days": "60",
    "tick": TICKS,
}


@pytest.fixture(scope="session")
def runs_settings(console_settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A folder of its own for runs; the second district asks for no decision."""
    folder = str(tmp_path_factory.mktemp("console"))
    console = msgspec.structs.replace(console_settings.console, folder=folder)
    zones = {
        "demo-district": Zone("Demo Schools", sandbox="second-district"),
        "other-district": Zone("Other", decision="optional"),
    }
    registry = msgspec.structs.replace(console_settings.registry, folder="kit")
    return msgspec.structs.replace(
        console_settings,
        console=console,
        zones=zones,
        registry=registry,
        privacy=Privacy(link_key_env="LINK_KEY"),
    )


@pytest.fixture
def runs_desk(desk: Desk, runs_settings: Settings, console_clock: Clock) -> Iterator[Desk]:
    """The console of a hub that keeps runs in a folder of the test."""
    app = create_app(runs_settings, desk.engine, console_clock, judge=Judge())
    with listening_at(app) as base:
        yield replace(desk, base=base, settings=runs_settings)


@contextmanager
def product(folder: Path, *mutants: str, role: str = "receiver", at: str = "sif3") -> Iterator[str]:
    """`conformance simulate` on a free port; the address of the product."""
    port = free_port()
    wrong = [word for each in mutants for word in ("--mutant", each)]
    words = ["simulate", "--role", role, "--port", str(port), *wrong]
    with Processes(folder, {"CONFORMANCE_SECRET": SECRET}) as running:
        running.start("conformance", *words, port=port)
        yield f"http://127.0.0.1:{port}/{at}"


@contextmanager
def delivering(desk: Desk) -> Iterator[None]:
    """A worker that delivers all the time."""
    stop = threading.Event()

    def work() -> None:
        at = (desk.engine, desk.settings)
        with transports(desk.settings, desk.clock) as ways, senders(desk.settings) as sending:
            while not stop.is_set():
                if not deliver_next(*at, ways, desk.clock, senders=sending):
                    stop.wait(0.05)

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


@dataclass
class Taking:
    """A vendor that is being taken on, by the forms of the console."""

    desk: Desk
    web: Web
    number: int = 0

    @property
    def at(self) -> str:
        """The address of the case below /console."""
        return f"/onboarding/{self.number}"

    def enter(self, **other: object) -> None:
        """Enter the agreement."""
        answer = self.web.post("/onboarding/enter", ENTERED | other)
        assert answer.status_code == 303, answer.text
        self.number = int(answer.headers["Location"].split("/")[-2])

    def press(self, action: str, page: str, **fields: object) -> str:
        """Press a button of a page; where it leads."""
        shown = self.web.get(f"{self.at}/{page}").text
        version = re.search(r'name="version" value="(\d+)"', shown)
        if version:
            fields = {"version": version[1]} | fields
        answer = self.web.post(f"{self.at}/{action}", fields, page=f"{self.at}/{page}")
        assert answer.status_code == 303, answer.text
        return answer.headers["Location"].rpartition("/")[2]

    def connect(self, url: str, **other: object) -> None:
        """Read the agreement and connect the product."""
        self.press("read", "preview")
        fields = {"url": url, "key": KEY, "secret_password": SECRET, "can": CAN,
                  "method": "SIF_HMACSHA256", "users": "export/users.csv",
                  "demographics": "export/demographics.csv"}  # fmt: skip
        assert self.press("connection", "connection", **(fields | other)) == "doctor"

    def state(self, kind: str) -> str:
        """The state of its last run of a kind."""
        rows = self.desk.run(
            "SELECT state FROM console_run WHERE kind = :kind ORDER BY id DESC LIMIT 1", kind=kind
        )
        return str(rows[0][0]) if rows else ""

    def ran(self, kind: str, seconds: float = 120.0, **fields: object) -> str:
        """Start doctor or run and wait for its end; the page of the step then."""
        page = kind
        self.press(f"start/{kind}", page, **fields)
        until(lambda: self.state(kind) not in ("", "running"), seconds)
        return self.web.get(f"{self.at}/{page}").text


@pytest.fixture
def taking(runs_desk: Desk) -> Iterator[Taking]:
    """A manager who takes a vendor on; what still runs at the end is stopped."""
    made = Taking(runs_desk, runs_desk.signed_in(MANAGER))
    yield made
    made.desk.run("UPDATE console_run SET cancelled_by = 'test' WHERE state = 'running'")
    mine = [each for each in threading.enumerate() if each.name.startswith("run-")]
    for each in mine:
        each.join(20)
