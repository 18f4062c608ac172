"""PODs of vendors. A Pending one that is acknowledged counts as live from its first day on.

A POD is for one application of its vendor or, with the app id '', for all. Where both exist, the
one for the application is the one that counts for it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, text

from reference_hub.model.caller import Caller
from reference_hub.model.pod import Pod
from reference_hub.model.scope import Scope
from reference_hub.store.pod_rows import COLUMNS, from_row, to_row

_SELECT = f"SELECT {COLUMNS}, document FROM pod"  # noqa: S608 constants only
_OF_VENDOR = "vendor_id = :vendor AND zone_id = :zone AND context_id = :context"
_FOR_APP = f"{_OF_VENDOR} AND app_id IN ('', :app)"
_NEWEST = """
    (status <> 'Expired') DESC, (app_id <> '') DESC, (status = 'Pending') DESC, created DESC, id
"""

_IN_FORCE = """
    acknowledged IS NOT NULL AND status IN ('Live', 'Pending')
    AND starts <= :today AND (ends IS NULL OR ends >= :today)
"""

# Asked at every read of a vendor, so it is one statement, and the documents stay where they are.
_FOR_GATE = text(
    f"""
    WITH of_vendor AS MATERIALIZED (
      SELECT v.secret, coalesce((
        SELECT array_agg(DISTINCT refid) FROM exclusion x
        WHERE x.zone_id = :zone AND x.context_id = :context
          AND (x.vendor_id IS NULL OR x.vendor_id = v.id)), '{{}}') AS excluded, coalesce((
        SELECT d.verdict = 'refused' FROM console_decision d
        WHERE d.vendor_id = v.id ORDER BY d.id DESC LIMIT 1), false) AS refused
      FROM vendor v WHERE v.id = :vendor
    )
    SELECT found.*, of_vendor.secret, of_vendor.excluded, of_vendor.refused,
           clock_timestamp() AS moment
    FROM of_vendor LEFT JOIN (
      (SELECT 'shown' AS part, {COLUMNS} FROM pod WHERE token = :token)
      UNION ALL
      (SELECT 'latest', {COLUMNS} FROM pod WHERE {_FOR_APP} AND status <> 'Draft'
       ORDER BY {_NEWEST} LIMIT 1)
      UNION ALL
      (SELECT 'live', {COLUMNS} FROM pod WHERE {_FOR_APP} AND {_IN_FORCE}
       ORDER BY (app_id <> '') DESC, created DESC, id LIMIT 1)
    ) found ON true
    """  # noqa: S608 constants only
)
_CURRENT = text(
    f"{_SELECT} WHERE {_FOR_APP} AND status IN ('Pending', 'Live') ORDER BY {_NEWEST} LIMIT 1"
)
_BY_ID = text(f"{_SELECT} WHERE id = CAST(:id AS uuid)")
_VISIBLE = text(f"{_SELECT} WHERE {_OF_VENDOR} AND status <> 'Draft' ORDER BY created, id")
_ALL = text(f"{_SELECT} WHERE zone_id = :zone AND context_id = :context ORDER BY created, id")
_BY_TOKEN = text(f"{_SELECT} WHERE token = :token AND zone_id = :zone AND context_id = :context")
_LOCK = text(f"{_SELECT} WHERE vendor_id = :vendor AND token = :token FOR UPDATE")

_INSERT = text(
    """
    INSERT INTO pod (id, vendor_id, zone_id, context_id, version, token, status, starts, ends,
                     document, acknowledged, entries, objects, app_id, agreement_id, content)
    VALUES (:id, :vendor_id, :zone, :context, :version, :token, :status, :starts, :ends,
            :document, :acknowledged, CAST(:entries AS jsonb), :objects, :app_id, :agreement_id,
            :content)
    """
)
# What has expired never lives again (POD-LC-004).
_SET_STATUS = text(
    """
    UPDATE pod SET status = :status, ended = :reason
    WHERE id = CAST(:id AS uuid) AND status <> 'Expired'
    """
)
_ACKNOWLEDGE = text(
    """
    UPDATE pod SET acknowledged = :at, acknowledged_how = :how
    WHERE id = CAST(:id AS uuid) AND acknowledged IS NULL
    """
)
_REJECT = text(
    """
    UPDATE pod SET status = 'Expired', rejected = :at, ended = 'rejected by the vendor'
    WHERE id = CAST(:id AS uuid) AND status = 'Pending'
    """
)
_EXPIRE_OTHERS = text(
    f"""
    UPDATE pod SET status = 'Expired', ended = 'replaced'
    WHERE {_OF_VENDOR} AND app_id = :app AND status = 'Live' AND token <> :token
    """  # noqa: S608 constants only
)
_EXPIRE_OLDER = text(
    f"""
    UPDATE pod SET status = 'Expired', ended = 'replaced'
    WHERE {_OF_VENDOR} AND app_id = :app AND status IN ('Pending', 'Live') AND token <> :token
    RETURNING {COLUMNS}
    """  # noqa: S608 constants only
)
_EXPIRE_ALL = text(
    f"""
    UPDATE pod SET status = 'Expired', ended = :reason
    WHERE {_OF_VENDOR} AND (CAST(:app AS text) IS NULL OR app_id = :app)
      AND status IN ('Pending', 'Live')
    RETURNING {COLUMNS}
    """  # noqa: S608 constants only
)


@dataclass(frozen=True, slots=True)
class Looked:
    """What the gate needs: the POD with the token shown, of whichever vendor; the vendor's latest
    and the one in force today; the store's own time; people whom the vendor never hears of, and its
    key, also where it has no POD; whether the district refused it, by its last decision."""

    shown: Pod | None
    latest: Pod | None
    live: Pod | None
    moment: datetime
    excluded: frozenset[str] = frozenset()
    key: bytes = b""
    refused: bool = False


def for_gate(
    connection: Connection, caller: Caller, token: str | None, today: date
) -> Looked | None:
    """Everything at once, without documents; None when there is no such vendor."""
    asked = _of(caller.vendor_id, caller.scope) | {
        "app": caller.app_id,
        "token": token,
        "today": today,
    }
    rows = connection.execute(_FOR_GATE, asked).all()
    if not rows:
        return None
    first = rows[0]
    excluded, key = frozenset(first.excluded), bytes(first.secret)
    # The latest is mostly the one in force: it is read once.
    distinct = {row.id: row for row in rows if row.part}
    read = {name: from_row(row).for_vendor(excluded, key) for name, row in distinct.items()}
    found = {row.part: read[row.id] for row in rows if row.part}
    three = (found.get("shown"), found.get("latest"), found.get("live"))
    return Looked(*three, first.moment, excluded, key, first.refused)


def current(connection: Connection, vendor_id: int, scope: Scope, app_id: str = "") -> Pod | None:
    """The newest Pending POD, else the Live one."""
    return _first(connection.execute(_CURRENT, _of(vendor_id, scope) | {"app": app_id}).first())


def by_id(connection: Connection, pod_id: str) -> Pod | None:
    """The POD with this UUID."""
    return _first(connection.execute(_BY_ID, {"id": pod_id}).first())


def visible(connection: Connection, vendor_id: int, scope: Scope) -> list[Pod]:
    """What the vendor may read: all but drafts, oldest first."""
    return list(map(from_row, connection.execute(_VISIBLE, _of(vendor_id, scope))))


def in_scope(connection: Connection, scope: Scope) -> list[Pod]:
    """Every POD of the scope, drafts among them, oldest first."""
    here = {"zone": scope.zone_id, "context": scope.context_id}
    return list(map(from_row, connection.execute(_ALL, here)))


def by_token(connection: Connection, scope: Scope, token: str) -> Pod | None:
    """The POD of the scope with this token, of whichever vendor."""
    here = {"zone": scope.zone_id, "context": scope.context_id, "token": token}
    return _first(connection.execute(_BY_TOKEN, here).first())


def lock(connection: Connection, vendor_id: int, token: str) -> Pod | None:
    """The vendor's POD with this token, held against other writers."""
    return _first(connection.execute(_LOCK, {"vendor": vendor_id, "token": token}).first())


def insert(connection: Connection, pod: Pod) -> None:
    """Add a POD as it is; `id` and `token` must be new."""
    connection.execute(_INSERT, to_row(pod))


def set_status(connection: Connection, pod_id: str, status: str, reason: str = "") -> bool:
    """Move the POD to another of the four statuses; False where it has expired already."""
    asked = {"id": pod_id, "status": status, "reason": reason}
    return connection.execute(_SET_STATUS, asked).rowcount > 0


def set_acknowledged(connection: Connection, pod_id: str, how: str, at: datetime) -> None:
    """Record the first acknowledgement; later ones change nothing."""
    connection.execute(_ACKNOWLEDGE, {"id": pod_id, "how": how, "at": at})


def set_rejected(connection: Connection, pod_id: str, at: datetime) -> bool:
    """End a Pending POD that its vendor refuses; False where it is not Pending any more."""
    return connection.execute(_REJECT, {"id": pod_id, "at": at}).rowcount > 0


def expire_other_live(connection: Connection, pod: Pod) -> None:
    """End the vendor's Live POD for the same application, unless it is this one."""
    asked = _of(pod.vendor_id, pod.scope) | {"token": pod.token, "app": pod.app_id}
    connection.execute(_EXPIRE_OTHERS, asked)


def expire_others(connection: Connection, pod: Pod) -> list[Pod]:
    """End every Pending and Live POD for the same application but this one; which these were."""
    asked = _of(pod.vendor_id, pod.scope) | {"token": pod.token, "app": pod.app_id}
    return list(map(from_row, connection.execute(_EXPIRE_OLDER, asked)))


def expire_all(
    connection: Connection,
    vendor_id: int,
    scope: Scope,
    app_id: str | None = "",
    reason: str = "replaced",
) -> list[Pod]:
    """End every Pending and Live POD of the vendor for this application, None for whichever; drafts
    stay. Which these were, without documents, as they are now."""
    asked = _of(vendor_id, scope) | {"app": app_id, "reason": reason}
    return list(map(from_row, connection.execute(_EXPIRE_ALL, asked)))


def _of(vendor_id: int, scope: Scope) -> dict[str, object]:
    return {"vendor": vendor_id, "zone": scope.zone_id, "context": scope.context_id}


def _first(row: Row[Any] | None) -> Pod | None:
    return from_row(row) if row else None
