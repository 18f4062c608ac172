"""What becomes of each field of an object type at a vendor, with a live example."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from reference_hub.clock import Clock
from reference_hub.codec.xml import read
from reference_hub.journeys import project
from reference_hub.journeys.prepare import Stopped, granted_part
from reference_hub.model.caller import Caller
from reference_hub.model.party import Subscriber
from reference_hub.store import objects
from reference_hub.translate import trees
from reference_hub.translate.canonical import Record
from reference_hub.translate.graph import MemoryGraph
from reference_hub.translate.places import texts_at
from reference_hub.translate.plans import reader_for
from reference_hub.translate.profiles import Profile
from reference_hub.translate.tables import Line, Section, Table
from reference_hub.translate.writing import TableWriter

if TYPE_CHECKING:
    from sqlalchemy import Connection

_LONGEST = 40


@dataclass(frozen=True, slots=True)
class Explained:
    """One line: the SIF path, the canonical field, where it goes (empty: nowhere) and by which
    function, what is lost or noted, and the example before and after."""

    sif: str
    field: str
    target: str
    function: str
    loss: str
    note: str
    before: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True)
class _Example:
    records: Mapping[str, Record]
    bodies: Mapping[tuple[str, str], Mapping[str, Any]]


def explain(
    connection: Connection, to: Subscriber, caller: Caller, object_type: str, clock: Clock
) -> list[Explained]:
    """All lines for an object type; the example is the first object, as the vendor may see it."""
    profile = project.profile_of(connection, to)
    source = reader_for(object_type).table
    example = _example(connection, to, caller, object_type, profile, clock)
    return [
        each
        for section in source.of_collection(object_type)
        for line in section.lines
        for each in _explained(section, line, profile, example)
    ]


def _example(
    connection: Connection,
    to: Subscriber,
    caller: Caller,
    object_type: str,
    profile: Profile,
    clock: Clock,
) -> _Example:
    terms = project.terms(connection, to, caller, clock)
    stored = objects.page(connection, to.scope, object_type, limit=1, offset=0)
    if isinstance(terms, Stopped) or object_type not in terms.pods or not stored:
        return _Example({}, {})
    element = granted_part(read(stored[0].body), terms.pods[object_type])
    if element is None:
        return _Example({}, {})
    reading = reader_for(object_type).read(trees.node(element), object_type)
    graph = MemoryGraph(reading.records)
    writer = TableWriter(profile.table, {**profile.settings, **to.delivery})
    bodies = {
        (row.collection, entity): row.body
        for entity, record in reversed(reading.records)
        for row in writer.write(entity, record, graph).rows
    }
    return _Example(dict(reversed(reading.records)), bodies)


def _explained(
    section: Section, line: Line, profile: Profile, example: _Example
) -> Iterator[Explained]:
    for each in line.items or (line,):
        for path in each.fields[:1]:
            if not path.own:
                continue
            name = f"{section.entity}.{path.name}"
            sif = f"{section.collection}/{_spot(section, line, each)}"
            before = _short(_value(example.records.get(section.entity, {}), path.field, path.item))
            targets = list(_targets(profile.table, section.entity, path.name))
            for found, target in targets:
                body = example.bodies.get((found.collection, section.entity), {})
                after = _short(texts_at(dict(body), target.places[0].segments)) if body else ""
                spot = f"{found.collection}.{target.places[0].path}"
                how = target.function.name + (f"({target.argument})" if target.argument else "")
                yield Explained(sif, name, spot, how, target.loss, target.note, before, after)
            if not targets:
                reason = TableWriter(profile.table).reason(section.entity, path.name)
                yield Explained(sif, name, "", "", reason.loss, reason.note, before)


def _targets(table: Table, entity: str, name: str) -> Iterator[tuple[Section, Line]]:
    for section in table.sections:
        for line in section.lines:
            for each in (line, *line.items):
                if any((x.entity, x.name) == (entity, name) for x in each.fields):
                    yield section, line
                    break


def _spot(section: Section, line: Line, below: Line) -> str:
    parts = [section.containers[0].path] if section.containers else []
    parts.append(line.places[0].path)
    if below is not line:
        parts.append(below.places[0].path)
    return "/".join(part for part in parts if part)


def _value(record: Record, field: str, item: str) -> list[str]:
    value = record.get(field)
    found = value if isinstance(value, list) else [value] if value is not None else []
    return [str(each.get(item, "")) if isinstance(each, dict) else str(each) for each in found]


def _short(values: list[str]) -> str:
    text = ", ".join(each for each in values if each)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
