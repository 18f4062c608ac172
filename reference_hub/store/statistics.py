"""Keeping the planner right while one call fills the store.

A plan is made for the tables as they are and then kept. One that was made for an empty store reads
all objects to find a few: a load would slow down with the square of its size.
"""

from __future__ import annotations

from sqlalchemy import Connection, text

_KNOWN = text(
    "SELECT EXISTS (SELECT FROM pg_stats WHERE tablename = 'sif_object' AND attname = 'refid')"
)
# SKIP_LOCKED: two loads at once must not wait for each other's statistics.
_ANALYZE = text("ANALYZE (SKIP_LOCKED) sif_object")
_FORGET_PLANS = text("DISCARD PLANS")


def refresh(connection: Connection) -> None:
    """Let the next statements be planned anew, by statistics that know the uncommitted objects.

    Cheap, but not free: call it when the store has doubled.
    """
    if not connection.execute(_KNOWN).scalar_one():
        connection.execute(_ANALYZE)
    connection.execute(_FORGET_PLANS)
