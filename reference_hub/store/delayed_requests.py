"""Delayed requests that are not answered yet. A claim is a lease; a row that is settled goes."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, text

from reference_hub.model.delayed import Delayed
from reference_hub.model.scope import Scope

_INSERT = text(
    """
    INSERT INTO delayed_request (environment_id, queue_id, method, target, headers, body, zone_id,
                                 context_id, object_type, envelope, not_before)
    VALUES (CAST(:environment AS uuid), CAST(:queue AS uuid), :method, :target,
            CAST(:headers AS jsonb), :body, :zone, :context, :object_type,
            CAST(:envelope AS jsonb), :now)
    """
)
# The oldest of a queue only, so that a provider gets a consumer's requests in their order.
_CLAIM = text(
    """
    UPDATE delayed_request SET state = 'leased', lease_until = :until, attempts = attempts + 1
    WHERE id = (
      SELECT d.id FROM delayed_request d
      WHERE (d.lease_until IS NULL OR d.lease_until < :now)
        AND NOT EXISTS (SELECT FROM delayed_request older
                        WHERE older.queue_id = d.queue_id AND older.id < d.id)
      ORDER BY d.not_before, d.id LIMIT 1 FOR UPDATE SKIP LOCKED)
    RETURNING *
    """
)
_HOLD_QUEUE = text("SELECT id FROM queue WHERE id = CAST(:queue AS uuid) FOR KEY SHARE")
# Only whoever holds the lease may settle: an answer that comes after it is thrown away.
_FINISH = text(
    """
    DELETE FROM delayed_request
    WHERE id = :id AND attempts = :attempts AND page IS NOT DISTINCT FROM CAST(:page AS integer)
    RETURNING id
    """
)
_TURN = text(
    """
    UPDATE delayed_request
    SET state = 'waiting', lease_until = NULL, attempts = 0, page = :next,
        navigation_id = :navigation_id, not_before = :now
    WHERE id = :id AND attempts = :attempts AND page IS NOT DISTINCT FROM CAST(:page AS integer)
    RETURNING id
    """
)


def insert(connection: Connection, request: Delayed, now: datetime) -> None:
    """Take a request; its `id`, `page` and `attempts` are the store's."""
    values = {
        "environment": request.environment_id,
        "queue": request.queue_id,
        "method": request.method,
        "target": request.target,
        "headers": json.dumps(dict(request.headers)),
        "body": request.body,
        "zone": request.scope.zone_id,
        "context": request.scope.context_id,
        "object_type": request.object_type,
        "envelope": json.dumps(dict(request.envelope)),
        "now": now,
    }
    connection.execute(_INSERT, values)


def claim(connection: Connection, now: datetime, lease: timedelta) -> Delayed | None:
    """The request whose turn it is, held for `lease`; None when nothing is due."""
    row = connection.execute(_CLAIM, {"now": now, "until": now + lease}).first()
    return _request(row) if row else None


def hold_queue(connection: Connection, request: Delayed) -> None:
    """Keep the queue from being deleted, before the request is settled: its end takes both."""
    connection.execute(_HOLD_QUEUE, {"queue": request.queue_id})


def finish(connection: Connection, request: Delayed) -> bool:
    """The last answer is there; False when somebody else holds or has settled the request."""
    return connection.execute(_FINISH, _held(request)).first() is not None


def turn(
    connection: Connection, request: Delayed, page: int, navigation_id: str, now: datetime
) -> bool:
    """One page is there and `page` comes next; False as for `finish`."""
    values = {"next": page, "navigation_id": navigation_id, "now": now}
    return connection.execute(_TURN, _held(request) | values).first() is not None


def _held(request: Delayed) -> dict[str, Any]:
    return {"id": request.id, "attempts": request.attempts, "page": request.page}


def _request(row: Row[Any]) -> Delayed:
    return Delayed(
        id=row.id,
        environment_id=str(row.environment_id),
        queue_id=str(row.queue_id),
        method=row.method,
        target=row.target,
        headers=row.headers,
        body=bytes(row.body),
        scope=Scope(row.zone_id, row.context_id),
        object_type=row.object_type,
        envelope=row.envelope,
        page=row.page,
        navigation_id=row.navigation_id,
        attempts=row.attempts,
    )
