"""Alerts as they were reported. Their bodies may quote people's data: nothing here logs them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, text

_INSERT = text(
    """
    INSERT INTO alert (id, application_key, zone_id, document, digest, created)
    VALUES (CAST(:id AS uuid), :key, :zone, :document, nullif(:digest, ''), :at)
    ON CONFLICT (digest) DO NOTHING RETURNING id
    """
)
_OWN = text(
    """
    SELECT document FROM alert
    WHERE application_key = :key AND zone_id = ANY(CAST(:zones AS text[])) ORDER BY created, id
    """
)
_FORGET = text("DELETE FROM alert WHERE created < :before")


def insert(
    connection: Connection,
    alert_id: str,
    application_key: str,
    zone_id: str,
    document: bytes,
    at: datetime,
    *,
    digest: str = "",
) -> bool:
    """Store one; False when one with this digest is there already. The hub's own have no key."""
    values = {
        "id": alert_id,
        "key": application_key,
        "zone": zone_id,
        "document": document,
        "digest": digest,
        "at": at,
    }
    return connection.execute(_INSERT, values).first() is not None


def own(connection: Connection, application_key: str, zones: Sequence[str]) -> list[bytes]:
    """What the application reported in these zones, oldest first."""
    rows = connection.execute(_OWN, {"key": application_key, "zones": list(zones)})
    return [bytes(document) for document in rows.scalars()]


def forget(connection: Connection, before: datetime) -> int:
    """Delete what was reported before; how many that were."""
    return connection.execute(_FORGET, {"before": before}).rowcount
