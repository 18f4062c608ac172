"""What waits for vendors, as an operator looks at it: never a body, never whom it is about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, text

OPEN = ("waiting", "leased", "held", "dead")

_GROUPS = text(
    """
    SELECT v.name AS vendor, s.name AS connection, s.id AS subscriber_id, m.state, m.reason,
           count(*) AS messages, min(m.created) AS oldest, min(m.not_before) AS next_try
    FROM message m
    JOIN subscriber s ON s.id = m.subscriber_id
    JOIN vendor v ON v.id = s.vendor_id
    WHERE m.state = ANY(CAST(:states AS text[])) AND :vendor IN ('', v.name)
    GROUP BY v.name, s.name, s.id, m.state, m.reason
    ORDER BY v.name, s.name, array_position(CAST(:states AS text[]), m.state), m.reason
    """
)

_SINGLE = """
    SELECT m.id, m.message_id, v.name AS vendor, s.name AS connection, s.id AS subscriber_id,
           m.kind, m.action, m.object_type, m.state, m.reason, m.attempts, m.created,
           m.not_before AS next_try, m.lease_until, m.settled
    FROM message m
    JOIN subscriber s ON s.id = m.subscriber_id
    JOIN vendor v ON v.id = s.vendor_id
"""

_EACH = text(
    f"""
    {_SINGLE}
    WHERE m.state = ANY(CAST(:states AS text[])) AND :vendor IN ('', v.name)
    ORDER BY m.id LIMIT :limit
    """
)
_BY_NUMBER = text(f"{_SINGLE} WHERE m.id = :id")
_BY_UUID = text(f"{_SINGLE} WHERE m.message_id = CAST(:id AS uuid)")


@dataclass(frozen=True, slots=True)
class Group:
    """Messages of one connection in one state for one reason; `next_try` of those that wait."""

    vendor: str
    connection: str
    subscriber_id: int
    state: str
    reason: str
    messages: int
    oldest: datetime
    next_try: datetime


@dataclass(frozen=True, slots=True)
class Single:
    """One message to a vendor; `message_id` is what the vendor is sent as the id of each try."""

    id: int
    message_id: str
    vendor: str
    connection: str
    subscriber_id: int
    kind: str
    action: str
    object_type: str
    state: str
    reason: str
    attempts: int
    created: datetime
    next_try: datetime
    lease_until: datetime | None
    settled: datetime | None


def groups(connection: Connection, vendor: str = "", states: Sequence[str] = OPEN) -> list[Group]:
    """What is in these states, of one vendor or all."""
    rows = connection.execute(_GROUPS, {"vendor": vendor, "states": list(states)})
    return [Group(*row) for row in rows]


def each(
    connection: Connection, vendor: str = "", states: Sequence[str] = OPEN, limit: int = 100
) -> list[Single]:
    """The same one by one, oldest first."""
    asked = {"vendor": vendor, "states": list(states), "limit": limit}
    return [_single(row) for row in connection.execute(_EACH, asked)]


def find(connection: Connection, name: str) -> Single | None:
    """The message with that number, or with that messageId."""
    if name.isdecimal():
        row = connection.execute(_BY_NUMBER, {"id": min(int(name), 2**63 - 1)}).one_or_none()
    else:
        row = connection.execute(_BY_UUID, {"id": name}).one_or_none()
    return _single(row) if row else None


def _single(row: Sequence[object]) -> Single:
    values = list(row)
    values[1] = str(values[1])
    return Single(*values)  # type: ignore[arg-type]
