"""Canonical records of a generated district, and what becomes of them in a format."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from lxml.etree import _Element

from fixtures.district.plan import Plan
from fixtures.writers import notation, unity, xpress
from reference_hub.translate.bundle_writing import BULK, Written, write_bundle
from reference_hub.translate.canonical import Record, key
from reference_hub.translate.csv_reading import read_bundle
from reference_hub.translate.graph import MemoryGraph
from reference_hub.translate.intake import Intake
from reference_hub.translate.ledger import Loss
from reference_hub.translate.oneroster_intake import take_in
from reference_hub.translate.packages import opened
from reference_hub.translate.reading import TableReader
from reference_hub.translate.tables import load
from reference_hub.translate.trees import node
from reference_hub.translate.writing import TableWriter, TargetRow
from tests.reference_hub.districts import generate

TODAY = date(2026, 11, 26)


@dataclass(frozen=True, slots=True)
class Made:
    """Rows by collection and key, and the ledger."""

    rows: dict[str, dict[str, TargetRow]]
    losses: tuple[Loss, ...]

    def ready(self) -> dict[str, list[dict[str, Any]]]:
        """The bodies that may be sent, in the order of their keys."""
        return {
            name: [row.body for _, row in sorted(rows.items()) if row.state == "ready"]
            for name, rows in self.rows.items()
        }

    def held(self) -> list[tuple[str, str]]:
        """What is held, with the reason."""
        every = (row for rows in self.rows.values() for row in rows.values())
        return [(row.collection, row.reason) for row in every if row.state == "held"]


@cache
def district(seed: int, students: int = 12, model: str = "xpress") -> MemoryGraph:
    """The records of a generated district, read from SIF."""
    reader, graph = TableReader(load(model)), MemoryGraph()
    for element in _objects(seed, students, model):
        name = str(element.tag).rpartition("}")[2]
        for entity, record in reader.read(node(element), name, graph=graph).records:
            graph.add(entity, record)
    return graph


def _objects(seed: int, students: int, model: str) -> Iterator[_Element]:
    if model == "xpress":
        for _, collection in xpress.documents(generate(seed, students)):
            yield from collection
        return
    for nodes in unity.collections(Plan(seed, students)).values():
        yield from (notation.element(each, xpress.NA4) for each in nodes)


def graph_of(*records: tuple[str, Record]) -> MemoryGraph:
    """A graph of these records."""
    return MemoryGraph(records)


def written(graph: MemoryGraph, table: str, settings: Mapping[str, Any] | None = None) -> Made:
    """Write every record of a graph."""
    writer = TableWriter(load(table), settings)
    rows: dict[str, dict[str, TargetRow]] = {}
    losses: dict[Loss, None] = {}
    for entity, record in list(graph.all()):
        writing = writer.write(entity, record, graph)
        for row in writing.rows:
            rows.setdefault(row.collection, {}).setdefault(row.key, row)
        losses.update(dict.fromkeys(writing.losses))
    return Made(rows, tuple(losses))


def bundled(made: Made, version: str) -> Written:
    """The bulk bundle of the rows."""
    return write_bundle(made.ready(), version, BULK)


def packed(made: Made, version: str) -> bytes:
    """The bytes of the bulk bundle."""
    with bundled(made, version).content as content:
        return content.read()


def taken_in(content: bytes) -> Intake:
    """Read a bundle back."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "bundle.zip"
        path.write_bytes(content)
        with opened(path) as package:
            return take_in(read_bundle(package), TODAY)


def leaves(record: Record) -> dict[str, set[str]]:
    """The values of a record by field; order and repetition say nothing."""
    found: dict[str, set[str]] = {}
    for name, value in record.items():
        for each in value if isinstance(value, list) else [value]:
            if isinstance(each, dict):
                for member, text in each.items():
                    found.setdefault(f"{name}.{member}", set()).add(text)
            else:
                found.setdefault(name, set()).add(each)
    return found


def differences(before: MemoryGraph, after: MemoryGraph) -> Iterator[tuple[str, str, str]]:
    """Entity, key and field of what is not the same in both; `*` when a record is gone."""
    for entity, record in before.all():
        other = after.get(entity, key(record))
        if other is None:
            yield entity, key(record), "*"
            continue
        old, new = leaves(record), leaves(other)
        for name in sorted({*old, *new}):
            if old.get(name) != new.get(name):
                yield entity, key(record), name
