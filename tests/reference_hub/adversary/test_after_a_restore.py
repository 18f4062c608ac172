"""A backup comes back elsewhere: what people were promised must come back with it."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from reference_hub.clock import Clock
from reference_hub.journeys.acknowledge import acknowledge
from reference_hub.journeys.end_pod import end_pods
from reference_hub.journeys.seal_audit import seal_all
from reference_hub.journeys.sync_registry import sync_registry
from reference_hub.model.scope import Scope
from reference_hub.registry.records import Deletion
from reference_hub.settings import Database, Settings
from reference_hub.store import audit_chain, exclusions, pods, vendors
from reference_hub.store.backup import backup, restore
from reference_hub.store.db import open_engine
from tests.reference_hub.registry.agreed import agreement, registry_of

SCOPE = Scope("demo-district")
KEPT = ("receipt", "exclusion", "deletion", "audit", "audit_seal", "pod", "vendor")


def begin(engine: Engine, clock: Clock) -> tuple[int, str]:
    """A vendor that acknowledged its agreement; its number and marker."""
    with engine.begin() as connection:
        number = vendors.add_vendor(connection, "labels", "Example Label Press", SCOPE)
    sync_registry(engine, registry_of(agreement("minimal", deletion=Deletion(True, 30))), clock)
    with engine.begin() as connection:
        (pod,) = pods.in_scope(connection, SCOPE)
        assert acknowledge(connection, number, pod.token, "receipt", clock, given_by={"name": "A"})
    return number, pod.token


def finish(engine: Engine, clock: Clock, number: int) -> None:
    """The agreement ends, and a person is never to be shared."""
    with engine.begin() as connection:
        vendor = vendors.vendor_by_id(connection, number)
        assert vendor is not None
        exclusions.add(connection, SCOPE, "0" * 32, [number, None], "operator")
        end_pods(connection, vendor, "revoked", clock)


def fill(engine: Engine) -> None:
    """A vendor whose agreement ended, a person whom it must not hear of, and a sealed trail."""
    clock = Clock()
    number, _ = begin(engine, clock)
    finish(engine, clock, number)
    assert seal_all(engine, clock) > 2


def rows(engine: Engine) -> dict[str, list[str]]:
    with engine.connect() as connection:
        return {
            name: sorted(map(repr, connection.execute(text(f"SELECT * FROM {name}"))))
            for name in KEPT
        }


@pytest.mark.soak
def test_receipts_exclusions_deletions_and_the_chain_come_back(tmp_path: Path) -> None:
    one, two = (
        Settings(database=Database(directory=str(tmp_path / each))) for each in ("one", "two")
    )
    engine = open_engine(one)
    fill(engine)
    before = rows(engine)
    assert all(before.values())
    with engine.connect() as connection:
        head = audit_chain.verify(connection).head
    engine.dispose()
    backup(one, tmp_path / "saved.dump")
    open_engine(two).dispose()
    restore(two, tmp_path / "saved.dump")
    engine = open_engine(two)
    assert rows(engine) == before
    with engine.connect() as connection:
        found = audit_chain.verify(connection)
    assert (found.faults, found.head) == ((), head)
    engine.dispose()


@pytest.mark.soak
def test_what_ended_after_the_backup_does_not_live_again(tmp_path: Path) -> None:
    settings, clock = Settings(database=Database(directory=str(tmp_path / "one"))), Clock()
    engine = open_engine(settings)
    number, token = begin(engine, clock)
    engine.dispose()
    backup(settings, tmp_path / "saved.dump")
    engine = open_engine(settings)
    finish(engine, clock, number)
    engine.dispose()
    restore(settings, tmp_path / "saved.dump", replace=True)
    engine = open_engine(settings)
    with engine.connect() as connection:
        pod = pods.by_token(connection, SCOPE, token)
        assert pod is not None
        assert pod.status == "Expired"
        found = {(each.refid, each.vendor_id) for each in exclusions.everyone(connection, SCOPE)}
    assert found == {("0" * 32, number), ("0" * 32, None)}
    engine.dispose()
