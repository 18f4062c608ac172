"""Rows say the ids that imported files gave, and what comes back with them is known again.

Inside the hub a thing from a file is known by a key made of its id. Whoever gets rosters as rows is
told the id itself, so that a vendor who knew the district before knows it still. An id that holds a
name or a number of its person is not told, for an agreement may keep that back. What stands in a
gradebook keeps the hub's ids; a vendor's own are a matter of journeys/own_ids.py.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from reference_hub.model.scope import Scope
from reference_hub.store import imported_ids
from reference_hub.store.target_rows import StoredRow
from reference_hub.translate.canonical import Record, entities, key_of
from reference_hub.translate.intake import Intake

if TYPE_CHECKING:
    from sqlalchemy import Connection

# By the file that told an id: the entities that it may be of.
_ENTITIES: Mapping[str, tuple[str, ...]] = {
    "orgs": ("LEA", "School"),
    "academicSessions": ("Session", "SchoolYear"),
    "courses": ("Course",),
    "classes": ("Section",),
    "users": ("Student", "Staff", "Contact"),
    "roles": ("SchoolEnrollment", "StaffAssignment"),
    "enrollments": ("SectionEnrollment", "StaffSection"),
}
# The shapes of profiles whose rows have ids of the sender's choice.
SHAPES = ("rest", "csv-bundle", "files")
_PERSONAL = (
    "localId", "stateId", "loginId", "electronicId", "givenName", "familyName", "birthDate",
)  # fmt: skip
# Shorter values stand in many ids by chance.
_LONG = 4
# What OneRoster allows as an id.
_ID = re.compile(r"[0-9A-Za-z.\-_/@]{1,255}")
# Keys are UUIDs: minted ones, and those that the file had in another spelling.
_KEY = re.compile("[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}")


def remember(connection: Connection, scope: Scope, intake: Intake) -> None:
    """Keep the ids of imported rosters beside the keys made of them."""
    ids = [
        (file, made, told, key_of(told))
        for (file, made), told in intake.ids.items()
        if file in _ENTITIES and _ID.fullmatch(told) and not _is_telling(intake, file, made, told)
    ]
    imported_ids.record(connection, scope, ids)


def _is_telling(intake: Intake, file: str, made: str, told: str) -> bool:
    """Whether an id holds a personal value of the person it is of, or whose seat or role it is."""
    folded = told.lower()
    for entity in _ENTITIES[file]:
        record = intake.graph.get(entity, made)
        for person in _persons(intake, entity, record) if record else ():
            for value in filter(None, (text.lower() for text in _personal(person))):
                if value == folded or (len(value) >= _LONG and value in folded):
                    return True
    return False


def _persons(intake: Intake, entity: str, record: Record) -> Iterator[Record]:
    if entity in _ENTITIES["users"]:
        yield record
    for name, of, at in _references(entity, record):
        person = intake.graph.get(of, at) if name in ("student", "staff") else None
        if person:
            yield person


def _personal(person: Record) -> Iterator[str]:
    for name in _PERSONAL:
        yield from _texts(person.get(name))
    for name, member in (("ids", "value"), ("emails", "address")):
        for each in person.get(name, ()):
            yield each.get(member, "") if isinstance(each, dict) else ""


def as_told(connection: Connection, scope: Scope, rows: Sequence[StoredRow]) -> list[StoredRow]:
    """The rows with the ids that files told in the place of the keys made of them."""
    found = {text for row in rows for text in _texts(row.body) if _KEY.fullmatch(text)}
    known = imported_ids.told(connection, scope, list(_ENTITIES), found) if found else {}
    return [_renamed(row, known) for row in rows] if known else list(rows)


def known_again(
    connection: Connection, scope: Scope, records: Iterable[tuple[str, Record]]
) -> list[tuple[str, Record]]:
    """Records in which the ids that files told are the keys made of them again."""
    given = list(records)
    told = {text for entity, record in given for _, _, text in _references(entity, record)}
    known = imported_ids.keys(connection, scope, told) if told else {}
    by_entity = {
        (entity, text): at for (file, text), at in known.items() for entity in _ENTITIES[file]
    }
    return [(entity, _pointed(entity, record, by_entity)) for entity, record in given]


def _references(entity: str, record: Record) -> Iterator[tuple[str, str, str]]:
    for name, value in record.items():
        field = entities()[entity].fields[name]
        if field.kind == "ref" and isinstance(value, str):
            yield name, field.of, value


def _pointed(entity: str, record: Record, known: Mapping[tuple[str, str], str]) -> Record:
    found = {name: known.get((of, text), text) for name, of, text in _references(entity, record)}
    return {**record, **found}


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each)
    elif isinstance(value, dict):
        for each in value.values():
            yield from _texts(each)


def _renamed(row: StoredRow, known: Mapping[str, str]) -> StoredRow:
    def name(text: str) -> str:
        file, sign, at = text.rpartition(":")
        return file + sign + "|".join(known.get(part, part) for part in at.split("|"))

    body = {
        column: [known.get(x, x) if isinstance(x, str) else x for x in cell]
        if isinstance(cell, list)
        else known.get(cell, cell)
        if isinstance(cell, str)
        else cell
        for column, cell in row.body.items()
    }
    needs, wants = (tuple(map(name, each)) for each in (row.needs, row.wants))
    at = "|".join(known.get(part, part) for part in row.key.split("|"))
    return replace(row, key=at, body=body, needs=needs, wants=wants)
