"""What the calendar makes due without anybody's doing."""

from __future__ import annotations

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


def begun_pods(connection: Connection, today: date) -> list[tuple[int, str]]:
    """Vendor and token of PODs that were acknowledged before their first day, which has come."""
    return [(row.vendor_id, row.token) for row in connection.execute(_BEGUN, {"today": today})]
