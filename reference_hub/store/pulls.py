"""Where the readers of a queue are: each connection has one outstanding message (INF-QUE-016).

An outstanding message stays, and is given again, until it is acknowledged; then it is deleted. The
lowest open message is always next, so one with a lower number that is committed late is not missed.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, text

from reference_hub.codec.xml import fold
from reference_hub.model.queue import Payload, Pulled
from reference_hub.model.scope import Scope

_MINE = "queue_id = CAST(:queue AS uuid) AND state = 'leased' AND connection_id = :reader"

_TAKE = text(
    f"""
    WITH taken AS (
      UPDATE message SET state = 'leased', connection_id = :reader, attempts = attempts + 1
      WHERE id = coalesce(
        (SELECT id FROM message WHERE {_MINE}),
        (SELECT id FROM message
         WHERE queue_id = CAST(:queue AS uuid) AND state = 'waiting' ORDER BY id LIMIT 1))
      RETURNING *
    )
    SELECT m.*, p.headers, p.content_type, p.body
    FROM taken m LEFT JOIN payload p ON p.id = m.payload_id
    """  # noqa: S608 constants only
)

_ACKNOWLEDGE = text(
    f"""
    DELETE FROM message WHERE {_MINE} AND replace(message_id::text, '-', '') = :message
    RETURNING created
    """  # noqa: S608 constants only
)

_PURGE = text(
    """
    UPDATE message SET state = 'purged', reason = :reason, settled = :now, connection_id = NULL,
      payload_id = NULL
    WHERE id = :id
    """
)

_BODIES = text(
    """
    SELECT v.refid, v.body
    FROM unnest(CAST(:ids AS bigint[])) WITH ORDINALITY AS named(id, n)
    JOIN object_version v ON v.id = named.id ORDER BY named.n
    """
)


def take(connection: Connection, queue_id: str, reader: int) -> Pulled | None:
    """The message the reader is at, else the oldest that waits, which it is at from now on."""
    row = connection.execute(_TAKE, {"queue": queue_id, "reader": reader}).mappings().first()
    return _pulled(row) if row else None


def acknowledge(
    connection: Connection, queue_id: str, reader: int, message_id: str
) -> datetime | None:
    """Delete the message the reader is at; when it came, None when this is not its id."""
    values = {"queue": queue_id, "reader": reader, "message": fold(message_id)}
    return connection.execute(_ACKNOWLEDGE, values).scalar()


def purge(connection: Connection, message: Pulled, reason: str, now: datetime) -> None:
    """Settle a message that its reader may not have; its payload goes."""
    connection.execute(_PURGE, {"id": message.id, "reason": reason, "now": now})


def bodies(connection: Connection, versions: Sequence[int]) -> list[tuple[str, bytes | None]]:
    """Folded id and body of each version, in the order given."""
    rows = connection.execute(_BODIES, {"ids": list(versions)})
    return [(row.refid, None if row.body is None else bytes(row.body)) for row in rows]


def _pulled(row: RowMapping) -> Pulled:
    return Pulled(
        id=row["id"],
        message_id=str(row["message_id"]),
        kind=row["kind"],
        scope=Scope(row["zone_id"], row["context_id"]),
        object_type=row["object_type"],
        action=row["action"],
        created=row["created"],
        versions=tuple(row["versions"] or ()),
        payload=_payload(row) if row["payload_id"] is not None else None,
    )


def _payload(row: RowMapping) -> Payload:
    body: Any = row["body"]
    return Payload(row["headers"], row["content_type"], None if body is None else bytes(body))
