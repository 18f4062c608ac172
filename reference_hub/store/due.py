"""What became due without anybody's doing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import Connection, text

_BEGUN = text(
    """
    SELECT vendor_id, token FROM pod
    WHERE status = 'Pending' AND acknowledged IS NOT NULL
      AND starts <= :today AND (ends IS NULL OR ends >= :today)
    ORDER BY created, id
    """
)

_RELEASE = text(
    """
    WITH open AS (
      SELECT s.id FROM subscriber s JOIN vendor v ON v.id = s.vendor_id
      WHERE v.pod_policy = 'off' OR EXISTS (
        SELECT FROM pod p
        WHERE p.vendor_id = v.id AND p.zone_id = s.zone_id AND p.context_id = s.context_id
          AND p.acknowledged IS NOT NULL AND p.status IN ('Live', 'Pending')
          AND p.starts <= :today AND (p.ends IS NULL OR p.ends >= :today))
    )
    UPDATE message m SET state = 'waiting', reason = ''
    FROM open
    WHERE m.subscriber_id = open.id AND m.state = 'held'
      AND (m.reason = ANY(CAST(:reasons AS text[])) OR (m.reason = :behind AND NOT EXISTS (
        SELECT FROM message older
        JOIN object_version o ON o.id = older.version_id
        JOIN object_version v ON v.id = m.version_id
        WHERE older.subscriber_id = m.subscriber_id AND older.state = 'held' AND older.id < m.id
          AND o.object_type = v.object_type AND o.refid = v.refid
          AND older.reason <> :behind AND older.reason <> ALL(CAST(:reasons AS text[])))))
    """
)


def begun_pods(connection: Connection, today: date) -> list[tuple[int, str]]:
    """Vendor and token of PODs that were acknowledged before their first day, which has come."""
    return [(row.vendor_id, row.token) for row in connection.execute(_BEGUN, {"today": today})]


def release(connection: Connection, today: date, reasons: Sequence[str], behind: str) -> int:
    """Let messages wait again that were held for one of `reasons` where data may flow today, and
    with them those held `behind` an older one, unless that one stays held. How many they were."""
    parameters = {"today": today, "reasons": list(reasons), "behind": behind}
    return connection.execute(_RELEASE, parameters).rowcount
