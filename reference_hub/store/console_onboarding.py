"""Vendors that are being taken on. A change names the version that was seen, so that of two people
who change the same case the second one is told."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, text

from reference_hub.model.console_run import Way
from reference_hub.model.onboarding import Onboarding, Tried
from reference_hub.model.scope import Scope
from reference_hub.model.vendor_kind import KINDS
from reference_hub.store import console_paging
from reference_hub.store.console_paging import Asked, Order, Slice

_COLUMNS = """o.id, o.zone_id, o.context_id, o.name, o.party_id, o.version, o.state, o.agreement,
    o.read_by, o.way, o.vendor_id, o.sandbox_id, o.started, o.started_by, o.changed"""
_ORDER = Order(("o.changed", "o.id"), ("timestamptz", "bigint"), descending=True)
_OWN = "(SELECT id FROM subscriber WHERE vendor_id = :vendor)"
_ADD = text(
    """
    INSERT INTO console_onboarding (zone_id, context_id, name, party_id, agreement, started,
                                    started_by, changed)
    VALUES (:zone, :context, :name, :party, CAST(:agreement AS jsonb), :now, :who, :now)
    ON CONFLICT DO NOTHING RETURNING id
    """
)
_CHANGE = text(
    """
    UPDATE console_onboarding
    SET version = version + 1, changed = :now, state = coalesce(:state, state),
        read_by = coalesce(:read_by, read_by), way = coalesce(CAST(:way AS jsonb), way),
        vendor_id = coalesce(:vendor, vendor_id), sandbox_id = coalesce(:sandbox, sandbox_id)
    WHERE id = :id AND version = :version
    """
)
_DISCONNECT = text(
    """
    UPDATE console_onboarding SET version = version + 1, changed = :now, way = '{}'
    WHERE id = :id AND version = :version
    """
)
_DROP_CONNECTIONS = (
    text(f"DELETE FROM standstill WHERE subscriber_id IN {_OWN}"),  # noqa: S608 constants only
    text(f"DELETE FROM projection WHERE subscriber_id IN {_OWN}"),  # noqa: S608 constants only
    text("DELETE FROM subscriber WHERE vendor_id = :vendor"),
)
# What carries no documents lets them die; that is no news.
_TRIED = text(
    """
    SELECT coalesce((SELECT CASE WHEN p.rejected IS NOT NULL THEN 'rejected'
                                 WHEN p.acknowledged IS NOT NULL THEN 'acknowledged'
                                 ELSE 'waits' END
                     FROM pod p WHERE p.vendor_id = :vendor ORDER BY p.created DESC LIMIT 1), '')
             AS pod,
           count(*) FILTER (WHERE m.state = 'done' AND m.kind <> 'pod') AS done,
           count(*) FILTER (WHERE m.state IN ('waiting', 'leased', 'held')) AS open,
           count(*) FILTER (WHERE m.state = 'dead') AS dead,
           coalesce(array_agg(DISTINCT m.reason)
                    FILTER (WHERE m.state <> 'done' AND m.reason <> ''), '{}') AS reasons,
           (SELECT count(*) FROM target_row t JOIN subscriber own ON own.id = t.subscriber_id
            WHERE own.vendor_id = :vendor AND t.state = 'ready' AND t.sent IS NOT NULL) AS rows
    FROM subscriber s
    LEFT JOIN message m ON m.subscriber_id = s.id AND (m.kind <> 'pod' OR s.transport = 'sif_push')
    WHERE s.vendor_id = :vendor
    """
)
_READ = text(
    """
    SELECT coalesce(sum(a.count), 0) FROM audit a
    WHERE a.at >= :since AND a.action = 'read' AND a.actor IN (
      SELECT key FROM application WHERE vendor_id = :vendor)
    """
)
_REFIDS = text(
    """
    SELECT refid FROM sif_object WHERE zone_id = :zone AND context_id = :context
      AND object_type = :type AND NOT tombstone ORDER BY position
    """
)
_STORED = text("SELECT count(*) FROM sif_object WHERE zone_id = :zone AND context_id = :context")
_NAMED = text("SELECT count(*) FROM vendor WHERE lower(name) = lower(:name)")


def add(
    connection: Connection,
    scope: Scope,
    name: str,
    party: str,
    agreement: Mapping[str, Any],
    who: str,
    now: datetime,
) -> int | None:
    """Begin; its id, or None where a vendor or a case of that name is there."""
    if connection.execute(_NAMED, {"name": name}).scalar_one():
        return None
    values = {
        "zone": scope.zone_id,
        "context": scope.context_id,
        "name": name,
        "party": party,
        "agreement": json.dumps(agreement, default=str),
        "who": who,
        "now": now,
    }
    found = connection.execute(_ADD, values).scalar_one_or_none()
    return None if found is None else int(found)


def change(
    connection: Connection,
    case: Onboarding,
    version: int,
    now: datetime,
    *,
    state: str | None = None,
    read_by: str | None = None,
    way: Way | None = None,
    vendor_id: int | None = None,
    sandbox_id: int | None = None,
) -> bool:
    """Write what is told; False where somebody changed the case since `version`."""
    values = {
        "id": case.id,
        "version": version,
        "now": now,
        "state": state,
        "read_by": read_by,
        "way": json.dumps(asdict(way)) if way else None,
        "vendor": vendor_id,
        "sandbox": sandbox_id,
    }
    return connection.execute(_CHANGE, values).rowcount > 0


def disconnect(connection: Connection, case: Onboarding, version: int, now: datetime) -> bool:
    """Forget the way of a case and the connections of its vendor, to which nothing was sent yet;
    False where somebody changed the case since `version`."""
    values = {"id": case.id, "version": version, "now": now}
    if not connection.execute(_DISCONNECT, values).rowcount:
        return False
    for statement in _DROP_CONNECTIONS:
        connection.execute(statement, {"vendor": case.vendor_id})
    return True


def by_id(connection: Connection, case_id: int, *, lock: bool = False) -> Onboarding | None:
    """The case with that id."""
    ending = " FOR UPDATE" if lock else ""
    statement = text(f"SELECT {_COLUMNS} FROM console_onboarding o WHERE o.id = :id{ending}")  # noqa: S608
    row = connection.execute(statement, {"id": case_id}).first()
    return _case(row) if row else None


def of_vendor(connection: Connection, vendor_id: int) -> Onboarding | None:
    """The case by which a vendor was taken on."""
    statement = text(
        f"SELECT {_COLUMNS} FROM console_onboarding o WHERE o.vendor_id = :vendor"  # noqa: S608
        " ORDER BY o.id DESC LIMIT 1"
    )
    row = connection.execute(statement, {"vendor": vendor_id}).first()
    return _case(row) if row else None


def page(connection: Connection, zone_id: str, asked: Asked) -> tuple[Slice, list[Onboarding]]:
    """Cases of a district, the last changed first."""
    where = ["(:zone = '' OR o.zone_id = :zone)"]
    source, values = "console_onboarding o", {"zone": zone_id}
    found = console_paging.page(connection, _COLUMNS, source, _ORDER, asked, values, where)
    return found, [_case(row) for row in found.rows]


def tried(connection: Connection, case: Onboarding) -> Tried | None:
    """What became of the made-up students; None where none were sent."""
    if case.sandbox_id is None:
        return None
    sandbox_id, read = case.sandbox_id, 0
    if case.way is not None and KINDS[case.way.kind].comes:
        asked = {"vendor": sandbox_id, "since": case.started}
        read = int(connection.execute(_READ, asked).scalar_one())
    row = connection.execute(_TRIED, {"vendor": sandbox_id}).one()
    reasons = tuple(sorted(row.reasons))
    return Tried(row.pod, row.done, row.open, row.dead, reasons, row.rows, read)


def refids(connection: Connection, scope: Scope, object_type: str) -> list[str]:
    """The RefIds of what a zone holds of a type; for sandboxes."""
    values = {"zone": scope.zone_id, "context": scope.context_id, "type": object_type}
    return list(connection.execute(_REFIDS, values).scalars())


def stored(connection: Connection, scope: Scope) -> int:
    """How many objects a zone holds in a context."""
    values = {"zone": scope.zone_id, "context": scope.context_id}
    return int(connection.execute(_STORED, values).scalar_one())


def _case(row: Row[Any]) -> Onboarding:
    return Onboarding(
        row.id,
        Scope(row.zone_id, row.context_id),
        row.name,
        row.party_id,
        row.version,
        row.state,
        row.agreement,
        row.read_by,
        Way.told(row.way) if row.way else None,
        row.vendor_id,
        row.sandbox_id,
        row.started,
        row.started_by,
    )
