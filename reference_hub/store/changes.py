"""What changed since a moment, by the transactions that were visible then.

Numbers of versions are given before their transaction commits, so "everything above the last number
seen" would miss one that commits late. A moment is therefore a snapshot: a version belongs to the
answer exactly when its transaction was not visible in it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, text

from reference_hub.model.scope import Scope

CHUNK = 200


@dataclass(frozen=True, slots=True)
class Changed:
    """An object that changed, and its current version."""

    refid: str
    version_id: int


_NOW = text("SELECT pg_current_snapshot()::text")

_SINCE = text(
    """
    SELECT o.refid, o.version_id FROM sif_object o
    JOIN (
      SELECT DISTINCT refid FROM object_version
      WHERE zone_id = :zone AND context_id = :context AND object_type = :object_type
        AND txid >= pg_snapshot_xmin(CAST(:moment AS pg_snapshot))::text::bigint
        AND NOT pg_visible_in_snapshot(txid::text::xid8, CAST(:moment AS pg_snapshot))
    ) changed ON changed.refid = o.refid
    WHERE o.zone_id = :zone AND o.context_id = :context AND o.object_type = :object_type
    ORDER BY o.version_id LIMIT :limit
    """
)

# The last version that was visible at the moment, and all that came after it.
_HISTORY = text(
    """
    SELECT asked.refid, v.body, known.id IS NOT NULL AS known
    FROM unnest(CAST(:refids AS text[])) AS asked(refid)
    LEFT JOIN LATERAL (
      SELECT max(b.id) AS id FROM object_version b
      WHERE b.refid = asked.refid AND b.zone_id = :zone AND b.context_id = :context
        AND b.object_type = :object_type
        AND pg_visible_in_snapshot(b.txid::text::xid8, CAST(:moment AS pg_snapshot))
    ) known ON true
    JOIN object_version v ON v.refid = asked.refid AND v.zone_id = :zone
      AND v.context_id = :context AND v.object_type = :object_type AND v.id >= COALESCE(known.id, 0)
    ORDER BY asked.refid, v.id
    """
)


def now(connection: Connection) -> str:
    """This moment; take it before reading what shall count as known."""
    return str(connection.execute(_NOW).scalar_one())


def since(
    connection: Connection, scope: Scope, object_type: str, moment: str, *, limit: int
) -> list[Changed]:
    """The objects that were created, updated or deleted after the moment, `limit` at most."""
    asked = _of(scope, object_type) | {"moment": moment, "limit": limit}
    return [Changed(*row) for row in connection.execute(_SINCE, asked)]


def histories(
    connection: Connection, scope: Scope, object_type: str, moment: str, found: Sequence[Changed]
) -> Iterator[tuple[Changed, list[bytes | None]]]:
    """Each object with its bodies, the one known at the moment first; None where there was none."""
    for start in range(0, len(found), CHUNK):
        chunk = found[start : start + CHUNK]
        asked = {"moment": moment, "refids": [each.refid for each in chunk]}
        rows = connection.execute(_HISTORY, _of(scope, object_type) | asked)
        bodies: dict[str, list[bytes | None]] = {}
        for row in rows:
            bodies.setdefault(row.refid, [] if row.known else [None]).append(row.body)
        yield from ((each, bodies.get(each.refid, [])) for each in chunk)


def _of(scope: Scope, object_type: str) -> dict[str, object]:
    return {"zone": scope.zone_id, "context": scope.context_id, "object_type": object_type}
