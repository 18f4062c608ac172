"""Runs of collections with their findings: this hub's own ones, and those that a state told of."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, text

from reference_hub.model.collection import Count, Finding, Run, Told
from reference_hub.model.scope import Scope

_CHUNK = 5000
_HERE = "zone_id = :zone AND context_id = :context"
_SELECT = """
    SELECT id, collection, version, number, origin, begun, counts, rules FROM collection_run
"""

# Two runs of a collection over one zone wait for each other, so that they are counted in order.
_LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 7130044))")
_NEXT = text(
    f"""
    SELECT coalesce(max(number), 0) + 1 FROM collection_run
    WHERE {_HERE} AND collection = :collection AND origin = 'own'
    """  # noqa: S608 constants only
)
_INSERT = text(
    """
    INSERT INTO collection_run
      (id, zone_id, context_id, collection, version, number, origin, begun, source)
    VALUES (CAST(:id AS uuid), :zone, :context, :collection, :version, :number, :origin, :begun,
            :source)
    ON CONFLICT (id) DO NOTHING
    """
)
_CLOSE = text(
    """
    UPDATE collection_run SET counts = CAST(:counts AS jsonb), rules = CAST(:rules AS jsonb),
                              report = :report
    WHERE id = CAST(:id AS uuid)
    """
)
_FIND = text(
    """
    INSERT INTO collection_finding
      (run_id, zone_id, context_id, object_type, refid, local_id, rule, level)
    SELECT CAST(:run AS uuid), :zone, :context, *
    FROM unnest(CAST(:types AS text[]), CAST(:refids AS text[]), CAST(:local_ids AS text[]),
                CAST(:rules AS text[]), CAST(:levels AS text[]))
    ON CONFLICT (run_id, object_type, refid, rule) DO NOTHING
    """
)
_FINDINGS = text(
    """
    SELECT object_type, refid, local_id, rule, level FROM collection_finding
    WHERE run_id = CAST(:run AS uuid) ORDER BY object_type, local_id, refid, rule
    """
)
_BY_RULE = text(
    """
    SELECT rule, count(*) AS findings FROM collection_finding WHERE run_id = CAST(:run AS uuid)
    GROUP BY rule ORDER BY rule
    """
)
_RUNS = text(f"{_SELECT} WHERE {_HERE} AND collection = :collection ORDER BY begun, number")
_DOCUMENT = text("SELECT report, source FROM collection_run WHERE id = CAST(:run AS uuid)")
_ZONES = text(
    """
    SELECT DISTINCT zone_id, context_id FROM object_tally
    WHERE present > 0 AND object_type = ANY(CAST(:types AS text[]))
    ORDER BY zone_id, context_id
    """
)
_BODIES = text(
    """
    SELECT v.body FROM sif_object o JOIN object_version v ON v.id = o.version_id
    WHERE o.zone_id = :zone AND o.context_id = :context AND o.object_type = :object_type
      AND o.refid = ANY(CAST(:refids AS text[])) AND o.tombstone IS NOT TRUE
    """
)
_CHANGED = text(
    """
    SELECT o.object_type, o.refid FROM sif_object o JOIN object_version v ON v.id = o.version_id
    WHERE o.zone_id = :zone AND o.context_id = :context AND v.accepted > :since
      AND o.object_type = :object_type AND o.refid = ANY(CAST(:refids AS text[]))
    """
)


def begin(connection: Connection, scope: Scope, run: Run, source: str) -> bool:
    """Store a run without its findings; False when it is there already."""
    values = {
        "id": run.id,
        "collection": run.collection,
        "version": run.version,
        "number": run.number,
        "origin": run.origin,
        "begun": run.begun,
        "source": source,
    }
    return connection.execute(_INSERT, _place(scope) | values).rowcount > 0


def next_number(connection: Connection, scope: Scope, collection: str) -> int:
    """The number of the next own run; nobody else gets it until the transaction ends."""
    name = f"{scope.zone_id}\n{scope.context_id}\n{collection}"
    connection.execute(_LOCK, {"name": name})
    values = _place(scope) | {"collection": collection}
    return int(connection.execute(_NEXT, values).scalar_one())


def add_findings(
    connection: Connection, scope: Scope, run_id: str, findings: Sequence[Finding]
) -> None:
    """Add what was found; of one object and rule the first finding stays."""
    for start in range(0, len(findings), _CHUNK):
        part = findings[start : start + _CHUNK]
        columns = {
            "types": [each.object_type for each in part],
            "refids": [each.refid for each in part],
            "local_ids": [each.local_id for each in part],
            "rules": [each.rule for each in part],
            "levels": [each.level for each in part],
        }
        connection.execute(_FIND, _place(scope) | {"run": run_id} | columns)


def close(connection: Connection, run: Run, report: bytes) -> None:
    """The run is over: its counts, the rules that found something, the report to hand out."""
    values = {
        "id": run.id,
        "counts": json.dumps([asdict(each) for each in run.counts]),
        "rules": json.dumps([asdict(each) for each in run.rules]),
        "report": report,
    }
    connection.execute(_CLOSE, values)


def listed(connection: Connection, scope: Scope, collection: str) -> list[Run]:
    """All runs of a collection, oldest first."""
    rows = connection.execute(_RUNS, _place(scope) | {"collection": collection})
    return [_run(row) for row in rows]


def last(connection: Connection, scope: Scope, collection: str, origin: str = "") -> Run | None:
    """The newest run, of an origin where one is named."""
    runs = listed(connection, scope, collection)
    return next((each for each in reversed(runs) if origin in ("", each.origin)), None)


def findings(connection: Connection, run_id: str) -> Iterator[Finding]:
    """What a run found, by object type and local number."""
    options = {"yield_per": _CHUNK}
    for row in connection.execute(_FINDINGS, {"run": run_id}, execution_options=options):
        yield Finding(*row)


def by_rule(connection: Connection, run_id: str) -> dict[str, int]:
    """How many findings each rule has in a run."""
    return {row.rule: row.findings for row in connection.execute(_BY_RULE, {"run": run_id})}


def document(connection: Connection, run_id: str) -> tuple[bytes, str]:
    """The report of a run, and the rule file it was made with, '' where the state has it."""
    row = connection.execute(_DOCUMENT, {"run": run_id}).one()
    return bytes(row.report), row.source


def zones(connection: Connection, types: Sequence[str]) -> list[Scope]:
    """The zones and contexts that hold objects of one of the types."""
    rows = connection.execute(_ZONES, {"types": list(types)})
    return [Scope(row.zone_id, row.context_id) for row in rows]


def bodies(
    connection: Connection, scope: Scope, object_type: str, refids: Sequence[str]
) -> list[bytes]:
    """The documents of those of the folded refids that are there."""
    values = _place(scope) | {"object_type": object_type, "refids": list(refids)}
    return [bytes(body) for body in connection.execute(_BODIES, values).scalars()]


def changed(
    connection: Connection,
    scope: Scope,
    object_type: str,
    refids: Sequence[str],
    since: datetime,
) -> set[tuple[str, str]]:
    """Type and refid of those that were changed or deleted here after a moment."""
    values = _place(scope) | {"object_type": object_type, "refids": list(refids), "since": since}
    return {(row.object_type, row.refid) for row in connection.execute(_CHANGED, values)}


def _run(row: Row[Any]) -> Run:
    return Run(
        id=str(row.id),
        collection=row.collection,
        version=row.version,
        number=row.number,
        origin=row.origin,
        begun=row.begun,
        counts=tuple(Count(**each) for each in row.counts),
        rules=tuple(Told(**each) for each in row.rules),
    )


def _place(scope: Scope) -> dict[str, object]:
    return {"zone": scope.zone_id, "context": scope.context_id}
