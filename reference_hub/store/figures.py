"""Figures about the store for whoever watches it: counts and ages, no zone, name or content."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, text

# Only open messages: partial indexes find them, while the done ones only grow.
_MESSAGES = text(
    """
    SELECT CASE WHEN queue_id IS NULL THEN 'push' ELSE 'queue' END AS way, kind, state, count(*)
    FROM message WHERE state IN ('waiting', 'leased', 'held') GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
    """
)
_OLDEST = text(
    """
    SELECT min(created) FILTER (WHERE queue_id IS NULL),
           min(created) FILTER (WHERE queue_id IS NOT NULL)
    FROM message WHERE state IN ('waiting', 'leased')
    """
)
_DELAYED = text(
    """
    SELECT state, count(*) FROM delayed_request
    WHERE state IN ('waiting', 'leased') GROUP BY 1 ORDER BY 1
    """
)
_ENVIRONMENTS = text("SELECT type, count(*) FROM environment GROUP BY 1 ORDER BY 1")
_OBJECTS = text("SELECT object_type, sum(present) FROM object_tally GROUP BY 1 ORDER BY 1")

_OLDEST_DUE = text(
    """
    SELECT min(CASE state WHEN 'leased' THEN lease_until ELSE not_before END) FROM message
    WHERE state IN ('waiting', 'leased')
      AND subscriber_id IN (SELECT id FROM subscriber WHERE paused IS NULL)
    """
)


@dataclass(frozen=True, slots=True)
class Figures:
    """Label values with their count; the oldest open message pushed and queued, where any."""

    messages: tuple[tuple[tuple[str, str, str], int], ...]
    oldest_push: datetime | None
    oldest_queue: datetime | None
    delayed: tuple[tuple[str, int], ...]
    environments: tuple[tuple[str, int], ...]
    objects: tuple[tuple[str, int], ...]


def read(connection: Connection) -> Figures:
    """All figures of one moment."""
    oldest = connection.execute(_OLDEST).one()
    return Figures(
        tuple(((way, kind, state), n) for way, kind, state, n in connection.execute(_MESSAGES)),
        oldest[0],
        oldest[1],
        tuple((state, n) for state, n in connection.execute(_DELAYED)),
        tuple((kind, n) for kind, n in connection.execute(_ENVIRONMENTS)),
        tuple((name, int(n)) for name, n in connection.execute(_OBJECTS)),
    )


def answers(connection: Connection) -> bool:
    """True; raises what a lost store raises."""
    return bool(connection.execute(text("SELECT true")).scalar_one())


def oldest_due(connection: Connection) -> datetime | None:
    """When the longest waiting delivery of a vendor could have been made; None without one."""
    found: datetime | None = connection.execute(_OLDEST_DUE).scalar_one()
    return found
