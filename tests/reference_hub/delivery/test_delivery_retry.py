"""Vendors that are busy, broken or gone: nothing is lost, the order stays."""

from __future__ import annotations

import random
import socket
from datetime import UTC, datetime, timedelta

import pytest

from conformance.simulators import serve
from conformance.simulators.message import Response
from reference_hub.settings import Settings, Worker
from reference_hub.workers import backoff
from tests.reference_hub.delivery.district import District, Vendor, change, renamed

Connected = tuple[District, Vendor, int]
NOW = datetime(2026, 9, 1, 12, tzinfo=UTC)


def due(district: District) -> float:
    """Seconds until the first waiting message may be tried again."""
    statement = "SELECT not_before FROM message WHERE state = 'waiting' ORDER BY id LIMIT 1"
    ((moment,),) = district.query(statement)
    assert isinstance(moment, datetime)
    return (moment - district.hour.now()).total_seconds()


def test_a_busy_vendor_is_asked_again_when_it_wished_and_in_order(connected: Connected) -> None:
    district, vendor, _ = connected
    vendor.serves(Response(503, headers=(("Retry-After", "30"),)))
    district.accept(change(1), renamed(1, "Ada"))
    district.deliver()
    assert len(vendor.data()) == 1
    assert 28 < due(district) < 30
    district.hour.moved = timedelta(seconds=31)
    district.deliver()
    assert [method for method, _ in vendor.actions()] == ["POST", "POST", "PUT"]
    assert len({request.header("messageId") for request in vendor.data()}) == 2


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_a_passing_fault_keeps_the_message(connected: Connected, status: int) -> None:
    district, vendor, _ = connected
    vendor.serves(Response(status))
    district.accept(change(1))
    district.deliver()
    assert district.states() == [("CREATE", "waiting", f"the vendor answered {status}")]
    district.hour.moved = timedelta(seconds=2)
    district.deliver()
    assert district.states() == [("CREATE", "done", "")]


def test_a_vendor_that_is_away_gets_everything_when_it_is_back(district: District) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    district.connect(district.vendor(policy="off"), f"http://127.0.0.1:{port}/sif3")
    district.accept(change(1), change(2))
    district.deliver()
    assert district.states()[0][1:] == ("waiting", "the vendor cannot be reached")
    district.hour.moved = timedelta(seconds=2)
    vendor = Vendor()
    vendor.needs_pod = False
    with serve(vendor, port):
        district.deliver()
    assert len(vendor.state.students) == 2


def test_wrong_credentials_lose_nothing(district: District, vendor: tuple[Vendor, str]) -> None:
    app, url = vendor
    credentials = {"key": "demo-vendor", "secret": "wrong", "method": "Basic"}
    district.connect(district.vendor(policy="off"), url, credentials=credentials)
    district.accept(change(1))
    district.deliver()
    assert app.data() == []
    expected = ("CREATE", "waiting", "the vendor gave no environment (401)")
    assert district.states() == [expected]


def test_a_way_of_signing_nobody_knows_is_said_and_waits(
    district: District, vendor: tuple[Vendor, str]
) -> None:
    credentials = {"key": "demo-vendor", "secret": "x", "method": "Rot13"}
    district.connect(district.vendor(policy="off"), vendor[1], credentials=credentials)
    district.accept(change(1))
    district.deliver()
    ((_, state, reason),) = district.states()
    assert state == "waiting"
    assert "Basic or SIF_HMACSHA256" in reason


def test_a_slow_vendor_is_given_up_in_time(connected: Connected) -> None:
    district, vendor, _ = connected
    vendor.slow = 0.5
    district.accept(change(1), change(2))
    district.deliver(Settings(worker=Worker(timeout_seconds=0.1)))
    assert district.states()[0] == ("CREATE", "waiting", "the vendor did not answer in time")
    assert district.states()[1] == ("CREATE", "waiting", "")


def test_messages_that_were_not_tried_do_not_count_as_attempts(connected: Connected) -> None:
    district, vendor, _ = connected
    vendor.serves(Response(503))
    district.accept(change(1), change(2))
    district.deliver()
    statement = "SELECT attempts FROM message WHERE kind = 'event' ORDER BY id"
    assert district.query(statement) == [(1,), (0,)]


def test_waits_grow_to_a_minute_and_are_spread() -> None:
    rng = random.Random(1)
    longest = [max(backoff.delay(tries, rng) for _ in range(300)) for tries in (1, 2, 3, 7, 99)]
    assert [round(seconds) for seconds in longest] == [1, 2, 4, 60, 60]
    assert min(backoff.delay(7, rng) for _ in range(300)) < 33


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("5", 5.0),
        ("Tue, 01 Sep 2026 12:00:09 GMT", 9.0),
        ("Tue, 01 Sep 2026 11:00:00 GMT", 0.0),
        ("99999999", 3600.0),
        ("soon", None),
        ("-1", None),
        ("", None),
    ],
)
def test_retry_after_is_read_in_both_forms(header: str, expected: float | None) -> None:
    assert backoff.asked(header, NOW) == expected
