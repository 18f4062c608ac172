"""Keeping the planner right while one call fills the store.

A plan is made for the tables as they are and then kept. One that was made for an empty store, or by
statistics of a handful of objects, reads all objects to find a few: a load would slow down with the
square of its size.
"""

from __future__ import annotations

from sqlalchemy import Connection, text

# SKIP_LOCKED: two loads at once must not wait for each other's statistics.
_ANALYZE = text("ANALYZE (SKIP_LOCKED) sif_object")
# Not the bodies: to look through them takes most of the time, and no plan asks for what they hold.
_ANALYZE_ROWS = text(
    """
    ANALYZE (SKIP_LOCKED)
      canonical_record (subscriber_id, entity, key, origin_type, origin_refid, id),
      canonical_ref (subscriber_id, entity, ref, key, record_id),
      target_row (subscriber_id, collection, key, entity, refid, state, reason, needs, position,
                  hash, sent_hash, seen, remote_id, attempts),
      target_look (subscriber_id, look, entity, refid)
    """
)
# What checks the foreign keys keeps its plans too, and those no statistics of ours renew.
_FORGET_PLANS = text("DISCARD PLANS")


def refresh(connection: Connection) -> None:
    """Count the objects, also those not yet committed, and let all statements be planned anew.

    Takes up to a tenth of a second: call it when the store may have doubled.
    """
    connection.execute(_ANALYZE)
    connection.execute(_FORGET_PLANS)


def refresh_rows(connection: Connection) -> None:
    """The same for the canonical records and the rows of connections."""
    connection.execute(_ANALYZE_ROWS)
    connection.execute(_FORGET_PLANS)
