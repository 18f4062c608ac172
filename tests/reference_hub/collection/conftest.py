"""Zones of a state's hub with a district in them, put there without the wire."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import pytest
from lxml import etree
from sqlalchemy import Engine

from reference_hub.clock import Clock
from reference_hub.codec.collection_toml import load, parse
from reference_hub.codec.xml import fold
from reference_hub.journeys.collection_run import run_in
from reference_hub.model.change import CREATE, DELETE, UPDATE, Change
from reference_hub.model.collection import Collection, Finding, Run
from reference_hub.model.scope import Scope
from reference_hub.store import audits, collection_runs, objects

SCOPE = Scope("demo-district")
District = Mapping[str, Sequence[etree._Element]]


class State:
    """A state's hub: its store, and what it can be asked."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def keep(self, district: District, action: str = CREATE, scope: Scope = SCOPE) -> None:
        """Store objects, change them, or delete them."""
        changes = [
            Change(
                action,
                object_type,
                fold(each.get("RefId", "")),
                None if action == DELETE else etree.tostring(each),
            )
            for object_type, members in district.items()
            for each in members
        ]
        with self.engine.begin() as connection:
            objects.store(connection, scope, "district", changes)
            objects.conclude(connection, scope, Clock().now(), [AUDIT], changes)

    def change(self, element: etree._Element) -> None:
        """Store a newer version of an object."""
        self.keep({etree.QName(element).localname: [element]}, UPDATE)

    def run(self, collection: Collection | str, scope: Scope = SCOPE) -> Run:
        """Run a shipped collection, or one of the test's own."""
        found = load(collection) if isinstance(collection, str) else collection
        return run_in(self.engine, scope, found, Clock())

    def findings(self, run: Run) -> list[Finding]:
        """What a run found."""
        with self.engine.connect() as connection:
            return list(collection_runs.findings(connection, run.id))

    def found(self, run: Run) -> set[tuple[str, str, str]]:
        """The same as object type, refid and rule."""
        return {(each.object_type, each.refid, each.rule) for each in self.findings(run)}


AUDIT = audits.Entry("test", "stored", "any", 1, {})


@pytest.fixture
def state(store: Engine) -> State:
    """A state's hub with an empty store."""
    return State(store)


@pytest.fixture
def rules() -> Callable[[str], Collection]:
    """A collection of the rules in a text, with the head that every file has."""
    head = '[collection]\nid = "own"\ntitle = "Own"\nversion = "1"\nbasis = "ours"\n'
    return lambda body: parse(head + body, "own.toml")
