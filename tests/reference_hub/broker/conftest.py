"""A hub that forwards, and a provider on a real socket that notes what reaches it."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
import requests
from lxml import etree
from werkzeug.wrappers import Request, Response

from reference_hub.model.provider import Provider
from reference_hub.model.rights import Grant
from reference_hub.model.scope import Scope
from reference_hub.settings import Broker, Queues, Server, Settings, Worker, Zone
from reference_hub.store import providers, vendors
from tests.reference_hub.listening import listening_at
from tests.reference_hub.web.conftest import INF, SCOPE, SECRET, Client, Hub, hub, listening

__all__ = ["hub", "listening"]

MODEL = "http://www.sifassociation.org/datamodel/na/4.x"
STUDENT = (
    f'<xStudent xmlns="{MODEL}" refId="7A1D7C0E-5B0E-4E7B-9A33-0F3B8E1D2C06"><name>'
    "<familyName>Canary</familyName><givenName>Ada</givenName></name></xStudent>"
)
STUDENTS = f'<xStudents xmlns="{MODEL}">{STUDENT}</xStudents>'


@dataclass(frozen=True)
class Seen:
    """One request as the provider got it."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Elsewhere:
    """A provider: answers with what `answer` makes of a request, after `slow` seconds."""

    url: str = ""
    seen: list[Seen] = field(default_factory=list)
    answer: Callable[[Seen], Response] = lambda _: Response(
        STUDENTS, 200, content_type="application/xml"
    )
    slow: float = 0.0

    def __call__(self, environ: dict[str, Any], start: Any) -> Any:
        """The WSGI application."""
        request = Request(environ)
        headers = {name.lower(): value for name, value in request.headers.items()}
        path = environ.get("REQUEST_URI") or environ["RAW_URI"]
        seen = Seen(request.method, path, headers, request.get_data())
        self.seen.append(seen)
        time.sleep(self.slow)
        return self.answer(seen)(environ, start)

    def says(self, body: str | bytes = "", status: int = 200, **headers: str) -> None:
        """Answer every request with this; underscores in names become hyphens."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.answer = lambda _: Response(body, status, named, content_type="application/xml")


@pytest.fixture
def elsewhere() -> Iterator[Elsewhere]:
    """The provider, listening."""
    app = Elsewhere()
    with listening_at(app) as url:
        app.url = f"{url}/sif"
        yield app


@pytest.fixture(scope="session")
def web_settings(hub_settings: Settings) -> Settings:
    """Short waits, small queues, providers on loopback addresses."""
    return Settings(
        database=hub_settings.database,
        server=Server(max_body=1_000_000),
        broker=Broker(timeout_seconds=1, local_endpoints=True),
        queues=Queues(min_wait_seconds=0.0),
        worker=Worker(poll_seconds=0.05),
        zones={"demo-district": Zone("Demo"), "other-district": Zone("Other")},
    )


@pytest.fixture
def join(hub: Hub) -> Callable[..., Client]:
    """Register an application, BROKERED unless told otherwise, and open its environment."""

    def made(key: str, *, method: str = "Basic", **given: Any) -> Client:
        values = {"environment_type": "BROKERED"} | given
        with hub.engine.begin() as connection:
            vendors.add_application(connection, key, SECRET, SCOPE, **values)
        client = Client(hub.base, key, method=method)
        assert client.open().status_code == 201
        return client

    return made


@pytest.fixture
def provider(join: Callable[..., Client]) -> Client:
    """The application whose end point is `elsewhere`; it signs with HMAC."""
    return join("far-sis", kind="provider", method="SIF_HMACSHA256")


@pytest.fixture
def consumer(join: Callable[..., Client]) -> Client:
    """A brokered consumer that may do everything in its zone."""
    return join("portal")


@pytest.fixture
def registered(hub: Hub, provider: Client, elsewhere: Elsewhere) -> Callable[..., Provider]:
    """Register `elsewhere` for a service as the operator does; xStudents unless told otherwise."""

    def made(
        service: str = "xStudents", kind: str = "OBJECT", key: str = "far-sis", scope: Scope = SCOPE
    ) -> Provider:
        entry = Provider(
            str(uuid.uuid4()), key, None, scope, kind, service, "Far SIS", elsewhere.url, {},
            ("application/xml",),
        )  # fmt: skip
        with hub.engine.begin() as connection:
            assert providers.insert(connection, entry)
        return entry

    return made


@pytest.fixture
def granted() -> Callable[..., Grant]:
    """Rights to one service, APPROVED."""

    def made(name: str, *rights: str, kind: str = "OBJECT", zone: str = "demo-district") -> Grant:
        return Grant(zone, "DEFAULT", kind, name, dict.fromkeys(rights, "APPROVED"))

    return made


@pytest.fixture
def subscribed() -> Callable[..., str]:
    """Give a client a queue that hears of a service; the path of its messages."""

    def made(client: Client, service: str = "xStudents", kind: str = "OBJECT", **place: str) -> str:
        body = f'<queue xmlns="{INF}"><polling>IMMEDIATE</polling></queue>'.encode()
        reply = client.send("POST", "/queues", body, Content_Type="application/xml")
        assert reply.status_code == 201, reply.text
        queue_id = etree.fromstring(reply.content).get("id")
        zone = place.get("zone", "demo-district")
        body = (
            f'<subscription xmlns="{INF}"><zoneId>{zone}</zoneId><contextId>DEFAULT</contextId>'
            f"<serviceType>{kind}</serviceType><serviceName>{service}</serviceName>"
            f"<queueId>{queue_id}</queueId></subscription>"
        ).encode()
        reply = client.send("POST", "/subscriptions", body, Content_Type="application/xml")
        assert reply.status_code == 201, reply.text
        return f"/queues/{queue_id}/messages"

    return made


def drained(client: Client, messages: str) -> list[requests.Response]:
    """All messages of a queue, oldest first, each deleted when the next is asked for."""
    found: list[requests.Response] = []
    reply = client.send("GET", messages)
    while reply.status_code == 200:
        found.append(reply)
        reply = client.send("GET", f"{messages};deleteMessageId={reply.headers['messageId']}")
    assert reply.status_code == 204, reply.text
    return found
