"""The two sides of a delivery: a district on a real store, a vendor that notes what comes."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import Engine, text

from conformance.simulators import Receiver
from conformance.simulators.message import Request, Response
from fixtures import pods as agreements
from fixtures.generate import generate, student
from fixtures.writers import xpress
from reference_hub.clock import Clock
from reference_hub.codec import xml
from reference_hub.codec.pod_document import Obligations
from reference_hub.journeys.accept import accept
from reference_hub.journeys.acknowledge import acknowledge
from reference_hub.journeys.deliver import deliver_next
from reference_hub.journeys.issue_pod import issue_pod
from reference_hub.model.change import CREATE, DELETE, UPDATE, Change
from reference_hub.model.pod import Pod
from reference_hub.model.scope import Scope
from reference_hub.settings import Settings, Worker
from reference_hub.store import vendors
from reference_hub.workers.loop import transports

SCOPE = Scope("demo-district")
GRANTED = agreements.granted_paths(agreements.agreement("reading-app"))
SETTINGS = Settings(worker=Worker(lease_seconds=5, poll_seconds=0.05, timeout_seconds=5))


def obligations(starts: date, ends: date) -> Obligations:
    """The words of a POD; only its days matter here."""
    return Obligations(
        contract_uri="https://registry.example/1",
        contract_name="Reading practice",
        contract_version="2.2",
        starts=starts,
        ends=ends,
        controller="Example Public Schools",
        controller_policy="https://district.example/privacy",
        processor="Example Reading Inc",
        processor_policy="https://reading.example/privacy",
        purposes=("Reading practice",),
        laws=(("FERPA", "20 USC 1232g"),),
        retention_days=60,
    )


class Vendor(Receiver):
    """The simulated vendor; notes each request and can be told to answer otherwise."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[Request] = []
        self.answers: list[Response] = []
        self.slow = 0.0
        self.meanwhile: list[Callable[[], object]] = []

    def answer(self, request: Request) -> Response:
        """Data requests are noted; planned answers come first."""
        if "environments" in request.segments:
            return super().answer(request)
        self.seen.append(request)
        time.sleep(self.slow)
        if self.meanwhile:
            self.meanwhile.pop()()
        if self.answers:
            return self.answers.pop(0)
        return super().answer(request)

    def data(self) -> list[Request]:
        """The noted requests without those that bring a POD."""
        return [request for request in self.seen if "pods" not in request.segments]

    def actions(self) -> list[tuple[str, str]]:
        """Method and last path segment of each noted data request."""
        return [(request.method, request.segments[-1]) for request in self.data()]

    def serves(self, response: Response, times: int = 1) -> None:
        """Answer the next requests with this."""
        self.answers += [response] * times


@dataclass
class Hour:
    """A clock that a test can put forward."""

    moved: timedelta = field(default_factory=timedelta)

    def now(self) -> datetime:
        """The real time, moved."""
        return datetime.now(UTC) + self.moved


@dataclass
class District:
    """The hub's side: what a district registers, accepts and delivers."""

    engine: Engine
    hour: Hour = field(default_factory=Hour)

    @property
    def clock(self) -> Clock:
        """The clock of every journey."""
        return Clock(now=self.hour.now)

    def vendor(self, name: str = "reading", policy: str = "required") -> int:
        """Register a vendor."""
        with self.engine.begin() as connection:
            return vendors.add_vendor(connection, name, "Example Reading App", SCOPE, policy)

    def connect(self, vendor_id: int, url: str, **given: object) -> int:
        """Register a connection, by SIF push unless told otherwise."""
        values: dict[str, object] = {
            "format": "sif-xml",
            "transport": "sif_push",
            "objects": ["xStudent"],
            "credentials": {"key": "demo-vendor", "secret": "demo-secret-1", "method": "Basic"},
        }
        name = str(given.pop("name", f"connection-{vendor_id}"))
        with self.engine.begin() as connection:
            return vendors.add_subscriber(
                connection,
                vendor_id,
                name,
                SCOPE,
                url=url,
                **(values | given),  # type: ignore[arg-type]
            )

    def issue(
        self,
        vendor_id: int,
        granted: tuple[str, ...] = GRANTED,
        *,
        acknowledged: bool = False,
        starts: date | None = None,
    ) -> Pod:
        """Issue a POD that runs from yesterday, or `starts`, for three months."""
        today = self.hour.now().date()
        terms = obligations(starts or today - timedelta(days=1), today + timedelta(days=90))
        with self.engine.begin() as connection:
            vendor = vendors.vendor_by_id(connection, vendor_id)
            assert vendor is not None
            pod = issue_pod(connection, vendor, "1.0.0", granted, terms, self.clock)
            if acknowledged:
                acknowledge(connection, vendor_id, pod.token, "a person", self.clock)
        return pod

    def accept(self, *changes: Change) -> None:
        """Take changes as the hub's front door would."""
        with self.engine.begin() as connection:
            accept(connection, SCOPE, "sis", changes, self.clock, file_delay_seconds=0)

    def deliver(self, settings: Settings = SETTINGS, limit: int = 50) -> int:
        """Deliver until nothing is due; how many runs that took."""
        with transports(settings, self.clock) as ways:
            for run in range(limit):
                if not deliver_next(self.engine, settings, ways, self.clock):
                    return run
        raise AssertionError("the queue does not come to an end")

    def states(self) -> list[tuple[str, str, str]]:
        """Action, state and reason of all messages in queue order, PODs left out."""
        statement = "SELECT action, state, reason FROM message WHERE kind <> 'pod' ORDER BY id"
        return [tuple(row) for row in self.query(statement)]  # type: ignore[misc]

    def query(self, statement: str) -> list[tuple[object, ...]]:
        """Rows of a statement."""
        with self.engine.connect() as connection:
            return [tuple(row) for row in connection.execute(text(statement))]


def change(index: int, action: str = CREATE, body: bytes | None = None) -> Change:
    """A change of the synthetic student with this index."""
    element = xpress.student(student(5, index))
    written = xml.tostring(element) if body is None else body
    refid = xml.fold(xml.refid_of(element))
    return Change(action, "xStudent", refid, None if action == DELETE else written)


def renamed(index: int, given_name: str) -> Change:
    """An update that gives the student another name."""
    element = xpress.student(student(5, index))
    name = element.find("{*}name/{*}givenName")
    assert name is not None
    name.text = given_name
    return change(index, UPDATE, xml.tostring(element))


def roster(students: int = 4) -> list[Change]:
    """A whole small district: LEA, schools, students."""
    kinds = {"xLeas": "xLea", "xSchools": "xSchool", "xStudents": "xStudent"}
    return [
        Change(CREATE, kinds[name], xml.fold(xml.refid_of(each)), xml.tostring(each))
        for name, collection in xpress.documents(generate(5, students))
        if name in kinds
        for each in collection
    ]
