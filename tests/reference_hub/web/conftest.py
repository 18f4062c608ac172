"""A hub on a real socket with a real store, and clients that speak to it as strangers would."""

from __future__ import annotations

import base64
import hashlib
import hmac
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

import pytest
import requests
from lxml import etree
from sqlalchemy import Engine, text

from fixtures.generate import student
from fixtures.writers import xpress
from reference_hub.app import create_app
from reference_hub.clock import Clock
from reference_hub.codec.pod_document import Obligations, write_pod
from reference_hub.codec.schema import Judge
from reference_hub.model.pod import PENDING, Pod, Terms
from reference_hub.model.queue import IMMEDIATE, Queue, Subscription
from reference_hub.model.scope import Scope
from reference_hub.settings import Server, Settings, Zone
from reference_hub.store import pods, queues, subscriptions, vendors
from tests.reference_hub.conftest import empty
from tests.reference_hub.listening import listening_at
from tests.reference_hub.web.job_documents import JOBS, wanted

INF = "http://www.sifassociation.org/infrastructure/3.3"
SCOPE = Scope("demo-district")
SECRET = "a-secret"
Students = Callable[[int], list[etree._Element]]
GRANTED = ("xStudent/@refId", "xStudent/name/givenName", "xStudent/localId")


@dataclass
class Client:
    """A consumer: signs each request, remembers its session."""

    base: str
    key: str
    secret: str = SECRET
    method: str = "Basic"
    user: str = ""
    environment: etree._Element | None = None
    http: requests.Session = field(default_factory=requests.Session)

    def signed(self, user: str) -> dict[str, str]:
        """Authorization, and for HMAC the timestamp."""
        now = datetime.now(UTC).isoformat()
        digest = hmac.digest(self.secret.encode(), f"{user}:{now}".encode(), hashlib.sha256)
        proof = self.secret if self.method == "Basic" else base64.b64encode(digest).decode()
        token = base64.b64encode(f"{user}:{proof}".encode()).decode()
        return {"Authorization": f"{self.method} {token}", "timestamp": now}

    def open(self, body: bytes = b"", **headers: str) -> requests.Response:
        """Create an environment; on success later requests use its session."""
        reply = self.http.post(
            f"{self.base}/environments/environment",
            data=body,
            headers=self.signed(self.key) | {"Content-Type": "application/xml"} | headers,
        )
        if reply.status_code == 201:
            self.environment = etree.fromstring(reply.content)
            self.user = self.environment.findtext("{*}sessionToken", "")
        return reply

    def send(
        self, verb: str, path: str, body: bytes | Iterator[bytes] | None = None, **headers: str
    ) -> requests.Response:
        """One request with the session; underscores in header names become hyphens."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.http.request(
            verb, f"{self.base}{path}", data=body, headers=self.signed(self.user) | named
        )


@dataclass(frozen=True)
class Hub:
    """Where the hub listens and what it stands on."""

    base: str
    engine: Engine
    settings: Settings

    def client(self, key: str, vendor_id: int | None = None, method: str = "Basic") -> Client:
        """A registered application."""
        with self.engine.begin() as connection:
            vendors.add_application(connection, key, SECRET, SCOPE, vendor_id=vendor_id)
        return Client(self.base, key, method=method)

    def vendor(self, name: str = "reading", policy: str = "required") -> int:
        """A registered vendor."""
        with self.engine.begin() as connection:
            return vendors.add_vendor(connection, name, f"{name} Inc", SCOPE, policy)

    def pod(self, vendor_id: int, **given: object) -> Pod:
        """A POD of the vendor, Pending unless told otherwise."""
        values: dict[str, object] = {
            "id": str(uuid.uuid4()),
            "vendor_id": vendor_id,
            "scope": SCOPE,
            "version": "1.0.0",
            "token": str(uuid.uuid4()),
            "status": PENDING,
            "starts": date(2025, 7, 1),
            "ends": date(2035, 6, 30),
            "entries": (Terms(granted=given.pop("granted", GRANTED)),),  # type: ignore[arg-type]
            "document": b"",
            "acknowledged": None,
        } | given
        terms = Obligations(
            "https://registry.example/1", "Reading", "1", date(2025, 7, 1), date(2035, 6, 30),
            "District", "https://d.example", "Vendor", "https://v.example", ("Practice",), (), 60,
        )  # fmt: skip
        values["document"] = write_pod(
            str(values["id"]), str(values["token"]), "1.0.0", "Vendor", SCOPE, GRANTED, terms
        )
        made = Pod(**values)  # type: ignore[arg-type]
        with self.engine.begin() as connection:
            pods.insert(connection, made)
        return made


@pytest.fixture(scope="session")
def web_settings(hub_settings: Settings) -> Settings:
    """A small limit for bodies, and a zone that nobody here belongs to."""
    return Settings(
        database=hub_settings.database,
        server=Server(max_body=1_000_000),
        zones={"demo-district": Zone("Demo"), "other-district": Zone("Other")},
    )


@pytest.fixture(scope="session")
def listening(engine: Engine, web_settings: Settings) -> Iterator[str]:
    """The hub, one for all tests: its state is in the store, which each test empties."""
    with listening_at(create_app(web_settings, engine, judge=Judge())) as url:
        yield url


@pytest.fixture
def another(store: Engine, web_settings: Settings) -> Iterator[Callable[..., Hub]]:
    """Start a second hub on the same store, with other settings, clock or judge."""
    with ExitStack() as servers:

        def start(
            settings: Settings | None = None,
            clock: Clock | None = None,
            judge: Judge | None = None,
        ) -> Hub:
            chosen = settings or web_settings
            app = create_app(chosen, store, clock, judge or Judge())
            return Hub(servers.enter_context(listening_at(app)), store, chosen)

        yield start


@pytest.fixture
def hub(listening: str, store: Engine, web_settings: Settings) -> Hub:
    """The hub with an empty store."""
    return Hub(listening, store, web_settings)


@pytest.fixture
def sis(hub: Hub) -> Client:
    """A source with an open environment."""
    return opened(hub.client("sis"))


@pytest.fixture(scope="module")
def shared_sis(listening: str, engine: Engine, web_settings: Settings) -> Client:
    """The same, once for a file whose tests only read; none of them may use an empty store."""
    empty(engine)
    return opened(Hub(listening, engine, web_settings).client("sis"))


def opened(client: Client) -> Client:
    """The client with an open environment."""
    assert client.open().status_code == 201
    return client


@pytest.fixture
def reader(hub: Hub) -> Client:
    """A vendor with an open environment and no POD yet; `hub.pod(1)` makes one."""
    return opened(hub.client("reader", hub.vendor()))


@pytest.fixture
def students() -> Students:
    """The first so many synthetic students."""
    return lambda count: [xpress.student(student(11, index)) for index in range(count)]


def stored(sis: Client, found: list[etree._Element]) -> list[etree._Element]:
    """The same students, which `sis` has created."""
    body = etree.tostring(xpress.collection("xStudents", found))
    assert sis.send("POST", "/requests/xStudents", body).status_code == 200
    return found


@pytest.fixture
def three(sis: Client, students: Students) -> list[etree._Element]:
    """Three stored students."""
    return stored(sis, students(3))


@pytest.fixture
def seven(sis: Client, students: Students) -> list[str]:
    """Seven stored students; their ids in the order of creation."""
    return [each.get("refId", "") for each in stored(sis, students(7))]


@pytest.fixture
def one_student(students: Students) -> etree._Element:
    """A synthetic student with an id."""
    return students(1)[0]


@dataclass(frozen=True)
class Ear:
    """A subscription with a queue of its own, read where the hub stores it."""

    engine: Engine
    queue_id: str

    def events(self) -> list[tuple[dict[str, str], etree._Element]]:
        """Headers and document of each event, oldest first."""
        found = text(
            "SELECT p.headers, p.body FROM message m JOIN payload p ON p.id = m.payload_id"
            " WHERE m.queue_id = CAST(:queue AS uuid) ORDER BY m.id"
        )
        with self.engine.connect() as connection:
            rows = connection.execute(found, {"queue": self.queue_id}).all()
        return [(row.headers, etree.fromstring(bytes(row.body))) for row in rows]


@pytest.fixture
def ear(hub: Hub) -> Callable[[Client, str, str], Ear]:
    """Subscribe a client to the events of a service type and name."""

    def subscribe(client: Client, service_type: str, name: str) -> Ear:
        assert client.environment is not None
        owner, queue_id = str(client.environment.get("id")), str(uuid.uuid4())
        now = datetime.now(UTC)
        queue = Queue(queue_id, owner, IMMEDIATE, "", 30, 1.0, 1, now, now, now)
        wanted = Subscription(str(uuid.uuid4()), owner, queue_id, SCOPE, service_type, name)
        with hub.engine.begin() as connection:
            queues.insert(connection, queue)
            subscriptions.insert(connection, wanted)
        return Ear(hub.engine, queue_id)

    return subscribe


@pytest.fixture
def job(sis: Client) -> etree._Element:
    """A job of `sis`."""
    reply = sis.send("POST", f"{JOBS}/rosterValidation", wanted())
    assert reply.status_code == 201
    return etree.fromstring(reply.content)


@pytest.fixture
def job_url(job: etree._Element) -> str:
    """Where that job is."""
    return f"{JOBS}/{job.get('id')}"
