"""A row of cells becomes the object that the REST bindings of OneRoster 1.1 and 1.2 describe."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, unquote

from reference_hub.clock import iso
from reference_hub.model import roster_query as kinds
from reference_hub.model.roster_query import Field, Kept
from reference_hub.store.target_reading import ROLE_IN_1_1
from reference_hub.web.oneroster.members import (
    ALWAYS,
    BARE,
    GRADEBOOK,
    HEAD,
    METADATA,
    TEXTS,
    V1_1,
    collection_of,
    members,
)

ROOTS = {
    V1_1: ("ims/oneroster/v1p1", "ims/oneroster/v1p1"),
    "1.2": ("ims/oneroster/rostering/v1p2", "ims/oneroster/gradebook/v1p2"),
}
Cells = dict[str, str | list[str]] | dict[str, str]


@dataclass(frozen=True, slots=True)
class Shaper:
    """`version`: 1.1 | 1.2. `root`: where the caller reaches the hub, without a trailing slash."""

    version: str
    root: str

    def shaped(self, collection: str, row: Kept, only: Collection[str] = ()) -> dict[str, Any]:
        """The object; with `only` these members of it. A member that is not known is left out.

        Of one that was taken away no text is told, for it may have been taken away to be forgotten.
        """
        wanted = members(self.version, collection)
        if row.is_gone:
            wanted = {name: wanted[name] for name in wanted if name in (*HEAD, *BARE[collection])}
        made = {
            name: value
            for name, field in wanted.items()
            if (not only or name in only)
            and (value := self._value(field, row)) not in (None, "", [])
        }
        blank = (*ALWAYS.get(collection, ()), *(TEXTS.get(collection, ()) if row.is_gone else ()))
        made |= {name: "" for name in blank if name not in made and (not only or name in only)}
        extra = {} if row.is_gone else _metadata(row.body)
        if extra and (not only or "metadata" in only):
            made["metadata"] = extra
        return made

    def address(self, target: str, sourced_id: str) -> str:
        """Where the object is that a reference of this type points to."""
        collection = collection_of(target)
        root = ROOTS[self.version][collection in GRADEBOOK]
        return f"{self.root}/{root}/{collection}/{quote(sourced_id, safe='')}"

    def _value(self, field: Field, row: Kept) -> object:
        match field.kind:
            case kinds.KEY:
                return row.key
            case kinds.STATUS:
                return "tobedeleted" if row.is_gone else "active"
            case kinds.MOMENT:
                return iso(row.changed)
            case kinds.ROLES:
                return [self._role(role) for role in row.roles]
            case kinds.FIRST_ROLE:
                return _first_role(row)
            case kinds.ROLE_ORGS:
                return self._references(field, (role.get(field.column) for role in row.roles))
        return self._cell(field, row.body.get(field.column))

    def _cell(self, field: Field, cell: str | list[str] | None) -> object:
        many = [cell] if isinstance(cell, str) else cell or []
        match field.kind:
            case kinds.LIST:
                return many
            case kinds.USER_IDS:
                return [_user_id(item) for item in many]
            case kinds.REFS:
                return self._references(field, many)
        one = next(iter(many), "")
        match field.kind:
            case kinds.REF:
                return self._reference(field.target, one) if one else None
            case kinds.NUMBER:
                return _number(one)
            case kinds.DAY:
                # A day in CSV, a moment in REST.
                return f"{one}T00:00:00.000Z" if one and "T" not in one else one
        return one

    def _references(self, field: Field, ids: Iterable[str | None]) -> list[dict[str, str]]:
        return [self._reference(field.target, each) for each in dict.fromkeys(filter(None, ids))]

    def _reference(self, target: str, sourced_id: str) -> dict[str, str]:
        href = self.address(target, sourced_id)
        return {"href": href, "sourcedId": sourced_id, "type": target}

    def _role(self, cells: dict[str, str]) -> dict[str, Any]:
        made: dict[str, Any] = {name: cells[name] for name in ("roleType", "role")}
        made["org"] = self._reference("org", cells["orgSourcedId"])
        return made | {name: cells[name] for name in ("beginDate", "endDate") if cells.get(name)}


def _first_role(row: Kept) -> str:
    # In the order of the query: a primary one before a secondary one.
    role = row.roles[0]["role"] if row.roles else ""
    return ROLE_IN_1_1.get(role, role)


def _user_id(item: str) -> dict[str, str]:
    # Between its braces the cell writes some letters of an id with a percent sign.
    kind, _, value = item.strip("{}").partition(":")
    return {"type": kind, "identifier": unquote(value) if item.startswith("{") else value}


def _number(cell: str) -> int | float | None:
    try:
        value = float(cell)
    except ValueError:
        return None
    return int(cell) if cell.lstrip("-").isdigit() else value


def _metadata(body: Cells) -> dict[str, object]:
    return {
        name.removeprefix(METADATA): cell
        for name, cell in body.items()
        if name.startswith(METADATA) and cell
    }
