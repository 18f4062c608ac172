"""Findings of a collection's run as the console shows them: page by page, and counted."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, text

from reference_hub.model.collection import Finding
from reference_hub.model.scope import Scope
from reference_hub.store import console_paging
from reference_hub.store.console_paging import Asked, Order, Slice

_ORDER = Order(
    ("f.object_type", "f.local_id", "f.rule", "f.id"), ("text", "text", "text", "bigint")
)
_COLUMNS = "f.object_type, f.refid, f.local_id, f.rule, f.level"
_PAST = text(
    """
    SELECT count(*) FILTER (WHERE b.run_id IS NULL) AS fresh, count(b.run_id) AS still
    FROM collection_finding f LEFT JOIN collection_finding b
      ON b.run_id = CAST(:before AS uuid) AND b.object_type = f.object_type
      AND b.refid = f.refid AND b.rule = f.rule
    WHERE f.run_id = CAST(:run AS uuid)
    """
)
_TOTAL = text("SELECT count(*) FROM collection_finding WHERE run_id = CAST(:run AS uuid)")
_KNOWN = text(
    """
    SELECT DISTINCT collection FROM collection_run
    WHERE zone_id = :zone AND context_id = :context ORDER BY collection
    """
)
_BODIES = text(
    """
    SELECT v.body FROM sif_object o JOIN object_version v ON v.id = o.version_id
    WHERE o.zone_id = :zone AND o.context_id = :context AND o.object_type = :object_type
      AND NOT o.tombstone
    """
)


def names(connection: Connection, scope: Scope) -> list[str]:
    """The collections that there was a run of."""
    at = {"zone": scope.zone_id, "context": scope.context_id}
    return list(connection.execute(_KNOWN, at).scalars())


def compared(connection: Connection, run_id: str, before_id: str) -> tuple[int, int, int]:
    """How many findings are new, are still there, were put right since the run before."""
    row = connection.execute(_PAST, {"run": run_id, "before": before_id}).one()
    past = connection.execute(_TOTAL, {"run": before_id}).scalar_one()
    return row.fresh, row.still, past - row.still


def page(
    connection: Connection, run_id: str, asked: Asked, rule: str, refids: Sequence[str] | None
) -> Slice:
    """Findings of a run; of one rule where it is named, of these (folded) RefIds where given."""
    where, values = ["f.run_id = CAST(:run AS uuid)"], {"run": run_id, "rule": rule, "refids": []}
    if rule:
        where.append("f.rule = :rule")
    if refids is not None:
        where.append("f.refid = ANY(CAST(:refids AS text[]))")
        values["refids"] = list(refids)
    source = "collection_finding f"
    return console_paging.page(connection, _COLUMNS, source, _ORDER, asked, values, where)


def finding(row: object) -> Finding:
    """The finding in a row of a page."""
    return Finding(*tuple(row)[:5])  # type: ignore[arg-type]


def documents(connection: Connection, scope: Scope, object_type: str) -> list[bytes]:
    """Every document of a type, for types that a district has few or small ones of."""
    at = {"zone": scope.zone_id, "context": scope.context_id, "object_type": object_type}
    return [bytes(body) for body in connection.execute(_BODIES, at).scalars()]
