"""Several deliveries at the same time in one worker: a vendor that hangs holds up no other."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator

import pytest

from conformance.simulators import serve
from reference_hub.clock import Clock
from reference_hub.settings import Delivery, Settings, Worker
from reference_hub.workers.crew import Bell, Crew
from reference_hub.workers.loop import run
from tests.reference_hub.delivery.district import District, Vendor, change
from tests.waiting import until

Threads = Callable[[Callable[[], None]], threading.Thread]


def working(settings: Settings, district: District) -> tuple[threading.Event, Callable[[], None]]:
    """What stops a worker, and the worker."""
    stop = threading.Event()
    return stop, lambda: run(district.engine, settings, Clock(), stop)


@pytest.fixture
def five(district: District) -> Iterator[list[Vendor]]:
    """Five vendors that need no POD, each with an open environment."""
    apps = [Vendor() for _ in range(5)]
    handles = [serve(app) for app in apps]
    for number, (app, handle) in enumerate(zip(apps, handles, strict=True)):
        app.needs_pod = False
        vendor_id = district.vendor(f"vendor{number}", "off")
        district.connect(vendor_id, handle.url, name=f"to{number}")
    district.accept(change(0))
    district.deliver()
    yield apps
    for handle in handles:
        handle.close()


def test_a_vendor_that_hangs_holds_up_no_other(
    district: District, five: list[Vendor], in_background: Threads
) -> None:
    five[2].slow = 3.0
    settings = Settings(worker=Worker(threads=2, poll_seconds=0.2))
    stop, worker = working(settings, district)
    in_background(worker)
    began = time.monotonic()
    district.accept(change(1), change(2))
    others = [app for number, app in enumerate(five) if number != 2]
    until(lambda: all(len(app.state.students) == 3 for app in others))
    took = time.monotonic() - began
    stop.set()
    assert took < 2.5
    assert len(five[2].state.students) < 3


def test_vendors_that_fail_leave_one_thread_free(
    district: District, five: list[Vendor], in_background: Threads
) -> None:
    with district.engine.begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO standstill (subscriber_id, zone_id, context_id, failures, reason, since)"
            " SELECT id, zone_id, context_id, 1, 'hung', now() FROM subscriber WHERE id < 5"
        )
    for app in five[:4]:
        app.slow = 1.5
    settings = Settings(worker=Worker(threads=2, poll_seconds=0.2))
    district.accept(change(1))
    stop, worker = working(settings, district)
    in_background(worker)
    until(lambda: len(five[4].state.students) == 2, 1.4)
    stop.set()


def test_each_vendor_gets_its_messages_in_order(
    district: District, five: list[Vendor], in_background: Threads
) -> None:
    stop, worker = working(Settings(worker=Worker(threads=4, batch=2)), district)
    in_background(worker)
    for index in range(1, 9):
        district.accept(change(index))
    until(lambda: all(len(app.state.students) == 9 for app in five))
    stop.set()
    for number, app in enumerate(five, 1):
        order = district.query(
            f"SELECT message_id::text FROM message WHERE subscriber_id = {number} ORDER BY id"
        )
        ids = [request.header("messageId") for request in app.data()]
        assert ids == [str(row[0]) for row in order]


def test_until_empty_ends_when_all_threads_have_nothing(
    district: District, five: list[Vendor]
) -> None:
    district.accept(*[change(index) for index in range(1, 5)])
    settings = Settings(worker=Worker(threads=3), delivery=Delivery())
    run(district.engine, settings, Clock(), threading.Event(), until_empty=True)
    assert [len(app.state.students) for app in five] == [5] * 5


def test_a_fault_of_one_thread_ends_the_worker() -> None:
    def deliver(failing_too: bool, claimed: Callable[[], None]) -> bool:
        raise LookupError("a fault of ours")

    def guard(error: Exception) -> None:
        raise error

    stop = threading.Event()
    crew = Crew(2, deliver, stop)
    with pytest.raises(LookupError, match="a fault of ours"), crew.at_work(0.05, guard):
        assert stop.wait(5)


def test_a_ring_that_nobody_hears_is_kept() -> None:
    bell = Bell(2)
    for _ in range(5):
        bell.ring()
    began = time.monotonic()
    bell.wait(5)
    bell.wait(5)
    assert time.monotonic() - began < 1
    bell.wait(0.05)
    assert time.monotonic() - began >= 0.05


def test_only_the_first_of_several_threads_avoids_what_fails() -> None:
    asked: list[tuple[str, bool]] = []

    def deliver(failing_too: bool, claimed: Callable[[], None]) -> bool:
        asked.append((threading.current_thread().name, failing_too))
        time.sleep(0.02)
        return False

    Crew(3, deliver, threading.Event()).drain()
    assert sorted(failing for _, failing in asked) == [False, True, True]
    asked.clear()
    Crew(1, deliver, threading.Event()).drain()
    assert [failing for _, failing in asked] == [True]
