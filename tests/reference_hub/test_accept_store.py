"""Accepted changes in a real PostgreSQL: versions, queue rows, races, number of statements."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import Connection, Engine, event, text

from reference_hub.clock import Clock
from reference_hub.journeys.accept import AlreadyThere, accept, existing
from reference_hub.journeys.acknowledge import acknowledge
from reference_hub.model.change import CREATE, DELETE, UPDATE, Change
from reference_hub.model.pod import LIVE, PENDING, Pod, Terms
from reference_hub.model.scope import Scope
from reference_hub.store import audits, objects, outbox, pods, vendors
from tests.reference_hub.covering import in_force

SCOPE = Scope("demo-district")
NOW = datetime(2026, 9, 1, 12, tzinfo=UTC)
CLOCK = Clock(now=lambda: NOW)


def change(action: str = CREATE, number: int = 1, kind: str = "xStudent") -> Change:
    body = None if action == DELETE else f"<{kind} n='{number}'/>".encode()
    return Change(action, kind, f"{number:032x}", body, "well-formedness only")


def take(store: Engine, *changes: Change) -> None:
    with store.begin() as connection:
        accept(connection, SCOPE, "sis", changes, CLOCK)


def vendor(store: Engine, transport: str = "sif_push", policy: str = "required") -> int:
    with store.begin() as connection:
        vendor_id = vendors.add_vendor(connection, "reading", "Example", SCOPE, policy)
        vendors.add_subscriber(
            connection,
            vendor_id,
            f"reading-{transport}",
            SCOPE,
            format="sif-xml",
            transport=transport,
            url="http://127.0.0.1:1",
            credentials={},
            objects=["xStudent"],
        )
    return vendor_id


WRITTEN = (
    b'<pod xmlns="http://www.sifassociation.org/infrastructure/3.3"><podStatus>Pending</podStatus>'
    b"</pod>"
)


def pod(store: Engine, vendor_id: int, **given: object) -> Pod:
    values: dict[str, object] = {
        "id": str(uuid.uuid4()),
        "vendor_id": vendor_id,
        "scope": SCOPE,
        "version": "1.0.0",
        "token": str(uuid.uuid4()),
        "status": PENDING,
        "starts": date(2026, 7, 1),
        "ends": date(2027, 6, 30),
        "entries": (Terms(granted=("xStudent/name",)),),
        "document": WRITTEN,
        "acknowledged": None,
    }
    made = Pod(**(values | given))  # type: ignore[arg-type]
    with store.begin() as connection:
        pods.insert(connection, made)
    return made


def rows(store: Engine) -> list[tuple[str, str, str, str]]:
    with store.connect() as connection:
        statement = text("SELECT kind, action, state, reason FROM message ORDER BY id")
        return [tuple(row) for row in connection.execute(statement)]


def test_a_created_object_is_given_back_byte_for_byte(store: Engine) -> None:
    take(store, change())
    with store.connect() as connection:
        found = objects.get(connection, SCOPE, "xStudent", change().refid)
    assert found is not None
    assert found.body == change().body


def test_existing_leaves_tombstones_out(store: Engine) -> None:
    take(store, change(number=1), change(number=2))
    take(store, change(DELETE, 1))
    with store.connect() as connection:
        present = existing(connection, SCOPE, "xStudent", [change(number=n).refid for n in (1, 2)])
    assert present == {change(number=2).refid}


def test_a_second_create_is_refused_and_changes_nothing(store: Engine) -> None:
    take(store, change())
    with pytest.raises(AlreadyThere):
        take(store, change(), change(number=2))
    with store.connect() as connection:
        assert objects.tally(connection, SCOPE, "xStudent").present == 1


def test_a_deleted_object_can_be_created_again(store: Engine) -> None:
    take(store, change())
    take(store, change(DELETE))
    take(store, change())
    with store.connect() as connection:
        assert objects.tally(connection, SCOPE, "xStudent").present == 1


def test_several_changes_of_one_object_leave_the_last_one_current(store: Engine) -> None:
    take(store, change(), change(UPDATE), change(DELETE), change(CREATE, 2))
    with store.connect() as connection:
        assert objects.tally(connection, SCOPE, "xStudent").present == 1


def test_the_same_refid_in_two_object_types_is_two_objects(store: Engine) -> None:
    take(store, change(kind="xStaff"))
    take(store, change(), change(UPDATE, kind="xStaff"))
    with store.connect() as connection:
        assert objects.tally(connection, SCOPE, "xStaff").present == 1


def test_of_two_creates_at_once_one_wins(store: Engine) -> None:
    outcomes: list[str] = []
    gate = threading.Barrier(2)

    def create() -> None:
        gate.wait()
        try:
            take(store, change())
            outcomes.append("stored")
        except AlreadyThere:
            outcomes.append("refused")

    threads = [threading.Thread(target=create) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["refused", "stored"]


def test_pages_keep_the_order_of_creation_after_updates(store: Engine) -> None:
    take(store, *(change(number=n) for n in (3, 1, 2)))
    take(store, change(UPDATE, 3))
    with store.connect() as connection:
        found = objects.page(connection, SCOPE, "xStudent", limit=2, offset=0)
    assert [each.refid for each in found] == [change(number=n).refid for n in (3, 1)]


def test_walking_through_all_pages_shows_each_object_once(store: Engine) -> None:
    take(store, *(change(number=n) for n in (5, 3, 1, 2, 4)))
    take(store, change(DELETE, 1))
    with store.connect() as connection:
        pages = list(objects.each_page(connection, SCOPE, "xStudent", 2))
    wanted = [change(number=n).refid for n in (5, 3, 2, 4)]
    assert [[each.refid for each in page] for page in pages] == [wanted[:2], wanted[2:]]


def test_without_an_acknowledged_pod_the_message_is_held(store: Engine) -> None:
    pod(store, vendor(store))
    take(store, change())
    assert rows(store) == [("event", "CREATE", "held", "POD not acknowledged")]


def test_with_a_live_pod_the_message_waits_for_delivery(store: Engine) -> None:
    pod(store, vendor(store), status=LIVE, acknowledged=NOW)
    take(store, change())
    assert rows(store) == [("event", "CREATE", "waiting", "")]


def test_a_pod_that_grants_another_object_holds_the_message(store: Engine) -> None:
    pod(
        store,
        vendor(store),
        status=LIVE,
        acknowledged=NOW,
        entries=(Terms(granted=("xStaff/name",)),),
    )
    take(store, change())
    assert [row[2] for row in rows(store)] == ["held"]


@pytest.mark.parametrize("policy", ["offered", "off"])
def test_where_the_district_asks_for_no_pod_nothing_is_held(store: Engine, policy: str) -> None:
    vendor(store, policy=policy)
    take(store, change())
    assert [row[2] for row in rows(store)] == ["waiting"]


def test_objects_nobody_subscribed_make_no_message(store: Engine) -> None:
    vendor(store)
    take(store, change(kind="xSchool"))
    assert rows(store) == []


def test_a_file_subscriber_gets_one_open_row_with_a_delay(store: Engine) -> None:
    vendor(store, transport="http_put", policy="off")
    take(store, change(), change(number=2))
    take(store, change(UPDATE))
    with store.connect() as connection:
        due = connection.execute(text("SELECT not_before FROM message")).scalars().all()
    assert due == [NOW + timedelta(seconds=2)]


def test_the_number_of_statements_does_not_grow(store: Engine) -> None:
    pod(store, vendor(store), status=LIVE, acknowledged=NOW)
    with counted(store) as one:
        take(store, change())
    with counted(store) as hundred:
        take(store, *(change(number=n) for n in range(2, 102)))
    assert len(hundred) == len(one) == 5


@contextmanager
def counted(store: Engine) -> Iterator[list[str]]:
    seen: list[str] = []

    def note(_: Connection, __: object, statement: str, *rest: object) -> None:
        seen.append(statement)

    event.listen(store, "before_cursor_execute", note)
    yield seen
    event.remove(store, "before_cursor_execute", note)


def test_acknowledging_makes_the_pod_live_and_releases_what_is_held(store: Engine) -> None:
    made = pod(store, vendor(store))
    take(store, change())
    with store.begin() as connection:
        assert acknowledge(connection, made.vendor_id, made.token, "marker", CLOCK)
        found = in_force(connection, made.vendor_id, SCOPE, NOW.date())
    assert found is not None
    assert (found.status, found.acknowledged) == (LIVE, NOW)
    assert [row[2] for row in rows(store)] == ["waiting"]


def test_acknowledging_twice_is_recorded_once(store: Engine) -> None:
    made = pod(store, vendor(store))
    for _ in range(2):
        with store.begin() as connection:
            assert acknowledge(connection, made.vendor_id, made.token, "marker", CLOCK)
    with store.connect() as connection:
        assert [entry.action for entry in audits.trail(connection, SCOPE)] == ["acknowledged POD"]


def test_acknowledging_before_the_first_day_opens_nothing_until_then(store: Engine) -> None:
    made = pod(store, vendor(store), starts=date(2026, 9, 2))
    with store.begin() as connection:
        assert acknowledge(connection, made.vendor_id, made.token, "push", CLOCK)
        assert in_force(connection, made.vendor_id, SCOPE, date(2026, 9, 1)) is None
        assert in_force(connection, made.vendor_id, SCOPE, date(2026, 9, 2)) is not None


def test_acknowledging_a_new_pod_ends_the_live_one(store: Engine) -> None:
    old = pod(store, vendor(store), status=LIVE, acknowledged=NOW)
    new = pod(store, old.vendor_id)
    with store.begin() as connection:
        assert acknowledge(connection, new.vendor_id, new.token, "marker", CLOCK)
        ended = pods.by_id(connection, old.id)
    assert ended is not None
    assert ended.status == "Expired"


@pytest.mark.parametrize(
    "given", [{"status": "Draft"}, {"status": "Expired"}, {"ends": date(2026, 8, 31)}]
)
def test_what_is_not_in_force_cannot_be_acknowledged(
    store: Engine, given: dict[str, object]
) -> None:
    made = pod(store, vendor(store), **given)
    with store.begin() as connection:
        assert not acknowledge(connection, made.vendor_id, made.token, "marker", CLOCK)


def test_an_unknown_or_foreign_token_acknowledges_nothing(store: Engine) -> None:
    made = pod(store, vendor(store))
    with store.begin() as connection:
        assert not acknowledge(connection, made.vendor_id, "guess", "marker", CLOCK)
        assert not acknowledge(connection, made.vendor_id + 1, made.token, "marker", CLOCK)


def test_issuing_queues_the_document_and_purges_older_ones(store: Engine) -> None:
    made = pod(store, vendor(store))
    newer = pod(store, made.vendor_id)
    with store.begin() as connection:
        outbox.queue_pod(connection, made)
        outbox.queue_pod(connection, newer)
    assert [(row[0], row[2]) for row in rows(store)] == [("pod", "purged"), ("pod", "waiting")]
