"""The scene of the worked examples: zone Northside, application HubDemo, 2 March 2026.

Requests are sent as they are printed; session tokens are set to the printed one, so that the
printed signatures hold.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import requests
from lxml import etree
from sqlalchemy import Engine, text

from reference_hub.app import create_app
from reference_hub.clock import Clock
from reference_hub.codec.schema import Judge
from reference_hub.journeys.delay import answer_next
from reference_hub.model.rights import Grant
from reference_hub.model.scope import Scope
from reference_hub.replay import replaying
from reference_hub.settings import Access, Broker, Queues, Settings, Zone
from reference_hub.store import vendors

INF = "http://www.sifassociation.org/infrastructure/3.3"
NA4 = "http://www.sifassociation.org/datamodel/na/4.x"
KEY, SECRET, ZONE = "HubDemo", "demo-secret-1", "Northside"
SESSION = "c0ffee00-1111-4222-8333-444455556666"
MORNING = datetime(2026, 3, 2, 9, 15, 2, tzinfo=UTC)
CLOCK = Clock(now=lambda: MORNING)
PLACE = f";zoneId={ZONE};contextId=DEFAULT"
# Key and session signed at the printed moments.
KEY_SIGNED = {
    "Authorization": "SIF_HMACSHA256 SHViRGVtbzp4RG8xU09QcHJYR3pQZ0ZZMzE3S0FmZFVzNzgwSU1OVjgvMDBI"
    "Z0t2SElVPQ==",
    "timestamp": "2026-03-02T09:15:00.000Z",
}
SESSION_SIGNED = {
    "Authorization": "SIF_HMACSHA256 YzBmZmVlMDAtMTExMS00MjIyLTgzMzMtNDQ0NDU1NTU2NjY2OjQrN05PZGhM"
    "ZjVCM09aSzlhZjNxd1J6R0Y4ck91UHllalQ2ZVU0UnpiVk09",
    "timestamp": "2026-03-02T09:15:02.250Z",
}


def settings_of(hub_settings: Settings) -> Settings:
    """The settings of the scene."""
    return Settings(
        database=hub_settings.database,
        access=Access(conflict="error", provisioning="manual"),
        queues=Queues(longest_idle_seconds=1, min_wait_seconds=0.0),
        broker=Broker(timeout_seconds=1, local_endpoints=True),
        zones={ZONE: Zone("Northside campus")},
    )


def grant(name: str, kind: str = "OBJECT", **rights: str) -> Grant:
    """Rights in the zone."""
    return Grant(ZONE, "DEFAULT", kind, name, rights)


def infra(name: str, inner: str = "", **attributes: str) -> bytes:
    """An infrastructure document."""
    more = "".join(f' {key}="{value}"' for key, value in attributes.items())
    return f'<{name} xmlns="{INF}"{more}>{inner}</{name}>'.encode()


def leaves(**values: str) -> str:
    """Leaf elements."""
    return "".join(f"<{name}>{value}</{name}>" for name, value in values.items())


def outline(element: etree._Element, depth: int = 9) -> Any:
    """Names of the children in order, each with theirs."""
    name = etree.QName(element).localname
    return (
        (name, [outline(each, depth - 1) for each in element]) if depth and len(element) else name
    )


@dataclass
class Stage:
    """The hub, and HubDemo with its session."""

    base: str
    engine: Engine
    settings: Settings
    environment: etree._Element | None = None
    http: requests.Session = field(default_factory=requests.Session)

    def register(self, key: str = KEY, **given: Any) -> None:
        """An application in a brokered environment."""
        values = {"environment_type": "BROKERED"} | given
        with self.engine.begin() as connection:
            vendors.add_application(connection, key, SECRET, Scope(ZONE), **values)

    def open(self, **given: Any) -> None:
        """Create HubDemo's environment, and give its session the printed token."""
        self.register(**given)
        made = self.post("/environments/environment", **KEY_SIGNED)
        assert made.status_code == 201, made.text
        self.environment = etree.fromstring(made.content)
        with self.engine.begin() as connection:
            change = "UPDATE environment SET session_token = :token WHERE application_key = :key"
            connection.execute(text(change), {"token": SESSION, "key": KEY})

    def post(self, path: str, body: bytes = b"", **headers: str) -> requests.Response:
        """POST without a session."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.http.post(self.base + path, data=body, headers=named)

    def send(self, verb: str, path: str, body: bytes = b"", **headers: str) -> requests.Response:
        """One request of HubDemo, signed as printed."""
        named = SESSION_SIGNED | {n.replace("_", "-"): text for n, text in headers.items()}
        if body:
            named.setdefault("Content-Type", "application/xml")
        return self.http.request(verb, self.base + path, data=body or None, headers=named)

    def made(self, path: str, body: bytes, **headers: str) -> etree._Element:
        """What a POST answers with 201."""
        reply = self.send("POST", path, body, **headers)
        assert reply.status_code == 201, reply.text
        return etree.fromstring(reply.content)

    def joined(self, key: str, **given: Any) -> Callable[..., requests.Response]:
        """Another application with an open environment: how it sends."""
        self.register(key, **given)
        made = self.post("/environments/environment", **signed(key))
        token = etree.fromstring(made.content).findtext("{*}sessionToken", "")

        def send(verb: str, path: str, body: bytes = b"", **headers: str) -> requests.Response:
            named = signed(token) | {"Content-Type": "application/xml"} | headers
            return self.http.request(verb, self.base + path, data=body or None, headers=named)

        return send

    def work(self) -> None:
        """Answer what is delayed."""
        replay = replaying(create_app(self.settings, self.engine, CLOCK, Judge()))
        while answer_next(self.engine, self.settings, replay, CLOCK):
            pass


def signed(user: str) -> dict[str, str]:
    """A token and the moment of it."""
    moment = "2026-03-02T09:15:02.300Z"
    proof = hmac.digest(SECRET.encode(), f"{user}:{moment}".encode(), hashlib.sha256)
    whole = f"{user}:{base64.b64encode(proof).decode()}".encode()
    return {
        "Authorization": f"SIF_HMACSHA256 {base64.b64encode(whole).decode()}",
        "timestamp": moment,
    }
