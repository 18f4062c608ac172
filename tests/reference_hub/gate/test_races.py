"""Fifty readers at once around an acknowledgement, a narrowing and an end: order by commit.

A reader notes when it sent each request and when the answer was there. What was sent after the
commit meets the new state; what was answered before the acknowledgement began holds no data. That
no read slips in between is seen in the audit: each answer with data stands there once, written by a
statement that still saw its POD in force.
"""

from __future__ import annotations

import http.client
import itertools
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from lxml import etree
from sqlalchemy import Engine, text

from fixtures.generate import student
from fixtures.writers import xpress
from reference_hub.clock import Clock
from reference_hub.journeys.acknowledge import acknowledge
from reference_hub.journeys.end_pod import end_pods
from reference_hub.journeys.issue_pod import issue_pod
from reference_hub.model.party import Vendor
from reference_hub.model.pod import Pod
from reference_hub.store import audits, vendors
from tests.reference_hub.delivery.district import obligations
from tests.reference_hub.gate.conftest import LIST, NARROW
from tests.reference_hub.web.conftest import SCOPE, SECRET, Client
from tests.system.processes import Processes, free_port

READERS = 50
WIDE = ("xStudent/@refId", "xStudent/localId", "xStudent/name")
Act = Callable[[], object]


@dataclass(frozen=True)
class Read:
    """One request: when it went out and when all of its answer was there, in seconds."""

    sent: float
    answered: float
    status: int
    token: str
    has_data: bool
    is_wide: bool


@dataclass
class Field:
    """A served hub of two processes, a source's students, and a vendor with many readers."""

    engine: Engine
    port: int
    reader: Client
    refid: str
    token: str = ""
    reads: list[Read] = field(default_factory=list)
    stop: threading.Event = field(default_factory=threading.Event)

    @property
    def vendor(self) -> Vendor:
        """The vendor whose readers these are."""
        with self.engine.connect() as connection:
            return vendors.required_vendor(connection, "reading")

    def issue(self, *granted: str, version: str = "1.0.0") -> Pod:
        """A new POD in place of those before."""
        today = Clock().now().date()
        terms = obligations(today - timedelta(days=2), today + timedelta(days=90))
        with self.engine.begin() as connection:
            return issue_pod(connection, self.vendor, version, granted, terms, Clock())

    def read_on(self, number: int) -> None:
        """Read by one door after another until told to stop."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        paths = (LIST, f"{LIST}/{self.refid}", f"{LIST}?navigationPageSize=1",
                 f'{LIST}?where=[localId!="x"]')  # fmt: skip
        with closing(connection):
            for path in itertools.islice(itertools.cycle(paths), number % len(paths), None):
                if self.stop.is_set():
                    return
                token, sent = self.token, time.monotonic()
                headers = self.reader.signed(self.reader.user) | {"dataPrivacyMarker": token}
                connection.request("GET", path, headers=headers)
                reply = connection.getresponse()
                body = reply.read()
                has_data = b"<localId" in body or b"refId=" in body
                told = (reply.status, token, has_data, b"familyName" in body)
                self.reads.append(Read(sent, time.monotonic(), *told))

    def around(self, act: Act, *, each: int) -> tuple[float, float]:
        """Let fifty read while `act` is done, at least `each` answers before it and after it; when
        its transaction began and when its commit was known."""
        with ThreadPoolExecutor(READERS) as pool:
            running = [pool.submit(self.read_on, number) for number in range(READERS)]
            try:
                self._until(lambda: len(self.reads) >= each)
                began = time.monotonic()
                act()
                committed = time.monotonic()
                done = len(self.reads) + READERS
                self._until(lambda: len(self.reads) >= done + each)
            finally:
                self.stop.set()
        for one in running:
            one.result()
        return began, committed

    def _until(self, condition: Callable[[], bool]) -> None:
        until = time.monotonic() + 60
        while not condition():
            assert time.monotonic() < until, f"only {len(self.reads)} answers"
            time.sleep(0.005)

    def audited(self) -> dict[str, int]:
        """Reads in the audit trail by version of the POD."""
        with self.engine.connect() as connection:
            found: dict[str, int] = {}
            for each in audits.noted(connection, SCOPE, "read"):
                version = str(each.get("version"))
                found[version] = found.get(version, 0) + 1
            return found


@pytest.fixture(scope="module")
def port(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """Where two processes of one hub listen."""
    number = free_port()
    environ = {
        "DATABASE_URL": engine.url.render_as_string(hide_password=False),
        "HUB_SERVER_PORT": str(number),
        "HUB_SERVER_WORKERS": "2",
    }
    with Processes(tmp_path_factory.mktemp("race"), environ) as processes:
        processes.start("reference-hub", "serve", port=number)
        yield number


@pytest.fixture
def ground_of(port: int, store: Engine) -> Callable[[str], Field]:
    """Five students and a vendor that acknowledges by marker or by receipt."""

    def make(acknowledge_by: str = "marker") -> Field:
        base = f"http://127.0.0.1:{port}"
        with store.begin() as connection:
            vendor_id = vendors.add_vendor(
                connection, "reading", "Reading", SCOPE, acknowledge_by=acknowledge_by
            )
            vendors.add_application(connection, "sis", SECRET, SCOPE)
            vendors.add_application(connection, "reader", SECRET, SCOPE, vendor_id=vendor_id)
        sis, reader = Client(base, "sis"), Client(base, "reader")
        assert (sis.open().status_code, reader.open().status_code) == (201, 201)
        found = [xpress.student(student(11, index)) for index in range(5)]
        body = etree.tostring(xpress.collection("xStudents", found))
        assert sis.send("POST", LIST, body).status_code == 200
        return Field(store, port, reader, found[0].get("refId", ""))

    return make


def around_acknowledgement(field: Field, each: int) -> None:
    """Not a byte before the acknowledgement, and all of it from its commit on."""
    pod = field.issue(*WIDE)
    field.token = pod.token

    def act() -> None:
        with field.engine.begin() as connection:
            assert acknowledge(connection, pod.vendor_id, pod.token, "receipt", Clock())

    began, committed = field.around(act, each=each)
    assert [one for one in field.reads if one.has_data and one.answered < began] == []
    late = [one for one in field.reads if one.sent > committed]
    assert {(one.status, one.has_data) for one in late} == {(200, True)}
    assert {one.status for one in field.reads} == {200, 403}
    assert field.audited() == {"1.0.0": len([one for one in field.reads if one.has_data])}


def around_narrowing(field: Field, each: int) -> None:
    """The old token opens nothing from the commit on, the new one never more than it grants."""
    old = field.issue(*WIDE)
    field.token = old.token

    def act() -> None:
        field.token = field.issue(*NARROW, version="2.0.0").token

    _, committed = field.around(act, each=each)
    wide = [one for one in field.reads if one.is_wide]
    assert wide
    assert {one.token for one in wide} == {old.token}
    assert [one for one in wide if one.sent > committed] == []
    under_old = [one for one in field.reads if one.token == old.token]
    assert {one.status for one in under_old if one.sent > committed} <= {410}
    new = [one for one in field.reads if one.token == field.token]
    assert {one.status for one in new} == {200}
    shown = {"1.0.0": under_old, "2.0.0": new}
    expected = {name: sum(one.has_data for one in reads) for name, reads in shown.items()}
    assert field.audited() == expected


def around_revocation(field: Field, each: int) -> None:
    """From the commit of the end on there is only 410, and no byte of data."""
    # All of an object is granted, so that reading and audit are one statement.
    pod = field.issue("xStudent")
    field.token = pod.token

    def act() -> None:
        with field.engine.begin() as connection:
            assert len(end_pods(connection, field.vendor, "a race", Clock())) == 1

    _, committed = field.around(act, each=each)
    late = [one for one in field.reads if one.sent > committed]
    assert {(one.status, one.has_data) for one in late} == {(410, False)}
    assert {one.status for one in field.reads} == {200, 410}
    assert field.audited() == {"1.0.0": len([one for one in field.reads if one.has_data])}


@pytest.mark.requirement("POD-GATE-001", "POD-LC-002")
def test_fifty_readers_around_an_acknowledgement(ground_of: Callable[[str], Field]) -> None:
    around_acknowledgement(ground_of("receipt"), each=60)


@pytest.mark.requirement("POD-VER-002", "POD-VER-005")
def test_fifty_readers_around_a_narrowing(ground_of: Callable[[str], Field]) -> None:
    around_narrowing(ground_of("marker"), each=60)


@pytest.mark.requirement("POD-END-001")
def test_fifty_readers_around_a_revocation(ground_of: Callable[[str], Field]) -> None:
    around_revocation(ground_of("marker"), each=60)


@pytest.mark.soak
@pytest.mark.parametrize("turn", range(10))
def test_many_rounds(port: int, ground_of: Callable[[str], Field], turn: int) -> None:
    rounds = (
        ("receipt", around_acknowledgement),
        ("marker", around_narrowing),
        ("marker", around_revocation),
    )
    policy, around = rounds[turn % len(rounds)]
    around(ground_of(policy), each=1500)


@pytest.mark.requirement("POD-GATE-001")
def test_fifty_first_markers_acknowledge_once(ground_of: Callable[[str], Field]) -> None:
    field = ground_of("marker")
    field.token = field.issue(*WIDE).token
    field.around(lambda: None, each=60)
    assert {one.status for one in field.reads} == {200}
    statement = "SELECT count(*) FROM audit WHERE action = 'acknowledged POD'"
    with field.engine.connect() as connection:
        assert connection.execute(text(statement)).scalar_one() == 1
