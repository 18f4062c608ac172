"""Hubs with settings of their own, a clock that can be put forward, issuers of signed tokens."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from lxml import etree
from sqlalchemy import Engine

from reference_hub.app import create_app
from reference_hub.clock import Clock
from reference_hub.codec.schema import Judge
from reference_hub.model.rights import Grant
from reference_hub.settings import Issuer, Settings, Zone
from reference_hub.store import vendors
from tests.reference_hub.listening import listening_at
from tests.reference_hub.web.conftest import SCOPE, SECRET, Client, Hub

ISSUER = "https://login.example"
AUDIENCE = "sif-hub"


@dataclass
class Watch:
    """The hub's time, which a test puts forward."""

    ahead: timedelta = timedelta()

    def now(self) -> datetime:
        """The real time and what it was put forward by."""
        return datetime.now(UTC) + self.ahead

    def forward(self, seconds: float) -> None:
        """Let time pass."""
        self.ahead += timedelta(seconds=seconds)


@contextmanager
def serving(engine: Engine, settings: Settings, watch: Watch) -> Iterator[Hub]:
    """A hub on a socket."""
    app = create_app(settings, engine, clock=Clock(now=watch.now), judge=Judge())
    with listening_at(app) as url:
        yield Hub(url, engine, settings)


@pytest.fixture
def watch() -> Watch:
    """The time of the hubs of this test."""
    return Watch()


@pytest.fixture
def hub_with(store: Engine, hub_settings: Settings, watch: Watch) -> Iterator[Callable[..., Hub]]:
    """Start a hub with parts of the settings as given."""
    zones = {
        "demo-district": Zone("Demo", contexts=("DEFAULT", "2026")),
        "other-district": Zone("Other"),
    }
    with ExitStack() as stack:

        def start(**parts: Any) -> Hub:
            settings = Settings(database=hub_settings.database, **({"zones": zones} | parts))
            return stack.enter_context(serving(store, settings, watch))

        yield start


@pytest.fixture
def hub(hub_with: Callable[..., Hub]) -> Hub:
    """A hub with the settings nobody touched, but two zones."""
    return hub_with()


@pytest.fixture
def register(hub: Hub) -> Callable[..., Client]:
    """Register an application with rights and kind as given."""

    def registered(key: str, **values: Any) -> Client:
        with hub.engine.begin() as connection:
            vendors.add_application(connection, key, SECRET, SCOPE, **values)
        return Client(hub.base, key)

    return registered


def grant(name: str, kind: str = "OBJECT", zone: str = "demo-district", **rights: str) -> Grant:
    """A grant in the demo district."""
    return Grant(zone, "DEFAULT", kind, name, rights)


def rights_of(environment: etree._Element, name: str, zone: str = "") -> dict[str, str]:
    """Type and value of each right of one service."""
    inside = f"[@id='{zone}']" if zone else ""
    path = f".//{{*}}provisionedZone{inside}//{{*}}service[@name='{name}']"
    (service,) = environment.findall(path)
    return {each.get("type", ""): each.text or "" for each in service.iter("{*}right")}


@dataclass(frozen=True)
class Signer:
    """An issuer of JSON Web Tokens."""

    key: Any
    algorithm: str

    def token(self, **claims: Any) -> str:
        """A token that is right unless a claim says otherwise; None leaves a claim out."""
        usual = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "exp": int(time.time()) + 300,
            "client_id": "sis",
        }
        told = {name: value for name, value in (usual | claims).items() if value is not None}
        return jwt.encode(told, self.key, self.algorithm)

    def issuer(self, folder: Path) -> Issuer:
        """The settings that trust it."""
        pem = self.key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        path = folder / f"{self.algorithm}.pem"
        path.write_bytes(pem)
        return Issuer(str(path), AUDIENCE)


@pytest.fixture(scope="session")
def signers() -> dict[str, Signer]:
    """One issuer for each algorithm."""
    return {
        "RS256": Signer(rsa.generate_private_key(65537, 2048), "RS256"),
        "ES256": Signer(ec.generate_private_key(ec.SECP256R1()), "ES256"),
        "EdDSA": Signer(ed25519.Ed25519PrivateKey.generate(), "EdDSA"),
    }
