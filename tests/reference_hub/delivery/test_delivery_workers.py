"""Worker processes: killed, stopped, several at once. Each is a real process."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable

from reference_hub.clock import Clock
from reference_hub.journeys.deliver import deliver_next
from reference_hub.settings import Settings
from reference_hub.workers.loop import run, transports
from tests.reference_hub.delivery.conftest import Start
from tests.reference_hub.delivery.district import SETTINGS, District, Vendor, change
from tests.waiting import until

Connected = tuple[District, Vendor, int]
Threads = Callable[[Callable[[], None]], threading.Thread]


def all_done(district: District) -> bool:
    """Whether every message is done."""
    return {state for _, state, _ in district.states()} == {"done"}


def test_a_worker_killed_in_mid_delivery_loses_nothing(connected: Connected, start: Start) -> None:
    district, vendor, _ = connected
    district.accept(*[change(index) for index in range(6)])
    vendor.slow = 0.15
    first = start()
    until(lambda: len(vendor.data()) >= 3)
    os.kill(first.pid, signal.SIGKILL)
    first.wait(5)
    vendor.slow = 0.0
    start()
    until(lambda: all_done(district))
    assert len(vendor.state.students) == 6
    assert len(vendor.state.sessions) == 1
    wanted = {str(row[0]) for row in district.query("SELECT message_id FROM message")}
    posted = Counter(r.header("messageId") for r in vendor.data() if r.method == "POST")
    assert set(posted) <= wanted
    assert max(posted.values()) == 2


def test_a_worker_that_is_stopped_finishes_and_gives_back(
    connected: Connected, start: Start
) -> None:
    district, vendor, _ = connected
    district.accept(*[change(index) for index in range(5)])
    vendor.slow = 0.3
    worker = start()
    until(lambda: len(vendor.data()) == 2)
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(10) == 0
    assert [state for _, state, _ in district.states()] == ["done"] * 2 + ["waiting"] * 3
    attempts = district.query("SELECT attempts FROM message WHERE state = 'waiting'")
    assert attempts == [(0,)] * 3


def test_two_workers_share_the_queue_without_delivering_twice(
    connected: Connected, start: Start
) -> None:
    district, vendor, _ = connected
    start(), start()
    for index in range(12):
        district.accept(change(index))
    until(lambda: all_done(district))
    ids = [request.header("messageId") for request in vendor.data()]
    assert len(ids) == len(set(ids)) == 12
    order = district.query("SELECT message_id FROM message WHERE kind = 'event' ORDER BY id")
    assert ids == [str(row[0]) for row in order]


def test_an_accepted_change_is_delivered_at_once(
    connected: Connected, in_background: Threads
) -> None:
    district, vendor, _ = connected
    stop = threading.Event()
    patient = Settings(worker=SETTINGS.worker.__class__(poll_seconds=5))
    in_background(lambda: run(district.engine, patient, Clock(), stop))
    time.sleep(0.3)
    began = time.monotonic()
    district.accept(change(1))
    until(lambda: len(vendor.data()) == 1)
    took = time.monotonic() - began
    stop.set()
    assert took < 2


def test_a_slow_vendor_does_not_cost_the_lease(
    connected: Connected, in_background: Threads
) -> None:
    district, vendor, _ = connected
    district.accept(change(1), change(2))
    vendor.slow = 0.8
    short = Settings(worker=SETTINGS.worker.__class__(lease_seconds=0.5))

    def deliver() -> None:
        with transports(short, Clock()) as ways:
            deliver_next(district.engine, short, ways, Clock())

    thread = in_background(deliver)
    time.sleep(0.7)
    with transports(short, Clock()) as ways:
        assert not deliver_next(district.engine, short, ways, Clock())
    thread.join(10)
    assert all_done(district)
    assert len(vendor.data()) == 2


def test_narrowing_in_the_middle_of_a_run_reaches_the_next_message(connected: Connected) -> None:
    district, vendor, vendor_id = connected
    district.accept(change(1), change(2))
    narrow = ("xStudent/@refId", "xStudent/localId")
    vendor.meanwhile.append(lambda: district.issue(vendor_id, narrow))
    district.deliver()
    first, second = vendor.data()
    assert b"givenName" in first.body
    assert b"givenName" not in second.body
