"""A generated district in SIF, read into canonical records and written for an Ed-Fi host."""

from __future__ import annotations

import gc
import hashlib
import json
from collections.abc import Iterable
from functools import cache
from typing import Any

from lxml import etree

from fixtures.generate import Plan
from fixtures.model import Lea, School
from fixtures.writers import edfi as judge
from fixtures.writers import models, notation
from fixtures.writers.edfi import keys
from reference_hub.translate import trees
from reference_hub.translate.graph import MemoryGraph
from reference_hub.translate.ledger import Loss
from reference_hub.translate.reading import TableReader
from reference_hub.translate.tables import load
from reference_hub.translate.writing import TableWriter, TargetRow
from reference_hub.vendors.edfi_rows import GONE, Outcome, Row

PLAN = Plan(1, 10, 2)
SMALL = Plan(3, 4, 1)
TABLES = {"xpress-4.3": "xpress", "unity-4.3": "unity"}


def settings(plan: Plan, **more: Any) -> dict[str, Any]:
    """What a district configures for its host."""
    places: list[Lea | School] = [plan.lea(), *plan.schools()]
    return {
        "organizations": {str(one.local_id): keys.organization_id(one) for one in places},
        "stated": {"lea_category": "Regular school district", "email_type": "Organizational"},
        "instructional_days": "weekdays",
        "zone": "America/New_York",
        "performance_levels": {
            "Beginning": "Below Basic",
            "Developing": "Basic",
            "Meeting": "Met Standard",
            "Exceeding": "Advanced",
        },
        "namespace": next(iter(judge.bodies(plan, "assessments")))["namespace"],
        "staff_roles": {
            "2410": "Administrators",
            "2120": "School Counselors",
            "1000": "Elementary Teachers",
        },
        **more,
    }


@cache
def read(model: str, plan: Plan = PLAN) -> MemoryGraph:
    """The district as canonical records."""
    known = models.model_of(model)
    reader, graph = TableReader(load(TABLES[model])), MemoryGraph()
    for name, found in known.collections(plan).items():
        document = etree.fromstring(b"".join(notation.stream(name, found, known.namespace)))
        for element in document:
            kind = etree.QName(element).localname
            for entity, record in reader.read(trees.node(element), kind, graph=graph).records:
                graph.add(entity, record)
    gc.freeze()
    return graph


def write(
    graph: MemoryGraph, table: str = "edfi-5", given: dict[str, Any] | None = None
) -> tuple[list[TargetRow], list[Loss]]:
    """All rows of a graph, one for each key, and the ledger."""
    writer = TableWriter(load(table), settings(PLAN) if given is None else given)
    rows: dict[tuple[str, str], TargetRow] = {}
    losses: list[Loss] = []
    for entity, record in graph.all():
        written = writer.write(entity, record, graph)
        losses += written.losses
        for row in written.rows:
            rows.setdefault((row.collection, row.key), row)
    return list(rows.values()), losses


@cache
def written(model: str, table: str = "edfi-5", plan: Plan = PLAN) -> tuple[TargetRow, ...]:
    """The rows of a district."""
    return tuple(write(read(model, plan), table, settings(plan))[0])


class Ledger:
    """What the hub keeps of a connection: the rows, and what the host took of them."""

    def __init__(self, rows: Iterable[TargetRow]) -> None:
        self.rows: dict[tuple[str, str], Row] = {}
        self.put(rows)

    def put(self, rows: Iterable[TargetRow], keep: bool = True) -> None:
        """The rows as they should be; with `keep` off, those not among them go."""
        found = {(row.collection, row.key): row for row in rows if row.state == "ready"}
        for at, row in found.items():
            held = self.rows.get(at)
            text = json.dumps(row.body, sort_keys=True).encode()
            self.rows[at] = Row(
                row.collection,
                row.key,
                row.entity,
                row.refid,
                row.body,
                hashlib.sha256(text).hexdigest(),
                sent_hash=held.sent_hash if held else "",
                remote_id=held.remote_id if held else "",
            )
        for at in [] if keep else set(self.rows) - set(found):
            self.rows[at] = _with(self.rows[at], state=GONE, hash="gone")

    def pending(self) -> list[Row]:
        """The rows that the host does not hold as it should."""
        return [row for row in self.rows.values() if row.hash != row.sent_hash]

    def settle(self, outcomes: Iterable[Outcome]) -> list[Outcome]:
        """Remember what became of the rows."""
        kept = []
        for one in outcomes:
            at = (one.row.collection, one.row.key)
            if one.state == "sent":
                self.rows[at] = _with(one.row, sent_hash=one.row.hash, remote_id=one.remote_id)
            elif one.state in ("deleted", "moved"):
                del self.rows[at]
            kept.append(one)
        return kept


def _with(row: Row, **more: Any) -> Row:
    return Row(**{name: more.get(name, getattr(row, name)) for name in Row.__slots__})


def changed(graph: MemoryGraph, entity: str, **fields: str) -> MemoryGraph:
    """A copy of a graph in which all records of an entity that have a field have another value.

    `code="S1>SEM1"` changes S1 only.
    """
    records = []
    for kind, record in graph.all():
        if kind == entity:
            record = {**record}
            for name, value in fields.items():
                before, _, after = value.rpartition(">")
                if name in record and before in ("", record[name]):
                    record[name] = after
        records.append((kind, record))
    return MemoryGraph(records)
