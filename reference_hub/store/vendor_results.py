"""Result files of vendors as they were fetched. They may name people: nothing here logs them."""

from __future__ import annotations

import hashlib
from datetime import datetime

from sqlalchemy import Connection, text

from reference_hub.model.message import ResultFile
from reference_hub.model.party import Subscriber
from reference_hub.store.vendors import subscriber_from

_INSERT = text(
    """
    INSERT INTO vendor_result (zone_id, context_id, subscriber_id, name, digest, content, fetched)
    VALUES (:zone, :context, :subscriber, :name, :digest, :content, :now)
    ON CONFLICT (subscriber_id, name, digest) DO NOTHING RETURNING id
    """
)
_OF = text(
    "SELECT name, content FROM vendor_result WHERE subscriber_id = :subscriber ORDER BY fetched, id"
)
_AWAITING = text(
    """
    SELECT s.* FROM subscriber s
    WHERE s.transport = 'sftp' AND coalesce(s.delivery ->> 'results', '') <> '' AND NOT s.cut_off
      AND NOT EXISTS (SELECT FROM standstill b WHERE b.subscriber_id = s.id)
    ORDER BY s.id
    """
)
_FORGET = text("DELETE FROM vendor_result WHERE fetched < :before")


def insert(connection: Connection, to: Subscriber, file: ResultFile, now: datetime) -> bool:
    """Store one; False when the same content came under this name before."""
    values = {
        "zone": to.scope.zone_id,
        "context": to.scope.context_id,
        "subscriber": to.id,
        "name": file.name,
        "digest": hashlib.sha256(file.content).hexdigest(),
        "content": file.content,
        "now": now,
    }
    return connection.execute(_INSERT, values).first() is not None


def of(connection: Connection, to: Subscriber) -> list[ResultFile]:
    """What was fetched for a connection, oldest first."""
    rows = connection.execute(_OF, {"subscriber": to.id})
    return [ResultFile(row.name, bytes(row.content)) for row in rows]


def awaiting(connection: Connection) -> list[Subscriber]:
    """The connections that work, are not cut off, and name result files."""
    return [subscriber_from(row) for row in connection.execute(_AWAITING).mappings()]


def forget(connection: Connection, before: datetime) -> int:
    """Delete what was fetched before; how many files that were."""
    return connection.execute(_FORGET, {"before": before}).rowcount
