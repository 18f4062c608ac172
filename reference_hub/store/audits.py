"""The audit trail: rows are only added, and hold counts and kinds, never values of the data."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, text

from reference_hub.model.scope import Scope


@dataclass(frozen=True, slots=True)
class Entry:
    """Who did what to how many objects of a type; `detail` in plain JSON values."""

    actor: str
    action: str
    object_type: str = ""
    count: int = 1
    detail: Mapping[str, object] = field(default_factory=dict)


# Also the first half of a statement that ends a change, which saves a journey to the server.
INSERT = """
    INSERT INTO audit (zone_id, context_id, at, actor, action, object_type, count, detail)
    SELECT :zone, :context, :at, actor, action, object_type, number, CAST(detail AS jsonb)
    FROM unnest(CAST(:actors AS text[]), CAST(:actions AS text[]), CAST(:audited AS text[]),
                CAST(:counts AS integer[]), CAST(:details AS text[]))
         AS entry(actor, action, object_type, number, detail)
"""
# Only under a POD that has not ended meanwhile, nor has another person been excluded, in the same
# snapshot.
IN_FORCE = """
    (CAST(:pod AS uuid) IS NULL OR EXISTS (
      SELECT FROM pod p WHERE p.id = CAST(:pod AS uuid) AND p.status <> 'Expired'
        AND NOT EXISTS (
          SELECT FROM exclusion x WHERE x.zone_id = p.zone_id AND x.context_id = p.context_id
            AND (x.vendor_id IS NULL OR x.vendor_id = p.vendor_id)
            AND x.refid <> ALL(CAST(:excluded AS text[])))))
"""
_ADD = text(INSERT)
_ADD_UNDER = text(f"{INSERT} WHERE {IN_FORCE}")

_LIST = text(
    """
    SELECT actor, action, object_type, count, detail FROM audit
    WHERE zone_id = :zone AND context_id = :context ORDER BY id
    """
)

_NOTED = text(
    """
    SELECT detail FROM audit
    WHERE zone_id = :zone AND context_id = :context AND action = :action ORDER BY id
    """
)


def add(connection: Connection, scope: Scope, at: datetime, *entries: Entry) -> None:
    """Write all entries in one statement, in the caller's transaction."""
    connection.execute(_ADD, columns(scope, at, entries))


def add_under(
    connection: Connection,
    scope: Scope,
    at: datetime,
    pod_id: str | None,
    entry: Entry,
    excluded: Iterable[str] = (),
) -> bool:
    """Write an entry about what was sent under a POD without the `excluded` people; False, and
    nothing is written, where that POD has ended by now or leaves out more people, so that what was
    read must not leave."""
    asked = columns(scope, at, [entry]) | {"pod": pod_id, "excluded": list(excluded)}
    return connection.execute(_ADD_UNDER, asked).rowcount > 0


def columns(scope: Scope, at: datetime, entries: Sequence[Entry]) -> dict[str, object]:
    """The parameters of INSERT."""
    return {
        "zone": scope.zone_id,
        "context": scope.context_id,
        "at": at,
        "actors": [entry.actor for entry in entries],
        "actions": [entry.action for entry in entries],
        "audited": [entry.object_type for entry in entries],
        "counts": [entry.count for entry in entries],
        "details": [json.dumps(dict(entry.detail)) for entry in entries],
    }


def trail(connection: Connection, scope: Scope) -> list[Entry]:
    """All entries of the scope, oldest first."""
    rows = connection.execute(_LIST, {"zone": scope.zone_id, "context": scope.context_id})
    return [Entry(*row) for row in rows]


def noted(connection: Connection, scope: Scope, action: str) -> list[Mapping[str, object]]:
    """The details of all entries of one action, oldest first."""
    wanted = {"zone": scope.zone_id, "context": scope.context_id, "action": action}
    return list(connection.execute(_NOTED, wanted).scalars())
