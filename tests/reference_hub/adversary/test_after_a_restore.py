"""A backup comes back elsewhere: what people were promised must come back with it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

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


def fill(engine: Engine) -> None:
    """A vendor whose agreement ended, a person whom it must not hear of, and a sealed trail."""
    clock = Clock()
    with engine.begin() as connection:
        number = vendors.add_vendor(connection, "labels", "Example Label Press", SCOPE)
        exclusions.add(connection, SCOPE, "0" * 32, [number, None], "operator")
    sync_registry(engine, registry_of(agreement("minimal", deletion=Deletion(True, 30))), clock)
    with engine.begin() as connection:
        (pod,) = pods.in_scope(connection, SCOPE)
        assert acknowledge(connection, number, pod.token, "receipt", clock, given_by={"name": "A"})
        vendor = vendors.vendor_by_id(connection, number)
        assert vendor is not None
        end_pods(connection, vendor, "revoked", clock)
    assert seal_all(engine, clock) > 2


def rows(engine: Engine) -> dict[str, list[tuple[Any, ...]]]:
    with engine.connect() as connection:
        return {
            name: sorted(map(repr, connection.execute(text(f"SELECT * FROM {name}"))))  # noqa: S608
            for name in KEPT
        }  # type: ignore[return-value]


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
