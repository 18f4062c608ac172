"""Statistics for the planner while one transaction fills an empty store.

Without them PostgreSQL takes the index of the listing for a look-up by refid and reads every
object of the type: a load would slow down with the square of its size.
"""

from __future__ import annotations

from sqlalchemy import Connection, text

_KNOWN = text(
    "SELECT EXISTS (SELECT FROM pg_stats WHERE tablename = 'sif_object' AND attname = 'refid')"
)
# SKIP_LOCKED: two loads at once must not wait for each other's statistics.
_ANALYZE = text("ANALYZE (SKIP_LOCKED) sif_object")


def ensure(connection: Connection) -> None:
    """Take statistics of the objects, also those not yet committed, if there are none."""
    if not connection.execute(_KNOWN).scalar_one():
        connection.execute(_ANALYZE)
