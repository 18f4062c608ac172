"""Two hubs and two workers on one database, of which one each is killed in the middle."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import threading
import time
import uuid
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path

import pytest
import requests
from lxml import etree

from conformance.simulators import serve
from fixtures.generate import student
from fixtures.writers import xpress
from reference_hub.settings import Database, Settings
from reference_hub.store import vendors
from reference_hub.store.db import open_engine
from tests.reference_hub.delivery.district import SCOPE, District, Vendor
from tests.system.processes import Processes, free_port
from tests.system.sis import Sis
from tests.waiting import until

# A minute of several processes at once: `make soak`.
pytestmark = pytest.mark.soak

OBJECTS = 8
STEPS = 6
SECRET = "sis-secret-1"
# How a request ends whose hub dies.
LOST = (requests.ConnectionError, requests.exceptions.ChunkedEncodingError)
SETTINGS = {"HUB_QUEUES_MIN_WAIT_SECONDS": "0", "HUB_WORKER_LEASE_SECONDS": "2"}


def child_ids(process: subprocess.Popen[bytes]) -> list[int]:
    listed = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    return [int(each) for each in listed.read_text().split()] if listed.is_file() else []


def kill(process: subprocess.Popen[bytes]) -> None:
    """End a program and the processes it forked at once, as the machine's end would."""
    ids = [process.pid, *child_ids(process)]
    for each in ids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(each, signal.SIGKILL)
    process.wait(5)


def written(index: int, step: int) -> bytes:
    """A student whose name tells which change it is."""
    element = xpress.student(student(9, index))
    name = element.find("{*}name/{*}givenName")
    assert name is not None
    name.text = f"Step {index} {step}"
    return etree.tostring(element)


def step_of(body: bytes) -> tuple[int, int]:
    """Which change of which student a body tells of."""
    name = etree.fromstring(body).findtext(".//{*}givenName") or ""
    _, index, step = name.split()
    return int(index), int(step)


class Played:
    """The two hubs, what was posted through them, and who received it."""

    def __init__(self, kit: Processes, district: District, vendor: Vendor) -> None:
        self.kit, self.district, self.vendor = kit, district, vendor
        ports = [free_port(), free_port()]
        self.bases = [f"http://127.0.0.1:{port}" for port in ports]
        self.hubs = [
            kit.start("reference-hub", "serve", "--port", str(port), "--workers", "2", port=port)
            for port in ports
        ]
        self.sis = Sis(self.bases[0], "sis", SECRET)
        self.read: list[tuple[str, bytes]] = []
        self.posted = threading.Event()

    def subscribe(self) -> str:
        """A queue for all students; its path."""
        made = self.at(0, "POST", "/queues/queue", inf("queue", polling="IMMEDIATE"))
        queue = etree.fromstring(made.content).get("id")
        names = {"zoneId": SCOPE.zone_id, "contextId": SCOPE.context_id, "serviceType": "OBJECT"}
        body = inf("subscription", **names, serviceName="xStudents", queueId=str(queue))
        assert self.at(1, "POST", "/subscriptions/subscription", body).status_code == 201
        return f"/queues/{queue}/messages"

    def at(self, hub: int, method: str, path: str, body: bytes = b"") -> requests.Response:
        """One request to one of the hubs."""
        headers = self.sis.signed(self.sis.token) | {"Content-Type": "application/xml"}
        url = f"{self.bases[hub]}{path}"
        return requests.request(method, url, data=body, headers=headers, timeout=30)

    def anywhere(self, first: int, method: str, path: str, body: bytes = b"") -> int:
        """The same to whichever hub lives; the status. What was sent may have taken effect."""
        for turn in range(60):
            try:
                return self.at((first + turn) % 2, method, path, body).status_code
            except LOST:
                time.sleep(0.1)
        raise AssertionError("no hub answers")

    def post(self, index: int) -> None:
        """Create a student and change it step by step, each time through the other hub."""
        refid = xpress.student(student(9, index)).get("refId")
        status = self.anywhere(index, "POST", "/requests/xStudents/xStudent", written(index, 0))
        assert status in (201, 409)
        for step in range(1, STEPS):
            body = written(index, step)
            path = f"/requests/xStudents/{refid}"
            assert self.anywhere(index + step, "PUT", path, body) == 204

    def consume(self, path: str) -> None:
        """Read the queue to its end, in turns from both hubs, until all is posted."""
        done, turn, idle = "", 0, 0
        while idle < 3:
            turn += 1
            tail = f";deleteMessageId={done}" if done else ""
            try:
                answer = self.at(turn % 2, "GET", path + tail)
            except LOST:
                continue
            if answer.status_code == 404:
                # The hub that was to acknowledge it died after it did.
                done = ""
                continue
            assert answer.status_code in (200, 204), answer.text
            done = ""
            if answer.status_code == 200:
                done = answer.headers["messageId"]
                self.read.append((done, answer.content))
            elif self.posted.is_set():
                idle += 1
            time.sleep(0.0 if done else 0.05)

    def play(self) -> None:
        """Post, deliver and read, and kill one hub and one worker in the middle."""
        workers = [self.kit.start("reference-hub", "work") for _ in range(2)]
        path = self.subscribe()
        with ThreadPoolExecutor(10) as pool:
            reading = pool.submit(self.consume, path)
            posting = [pool.submit(self.post, index) for index in range(OBJECTS)]
            until(lambda: len(self.vendor.data()) >= OBJECTS)
            kill(workers[0])
            kill(self.hubs[0])
            for each in posting:
                each.result()
            self.posted.set()
            reading.result()
        until(lambda: {state for _, state, _ in self.pushed()} == {"done"})

    def pushed(self) -> list[tuple[object, ...]]:
        """Message id, state and change of every pushed message in queue order."""
        rows = self.district.query(
            "SELECT m.message_id, m.state, v.body FROM message m"
            " JOIN object_version v ON v.id = m.version_id"
            " WHERE m.subscriber_id IS NOT NULL AND m.kind = 'event' ORDER BY m.id"
        )
        return [(str(row[0]), row[1], step_of(bytes(row[2]))) for row in rows]  # type: ignore[arg-type]


def inf(name: str, **leaves: str) -> bytes:
    """An infrastructure element with text leaves."""
    root = etree.Element(name, nsmap={None: "http://www.sifassociation.org/infrastructure/3.3"})
    for tag, value in leaves.items():
        etree.SubElement(root, tag).text = value
    return etree.tostring(root)


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Played]:
    """The story, played once for all tests of this file."""
    folder = tmp_path_factory.mktemp("many")
    engine = open_engine(Settings(database=Database(directory=str(folder / "pg"))))
    url = engine.url.render_as_string(hide_password=False)
    district, vendor = District(engine), Vendor()
    vendor.slow = 0.02
    with serve(vendor) as handle, Processes(folder, SETTINGS | {"DATABASE_URL": url}) as kit:
        with engine.begin() as connection:
            vendors.add_application(connection, "sis", SECRET, SCOPE)
        vendor_id = district.vendor()
        district.connect(vendor_id, handle.url)
        district.issue(vendor_id, acknowledged=True)
        told = Played(kit, district, vendor)
        told.play()
        yield told
    engine.dispose()


def first_times(ids: Sequence[str]) -> list[str]:
    """Each id where it came first."""
    return list(dict.fromkeys(ids))


def by_object(changes: Iterable[object]) -> dict[int, list[int]]:
    """The steps of each object in the order given."""
    found: dict[int, list[int]] = defaultdict(list)
    for index, step in changes:  # type: ignore[misc]
        found[index].append(step)
    return found


def test_every_change_of_an_object_was_accepted_in_its_order(played: Played) -> None:
    steps = by_object(row[2] for row in played.pushed())
    # A change may have taken effect just before its hub died, and was then sent again.
    assert {index: list(dict.fromkeys(found)) for index, found in steps.items()} == {
        index: list(range(STEPS)) for index in range(OBJECTS)
    }


def second_id(message_id: object) -> str:
    """The id under which a create that is repeated and met by 409 is sent as an update."""
    return str(uuid.UUID(bytes=sha256(str(message_id).encode()).digest()[:16], version=4))


def test_pushed_messages_arrive_in_order_and_are_repeated_only_under_their_id(
    played: Played,
) -> None:
    known = {str(row[0]): row[2] for row in played.pushed()}
    of_second = {second_id(each): each for each in known}
    sent = [request.header("messageId") for request in played.vendor.data()]
    arrived = [of_second.get(each, each) for each in sent]
    assert sorted(set(arrived)) == sorted(known)
    assert by_object(known[each] for each in first_times(arrived)) == by_object(known.values())
    # What the dead worker had claimed may come again, once.
    assert max(Counter(sent).values()) <= 2


def test_the_vendor_holds_the_last_state_of_every_object(played: Played) -> None:
    assert len(played.vendor.state.students) == OBJECTS
    last = {}
    for request in played.vendor.data():
        index, step = step_of(request.body)
        last[index] = step
    assert last == dict.fromkeys(range(OBJECTS), STEPS - 1)


def test_the_queue_gave_every_event_in_order_and_skipped_none(played: Played) -> None:
    ids = [message_id for message_id, _ in played.read]
    assert len(ids) - len(set(ids)) <= 1
    read = by_object(step_of(body) for body in dict(played.read).values())
    assert read == by_object(row[2] for row in played.pushed())


def test_nothing_is_left_in_the_queue(played: Played) -> None:
    rows = played.district.query(
        "SELECT count(*) FROM message WHERE queue_id IS NOT NULL AND state <> 'done'"
    )
    assert rows == [(0,)]
