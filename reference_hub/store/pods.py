"""PODs of vendors. A Pending one that is acknowledged counts as live from its first day on."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import Connection, Row, text

from reference_hub.model.pod import Pod
from reference_hub.model.scope import Scope

_SELECT = """
    SELECT id, vendor_id, zone_id, context_id, version, token, status, starts, ends, granted,
           document, acknowledged
    FROM pod
"""
_OF_VENDOR = "vendor_id = :vendor AND zone_id = :zone AND context_id = :context"

_IN_FORCE = """
    acknowledged IS NOT NULL AND status IN ('Live', 'Pending')
    AND starts <= :today AND (ends IS NULL OR ends >= :today)
"""

_LIVE = text(f"{_SELECT} WHERE {_OF_VENDOR} AND {_IN_FORCE} ORDER BY created DESC, id LIMIT 1")
_CURRENT = text(
    f"{_SELECT} WHERE {_OF_VENDOR} AND status IN ('Pending', 'Live')"
    " ORDER BY (status = 'Pending') DESC, created DESC, id LIMIT 1"
)
_LATEST = text(
    f"{_SELECT} WHERE {_OF_VENDOR} AND status <> 'Draft'"
    " ORDER BY (status = 'Pending') DESC, (status = 'Live') DESC, created DESC, id LIMIT 1"
)
# Asked at every read of a vendor, so it is one statement, and the documents stay where they are.
_FOR_GATE = text(
    f"""
    (SELECT 'shown' AS part, id, vendor_id, zone_id, context_id, version, token, status, starts,
            ends, granted, ''::bytea AS document, acknowledged
     FROM pod WHERE token = :token)
    UNION ALL
    (SELECT 'latest', id, vendor_id, zone_id, context_id, version, token, status, starts,
            ends, granted, ''::bytea, acknowledged
     FROM pod WHERE {_OF_VENDOR} AND status <> 'Draft'
     ORDER BY (status = 'Pending') DESC, (status = 'Live') DESC, created DESC, id LIMIT 1)
    """  # noqa: S608 constants only
)
_BY_ID = text(f"{_SELECT} WHERE id = CAST(:id AS uuid)")
_VISIBLE = text(f"{_SELECT} WHERE {_OF_VENDOR} AND status <> 'Draft' ORDER BY created, id")
_LOCK = text(f"{_SELECT} WHERE vendor_id = :vendor AND token = :token FOR UPDATE")

_INSERT = text(
    """
    INSERT INTO pod (id, vendor_id, zone_id, context_id, version, token, status, starts, ends,
                     granted, document, acknowledged)
    VALUES (:id, :vendor_id, :zone, :context, :version, :token, :status, :starts, :ends,
            CAST(:granted AS jsonb), :document, :acknowledged)
    """
)
_SET_STATUS = text("UPDATE pod SET status = :status WHERE id = CAST(:id AS uuid)")
_ACKNOWLEDGE = text(
    """
    UPDATE pod SET acknowledged = :at, acknowledged_how = :how
    WHERE id = CAST(:id AS uuid) AND acknowledged IS NULL
    """
)
_EXPIRE = f"UPDATE pod SET status = 'Expired' WHERE {_OF_VENDOR}"  # noqa: S608 constants only
_EXPIRE_OTHERS = text(f"{_EXPIRE} AND status = 'Live' AND token <> :token")
_EXPIRE_ALL = text(f"{_EXPIRE} AND status IN ('Pending', 'Live')")


def live(connection: Connection, vendor_id: int, scope: Scope, today: date) -> Pod | None:
    """The POD under which data may flow today: acknowledged and within its dates."""
    return _first(connection.execute(_LIVE, _of(vendor_id, scope) | {"today": today}).first())


def current(connection: Connection, vendor_id: int, scope: Scope) -> Pod | None:
    """The newest Pending POD, else the Live one."""
    return _first(connection.execute(_CURRENT, _of(vendor_id, scope)).first())


def latest(connection: Connection, vendor_id: int, scope: Scope) -> Pod | None:
    """The newest Pending POD, else the Live one, else the last Expired one: what the gate asks."""
    return _first(connection.execute(_LATEST, _of(vendor_id, scope)).first())


def for_gate(
    connection: Connection, vendor_id: int, scope: Scope, token: str | None
) -> tuple[Pod | None, Pod | None]:
    """The POD with this token, of whichever vendor, and the vendor's latest; no documents."""
    rows = connection.execute(_FOR_GATE, _of(vendor_id, scope) | {"token": token})
    found = {row.part: _pod(row) for row in rows}
    return found.get("shown"), found.get("latest")


def by_id(connection: Connection, pod_id: str) -> Pod | None:
    """The POD with this UUID."""
    return _first(connection.execute(_BY_ID, {"id": pod_id}).first())


def visible(connection: Connection, vendor_id: int, scope: Scope) -> list[Pod]:
    """What the vendor may read: all but drafts, oldest first."""
    return [_pod(row) for row in connection.execute(_VISIBLE, _of(vendor_id, scope))]


def lock(connection: Connection, vendor_id: int, token: str) -> Pod | None:
    """The vendor's POD with this token, held against other writers."""
    return _first(connection.execute(_LOCK, {"vendor": vendor_id, "token": token}).first())


def insert(connection: Connection, pod: Pod) -> None:
    """Add a POD as it is; `id` and `token` must be new."""
    connection.execute(_INSERT, _row(pod))


def set_status(connection: Connection, pod_id: str, status: str) -> None:
    """Move the POD to another of the four statuses."""
    connection.execute(_SET_STATUS, {"id": pod_id, "status": status})


def set_acknowledged(connection: Connection, pod_id: str, how: str, at: datetime) -> None:
    """Record the first acknowledgement; later ones change nothing."""
    connection.execute(_ACKNOWLEDGE, {"id": pod_id, "how": how, "at": at})


def expire_other_live(connection: Connection, pod: Pod) -> None:
    """End the vendor's Live POD in this scope, unless it is this one."""
    connection.execute(_EXPIRE_OTHERS, _of(pod.vendor_id, pod.scope) | {"token": pod.token})


def expire_all(connection: Connection, vendor_id: int, scope: Scope) -> None:
    """End every Pending and Live POD of the vendor in this scope; drafts stay."""
    connection.execute(_EXPIRE_ALL, _of(vendor_id, scope))


def _of(vendor_id: int, scope: Scope) -> dict[str, object]:
    return {"vendor": vendor_id, "zone": scope.zone_id, "context": scope.context_id}


def _row(pod: Pod) -> dict[str, object]:
    return {
        "id": pod.id,
        "vendor_id": pod.vendor_id,
        "zone": pod.scope.zone_id,
        "context": pod.scope.context_id,
        "version": pod.version,
        "token": pod.token,
        "status": pod.status,
        "starts": pod.starts,
        "ends": pod.ends,
        "granted": json.dumps(list(pod.granted)),
        "document": pod.document,
        "acknowledged": pod.acknowledged,
    }


def _first(row: Row[tuple[object, ...]] | None) -> Pod | None:
    return _pod(row) if row else None


def _pod(row: Row[tuple[object, ...]]) -> Pod:
    granted: Sequence[str] = row.granted
    return Pod(
        id=str(row.id),
        vendor_id=row.vendor_id,
        scope=Scope(row.zone_id, row.context_id),
        version=row.version,
        token=row.token,
        status=row.status,
        starts=row.starts,
        ends=row.ends,
        granted=tuple(granted),
        document=bytes(row.document),
        acknowledged=row.acknowledged,
    )
