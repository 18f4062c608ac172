"""A hub that holds the rows of a small district for vendors who pull OneRoster."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import requests
from sqlalchemy import Engine

from fixtures.generate import Plan
from fixtures.writers.oneroster import walk
from reference_hub.app import create_app
from reference_hub.clock import Clock
from reference_hub.codec.schema import Judge
from reference_hub.journeys import project
from reference_hub.model.caller import reached
from reference_hub.model.party import Subscriber
from reference_hub.settings import Queries, Settings, Zone
from reference_hub.store import projections, target_rows, vendors
from reference_hub.store.target_rows import StoredRow
from tests.reference_hub.access.conftest import Watch
from tests.reference_hub.listening import listening_at
from tests.reference_hub.oneroster.openapi import Service, published
from tests.reference_hub.web.conftest import SCOPE, SECRET, Hub

ROSTERING = "/ims/oneroster/rostering/v1p2"
GRADEBOOK = "/ims/oneroster/gradebook/v1p2"
V1_1 = "/ims/oneroster/v1p1"
SCOPES = "https://purl.imsglobal.org/spec/or/v1p2/scope"
ALL = ("roster.readonly", "roster-demographics.readonly", "gradebook.readonly",
       "gradebook.createput", "gradebook.createpost", "gradebook.delete",
       "assessment.readonly")  # fmt: skip
Rows = Mapping[str, list[dict[str, Any]]]


@cache
def district(students: int = 24) -> Rows:
    """The rows of a district by collection, written by the kit's own generator."""
    plan = Plan(11, students, 2)
    found: dict[str, list[dict[str, Any]]] = {}
    parts = (walk.organisations(plan), walk.sessions(plan), walk.courses(plan))
    for part in (*parts, walk.persons(plan), walk.rosters(plan, walk.held(plan))):
        for outcome in part:
            for name, rows in outcome.items() if isinstance(outcome, dict) else ():
                found.setdefault(name, []).extend(map(listed, rows))
    # This district has semesters and classes for a whole year; here they are terms, and of classes.
    for row in found["academicSessions"]:
        row["type"] = row["type"].replace("semester", "term")
    for row in found["classes"]:
        (year,) = row["termSourcedIds"]
        row["termSourcedIds"] += [
            each["sourcedId"] for each in found["academicSessions"]
            if each["type"] == "term" and each.get("parentSourcedId") == year
        ]  # fmt: skip
    return found


@cache
def few() -> Rows:
    """A class of that district with some of its people, and what they need."""
    rows = district()
    room = rows["classes"][0]["sourcedId"]
    seats = [row for row in rows["enrollments"] if row["classSourcedId"] == room][:3]
    people = {row["userSourcedId"] for row in seats}
    found = {name: list(rows[name]) for name in ("orgs", "academicSessions")}
    found["courses"], found["classes"] = rows["courses"][:1], rows["classes"][:1]
    found["users"] = [row for row in rows["users"] if row["sourcedId"] in people]
    found["roles"] = [row for row in rows["roles"] if row["userSourcedId"] in people]
    found["demographics"] = [row for row in rows["demographics"] if row["sourcedId"] in people]
    return found | {"enrollments": seats}


def listed(row: Mapping[str, Any]) -> dict[str, Any]:
    """Cells as the hub keeps them."""
    return {name: list(cell) if isinstance(cell, tuple) else cell for name, cell in row.items()}


@dataclass
class Shelf:
    """What one connection of a vendor should hold."""

    engine: Engine
    to: Subscriber
    clock: Clock

    def keep(self, collection: str, *rows: Mapping[str, Any], state: str = "ready") -> None:
        """Put rows there, or change them."""
        found = [
            StoredRow(collection, row["sourcedId"], collection, row["sourcedId"], dict(row), state)
            for row in rows
        ]
        with self.engine.begin() as connection:
            target_rows.put(connection, self.to, found, self.clock.now())

    def take_away(self, collection: str, *keys: str) -> None:
        """What a vendor must not hold any more."""
        with self.engine.begin() as connection:
            names = [(collection, key) for key in keys]
            target_rows.go(connection, self.to, names, self.clock.now())

    def fill(self, rows: Rows) -> None:
        """Put a whole district there."""
        for name, found in rows.items():
            self.keep(name, *found)
        self.stamp()

    def stamp(self) -> None:
        """Say that the rows were made under what holds now."""
        with self.engine.begin() as connection:
            owner = vendors.vendor_by_id(connection, self.to.vendor_id)
            assert owner is not None
            found = project.terms(connection, self.to, reached(owner, self.to), self.clock)
            assert isinstance(found, project.Terms)
            projections.set_stamp(connection, self.to, found.stamp, self.clock.now())


@dataclass
class Puller:
    """A vendor's application that pulls."""

    hub: Hub
    key: str
    shelf: Shelf
    token: str = ""
    root: str = ROSTERING
    http: requests.Session = field(default_factory=requests.Session)

    def ask_token(self, *scopes: str, prefix: str = SCOPES) -> requests.Response:
        """Ask for an access token with these scopes."""
        form = {
            "grant_type": "client_credentials",
            "scope": " ".join(f"{prefix}/{x}" for x in scopes),
        }
        return requests.post(f"{self.hub.base}/oauth/token", data=form, auth=(self.key, SECRET),
                             timeout=10)  # fmt: skip

    def allowed(self, *scopes: str) -> Puller:
        """The same with a token for these scopes."""
        self.token = self.ask_token(*scopes).json()["access_token"]
        return self

    def get(self, path: str, root: str = "", **query: str) -> requests.Response:
        """Read below a service; a whole address is taken as it is."""
        url = path if path.startswith("http") else f"{self.hub.base}{root or self.root}/{path}"
        headers = {"Authorization": f"Bearer {self.token}"}
        return self.http.get(url, params=query or None, headers=headers, timeout=30)

    def send(
        self, verb: str, path: str, body: object = None, root: str = GRADEBOOK
    ) -> requests.Response:
        """Write below the gradebook service."""
        return self.http.request(
            verb, f"{self.hub.base}{root}/{path}", json=body, timeout=30,
            headers={"Authorization": f"Bearer {self.token}"},
        )  # fmt: skip

    def send_raw(self, verb: str, path: str, body: bytes) -> requests.Response:
        """The same with any bytes."""
        url = f"{self.hub.base}{GRADEBOOK}/{path}"
        told = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        return self.http.request(verb, url, data=body, headers=told, timeout=30)


@pytest.fixture(scope="session")
def watch() -> Watch:
    """The time of the hub."""
    return Watch()


@pytest.fixture(scope="session")
def rest_app(engine: Engine, hub_settings: Settings, watch: Watch) -> Any:
    """The hub as an application, one for all tests of OneRoster."""
    settings = Settings(
        database=hub_settings.database,
        queries=Queries(largest_page=400),
        zones={"demo-district": Zone("Demo"), "other-district": Zone("Other")},
    )
    return create_app(settings, engine, Clock(now=watch.now), Judge())


@pytest.fixture(scope="session")
def rest_url(rest_app: Any) -> Iterator[str]:
    """Where it listens."""
    with listening_at(rest_app) as url:
        yield url


@pytest.fixture
def hub(rest_app: Any, rest_url: str, store: Engine, watch: Watch) -> Hub:
    """The hub with an empty store, at the real time."""
    watch.forward(-watch.ahead.total_seconds())
    return Hub(rest_url, store, rest_app.extensions["reference_hub"].settings)


@pytest.fixture
def puller(hub: Hub, watch: Watch) -> Callable[..., Puller]:
    """Make a vendor with a connection that pulls, and its application."""

    def make(
        name: str = "reading",
        version: str = "1.2",
        policy: str = "off",
        objects: tuple[str, ...] = ("xStudent",),
    ) -> Puller:
        with hub.engine.begin() as connection:
            vendor_id = vendors.add_vendor(connection, name, f"{name} Inc", SCOPE, policy)
            vendors.add_application(connection, name, SECRET, SCOPE, vendor_id=vendor_id)
            vendors.add_subscriber(
                connection, vendor_id, f"{name}-{version}", SCOPE,
                format=f"oneroster-{version}-rest", transport="pull", url="", credentials={},
                objects=objects,
            )  # fmt: skip
            *_, to = vendors.subscribers_of(connection, vendor_id)
        shelf = Shelf(hub.engine, to, Clock(now=watch.now))
        return Puller(hub, name, shelf, root=ROSTERING if version == "1.2" else V1_1)

    return make


@pytest.fixture
def reading(puller: Callable[..., Puller]) -> Puller:
    """A vendor that may read everything of the small district."""
    made = puller().allowed(*ALL)
    made.shelf.fill(district())
    return made


@pytest.fixture
def holding(puller: Callable[..., Puller]) -> Puller:
    """A vendor that may read everything of one class."""
    made = puller().allowed(*ALL)
    made.shelf.fill(few())
    return made


@pytest.fixture(scope="session")
def services(standards: Path) -> dict[str, Service]:
    """The published documents."""
    return published(standards)


@pytest.fixture
def later(watch: Watch) -> Callable[[float], datetime]:
    """Let time pass; the moment then."""

    def forward(seconds: float) -> datetime:
        watch.forward(seconds)
        return watch.now()

    return forward


HOUR = timedelta(hours=1).total_seconds()
EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
