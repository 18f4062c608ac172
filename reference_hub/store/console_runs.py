"""Runs of the suite: one at a time for each vendor, with the moment at which each was last seen
alive, and the decisions that rest on them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, text

from reference_hub.model.console_run import RUN, Decision, Run
from reference_hub.model.scope import Scope
from reference_hub.store import console_paging
from reference_hub.store.console_paging import Asked, Order, Slice

_COLUMNS = """r.id, r.zone_id, r.context_id, r.vendor_id, v.name AS vendor, r.kind, r.state,
    r.folder, r.options, r.started, r.started_by, r.ended, r.cancelled_by, r.exit_code, r.result"""
_SOURCE = "console_run r JOIN vendor v ON v.id = r.vendor_id"
_ORDER = Order(("r.started", "r.id"), ("timestamptz", "bigint"), descending=True)
# Where nobody has looked after a run for so long, the hub that started it is gone.
_SILENT = timedelta(seconds=15)
_INTERRUPT = text(
    """
    UPDATE console_run SET state = 'interrupted', ended = beat
    WHERE state = 'running' AND beat < clock_timestamp() - :silent
    """
)
_START = text(
    """
    INSERT INTO console_run (zone_id, context_id, vendor_id, kind, folder, options, started,
                             started_by, beat)
    VALUES (:zone, :context, :vendor, :kind, :folder, CAST(:options AS jsonb), :now, :who,
            clock_timestamp())
    ON CONFLICT DO NOTHING RETURNING id
    """
)
_BEAT = text(
    """
    UPDATE console_run SET beat = clock_timestamp() WHERE id = :id AND state = 'running'
    RETURNING cancelled_by
    """
)
_END = text(
    """
    UPDATE console_run SET state = :state, ended = :now, exit_code = :code,
                           result = CAST(:result AS jsonb)
    WHERE id = :id AND state = 'running'
    """
)
_CANCEL = text(
    "UPDATE console_run SET cancelled_by = :who WHERE id = :id AND state = 'running'"
    " AND cancelled_by = ''"
)
_DECIDE = text(
    """
    INSERT INTO console_decision (zone_id, context_id, vendor_id, verdict, conditions, run_id,
                                  decided, decided_by)
    VALUES (:zone, :context, :vendor, :verdict, :conditions, :run, :now, :who)
    """
)
_LAST_JUDGED = text(
    f"""
    SELECT {_COLUMNS} FROM {_SOURCE}
    WHERE r.vendor_id = :vendor AND r.kind = 'run' AND r.result ->> 'outcome' <> ''
    ORDER BY r.started DESC, r.id DESC LIMIT 1
    """  # noqa: S608 constants only
)
_IS_DECIDED_ON = text("SELECT EXISTS (SELECT FROM console_decision WHERE run_id = :id)")
# Kept is what goes on, and what a decision rests on.
_DELETE = text(
    """
    DELETE FROM console_run r WHERE r.id = :id AND r.state <> 'running'
      AND NOT EXISTS (SELECT FROM console_decision d WHERE d.run_id = r.id)
    """
)
_DECISIONS = text(
    """
    SELECT verdict, conditions, decided, decided_by, run_id FROM console_decision
    WHERE vendor_id = :vendor ORDER BY id DESC LIMIT 20
    """
)


def note_interrupted(connection: Connection) -> int:
    """Say of runs whose hub is gone that they were interrupted; how many."""
    return connection.execute(_INTERRUPT, {"silent": _SILENT}).rowcount


def start(
    connection: Connection,
    scope: Scope,
    vendor_id: int,
    kind: str,
    folder: str,
    options: Mapping[str, object],
    who: str,
    now: datetime,
) -> int | None:
    """Note that a run begins; its id, or None where another one of the vendor is going on."""
    note_interrupted(connection)
    values = {
        **_at(scope),
        "vendor": vendor_id,
        "kind": kind,
        "folder": folder,
        "options": json.dumps(options),
        "who": who,
        "now": now,
    }
    found = connection.execute(_START, values).scalar_one_or_none()
    return None if found is None else int(found)


def beat(connection: Connection, run_id: int) -> bool:
    """Note that a run is alive; whether it is to go on."""
    row = connection.execute(_BEAT, {"id": run_id}).first()
    return row is not None and not row.cancelled_by


def end(
    connection: Connection,
    run_id: int,
    state: str,
    code: int | None,
    result: Mapping[str, object],
    now: datetime,
) -> None:
    """Note how a run ended."""
    values = {"id": run_id, "state": state, "code": code, "now": now, "result": json.dumps(result)}
    connection.execute(_END, values)


def cancel(connection: Connection, run_id: int, who: str) -> bool:
    """Ask a run to stop; False where it does not run."""
    return connection.execute(_CANCEL, {"id": run_id, "who": who}).rowcount > 0


def by_id(connection: Connection, run_id: int) -> Run | None:
    """The run with that id."""
    note_interrupted(connection)
    statement = text(f"SELECT {_COLUMNS} FROM {_SOURCE} WHERE r.id = :id")  # noqa: S608
    row = connection.execute(statement, {"id": run_id}).first()
    return _run(row) if row else None


def last(connection: Connection, vendor_id: int, kind: str) -> Run | None:
    """The newest of a vendor of that kind."""
    note_interrupted(connection)
    statement = text(
        f"SELECT {_COLUMNS} FROM {_SOURCE} WHERE r.vendor_id = :vendor AND r.kind = :kind"  # noqa: S608
        " ORDER BY r.started DESC, r.id DESC LIMIT 1"
    )
    row = connection.execute(statement, {"vendor": vendor_id, "kind": kind}).first()
    return _run(row) if row else None


def last_judged(connection: Connection, vendor_id: int) -> Run | None:
    """The newest run of a vendor that has a result."""
    row = connection.execute(_LAST_JUDGED, {"vendor": vendor_id}).first()
    return _run(row) if row else None


def is_decided_on(connection: Connection, run_id: int) -> bool:
    """Whether a decision rests on that run."""
    return bool(connection.execute(_IS_DECIDED_ON, {"id": run_id}).scalar_one())


def delete(connection: Connection, run_id: int) -> bool:
    """Delete a run that is over and that no decision rests on; False where it may not be."""
    return connection.execute(_DELETE, {"id": run_id}).rowcount > 0


def page(
    connection: Connection, zone_id: str, asked: Asked, *, words: str = "", state: str = ""
) -> tuple[Slice, list[Run]]:
    """Runs of a district, the newest first. `words`: a part of the vendor's name."""
    note_interrupted(connection)
    where = ["(:zone = '' OR r.zone_id = :zone)", "r.kind = :kind"]
    if words:
        where.append("strpos(lower(v.name), lower(:words)) > 0")
    if state:
        where.append("r.state = :state")
    values = {"zone": zone_id, "kind": RUN, "words": words, "state": state}
    found = console_paging.page(connection, _COLUMNS, _SOURCE, _ORDER, asked, values, where)
    return found, [_run(row) for row in found.rows]


def decide(connection: Connection, scope: Scope, vendor_id: int, decision: Decision) -> None:
    """Add a decision; earlier ones stay."""
    values = {
        **_at(scope),
        "vendor": vendor_id,
        "verdict": decision.verdict,
        "conditions": decision.conditions,
        "run": decision.run_id,
        "now": decision.decided,
        "who": decision.decided_by,
    }
    connection.execute(_DECIDE, values)


def decisions(connection: Connection, vendor_id: int) -> Sequence[Decision]:
    """What was decided about a vendor, the newest first."""
    rows = connection.execute(_DECISIONS, {"vendor": vendor_id})
    return [
        Decision(row.verdict, row.conditions, row.decided, row.decided_by, row.run_id)
        for row in rows
    ]


def _at(scope: Scope) -> dict[str, object]:
    return {"zone": scope.zone_id, "context": scope.context_id}


def _run(row: Row[Any]) -> Run:
    return Run(
        row.id,
        Scope(row.zone_id, row.context_id),
        row.vendor_id,
        row.vendor,
        row.kind,
        row.state,
        row.folder,
        row.options,
        row.started,
        row.started_by,
        row.ended,
        row.cancelled_by,
        row.exit_code,
        row.result,
    )
