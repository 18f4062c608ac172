"""What a vendor was asked to delete when its agreement ended, and what it confirmed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, text

from reference_hub.model.scope import Scope

_SELECT = """
    SELECT d.id, d.vendor_id, d.pod_id, d.zone_id, d.context_id, d.reason, d.asked, d.due,
           d.confirmed, d.answer
    FROM deletion d
"""
# One for each agreement that ended, however often that is noticed.
_INSERT = text(
    """
    INSERT INTO deletion (id, vendor_id, pod_id, zone_id, context_id, reason, asked, due)
    VALUES (CAST(:id AS uuid), :vendor, CAST(:pod AS uuid), :zone, :context, :reason, :asked, :due)
    ON CONFLICT (pod_id) DO NOTHING
    """
)
_OF = text(f"{_SELECT} WHERE d.vendor_id = :vendor ORDER BY d.asked, d.id")
_IN = text(f"{_SELECT} WHERE d.zone_id = :zone AND d.context_id = :context ORDER BY d.asked, d.id")
_BY_ID = text(f"{_SELECT} WHERE d.id = CAST(:id AS uuid) FOR UPDATE")
_CONFIRM = text(
    """
    UPDATE deletion SET confirmed = :at, answer = CAST(:answer AS jsonb)
    WHERE id = CAST(:id AS uuid) AND confirmed IS NULL
    """
)


@dataclass(frozen=True, slots=True)
class Deletion:
    """`due` is the last day to confirm, in district time. `answer`: what the vendor wrote, as plain
    text values."""

    id: str
    vendor_id: int
    pod_id: str
    scope: Scope
    reason: str
    asked: datetime
    due: date
    confirmed: datetime | None = None
    answer: Mapping[str, str] = field(default_factory=dict, hash=False)


def insert(connection: Connection, deletion: Deletion) -> bool:
    """Ask for it; False where that was done already."""
    values = {
        "id": deletion.id,
        "vendor": deletion.vendor_id,
        "pod": deletion.pod_id,
        "zone": deletion.scope.zone_id,
        "context": deletion.scope.context_id,
        "reason": deletion.reason,
        "asked": deletion.asked,
        "due": deletion.due,
    }
    return connection.execute(_INSERT, values).rowcount > 0


def of_vendor(connection: Connection, vendor_id: int) -> list[Deletion]:
    """All of a vendor, oldest first."""
    return list(map(_deletion, connection.execute(_OF, {"vendor": vendor_id})))


def in_scope(connection: Connection, scope: Scope) -> list[Deletion]:
    """All of the scope, oldest first."""
    here = {"zone": scope.zone_id, "context": scope.context_id}
    return list(map(_deletion, connection.execute(_IN, here)))


def hold(connection: Connection, deletion_id: str) -> Deletion | None:
    """The one with this UUID, held against other writers."""
    row = connection.execute(_BY_ID, {"id": deletion_id}).first()
    return _deletion(row) if row else None


def confirm(
    connection: Connection, deletion_id: str, answer: Mapping[str, str], at: datetime
) -> bool:
    """Keep the first confirmation; False where there is one already."""
    asked = {"id": deletion_id, "answer": json.dumps(dict(answer)), "at": at}
    return connection.execute(_CONFIRM, asked).rowcount > 0


def _deletion(row: Row[Any]) -> Deletion:
    return Deletion(
        str(row.id),
        row.vendor_id,
        str(row.pod_id),
        Scope(row.zone_id, row.context_id),
        row.reason,
        row.asked,
        row.due,
        row.confirmed,
        row.answer,
    )
