"""Requests to delete, of one student or of all that a vendor has, as people of a district file and
follow them.

A change names the version that it was made of: of two people who edit at once the second is told.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, text

from reference_hub.model.scope import Scope
from reference_hub.store import console_paging
from reference_hub.store.console_paging import Asked, Order, Slice

STUDENT, VENDOR = "student", "vendor"
OPEN, CLOSED, TAKEN_BACK = "open", "closed", "taken back"

_COLUMNS = """
    c.id, c.zone_id, c.context_id, c.kind, c.refid, c.vendor_id, c.reason, c.note, c.state,
    c.version, c.asked, c.asked_by, c.changed, c.changed_by
"""
_ORDER = Order(("c.id",), ("bigint",), descending=True)
_INSERT = text(
    """
    INSERT INTO console_case
      (zone_id, context_id, kind, refid, vendor_id, reason, asked, asked_by, changed, changed_by)
    VALUES (:zone, :context, :kind, :refid, :vendor, :reason, :now, :who, :now, :who)
    RETURNING id
    """
)
_BY_ID = text(f"SELECT {_COLUMNS} FROM console_case c WHERE c.id = :id")  # noqa: S608 constants
_OPEN_OF = text(
    """
    SELECT c.id FROM console_case c
    WHERE c.zone_id = :zone AND c.context_id = :context AND c.state = 'open' AND c.kind = :kind
      AND c.refid = :refid AND c.vendor_id IS NOT DISTINCT FROM CAST(:vendor AS integer)
    ORDER BY c.id LIMIT 1
    """
)
_CHANGE = text(
    """
    UPDATE console_case SET note = :note, state = :state, changed = :now, changed_by = :who,
                            version = version + 1
    WHERE id = :id AND version = :version
    """
)


@dataclass(frozen=True, slots=True)
class Case:
    """`refid`: the student's folded RefId, '' for a request to a vendor; `vendor_id` None: of every
    vendor. `version` counts from 1."""

    id: int
    scope: Scope
    kind: str
    refid: str
    vendor_id: int | None
    reason: str
    note: str
    state: str
    version: int
    asked: datetime
    asked_by: str
    changed: datetime
    changed_by: str


def add(
    connection: Connection,
    scope: Scope,
    refid: str,
    vendor_id: int | None,
    reason: str,
    who: str,
    now: datetime,
) -> int:
    """File a request, about a student where a refid is given; its number."""
    asked = _of(scope, refid, vendor_id) | {"reason": reason, "who": who, "now": now}
    return int(connection.execute(_INSERT, asked).scalar_one())


def find(connection: Connection, number: int) -> Case | None:
    """The request with that number."""
    if number >= 2**31:
        return None
    row = connection.execute(_BY_ID, {"id": number}).first()
    return of_row(row) if row else None


def open_of(connection: Connection, scope: Scope, refid: str, vendor_id: int | None) -> int | None:
    """The number of the request of the same words that is still open."""
    return connection.execute(_OPEN_OF, _of(scope, refid, vendor_id)).scalar()


def change(
    connection: Connection,
    number: int,
    version: int,
    note: str,
    state: str,
    who: str,
    now: datetime,
) -> bool:
    """Write note and state; False, and nothing is written, where somebody changed it meanwhile."""
    values = {
        "id": number,
        "version": version,
        "note": note,
        "state": state,
        "who": who,
        "now": now,
    }
    return connection.execute(_CHANGE, values).rowcount > 0


def page(connection: Connection, zone_id: str, asked: Asked, state: str = "") -> Slice:
    """Requests of a district, newest first; `state` '' for any."""
    where = ["c.zone_id = :zone"]
    if state:
        where.append("c.state = :state")
    values = {"zone": zone_id, "state": state}
    columns = f"{_COLUMNS}, v.name AS vendor"
    source = "console_case c LEFT JOIN vendor v ON v.id = c.vendor_id"
    return console_paging.page(connection, columns, source, _ORDER, asked, values, where)


def of_row(row: Row[Any]) -> Case:
    """The request in a row that begins with its columns."""
    scope = Scope(row.zone_id, row.context_id)
    return Case(row.id, scope, *tuple(row)[3:14])


def _of(scope: Scope, refid: str, vendor_id: int | None) -> dict[str, object]:
    return {
        "zone": scope.zone_id,
        "context": scope.context_id,
        "kind": STUDENT if refid else VENDOR,
        "refid": refid,
        "vendor": vendor_id,
    }
