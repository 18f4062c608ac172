"""Canonical records: the pivot that every format is read into and written from.

`canonical.csv` lists each field of each entity with its kind. A record is a plain dictionary; an
absent field is unknown. `refId` is its key: every spelling of one RefId gives the same key.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType

from reference_hub.codec.xml import fold
from reference_hub.translate.identity import sourced_id

Value = str | list[str] | list[dict[str, str]]
Record = dict[str, Value]

KEY = "refId"
# Stands before a code that no code set knows, so that nothing takes it for a meaning.
UNKNOWN_CODE = "?"
_KIND = re.compile(r"(\w+)(?:\((\w+)\))?")
_HYPHENATED = re.compile("[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
_MANY = frozenset({"codes", "refs", "tokens", "texts", "list"})


@dataclass(frozen=True, slots=True)
class Field:
    """One field: `kind` as in canonical.csv, `of` the code set or the entity it names."""

    name: str
    kind: str
    of: str
    crosswalk_id: str

    @property
    def many(self) -> bool:
        """Whether the value is a list."""
        return self.kind in _MANY


@dataclass(frozen=True, slots=True)
class Entity:
    """An entity; the fields of list items are named `emails.address`."""

    name: str
    fields: Mapping[str, Field]

    def reference_to(self, entity: str) -> str:
        """The first field that refers to another entity; '' when none does."""
        kinds = (f.name for f in self.fields.values() if f.kind in ("ref", "refs"))
        return next((name for name in kinds if self.fields[name].of == entity), "")


@cache
def entities() -> Mapping[str, Entity]:
    """All entities by name."""
    found: dict[str, dict[str, Field]] = {}
    text = (files(__package__) / "canonical.csv").read_text("utf-8")
    for row in csv.DictReader(text.splitlines()):
        match = _KIND.fullmatch(row["kind"])
        if match is None:
            raise ValueError(f"canonical.csv: {row['entity']}.{row['field']} has no usable kind.")
        field = Field(row["field"], match[1], match[2] or "", row["crosswalk_id"])
        found.setdefault(row["entity"], {})[field.name] = field
    return MappingProxyType({name: Entity(name, fields) for name, fields in found.items()})


def key_of(refid: str) -> str:
    """The key for a RefId in any spelling: a lower-case hyphenated UUID, else the folded text."""
    if _HYPHENATED.fullmatch(refid):
        return refid.lower()
    return sourced_id(refid) if refid else ""


def key(record: Record) -> str:
    """The key of a record; '' when it has none."""
    found = record.get(KEY, "")
    return found if isinstance(found, str) else ""


def refid_of(key_text: str) -> str:
    """The key as the store of SIF objects folds it."""
    return fold(key_text)
