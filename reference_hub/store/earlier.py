"""The version of an object before the one that a message carries."""

from __future__ import annotations

from sqlalchemy import Connection, text

_BEFORE = text(
    """
    SELECT earlier.body FROM message m
    JOIN object_version v ON v.id = m.version_id
    JOIN LATERAL (
      SELECT body FROM object_version b
      WHERE b.refid = v.refid AND b.id < v.id AND b.zone_id = v.zone_id
        AND b.context_id = v.context_id AND b.object_type = v.object_type
      ORDER BY b.id DESC LIMIT 1
    ) earlier ON true
    WHERE m.id = :message
    """
)


def body_before(connection: Connection, message_id: int) -> bytes | None:
    """The document before the change; None where there was none."""
    body = connection.execute(_BEFORE, {"message": message_id}).scalar()
    return bytes(body) if body is not None else None
