"""A hub with short waits, and consumers with a queue that tests put messages into."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
import requests
from lxml import etree
from sqlalchemy import Engine

from reference_hub.app import create_app
from reference_hub.clock import Clock
from reference_hub.codec.schema import Judge
from reference_hub.model.queue import Payload
from reference_hub.settings import Queues, Settings, Zone
from reference_hub.store import mailbox
from reference_hub.web.services import EXTENSION
from tests.reference_hub.access.conftest import Watch
from tests.reference_hub.listening import listening_at
from tests.reference_hub.web.conftest import (
    INF,
    SCOPE,
    Client,
    Hub,
    one_student,
    reader,
    sis,
    students,
)

__all__ = ["one_student", "reader", "sis", "students"]
XML = "application/xml"


@dataclass(frozen=True)
class Box:
    """A queue of a client."""

    client: Client
    engine: Engine
    element: etree._Element

    @property
    def id(self) -> str:
        """The queue's id."""
        return str(self.element.get("id"))

    def read(self, done: str = "", **headers: str) -> requests.Response:
        """GET the messages; `done` is acknowledged by it."""
        tail = f";deleteMessageId={done}" if done else ""
        return self.client.send("GET", f"/queues/{self.id}/messages{tail}", **headers)

    def drop(self, done: str, **headers: str) -> requests.Response:
        """DELETE the message."""
        path = f"/queues/{self.id}/messages;deleteMessageId={done}"
        return self.client.send("DELETE", path, **headers)

    def put(
        self,
        body: bytes | None = b"<xStudents/>",
        kind: str = "response",
        object_type: str = "xStudent",
        media: str = XML,
        **headers: str,
    ) -> None:
        """One message at the end of the queue."""
        payload = Payload(headers, media, body)
        with self.engine.begin() as connection:
            mailbox.put(connection, self.id, kind, SCOPE, object_type, "QUERY", payload)

    def all(self, **headers: str) -> list[requests.Response]:
        """Every message, each acknowledged with the next."""
        found, reply = [], self.read(**headers)
        while reply.status_code == 200:
            found.append(reply)
            reply = self.read(reply.headers["messageId"], **headers)
        assert reply.status_code == 204, reply.text
        return found

    def look(self) -> etree._Element:
        """The queue as the hub tells it now."""
        return etree.fromstring(self.client.send("GET", f"/queues/{self.id}").content)


@pytest.fixture(scope="session")
def watch() -> Watch:
    """The time of the hub, which a test may put forward."""
    return Watch()


@pytest.fixture(scope="session")
def queue_hub(engine: Engine, hub_settings: Settings, watch: Watch) -> Iterator[Hub]:
    """The hub, one for all tests of queues."""
    settings = Settings(
        database=hub_settings.database,
        queues=Queues(longest_idle_seconds=20, most_connections=4, event_objects=3),
        zones={"demo-district": Zone("Demo"), "other-district": Zone("Other")},
    )
    app = create_app(settings, engine, clock=Clock(now=watch.now), judge=Judge())
    with listening_at(app) as url:
        yield Hub(url, engine, settings)
        app.extensions[EXTENSION].bells.close()


@pytest.fixture
def hub(queue_hub: Hub, store: Engine) -> Hub:
    """The hub with an empty store."""
    assert store is queue_hub.engine
    return queue_hub


@pytest.fixture
def box(hub: Hub) -> Callable[..., Box]:
    """Make a queue for a client; keywords are its elements."""

    def make(client: Client, **elements: str) -> Box:
        inner = "".join(f"<{name}>{value}</{name}>" for name, value in elements.items())
        body = f'<queue xmlns="{INF}">{inner}</queue>'.encode()
        made = client.send("POST", "/queues/queue", body, Content_Type=XML)
        assert made.status_code == 201, made.text
        return Box(client, hub.engine, etree.fromstring(made.content))

    return make


@pytest.fixture
def mine(sis: Client, box: Callable[..., Box]) -> Box:
    """An IMMEDIATE queue of the source."""
    return box(sis)


@pytest.fixture
def subscribe() -> Callable[..., requests.Response]:
    """Subscribe a queue to a service."""

    def send(box: Box, name: str = "xStudents", kind: str = "OBJECT", **given: str) -> object:
        parts = given | {"serviceType": kind, "serviceName": name, "queueId": box.id}
        inner = "".join(f"<{each}>{value}</{each}>" for each, value in parts.items())
        body = f'<subscription xmlns="{INF}">{inner}</subscription>'.encode()
        return box.client.send("POST", "/subscriptions/subscription", body, Content_Type=XML)

    return send  # type: ignore[return-value]
