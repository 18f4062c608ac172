"""The audit trail only grows, and whoever changes it all the same is found out."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from reference_hub.clock import Clock
from reference_hub.journeys.seal_audit import seal_all, sealing
from reference_hub.model.scope import Scope
from reference_hub.store import audit_chain, audits
from reference_hub.store.audit_chain import Verified

HERE = Scope("demo-district")
ENTRY = audits.Entry("reader", "read", "xStudent", 3, {"pod": "1", "fields": {"xStudent/name": 3}})
NOW = datetime(2026, 9, 1, 12, tzinfo=UTC)


def written(store: Engine, number: int = 3) -> None:
    """So many entries in one transaction."""
    with store.begin() as connection:
        audits.add(connection, HERE, NOW, *[ENTRY] * number)


def verified(store: Engine) -> Verified:
    """What a walk along the chain finds."""
    with store.connect() as connection:
        return audit_chain.verify(connection)


def by_force(store: Engine, statement: str) -> None:
    """What somebody with all rights on the server can do."""
    with store.begin() as connection:
        connection.execute(text("ALTER TABLE audit DISABLE TRIGGER audit_only_grows"))
        connection.execute(text(statement))
        connection.execute(text("ALTER TABLE audit ENABLE TRIGGER audit_only_grows"))


@pytest.fixture
def sealed(store: Engine) -> str:
    """Three seals over nine entries; the head."""
    for _ in range(3):
        written(store)
        assert seal_all(store, Clock()) == 3
    return verified(store).head


@pytest.mark.requirement("POD-AUD-001")
def test_a_chain_nobody_touched_is_whole(store: Engine, sealed: str) -> None:
    written(store, 2)
    found = verified(store)
    assert (found.seals, found.entries, found.unsealed, found.faults) == (3, 9, 2, ())
    assert sealed in found.heads


TAMPERED = {
    "a count": "UPDATE audit SET count = 4 WHERE id = 5",
    "an actor": "UPDATE audit SET actor = 'x' WHERE id = 1",
    "a detail": "UPDATE audit SET detail = '{}' WHERE id = 9",
    "a time": "UPDATE audit SET at = at + interval '1 microsecond' WHERE id = 2",
    "a place": "UPDATE audit SET zone_id = 'other' WHERE id = 2",
    "an entry gone": "DELETE FROM audit WHERE id = 5",
    "a whole seal's entries gone": "DELETE FROM audit WHERE seal_id = 2",
    "an entry under a seal": (
        "INSERT INTO audit (zone_id, context_id, at, actor, action, object_type, count, detail,"
        " seal_id) SELECT zone_id, context_id, at, actor, action, object_type, count, detail, 2"
        " FROM audit WHERE id = 1"
    ),
    "two entries changed places": (
        "UPDATE audit SET seal_id = CASE WHEN id = 3 THEN 2 ELSE 1 END WHERE id IN (3, 4)"
    ),
    "an entry taken out of its seal": "UPDATE audit SET seal_id = NULL WHERE id = 5",
}
CUT = (
    "DELETE FROM audit WHERE seal_id = 2",
    "DELETE FROM audit_seal WHERE id = 2",
)


@pytest.mark.requirement("POD-AUD-001")
@pytest.mark.parametrize("name", TAMPERED)
def test_each_change_is_found(store: Engine, sealed: str, name: str) -> None:
    if name == "two entries changed places":
        by_force(store, "UPDATE audit SET count = 7 WHERE id = 3")
    by_force(store, TAMPERED[name])
    assert verified(store).faults


@pytest.mark.requirement("POD-AUD-001")
def test_a_seal_taken_out_of_the_middle_is_found(store: Engine, sealed: str) -> None:
    for statement in CUT:
        by_force(store, statement)
    assert verified(store).faults == ("seal 3 does not follow the one before it",)


@pytest.mark.requirement("POD-AUD-001")
def test_an_end_cut_off_is_found_by_a_head_noted_elsewhere(store: Engine, sealed: str) -> None:
    by_force(store, "DELETE FROM audit WHERE seal_id = 3")
    by_force(store, "DELETE FROM audit_seal WHERE id = 3")
    found = verified(store)
    assert (found.faults, sealed in found.heads) == ((), False)


@pytest.mark.requirement("POD-AUD-001")
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit SET count = 4 WHERE id = 1",
        "UPDATE audit SET seal_id = 2 WHERE id = 1",
        "UPDATE audit SET seal_id = NULL WHERE id = 1",
        "UPDATE audit SET seal_id = 1, count = 4 WHERE id = 10",
        "DELETE FROM audit WHERE id = 1",
        "DELETE FROM audit WHERE id = 10",
    ],
)
def test_the_store_refuses_changes(store: Engine, sealed: str, statement: str) -> None:
    written(store, 1)
    with pytest.raises(DBAPIError), store.begin() as connection:
        connection.execute(text(statement))
    assert (verified(store).faults, verified(store).entries) == ((), 9)


@pytest.mark.requirement("POD-AUD-001")
def test_entries_of_slow_transactions_are_sealed_once(store: Engine) -> None:
    with store.connect() as slow:
        audits.add(slow, HERE, NOW, ENTRY)
        written(store)
        assert seal_all(store, Clock()) == 3
        slow.commit()
    assert seal_all(store, Clock()) == 1
    found = verified(store)
    assert (found.seals, found.entries, found.unsealed, found.faults) == (2, 4, 0, ())


@pytest.mark.requirement("POD-AUD-001")
def test_many_sealers_and_writers_make_one_chain(store: Engine) -> None:
    def write(_: int) -> None:
        for _ in range(10):
            written(store, 2)

    def seal(_: int) -> None:
        for _ in range(10):
            seal_all(store, Clock())

    each: list[Callable[[int], None]] = [write, write, write, seal, seal, seal]
    threads = [threading.Thread(target=run, args=(1,)) for run in each]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    seal_all(store, Clock())
    found = verified(store)
    assert (found.entries, found.unsealed, found.faults) == (60, 0, ())


def copied(connection: Connection, number: int) -> None:
    """So many entries more."""
    connection.execute(
        text(
            "INSERT INTO audit (zone_id, context_id, at, actor, action, object_type, count, detail)"
            " SELECT 'demo-district', 'DEFAULT', now(), 'reader', 'read', 'xStudent', n,"
            """ '{"pod": "1", "fields": {"xStudent/name/givenName": 3}}'"""
            " FROM generate_series(1, :number) n"
        ),
        {"number": number},
    )


@pytest.mark.requirement("POD-AUD-001")
def test_twenty_thousand_entries_are_verified_in_seconds(store: Engine) -> None:
    for _ in range(200):
        with store.begin() as connection:
            copied(connection, 100)
        with store.begin() as connection:
            audit_chain.seal(connection, NOW)
    began = time.monotonic()
    found = verified(store)
    took = time.monotonic() - began
    assert (found.seals, found.entries, found.faults) == (200, 20_000, ())
    assert took < 15


@pytest.mark.requirement("POD-AUD-001")
def test_a_worker_seals_every_ten_seconds(store: Engine) -> None:
    moments = [NOW]
    errand = sealing(Clock(now=lambda: moments[-1]))
    left = []
    for second in (0, 9, 10):
        moments.append(NOW.replace(second=second))
        written(store)
        assert not errand(store)
        left.append(verified(store).unsealed)
    assert left == [0, 3, 0]


@pytest.mark.requirement("POD-AUD-001")
def test_every_entry_is_told_in_order(store: Engine, sealed: str) -> None:
    written(store, 1)
    with store.connect() as connection:
        told = list(audit_chain.entries(connection, most=4))
    assert [each["id"] for each in told] == list(range(1, 11))
    assert [each["seal"] for each in told] == [1, 1, 1, 2, 2, 2, 3, 3, 3, None]
    assert told[0]["detail"] == {"pod": "1", "fields": {"xStudent/name": 3}}
    assert told[0]["at"] == "2026-09-01T12:00:00+00:00"
