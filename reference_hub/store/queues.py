"""Queues of consumers; they end with the environment that owns them (INF-QUE)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, TextClause, text

from reference_hub.codec.xml import fold
from reference_hub.model.queue import Queue
from reference_hub.model.scope import Scope

_ID = re.compile(r"[0-9a-f]{32}")

# Writers do not touch the row: the newest message tells when the queue was modified last.
_SELECT = """
    SELECT q.id, q.environment_id, q.polling, q.name, q.idle_timeout, q.min_wait_time,
           q.max_connections, q.created, q.last_accessed,
           greatest(q.last_modified, newest.created) AS last_modified, open.number
    FROM queue q
    LEFT JOIN LATERAL (
      SELECT m.created FROM message m
      WHERE m.queue_id = q.id AND m.state IN ('waiting', 'leased') ORDER BY m.id DESC LIMIT 1
    ) newest ON true
    CROSS JOIN LATERAL (
      SELECT count(*) AS number FROM message m
      WHERE m.queue_id = q.id AND m.state IN ('waiting', 'leased')
    ) open
"""
# Without the count, which takes the longer the more messages wait.
_FIND = text(
    """
    SELECT id, environment_id, polling, name, idle_timeout, min_wait_time, max_connections, created,
           last_accessed, last_modified, 0
    FROM queue WHERE id = CAST(:id AS uuid)
    """
)
_GET = text(f"{_SELECT} WHERE q.id = CAST(:id AS uuid)")
_OF = text(
    f"{_SELECT} WHERE q.environment_id = CAST(:environment AS uuid) ORDER BY q.created, q.id"
)

_INSERT = text(
    """
    INSERT INTO queue (id, environment_id, polling, name, idle_timeout, min_wait_time,
                       max_connections, created, last_accessed, last_modified)
    VALUES (CAST(:id AS uuid), CAST(:environment_id AS uuid), :polling, :name, :idle_timeout,
            :min_wait_time, :max_connections, :created, :created, :created)
    """
)
_DELETE = text("DELETE FROM queue WHERE id = CAST(:id AS uuid)")

# Locks the row, so that readers of one queue take turns; writers of messages are not held off.
_ENTER = text(
    """
    UPDATE queue SET last_accessed = :now WHERE id = CAST(:id AS uuid)
    RETURNING last_empty[:slot] AS empty
    """
)
_EMPTY = text("UPDATE queue SET last_empty[:slot] = :now WHERE id = CAST(:id AS uuid)")
_MODIFIED = text(
    """
    UPDATE queue SET last_modified = greatest(last_modified, :moment) WHERE id = CAST(:id AS uuid)
    """
)

_IDLE = text(
    """
    SELECT DISTINCT e.zone_id, e.context_id, e.application_key
    FROM queue q JOIN environment e ON e.id = q.environment_id
    WHERE q.last_accessed < :before AND EXISTS (
      SELECT FROM message m
      WHERE m.queue_id = q.id AND m.state IN ('waiting', 'leased') AND m.created < :before)
    ORDER BY e.application_key
    """
)


def get(connection: Connection, queue_id: str) -> Queue | None:
    """The queue, None where there is none or `queue_id` is no UUID."""
    return _one(connection, _GET, queue_id)


def find(connection: Connection, queue_id: str) -> Queue | None:
    """The same, faster: messages are not counted, nor is the newest looked at."""
    return _one(connection, _FIND, queue_id)


def of(connection: Connection, environment_id: str) -> list[Queue]:
    """The queues of an environment, oldest first."""
    return [_queue(row) for row in connection.execute(_OF, {"environment": environment_id})]


def insert(connection: Connection, queue: Queue) -> None:
    """Store a new queue; accessed and modified start at its creation."""
    names = ("id", "environment_id", "polling", "name", "idle_timeout", "min_wait_time")
    values = {name: getattr(queue, name) for name in (*names, "max_connections", "created")}
    connection.execute(_INSERT, values)


def delete(connection: Connection, queue_id: str) -> None:
    """End a queue with its messages and subscriptions."""
    connection.execute(_DELETE, {"id": queue_id})


def enter(
    connection: Connection, queue_id: str, reader: int, now: datetime
) -> Sequence[datetime | None]:
    """A reader comes: when it last found the queue empty, in a list; [] when the queue is gone.

    Other readers of the queue wait until the transaction ends.
    """
    values = {"id": queue_id, "slot": reader + 1, "now": now}
    return list(connection.execute(_ENTER, values).scalars())


def found_empty(connection: Connection, queue_id: str, reader: int, now: datetime) -> None:
    """Remember that the reader goes away without a message."""
    connection.execute(_EMPTY, {"id": queue_id, "slot": reader + 1, "now": now})


def modified(connection: Connection, queue_id: str, moment: datetime) -> None:
    """Keep the time of arrival of a message that leaves the queue."""
    connection.execute(_MODIFIED, {"id": queue_id, "moment": moment})


def idle_owners(connection: Connection, before: datetime) -> list[tuple[Scope, str]]:
    """Place and application key of those who leave messages from before that moment unread."""
    rows = connection.execute(_IDLE, {"before": before})
    return [(Scope(row.zone_id, row.context_id), row.application_key) for row in rows]


def _one(connection: Connection, statement: TextClause, queue_id: str) -> Queue | None:
    if not _ID.fullmatch(fold(queue_id)):
        return None
    row = connection.execute(statement, {"id": fold(queue_id)}).first()
    return _queue(row) if row else None


def _queue(row: Row[Any]) -> Queue:
    columns: Sequence[Any] = row
    return Queue(str(columns[0]), str(columns[1]), *columns[2:])
