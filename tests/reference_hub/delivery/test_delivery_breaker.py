"""A connection that fails again and again is paused, probed, resumed; the others never wait."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pytest

from conformance.simulators import serve
from conformance.simulators.message import Response
from reference_hub.journeys.standstill import pause_seconds
from reference_hub.settings import Delivery, Settings, Worker
from reference_hub.workers import backoff
from tests.reference_hub.delivery.district import District, Vendor, change, renamed

Connected = tuple[District, Vendor, int]
LIMITS = Delivery(attempts=4, pause_after=2, pause_seconds=30, longest_pause_seconds=100)
SETTINGS = Settings(worker=Worker(lease_seconds=5, timeout_seconds=5), delivery=LIMITS)


def later(district: District, seconds: float) -> int:
    """Deliver so many seconds later; how many runs that took."""
    district.hour.moved += timedelta(seconds=seconds)
    return district.deliver(SETTINGS)


def still(district: District) -> list[tuple[object, ...]]:
    """Failures and pauses in a row, the seconds until the next probe."""
    return district.query(
        "SELECT failures, pauses, round(extract(epoch FROM paused_until - since)) FROM standstill"
    )


def paused(district: District, vendor: Vendor, status: int = 503) -> None:
    """Two messages wait; the vendor has failed twice and is paused."""
    vendor.serves(Response(status), 2)
    district.accept(change(1), change(2))
    later(district, 0)
    later(district, 2)


def test_failures_in_a_row_pause_the_connection(connected: Connected) -> None:
    district, vendor, _ = connected
    paused(district, vendor)
    ((failures, pauses, seconds),) = still(district)
    assert (failures, pauses) == (2, 1)
    assert 15 <= float(str(seconds)) <= 33
    assert later(district, 5) == 0
    assert len(vendor.data()) == 2


def test_one_message_probes_and_its_success_lets_all_go(connected: Connected) -> None:
    district, vendor, _ = connected
    paused(district, vendor)
    assert later(district, 31) == 2
    assert still(district) == []
    assert [state for _, state, _ in district.states()] == ["done", "done"]


def test_a_probe_that_fails_pauses_for_longer(connected: Connected) -> None:
    district, vendor, _ = connected
    paused(district, vendor)
    vendor.serves(Response(503))
    assert later(district, 31) == 1
    assert still(district)[0][:2] == (3, 2)
    assert later(district, 20) == 0
    assert later(district, 60) == 2


def test_a_refusal_is_no_failure_of_the_connection(connected: Connected) -> None:
    district, vendor, _ = connected
    vendor.serves(Response(400), 2)
    district.accept(change(1), change(2))
    later(district, 0)
    assert [state for _, state, _ in district.states()] == ["dead", "dead"]
    assert still(district) == []


def test_another_connection_goes_on(connected: Connected) -> None:
    district, vendor, _ = connected
    paused(district, vendor)
    maths = Vendor()
    maths.needs_pod = False
    with serve(maths) as handle:
        district.connect(district.vendor("maths", "off"), handle.url, name="maths")
        district.accept(change(3))
        later(district, 1)
    to = "SELECT s.name, m.state FROM message m JOIN subscriber s ON s.id = m.subscriber_id"
    third = district.query(f"{to} WHERE m.kind = 'event' AND m.reason = '' ORDER BY m.id DESC")
    assert third[:2] == [("maths", "done"), ("connection-1", "waiting")]


def test_the_district_is_told_once_when_a_connection_is_paused(connected: Connected) -> None:
    district, vendor, _ = connected
    paused(district, vendor)
    vendor.serves(Response(503))
    later(district, 31)
    ((document,),) = district.query("SELECT convert_from(document, 'UTF8') FROM alert")
    assert "connection-1 are paused: the vendor answered 503" in str(document)
    told = district.query("SELECT action FROM audit WHERE action LIKE '%%delivery' ORDER BY id")
    assert told == [("paused delivery",)]
    later(district, 120)
    told = district.query("SELECT action FROM audit WHERE action LIKE '%%delivery' ORDER BY id")
    assert told == [("paused delivery",), ("resumed delivery",)]


def test_a_message_the_vendor_fails_on_becomes_a_dead_letter(connected: Connected) -> None:
    district, vendor, _ = connected
    vendor.serves(Response(500), 4)
    district.accept(change(1), change(2))
    for _ in range(5):
        later(district, 120)
    (first, second) = district.states()
    assert first == ("CREATE", "dead", "given up after 4 answers: the vendor answered 500")
    assert second == ("CREATE", "done", "")


def test_a_vendor_that_is_away_wears_out_no_message(connected: Connected) -> None:
    district, vendor, _ = connected
    vendor.serves(Response(503), 12)
    district.accept(change(1), renamed(1, "Ada"))
    for _ in range(12):
        later(district, 120)
    assert district.states()[0] == ("CREATE", "waiting", "the vendor answered 503")
    later(district, 120)
    assert [state for _, state, _ in district.states()] == ["done", "done"]
    assert [method for method, _ in vendor.actions()] == ["POST"] * 13 + ["PUT"]


def test_a_vendor_away_for_too_long_is_given_up(connected: Connected) -> None:
    district, vendor, _ = connected
    vendor.serves(Response(503), 2)
    district.accept(change(1))
    later(district, 0)
    later(district, 15 * 24 * 3600)
    expected = "given up after 336 hours: the vendor answered 503"
    assert district.states() == [("CREATE", "dead", expected)]


def test_pauses_double_to_the_longest_and_are_spread() -> None:
    longest = [pause_seconds(pauses, LIMITS, 1.0) for pauses in (0, 1, 2, 50)]
    assert longest == [30, 60, 100, 100]
    assert pause_seconds(0, LIMITS, 0.0) == 15


@pytest.mark.parametrize(("asked", "least"), [("0", 0.5), ("7", 7.0), ("-", 0.5)])
def test_what_the_vendor_asks_for_is_the_least(asked: str, least: float) -> None:
    now = datetime(2026, 9, 1, tzinfo=UTC)
    wait = (backoff.next_try(asked, 1, now, random.Random(1)) - now).total_seconds()
    assert least <= wait <= max(least, 1.0)
