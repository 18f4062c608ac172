"""A hub in New York's time with a vendor at its gate, and a brokered provider behind it."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import requests
from lxml import etree
from sqlalchemy import Engine, text
from werkzeug.wrappers import Response

from fixtures.writers import xpress
from reference_hub.app import create_app
from reference_hub.clock import Clock
from reference_hub.codec.schema import Judge
from reference_hub.model.pod import Pod, Terms
from reference_hub.model.provider import Provider
from reference_hub.settings import Broker, Queues, Settings, Zone
from reference_hub.store import pods, providers, vendors
from reference_hub.web.services import EXTENSION
from tests.reference_hub.access.conftest import Watch
from tests.reference_hub.broker.conftest import Elsewhere
from tests.reference_hub.districts import generate
from tests.reference_hub.listening import listening_at
from tests.reference_hub.privacy.drawing import sightings
from tests.reference_hub.queues.conftest import Box, box, subscribe
from tests.reference_hub.web.conftest import SCOPE, SECRET, Client, Hub, reader, sis, students

__all__ = ["box", "reader", "sis", "students", "subscribe"]

NEW_YORK = ZoneInfo("America/New_York")
XML = "application/xml"
LIST = "/requests/xStudents"
NARROW = ("xStudent/@refId", "xStudent/localId")
GRANTED = (*NARROW, "xStudent/name/givenName", "xStudent/enrollment", "xSchool")
SEED = 11


@dataclass
class Ground:
    """A district with students, and a vendor `reader` whose POD a test chooses."""

    hub: Hub
    app: Any
    watch: Watch
    sis: Client
    reader: Client
    students: list[etree._Element]
    school: str
    elsewhere: Elsewhere
    box: Box
    names: dict[str, str] = field(default_factory=dict)

    @property
    def clock(self) -> Clock:
        """The clock of the hub."""
        clock: Clock = self.app.extensions[EXTENSION].clock
        return clock

    @property
    def one(self) -> str:
        """The id of the first student."""
        return str(self.students[0].get("refId"))

    def pod(self, *granted: str, **given: Any) -> Pod:
        """A Pending POD of the vendor."""
        return self.hub.pod(1, granted=granted or GRANTED, **given)

    def replace(self, *granted: str) -> Pod:
        """Another POD instead of all before."""
        with self.hub.engine.begin() as connection:
            pods.expire_all(connection, 1, SCOPE)
        return self.pod(*granted)

    def query(self, statement: str) -> list[tuple[Any, ...]]:
        """Rows of the store."""
        with self.hub.engine.connect() as connection:
            return [tuple(row) for row in connection.execute(text(statement))]

    def change(self, index: int, given_name: str) -> None:
        """Give a student another name, which is an event."""
        name = f"<name><givenName>{given_name}</givenName></name>"
        body = f'<xStudent xmlns="{xpress.NA4}">{name}</xStudent>'
        path = f"{LIST}/{self.students[index].get('refId')}"
        assert self.sis.send("PUT", path, body.encode(), Content_Type=XML).status_code == 204


@pytest.fixture(scope="session")
def watch() -> Watch:
    """The time of the hub."""
    return Watch()


@pytest.fixture(scope="session")
def gate_app(engine: Engine, hub_settings: Settings, watch: Watch) -> Any:
    """The hub as an application, one for all tests of the gate."""
    zones = {
        "demo-district": Zone("Demo", contexts=("DEFAULT", "NEXT")),
        "other-district": Zone("Other"),
    }
    settings = Settings(
        database=hub_settings.database,
        broker=Broker(timeout_seconds=2, local_endpoints=True),
        queues=Queues(min_wait_seconds=0.0),
        zones=zones,
    )
    clock = Clock(now=watch.now, zones={"demo-district": NEW_YORK})
    return create_app(settings, engine, clock, Judge())


@pytest.fixture(scope="session")
def gate_url(gate_app: Any) -> Iterator[str]:
    """Where it listens."""
    with listening_at(gate_app) as url:
        yield url
        gate_app.extensions[EXTENSION].bells.close()


@pytest.fixture
def hub(gate_app: Any, gate_url: str, store: Engine, watch: Watch) -> Hub:
    """The hub with an empty store, at the real time."""
    watch.forward(-watch.ahead.total_seconds())
    return Hub(gate_url, store, gate_app.extensions[EXTENSION].settings)


@pytest.fixture(scope="session")
def elsewhere() -> Iterator[Elsewhere]:
    """A provider behind the hub."""
    app = Elsewhere()
    with listening_at(app) as url:
        app.url = f"{url}/sif"
        yield app


@pytest.fixture
def ground(
    hub: Hub,
    gate_app: Any,
    watch: Watch,
    sis: Client,
    reader: Client,
    elsewhere: Elsewhere,
    box: Callable[..., Box],
    subscribe: Callable[..., requests.Response],
) -> Ground:
    """Students and a school in the store; the vendor subscribed to students before."""
    held = box(reader)
    assert subscribe(held).status_code == 201
    made = generate(SEED, students=3)
    documents = dict(xpress.documents(made))
    found: list[etree._Element] = list(documents["xStudents"])
    for name in ("xSchools", "xStudents"):
        body = etree.tostring(documents[name])
        assert sis.send("POST", f"/requests/{name}", body).status_code == 200
    school = made.students[0].enrollment.school_refid
    return Ground(hub, gate_app, watch, sis, reader, found, school, elsewhere, held)


@pytest.fixture
def brokered(ground: Ground) -> Client:
    """Another application of the vendor, whose students come from the provider."""
    far = {"kind": "provider", "environment_type": "BROKERED"}
    with ground.hub.engine.begin() as connection:
        vendors.add_application(connection, "far", SECRET, SCOPE, **far)
        vendors.add_application(
            connection, "brokered", SECRET, SCOPE, vendor_id=1, environment_type="BROKERED"
        )
    for key in ("far", "brokered"):
        client = Client(ground.hub.base, key)
        assert client.open().status_code == 201
    body = etree.tostring(xpress.collection("xStudents", ground.students))
    ground.elsewhere.seen.clear()
    ground.elsewhere.answer = lambda _: Response(body, 200, content_type=XML)
    entry = Provider(
        str(uuid.uuid4()), "far", None, SCOPE, "OBJECT", "xStudents", "Far", ground.elsewhere.url,
        {}, (XML,),
    )  # fmt: skip
    with ground.hub.engine.begin() as connection:
        assert providers.insert(connection, entry)
    return client


def entry(*granted: str, **given: Any) -> Terms:
    """One privacy entry."""
    return Terms(granted=granted or GRANTED, **given)


def code(reply: requests.Response) -> tuple[int, str]:
    """Status and sub code of a refusal, '' where it has none."""
    if not reply.content or not reply.content.lstrip().startswith(b"<"):
        return reply.status_code, ""
    told = etree.fromstring(reply.content).findtext("{*}description", "")
    return reply.status_code, told[:6] if told[3:4] == "-" else ""


def seen(shown: bytes) -> set[tuple[str, str]]:
    """Kind and element of every canary of the district in the bytes."""
    return {(each.kind, each.element) for each in sightings(SEED, shown.decode())}


OPEN = {("student", element) for element in ("RefId", "localId", "givenName")}
OPEN |= {("staff", element) for element in ("RefId", "localId", "givenName", "familyName")}
OPEN |= {(kind, "RefId") for kind in ("enrollment", "lea", "school")}
