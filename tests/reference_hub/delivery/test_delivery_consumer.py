"""The hub as a SIF consumer: signing, environments, what it does not follow or swallow."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from conformance.simulators import serve
from conformance.simulators.message import Request, Response
from conformance.simulators.store import Session
from reference_hub.clock import Clock
from reference_hub.journeys.catch_up import catch_up
from reference_hub.journeys.prepare import BEHIND, UNACKNOWLEDGED
from reference_hub.problems import SetupError
from reference_hub.vendors.signing import mac, sign
from reference_hub.workers.loop import run
from reference_hub.workers.transport import Http, Unreachable
from tests.reference_hub.delivery.district import SETTINGS, District, Vendor, change, renamed

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

Connected = tuple[District, Vendor, int]
MOMENT = datetime(2026, 3, 2, 9, 15, tzinfo=UTC)
TIMESTAMP = "2026-03-02T09:15:00.000Z"


@pytest.mark.requirement("INF-AUT-024")
@pytest.mark.parametrize(
    ("user", "secret", "timestamp", "expected"),
    [
        ("HubDemo", "demo-secret-1", TIMESTAMP, "xDo1SOPprXGzPgFY317KAfdUs780IMNV8/00HgKvHIU="),
        (
            "c0ffee00-1111-4222-8333-444455556666",
            "demo-secret-1",
            "2026-03-02T09:15:02.250Z",
            "4+7NOdhLf5B3OZK9af3qwRzGF8rOuPyejT6eU4RzbVM=",
        ),
        (
            "HubDemo",
            "Pa:ss+word/=",
            "2026-03-02T09:15:00Z",
            "GaCT2vXzD4nQId9gI2gZJY2j/YwcNvtNcBe7aofafuE=",
        ),
        (
            "HubDemo",
            "pässwörd",
            "2026-03-02T09:15:00Z",
            "94VXJl+YqPDwW8CrtcfNxONZLZT104PbGk6AvdcS8CA=",
        ),
    ],
)
def test_the_mac_agrees_with_the_vectors(
    user: str, secret: str, timestamp: str, expected: str
) -> None:
    assert mac(user, secret, timestamp) == expected


def test_both_ways_of_signing_agree_with_the_vectors() -> None:
    basic = sign("basic", "HubDemo", "Pa:ss+word/=", MOMENT)
    assert basic["Authorization"] == "Basic SHViRGVtbzpQYTpzcyt3b3JkLz0="
    keyed = sign("SIF_HMACSHA256", "HubDemo", "demo-secret-1", MOMENT)
    assert keyed["timestamp"] == TIMESTAMP
    assert keyed["Authorization"].endswith(
        "SHViRGVtbzp4RG8xU09QcHJYR3pQZ0ZZMzE3S0FmZFVzNzgwSU1OVjgvMDBIZ0t2SElVPQ=="
    )


def test_another_way_of_signing_is_a_fault_of_the_settings() -> None:
    with pytest.raises(SetupError, match="Basic or SIF_HMACSHA256"):
        sign("Bearer", "HubDemo", "x", MOMENT)


class GivesBackTheOldEnvironment(Vendor):
    """Answers a second create with 409 and the environment that exists."""

    def conflict(self, request: Request, existing: Session) -> Response:
        """The existing environment as the body of the 409."""
        return self.document(409, existing.document)


class NamesAFile(Vendor):
    """Its requestsConnector is no web address."""

    def services(self, root: str, refid: str) -> dict[str, str]:
        """A connector that must not be called."""
        return super().services(root, refid) | {"requestsConnector": "file:///etc/hostname"}


def lose_session(district: District) -> None:
    """Forget what the transport remembered."""
    with district.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE subscriber SET session = NULL")


@pytest.mark.requirement("NEG-003")
def test_an_environment_that_comes_with_a_409_is_taken_over(district: District) -> None:
    vendor = GivesBackTheOldEnvironment()
    vendor.needs_pod = False
    with serve(vendor) as handle:
        district.connect(district.vendor(policy="off"), handle.url)
        for index in (1, 2):
            district.accept(change(index))
            district.deliver()
            lose_session(district)
    assert len(vendor.state.sessions) == 1
    assert len(vendor.state.students) == 2


def test_an_environment_with_an_unfit_address_is_not_used(district: District) -> None:
    with serve(NamesAFile()) as handle:
        district.connect(district.vendor(policy="off"), handle.url)
        district.accept(change(1))
        district.deliver()
    reason = "the vendor's environment names an address that is not protected"
    assert district.states() == [("CREATE", "waiting", reason)]


def test_a_connection_without_known_transport_waits(
    district: District, vendor: tuple[Vendor, str]
) -> None:
    district.connect(district.vendor(policy="off"), vendor[1], transport="pigeon")
    district.accept(change(1))
    district.deliver()
    assert district.states() == [("CREATE", "waiting", "there is no transport pigeon")]


def redirect(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
    """Send everybody elsewhere."""
    start("302 Found", [("Location", "http://127.0.0.1:9/"), ("Content-Length", "0")])
    return [b""]


def flood(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
    """Answer with more than anybody wants."""
    start("200 OK", [("Content-Length", str(5_000_000))])
    return [b"x" * 5_000_000]


def test_a_redirect_is_not_followed() -> None:
    with serve(redirect) as handle:
        assert Http(2).send("GET", handle.url, {}).status == 302


def test_an_answer_without_end_is_cut_off() -> None:
    with serve(flood) as handle, pytest.raises(Unreachable, match="larger than 2 MiB"):
        Http(2).send("GET", handle.url, {})


def test_a_pod_acknowledged_early_goes_live_on_its_first_day(connected: Connected) -> None:
    district, vendor, vendor_id = connected
    today = district.hour.now().date()
    pod = district.issue(vendor_id, acknowledged=True, starts=today + timedelta(days=3))
    with district.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE message SET state = 'done' WHERE kind = 'pod'")
    district.accept(change(1))
    district.deliver()
    assert district.states() == [("CREATE", "held", "POD not acknowledged")]
    district.hour.moved = timedelta(days=3)
    catch_up(district.engine, district.clock)
    vendor.serves(Response(201))
    district.deliver()
    assert vendor.data()[-1].header("dataPrivacyMarker") == pod.token


def held(district: District, reason: str, where: str = "kind = 'event'") -> None:
    """Hold messages as if something had happened at the same time."""
    with district.engine.begin() as connection:
        connection.exec_driver_sql(
            f"UPDATE message SET state = 'held', reason = '{reason}' WHERE {where}"
        )


def test_a_message_held_just_after_the_acknowledgement_is_let_go(connected: Connected) -> None:
    district, vendor, _ = connected
    district.accept(change(1), renamed(1, "Ada"))
    held(district, UNACKNOWLEDGED, "kind = 'event' AND action = 'CREATE'")
    held(district, BEHIND, "kind = 'event' AND action = 'UPDATE'")
    assert catch_up(district.engine, district.clock) == 2
    district.deliver()
    assert [method for method, _ in vendor.actions()] == ["POST", "PUT"]


def test_what_the_vendor_refused_stays_held_and_what_is_behind_it_too(
    connected: Connected,
) -> None:
    district, vendor, _ = connected
    vendor.serves(Response(403))
    district.accept(change(1), renamed(1, "Ada"))
    district.deliver()
    assert catch_up(district.engine, district.clock) == 0


def test_without_a_live_pod_nothing_is_let_go(connected: Connected) -> None:
    district, _, _ = connected
    district.accept(change(1))
    held(district, UNACKNOWLEDGED)
    district.hour.moved = timedelta(days=200)
    assert catch_up(district.engine, district.clock) == 0


def test_a_worker_survives_that_the_database_went_away(connected: Connected) -> None:
    district, vendor, _ = connected
    stop = threading.Event()
    worker = threading.Thread(target=lambda: run(district.engine, SETTINGS, Clock(), stop))
    worker.start()
    try:
        stop.wait(0.5)
        killed = district.query(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND query = 'LISTEN hub_messages'"
        )
        assert killed == [(True,)]
        district.accept(change(1))
        stop.wait(2.5)
    finally:
        stop.set()
        worker.join(10)
    assert len(vendor.state.students) == 1


def test_a_worker_can_end_when_nothing_is_due(connected: Connected) -> None:
    district, vendor, _ = connected
    district.accept(change(1), change(2))
    run(district.engine, SETTINGS, Clock(), threading.Event(), until_empty=True)
    assert len(vendor.state.students) == 2
