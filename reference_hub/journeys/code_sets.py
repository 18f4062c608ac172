"""Code sets: those the hub comes with, and what operators replace them with (INF-CDS)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from fixtures import codesets
from reference_hub.clock import Clock
from reference_hub.codec.code_set_xml import write
from reference_hub.journeys.announce import announce
from reference_hub.model.change import CREATE, UPDATE
from reference_hub.model.code_set import ADD, CHANGE, DELETE, CodeItem, CodeSet
from reference_hub.model.scope import Scope
from reference_hub.store import code_sets

if TYPE_CHECKING:
    from sqlalchemy import Connection

SHIPPED = datetime(2026, 11, 25, tzinfo=UTC)
FIRST_VERSION = "1.0"
# The two bindings of the North American model call the same thing differently.
_BINDINGS = (("sif_xpress", "xpress"), ("sif_unity_classic", "classic"))


def shipped(zone_id: str) -> list[CodeSet]:
    """The kit's sets, one per binding that has codes, for the zone that stands for all."""
    return [
        CodeSet(f"{name}-{suffix}", zone_id, FIRST_VERSION, SHIPPED, items)
        for name in codesets.NAMES
        for column, suffix in _BINDINGS
        if (items := _items(codesets.load(name), column))
    ]


def shown(connection: Connection, zones: Sequence[str], *, merged: bool) -> list[CodeSet]:
    """The sets of the zones, the last of which stands for all.

    `merged`: a zone's own set replaces the general one of its id (INF-CDS-004).
    """
    stored = code_sets.of_zones(connection, zones)
    found = {(codes.id, codes.zone_id): codes for codes in (*shipped(zones[-1]), *stored)}
    if not merged:
        return list(found.values())
    general = {codes.id: codes for codes in found.values() if codes.zone_id == zones[-1]}
    own = {codes.id: codes for codes in found.values() if codes.zone_id != zones[-1]}
    return list((general | own).values())


def set_codes(
    connection: Connection,
    clock: Clock,
    zone_id: str,
    set_id: str,
    rows: Iterable[tuple[str, str, str]],
) -> CodeSet:
    """Store (code, value, description) rows as the zone's set and tell subscribers of the zone.

    Codes that are not among the rows stay, marked DELETE. Nothing is told where nothing changed.
    """
    now = clock.now()
    known = code_sets.lock(connection, zone_id, set_id)
    before = {item.code: item for item in known.items} if known else {}
    items = tuple(_followed(before, rows, now))
    if known and items == known.items:
        return known
    version = _next(known.version) if known else FIRST_VERSION
    codes = CodeSet(set_id, zone_id, version, now, items)
    code_sets.save(connection, codes)
    _publish(connection, clock, codes, UPDATE if known else CREATE)
    return codes


def _items(rows: Iterable[Mapping[str, str]], column: str) -> tuple[CodeItem, ...]:
    meanings: dict[str, list[str]] = {}
    for row in rows:
        for code in filter(None, row[column].split("|")):
            meanings.setdefault(code, []).append(row["canonical"])
    return tuple(_item(code, found) for code, found in meanings.items())


def _item(code: str, meanings: Sequence[str]) -> CodeItem:
    # A code that stands for several meanings is called by its own name and lists them.
    value = meanings[0] if len(meanings) == 1 else code
    description = "" if len(meanings) == 1 else "; ".join(meanings)
    return CodeItem(code, value[:128], description[:1024], ADD, SHIPPED)


def _followed(
    before: Mapping[str, CodeItem], rows: Iterable[tuple[str, str, str]], now: datetime
) -> Iterable[CodeItem]:
    listed = {code: (value, description) for code, value, description in rows}
    for code, (value, description) in listed.items():
        old = before.get(code)
        if old is None or old.action == DELETE:
            yield CodeItem(code, value, description, ADD, now)
        elif (old.value, old.description) == (value, description):
            yield old
        else:
            yield CodeItem(code, value, description, CHANGE, now)
    for code, old in before.items():
        if code not in listed:
            yield old if old.action == DELETE else replace(old, action=DELETE, at=now)


def _next(version: str) -> str:
    major, minor = version.split(".")[:2]
    return f"{major}.{int(minor) + 1}" if int(minor) < 999 else f"{int(major) + 1}.0"


def _publish(connection: Connection, clock: Clock, codes: CodeSet, action: str) -> None:
    place = Scope(codes.zone_id)
    announce(connection, clock, place, "UTILITY", "codeSets", action, write(codes))
