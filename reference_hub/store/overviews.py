"""What the command line shows: counts per connection, the ledger in short, who is signed in."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, TextClause, func, select, text

from reference_hub.store.tables import loss, message, subscriber, vendor

_TIME = "YYYY-MM-DD HH24:MI:SS"
_SESSIONS = text(
    """
    SELECT e.application_key AS application, e.type, e.zone_id AS zone, e.instance_id AS instance,
           to_char(e.created AT TIME ZONE 'UTC', :format) AS created,
           to_char(e.last_used AT TIME ZONE 'UTC', :format) AS last_used,
           (SELECT count(*) FROM queue q WHERE q.environment_id = e.id) AS queues
    FROM environment e ORDER BY e.application_key, e.created, e.id
    """
)
# A queue that nobody has read yet was last accessed when it was created.
_QUEUES = text(
    """
    SELECT q.id AS queue, e.application_key AS application, q.polling, open.number AS waiting,
           COALESCE(open.age::text, '-') AS oldest_seconds,
           CASE WHEN q.last_accessed = q.created THEN 'never'
                ELSE to_char(q.last_accessed AT TIME ZONE 'UTC', :format) END AS last_read
    FROM queue q JOIN environment e ON e.id = q.environment_id
    CROSS JOIN LATERAL (
      SELECT count(*) AS number,
             extract(epoch FROM clock_timestamp() - min(m.created))::bigint AS age
      FROM message m WHERE m.queue_id = q.id AND m.state IN ('waiting', 'leased')
    ) open
    ORDER BY e.application_key, q.created, q.id
    """
)


def deliveries(connection: Connection) -> list[dict[str, str]]:
    """Messages per connection, kind, state and reason."""
    columns = (subscriber.c.name, message.c.kind, message.c.state, message.c.reason)
    statement = (
        select(*columns, func.count())
        .join_from(message, subscriber)
        .group_by(*columns)
        .order_by(*columns)
    )
    names = ("connection", "kind", "state", "reason", "messages")
    return [
        dict(zip(names, map(str, row), strict=True)) for row in connection.execute(statement).all()
    ]


def losses(connection: Connection, vendor_name: str) -> list[dict[str, str]]:
    """Lost fields of one vendor with the number of records concerned (0: every record)."""
    columns = (loss.c.entity, loss.c.source_path, loss.c.kind, loss.c.note)
    statement = (
        select(*columns, func.count(loss.c.refid))
        .join_from(loss, subscriber)
        .join(vendor)
        .where(vendor.c.name == vendor_name)
        .group_by(*columns)
        .order_by(*columns)
    )
    names = ("entity", "field", "kind", "note", "records")
    return [
        dict(zip(names, map(str, row), strict=True)) for row in connection.execute(statement).all()
    ]


def sessions(connection: Connection) -> list[dict[str, str]]:
    """Every open environment, by application; no token, no user."""
    return _told(connection, _SESSIONS)


def queues(connection: Connection) -> list[dict[str, str]]:
    """Every queue with what waits in it, by application; no content."""
    return _told(connection, _QUEUES)


def _told(connection: Connection, statement: TextClause) -> list[dict[str, str]]:
    rows = connection.execute(statement, {"format": _TIME}).mappings()
    return [{name: str(value) for name, value in row.items()} for row in rows]


def server_version(connection: Connection) -> str:
    """PostgreSQL's own version, for example 18.4."""
    return str(connection.execute(text("SHOW server_version")).scalar_one())


def server_time(connection: Connection) -> datetime:
    """What PostgreSQL's clock shows."""
    found: datetime = connection.execute(text("SELECT clock_timestamp()")).scalar_one()
    return found
