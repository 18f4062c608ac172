"""A hub with its console on a real socket, and browsers that sign in to it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache

import msgspec
import pytest
import requests
from sqlalchemy import Engine, text
from werkzeug.security import generate_password_hash

from reference_hub.app import create_app
from reference_hub.clock import Clock
from reference_hub.codec.schema import Judge
from reference_hub.model.console import ADMIN, ROLES, VENDOR
from reference_hub.model.scope import Scope
from reference_hub.settings import Console, Settings, Zone
from reference_hub.store import console_accounts, vendors
from reference_hub.time_zones import clock_of
from tests.reference_hub.console.browsing import browse, chromium
from tests.reference_hub.listening import listening_at

__all__ = ["browse", "chromium"]

SCOPE = Scope("demo-district")
PASSWORD = "correct horse battery"
_CSRF = re.compile(r'name="csrf" value="([^"]+)"')


@cache
def password_hash() -> str:
    """The hash of PASSWORD with less work than the hub's own, for tests that only sign in."""
    return generate_password_hash(PASSWORD, method="scrypt:1024:8:1")


@dataclass
class Web:
    """A browser without scripts: keeps cookies, follows no redirect unless told."""

    base: str
    http: requests.Session = field(default_factory=requests.Session)

    def get(self, path: str, **given: object) -> requests.Response:
        """A page below /console."""
        given = {"timeout": 20, "allow_redirects": False} | given
        return self.http.get(f"{self.base}/console{path}", **given)  # type: ignore[arg-type]

    def csrf(self, path: str) -> str:
        """The token of the forms of a page."""
        found = _CSRF.search(self.get(path).text)
        assert found, f"{path} has no form"
        return found[1]

    def post(
        self,
        path: str,
        fields: Mapping[str, object] | None = None,
        *,
        page: str = "",
        **given: object,
    ) -> requests.Response:
        """Send a form of `page`, by default of the same address, with its token."""
        values: dict[str, object] = dict(fields or {})
        if "csrf" not in values:
            values["csrf"] = self.csrf(page or path)
        given = {"timeout": 20, "allow_redirects": False} | given
        address = f"{self.base}/console{path}"
        return self.http.post(address, data=values, **given)  # type: ignore[arg-type]

    def sign_in(self, name: str, password: str = PASSWORD, **given: str) -> requests.Response:
        """Send the form of the sign-in page."""
        return self.post("/sign-in", {"name": name, "password": password} | given)


@dataclass
class Desk:
    """The console: where it is, what it stands on, and the time it believes in."""

    base: str
    engine: Engine
    settings: Settings
    clock: Clock
    moved: list[timedelta]

    def later(self, **given: float) -> None:
        """Let time pass for the hub: later(minutes=31)."""
        self.moved[0] += timedelta(**given)

    def web(self) -> Web:
        """A browser that nobody has signed in with."""
        return Web(self.base)

    def account(
        self,
        name: str = "maria",
        role: str = ADMIN,
        zone: str = "",
        vendor_id: int | None = None,
        hashed: str = "",
    ) -> str:
        """An account with PASSWORD; its name."""
        with self.engine.begin() as connection:
            console_accounts.add(
                connection,
                name,
                role,
                zone,
                vendor_id,
                hashed or password_hash(),
                self.clock.now(),
            )
        return name

    def signed_in(self, role: str = ADMIN, **given: object) -> Web:
        """A browser in which a new account of that role is signed in."""
        name = f"{role}-{id(given)}"
        self.account(name, role, **given)  # type: ignore[arg-type]
        web = self.web()
        assert web.sign_in(name).status_code == 303
        return web

    def vendor(self, name: str = "reading", scope: Scope = SCOPE) -> int:
        """A vendor; its id."""
        with self.engine.begin() as connection:
            return vendors.add_vendor(connection, name, f"{name} Inc", scope)

    def run(self, statement: str, **given: object) -> list[tuple[object, ...]]:
        """The rows of an SQL statement."""
        with self.engine.begin() as connection:
            found = connection.execute(text(statement), given)
            return [tuple(row) for row in found] if found.returns_rows else []


@pytest.fixture(scope="session")
def console_settings(hub_settings: Settings) -> Settings:
    """Two districts; limits of signing in that a test reaches soon."""
    return Settings(
        database=hub_settings.database,
        zones={"demo-district": Zone("Demo"), "other-district": Zone("Other")},
        console=Console(name_failures=3, address_failures=8),
    )


@pytest.fixture(scope="session")
def moved() -> list[timedelta]:
    """How far the hub's clock is ahead of the real one."""
    return [timedelta()]


@pytest.fixture(scope="session")
def console_clock(console_settings: Settings, moved: list[timedelta]) -> Clock:
    """A clock that tests move."""
    real = clock_of(console_settings)
    return replace(real, now=lambda: datetime.now(UTC) + moved[0], tolerance=None)


@pytest.fixture(scope="session")
def console_base(engine: Engine, console_settings: Settings, console_clock: Clock) -> Iterator[str]:
    """The hub, one for all tests: its state is in the store, which each test empties."""
    app = create_app(console_settings, engine, console_clock, judge=Judge())
    with listening_at(app) as base:
        yield base


@pytest.fixture
def desk(
    store: Engine,
    console_base: str,
    console_settings: Settings,
    console_clock: Clock,
    moved: list[timedelta],
) -> Desk:
    """The console on an empty store, at the present time."""
    moved[0] = timedelta()
    return Desk(console_base, store, console_settings, console_clock, moved)


@pytest.fixture
def everybody(desk: Desk) -> Callable[[], dict[str, Web]]:
    """One browser for each role, the vendor's with a vendor of its own."""

    def make() -> dict[str, Web]:
        own = desk.vendor("own-vendor")
        return {
            role: desk.signed_in(role, vendor_id=own if role == VENDOR else None) for role in ROLES
        }

    return make


@pytest.fixture
def another_desk(desk: Desk, console_settings: Settings, console_clock: Clock) -> Iterator[Desk]:
    """The same store behind a proxy that speaks TLS."""
    server = msgspec.structs.replace(console_settings.server, public_url="https://hub.example")
    settings = msgspec.structs.replace(console_settings, server=server)
    app = create_app(settings, desk.engine, console_clock, judge=Judge())
    with listening_at(app) as base:
        yield replace(desk, base=base, settings=settings)
