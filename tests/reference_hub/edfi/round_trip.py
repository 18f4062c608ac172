"""SIF to Ed-Fi and back, and what the ledger says of each difference."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from fixtures.generate import Plan
from reference_hub.translate.graph import MemoryGraph
from reference_hub.translate.ledger import INFERRED, Loss
from reference_hub.translate.reading import TableReader
from reference_hub.translate.tables import Table, load
from reference_hub.translate.writing import TargetRow
from reference_hub.vendors.edfi_json import plain
from reference_hub.vendors.edfi_tables import class_periods, reading_settings
from tests.reference_hub.edfi.district import read, settings, write


@dataclass
class Trip:
    """Where a district started and what came back, with both ledgers."""

    start: MemoryGraph
    rows: list[TargetRow]
    losses: list[Loss]
    end: MemoryGraph
    remarks: list[Loss] = field(default_factory=list)


def travel(model: str, plan: Plan, name: str = "edfi-5", with_memory: bool = True) -> Trip:
    """Write a district for a host, and read what the host would give back."""
    start, given, table = read(model, plan), settings(plan), load(name)
    rows, losses = write(start, name, given)
    ready = [row for row in rows if row.state == "ready"]
    known = {(row.collection, row.key): row.refid for row in ready} if with_memory else {}
    trip = Trip(start, rows, losses, MemoryGraph())
    reader = TableReader(table)
    times = class_periods(row.body for row in ready if row.collection == "classPeriods")
    told = reading_settings(table, given["organizations"], known, class_periods=times)
    order = list(table.collections)
    for row in sorted(ready, key=lambda row: (order.index(row.collection), -days(row))):
        found = reader.read(
            plain(row.body),
            row.collection,
            graph=trip.end,
            settings=told,
        )
        trip.remarks += found.losses
        for entity, record in found.records:
            trip.end.add(entity, record)
    return trip


def days(row: TargetRow) -> int:
    """How long a session lasts: the shortest that lists a grading period is read last."""
    if row.collection != "sessions":
        return 0
    first, last = (date.fromisoformat(row.body[name]) for name in ("beginDate", "endDate"))
    return (last - first).days


def unexplained(trip: Trip, table: Table) -> list[str]:
    """Each difference that neither ledger names."""
    told, inferred = explanations(trip, table)
    held = {row.refid for row in trip.rows if row.state == "held"}
    found: list[str] = []
    for entity, before in trip.start.all():
        refid = str(before["refId"])
        after = trip.end.get(entity, refid)
        mine = told.get(refid, set()) | told.get("", set())
        if after is None:
            if not ({entity, f"{entity}.refId"} & mine or refid in held):
                found.append(f"{entity} vanished")
            continue
        for name, value in before.items():
            if comparable(after.get(name)) != comparable(value) and not covers(mine, entity, name):
                found.append(f"{entity}.{name} differs")
        mine = mine | inferred.get(refid, set())
        for name in after:
            if name not in before and not covers(mine, entity, name):
                found.append(f"{entity}.{name} was invented")
    for entity, after in trip.end.all():
        if trip.start.get(entity, str(after.get("refId"))) is None:
            found.append(f"{entity} was invented")
    return found


def covers(told: set[str], entity: str, name: str) -> bool:
    """Whether an entry names a field or an item of it."""
    whole = f"{entity}.{name}"
    return whole in told or any(each.startswith(f"{whole}.") for each in told)


def comparable(value: Any) -> Any:
    """Lists as sets."""
    if not isinstance(value, list):
        return value
    return sorted(str(sorted(x.items()) if isinstance(x, dict) else x) for x in value)


def explanations(trip: Trip, table: Table) -> tuple[dict[str, set[str]], dict[str, set[str]]]:
    """By RefId: the fields that entries name, and those that an inferred value may come back as."""
    fields = fields_at(table)
    told: dict[str, set[str]] = {}
    inferred: dict[str, set[str]] = {}
    for loss in trip.losses:
        told.setdefault(loss.refid, set()).add(re.sub(r"\[\d+\]", "", loss.source_path))
        if loss.kind == INFERRED:
            place = loss.target_field
            while "/" in place or "." in place:
                inferred.setdefault(loss.refid, set()).update(fields.get(place, ()))
                place = place.rpartition("/")[0]
    for loss in trip.remarks:
        if loss.kind == INFERRED:
            inferred.setdefault(loss.refid, set()).add(loss.target_field)
    return told, inferred


def fields_at(table: Table) -> dict[str, set[str]]:
    """Which fields a place of the host is read into."""
    found: dict[str, set[str]] = {}
    for section in table.sections:
        for line in section.lines:
            for below in (line, *line.items):
                base = "" if below is line else f"{line.places[0].path}/"
                place = f"{section.collection}.{base}{below.places[0].path}"
                names = {f"{section.entity}.{x.field}" for x in below.fields if x.own}
                found.setdefault(place, set()).update(names)
    return found
