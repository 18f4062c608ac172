"""Connections that fail: how often in a row, since when, until when they are paused.

A connection without a row here is well. Only the worker that holds its claim writes its row.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, text

from reference_hub.model.party import Subscriber

# Read beside a row of `subscriber` under these names.
COLUMNS = "b.failures, b.pauses, b.paused_until, b.reason AS failing, b.since"

_FAILED = text(
    """
    INSERT INTO standstill AS b (subscriber_id, zone_id, context_id, failures, reason, since)
    VALUES (:subscriber, :zone, :context, :failures, :reason, :now)
    ON CONFLICT (subscriber_id) DO UPDATE
    SET failures = b.failures + excluded.failures, reason = excluded.reason
    RETURNING b.failures, b.pauses
    """
)
_PAUSE = text(
    """
    UPDATE standstill SET pauses = pauses + 1, paused_until = :until
    WHERE subscriber_id = :subscriber
    """
)
_ENDED = text("DELETE FROM standstill WHERE subscriber_id = :subscriber")
_PROBE = text(
    "UPDATE standstill SET paused_until = :now WHERE subscriber_id = ANY(CAST(:ids AS integer[]))"
)
_ALL = text(
    f"SELECT b.subscriber_id, {COLUMNS} FROM standstill b"  # noqa: S608 constants only
)
_PAUSED = text("SELECT id, paused_by FROM subscriber WHERE paused IS NOT NULL")


@dataclass(frozen=True, slots=True)
class Standstill:
    """`failures` in a row since `since`; `pauses` in a row, the last of them until `until`."""

    failures: int
    pauses: int
    until: datetime | None
    reason: str
    since: datetime


def from_row(row: RowMapping) -> Standstill | None:
    """The standstill of a row that was read with COLUMNS; None where all is well."""
    if row["failures"] is None:
        return None
    return Standstill(
        row["failures"], row["pauses"], row["paused_until"], row["failing"], row["since"]
    )


def failed(
    connection: Connection, to: Subscriber, failures: int, reason: str, now: datetime
) -> tuple[int, int]:
    """Count so many more failures; how many in a row that are, and how many pauses."""
    values: dict[str, Any] = {
        "subscriber": to.id,
        "zone": to.scope.zone_id,
        "context": to.scope.context_id,
        "failures": failures,
        "reason": reason,
        "now": now,
    }
    row = connection.execute(_FAILED, values).one()
    return row.failures, row.pauses


def pause(connection: Connection, to: Subscriber, until: datetime) -> None:
    """Nothing is claimed for the connection before `until`, and then one message as a probe."""
    connection.execute(_PAUSE, {"subscriber": to.id, "until": until})


def ended(connection: Connection, to: Subscriber) -> None:
    """The connection works again."""
    connection.execute(_ENDED, {"subscriber": to.id})


def probe_now(connection: Connection, subscriber_ids: list[int], now: datetime) -> int:
    """Let paused connections be probed at once; how many of them fail at the moment."""
    return connection.execute(_PROBE, {"ids": subscriber_ids, "now": now}).rowcount


def all_of_them(connection: Connection) -> dict[int, Standstill]:
    """Every connection that fails, by the id of the subscriber."""
    rows = connection.execute(_ALL).mappings()
    return {row["subscriber_id"]: found for row in rows if (found := from_row(row)) is not None}


def paused_by_people(connection: Connection) -> dict[int, str]:
    """Connections by which somebody of the district lets nothing go, and who that is."""
    return {row.id: row.paused_by for row in connection.execute(_PAUSED)}
