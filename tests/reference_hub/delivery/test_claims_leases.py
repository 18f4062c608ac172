"""Claims on a real PostgreSQL: order, leases, many workers, settlements that came too late."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine

from reference_hub.model.message import Settled
from reference_hub.store import claims, losses, outbox, vendors, wakeups
from reference_hub.store.claims import Claim
from reference_hub.translate.ledger import Loss
from tests.reference_hub.delivery.district import District, change

URL = "http://127.0.0.1:9/sif3"
Threads = Callable[[Callable[[], None]], threading.Thread]


@pytest.fixture
def queued(district: District) -> District:
    """One connection without POD policy, with five messages."""
    district.connect(district.vendor(policy="off"), URL)
    district.accept(*[change(index) for index in range(5)])
    return district


def take(district: District, limit: int = 50, lease: float = 10) -> Claim | None:
    """Claim now."""
    with district.engine.begin() as connection:
        return claims.claim(connection, district.hour.now(), lease, limit)


def settle(district: District, claim: Claim, state: str = "done", at: int = 0) -> bool:
    """Settle one message of a claim."""
    message = claim.messages[at]
    with district.engine.begin() as connection:
        return claims.settle(connection, message, Settled(message.id, state), district.hour.now())


def test_a_claim_is_a_run_in_queue_order(queued: District) -> None:
    claim = take(queued, limit=3)
    assert claim is not None
    assert [message.id for message in claim.messages] == [1, 2, 3]
    assert [message.attempts for message in claim.messages] == [1, 1, 1]
    assert claim.messages[0].body == change(0).body


def test_a_connection_under_lease_is_left_alone(queued: District) -> None:
    assert take(queued, limit=1) is not None
    assert take(queued) is None


def test_two_connections_are_served_at_the_same_time(queued: District) -> None:
    queued.connect(queued.vendor("maths", "off"), URL, name="second")
    queued.accept(change(9))
    first, second = take(queued), take(queued)
    assert first is not None
    assert second is not None
    assert first.subscriber.id != second.subscriber.id


def test_an_expired_lease_is_taken_over_under_the_same_message_id(queued: District) -> None:
    first = take(queued, lease=1)
    queued.hour.moved = timedelta(seconds=2)
    second = take(queued)
    assert first is not None
    assert second is not None
    assert [m.message_id for m in first.messages] == [m.message_id for m in second.messages]
    assert second.messages[0].attempts == 2


def test_a_worker_that_lost_its_lease_cannot_settle(queued: District) -> None:
    first = take(queued, lease=1)
    queued.hour.moved = timedelta(seconds=2)
    second = take(queued)
    assert first is not None
    assert second is not None
    assert not settle(queued, first)
    assert settle(queued, second)


def test_a_renewed_lease_is_not_taken_over(queued: District) -> None:
    claim = take(queued, lease=1)
    assert claim is not None
    with queued.engine.begin() as connection:
        later = queued.hour.now() + timedelta(seconds=60)
        assert claims.renew(connection, claim.messages, later) == 5
    queued.hour.moved = timedelta(seconds=2)
    assert take(queued) is None


def test_what_is_given_back_waits_without_having_been_tried(queued: District) -> None:
    claim = take(queued)
    assert claim is not None
    with queued.engine.begin() as connection:
        claims.give_back(connection, claim.messages[1:], queued.hour.now())
    settle(queued, claim)
    again = take(queued)
    assert again is not None
    assert [(m.id, m.attempts) for m in again.messages] == [(2, 1), (3, 1), (4, 1), (5, 1)]


def test_a_message_that_must_wait_blocks_those_behind_it(queued: District) -> None:
    with queued.engine.begin() as connection:
        connection.exec_driver_sql(
            "UPDATE message SET not_before = now() + interval '1 minute' WHERE id = 3"
        )
    claim = take(queued)
    assert claim is not None
    assert [message.id for message in claim.messages] == [1, 2]
    settle(queued, claim, at=0)
    settle(queued, claim, at=1)
    assert take(queued) is None


def test_a_held_message_blocks_nobody(queued: District) -> None:
    claim = take(queued, limit=1)
    assert claim is not None
    settle(queued, claim, "held")
    again = take(queued)
    assert again is not None
    assert [message.id for message in again.messages] == [2, 3, 4, 5]


def test_a_pod_travels_alone(district: District) -> None:
    vendor_id = district.vendor(policy="off")
    district.connect(vendor_id, URL)
    district.accept(change(1))
    pod = district.issue(vendor_id)
    district.accept(change(2))
    runs = []
    while claim := take(district):
        runs.append([(message.kind, message.pod_id) for message in claim.messages])
        settle(district, claim)
    assert runs == [[("event", None)], [("pod", pod.id)], [("event", None)]]


def test_the_connection_that_waited_longest_comes_first(queued: District) -> None:
    second = queued.connect(queued.vendor("maths", "off"), URL, name="second")
    queued.accept(change(9))
    with queued.engine.begin() as connection:
        connection.exec_driver_sql(
            f"UPDATE message SET not_before = now() - interval '1 day'"
            f" WHERE subscriber_id = {second}"
        )
    claim = take(queued)
    assert claim is not None
    assert claim.subscriber.id == second


def test_many_workers_never_hold_one_message_at_the_same_time(
    queued: District, in_background: Threads
) -> None:
    for number in range(3):
        name = f"more{number}"
        queued.connect(queued.vendor(name, "off"), URL, name=name)
    queued.accept(*[change(index) for index in range(20, 32)])
    seen: list[tuple[int, int]] = []
    start = threading.Barrier(6)

    def work() -> None:
        start.wait()
        while claim := take(queued, limit=2):
            seen.extend((message.id, message.attempts) for message in claim.messages)
            for at in range(len(claim.messages)):
                settle(queued, claim, at=at)

    threads = [in_background(work) for _ in range(6)]
    for thread in threads:
        thread.join(20)
    ((total,),) = queued.query("SELECT count(*) FROM message WHERE state = 'done'")
    assert len(seen) == len(set(seen)) == total == 53
    assert {attempts for _, attempts in seen} == {1}


def test_a_notification_wakes_a_sleeping_worker(store: Engine) -> None:
    began = datetime.now()  # noqa: DTZ005 a duration only
    with wakeups.listen(store) as ear:
        with store.begin() as connection:
            outbox.notify(connection)
        assert ear.wait(5)
        assert not ear.wait(0.01)
    assert datetime.now() - began < timedelta(seconds=2)  # noqa: DTZ005


def test_an_entry_of_the_ledger_is_kept_once_and_freshened(queued: District) -> None:
    entry = Loss("Student", "", "XW-1", "xStudent/a", "", "no_slot", "first")
    other = Loss("Student", "", "XW-1", "xStudent/a", "", "no_slot", "second")
    with queued.engine.begin() as connection:
        (to,) = vendors.subscribers_of(connection, 1)
        message_id = "00000000-0000-4000-8000-000000000000"
        for losses_of_run in ([entry, entry], [other]):
            losses.record(connection, to, message_id, losses_of_run, queued.hour.now())
    assert queued.query("SELECT note FROM loss") == [("second",)]
