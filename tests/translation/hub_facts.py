"""What the hub's table engine makes of SIF documents, as facts of the judge's form."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from lxml import etree

from conformance import crosswalk
from conformance.crosswalk import Fact
from conformance.crosswalk.facts import LISTS, family, keyed
from reference_hub.translate import tables, trees
from reference_hub.translate.graph import MemoryGraph
from reference_hub.translate.ledger import Loss
from reference_hub.translate.plans import reader_for
from reference_hub.translate.writing import READY, TableWriter, TargetRow

SETTINGS: Mapping[str, Any] = {
    "days_in_session": "180",
    "operational_since": "1999-07-01",
    "stated": {"lea_category": "Regular school district"},
    "instructional_days": "weekdays",
    "zone": "America/New_York",
}


@dataclass(frozen=True, slots=True)
class Made:
    """Rows of all states, and the ledger."""

    rows: tuple[TargetRow, ...]
    losses: tuple[Loss, ...]

    def ready(self) -> list[TargetRow]:
        """Rows that may go: what points to a row that is not there waits."""
        kept = {f"{x.collection}:{x.key}": x for x in self.rows if x.state == READY}
        while gone := [at for at, x in kept.items() if any(y not in kept for y in x.needs)]:
            for at in gone:
                del kept[at]
        return list(kept.values())


def records(documents: Iterable[etree._Element], settings: Mapping[str, Any]) -> MemoryGraph:
    """Read all objects of the documents, each a collection of objects."""
    graph = MemoryGraph()
    for document in documents:
        for element in document:
            name = etree.QName(element).localname
            node = trees.node(element)
            reading = reader_for(name).read(node, name, settings=settings)
            for entity, record in reading.records:
                graph.add(entity, record)
    return graph


def numbers(graph: MemoryGraph) -> dict[str, str]:
    """Numbers of organisations by key, as the judge takes them: the state's id as a number."""
    found = {}
    for entity, record in graph.all():
        state = str(record.get("stateId", ""))
        if entity in ("LEA", "School") and state.isdigit():
            found[str(record["localId"])] = str(int(state))
    return found


def made(target: str, graph: MemoryGraph, settings: Mapping[str, Any]) -> Made:
    """Write all records of a graph."""
    stated = {**SETTINGS, **settings, "organizations": numbers(graph)}
    writer = TableWriter(tables.load(target), stated)
    rows: dict[tuple[str, str], TargetRow] = {}
    losses: dict[Loss, None] = {}
    for entity, record in list(graph.all()):
        writing = writer.write(entity, record, graph)
        losses.update(dict.fromkeys(writing.losses))
        for row in writing.rows:
            rows.setdefault((row.collection, row.key), row)
    return Made(tuple(rows.values()), tuple(losses))


def facts(target: str, rows: Iterable[TargetRow]) -> Iterator[Fact]:
    """Rows as facts: a cell with several values has one for each."""
    for row in rows:
        if family(target) == "edfi":
            yield from crosswalk.of_body(target, row.collection, row.body)
        else:
            yield from keyed(target, row.collection, list(_cells(target, row.body)))


def _cells(target: str, body: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for path, value in body.items():
        items = value if isinstance(value, list) else [value]
        if path == "userIds":
            items = [str(each).strip("{}") for each in items]
        if target == "clever":
            path = "Teacher_2_id" if path[:8] == "Teacher_" and path[8].isdigit() else path
        if path in LISTS or target == "clever":
            yield from ((path, str(each)) for each in items if each)
        elif any(items):
            yield path, ",".join(map(str, items))
