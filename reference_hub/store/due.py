"""What became due without anybody's doing: first and last days of PODs, in each district's time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import Connection, text

from reference_hub.model.pod import Pod
from reference_hub.store.pod_rows import COLUMNS, from_row

# The day in the POD's district; one that the settings do not list keeps UTC.
_DAY = """
    coalesce((SELECT day FROM unnest(CAST(:zones AS text[]), CAST(:days AS date[])) AS d(zone, day)
              WHERE d.zone = p.zone_id), :today)
"""

_BEGUN = text(
    f"""
    SELECT vendor_id, token FROM pod p
    WHERE status = 'Pending' AND acknowledged IS NOT NULL
      AND starts <= {_DAY} AND (ends IS NULL OR ends >= {_DAY})
    ORDER BY created, id
    """  # noqa: S608 constants only
)

_OVER = text(
    f"""
    SELECT {COLUMNS} FROM pod p
    WHERE status IN ('Pending', 'Live') AND ends < {_DAY}
    ORDER BY created, id FOR UPDATE SKIP LOCKED
    """  # noqa: S608 constants only
)

_RELEASE = text(
    f"""
    WITH open AS (
      SELECT s.id FROM subscriber s JOIN vendor v ON v.id = s.vendor_id
      WHERE v.pod_policy = 'off' OR EXISTS (
        SELECT FROM pod p
        WHERE p.vendor_id = v.id AND p.zone_id = s.zone_id AND p.context_id = s.context_id
          AND p.app_id IN ('', s.app_id)
          AND p.acknowledged IS NOT NULL AND p.status IN ('Live', 'Pending')
          AND p.starts <= {_DAY} AND (p.ends IS NULL OR p.ends >= {_DAY}))
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
    """  # noqa: S608 constants only
)

# The days of the districts that the settings list, and the day of all others.
Days = tuple[Sequence[str], Sequence[date], date]


def begun_pods(connection: Connection, days: Days) -> list[tuple[int, str]]:
    """Vendor and token of PODs that were acknowledged before their first day, which has come."""
    return [(row.vendor_id, row.token) for row in connection.execute(_BEGUN, _of(days))]


def over_pods(connection: Connection, days: Days) -> list[Pod]:
    """PODs whose last day has passed and that were not told so yet; held against others."""
    return [from_row(row) for row in connection.execute(_OVER, _of(days))]


def release(connection: Connection, days: Days, reasons: Sequence[str], behind: str) -> int:
    """Let messages wait again that were held for one of `reasons` where data may flow today, and
    with them those held `behind` an older one, unless that one stays held. How many they were."""
    parameters = _of(days) | {"reasons": list(reasons), "behind": behind}
    return connection.execute(_RELEASE, parameters).rowcount


def _of(days: Days) -> dict[str, object]:
    zones, here, today = days
    return {"zones": list(zones), "days": list(here), "today": today}
