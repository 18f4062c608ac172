"""Messages go once more: those that somebody names, or everything of a connection.

Whoever is sent an older version of an object after a younger one would end with the older: what was
overtaken is dropped. The subscriber's row is locked, so that no worker claims in between.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, text

from reference_hub.model.party import FILE_TRANSPORTS, NATIVE, Subscriber
from reference_hub.store import target_sending

_LOCK = text(
    "SELECT id FROM subscriber WHERE id = ANY(CAST(:subscribers AS integer[]))"
    " ORDER BY id FOR UPDATE"
)
_OF_MESSAGES = text(
    "SELECT DISTINCT subscriber_id FROM message WHERE id = ANY(CAST(:ids AS bigint[]))"
)
_DEAD = text(
    """
    SELECT m.id FROM message m
    JOIN subscriber s ON s.id = m.subscriber_id
    JOIN vendor v ON v.id = s.vendor_id
    WHERE v.name = :vendor AND m.state = 'dead' AND m.kind <> 'pod' ORDER BY m.id
    """
)
_RETRY = text(
    """
    WITH chosen AS (
      SELECT m.id, m.subscriber_id, m.kind, v.object_type, v.refid
      FROM message m LEFT JOIN object_version v ON v.id = m.version_id
      WHERE m.id = ANY(CAST(:ids AS bigint[])) AND m.state IN ('dead', 'held', 'waiting')
    ), younger AS (
      SELECT n.subscriber_id, v.object_type, v.refid, max(n.id) AS id
      FROM message n JOIN object_version v ON v.id = n.version_id
      WHERE n.subscriber_id = ANY(CAST(:subscribers AS integer[])) AND n.kind = 'event'
        AND n.state IN ('leased', 'done')
        AND v.refid IN (SELECT refid FROM chosen WHERE kind = 'event')
      GROUP BY n.subscriber_id, v.object_type, v.refid
    ), ends AS (
      SELECT c.id, CASE
        WHEN c.kind = 'event' AND EXISTS (
          SELECT FROM younger y WHERE y.subscriber_id = c.subscriber_id AND y.id > c.id
            AND y.object_type = c.object_type AND y.refid = c.refid)
          THEN 'a younger version was delivered'
        WHEN c.kind = 'file' AND EXISTS (
          SELECT FROM message f WHERE f.subscriber_id = c.subscriber_id AND f.kind = 'file'
            AND f.id <> c.id AND (f.state IN ('waiting', 'held')
              OR (f.id > c.id AND f.state IN ('leased', 'done', 'dead'))))
          THEN 'a younger file is queued'
        ELSE '' END AS overtaken
      FROM chosen c
    )
    UPDATE message m
    SET state = CASE WHEN e.overtaken = '' THEN 'waiting' ELSE 'purged' END,
        reason = e.overtaken, faults = 0, not_before = :now,
        settled = CASE WHEN e.overtaken <> '' THEN CAST(:now AS timestamptz) END
    FROM ends e WHERE m.id = e.id
    RETURNING m.state
    """
)
# What failed waits for another reason.
_CLOSE_WINDOWS = text(
    """
    UPDATE message SET not_before = :now
    WHERE subscriber_id = ANY(CAST(:subscribers AS integer[])) AND kind = 'file'
      AND state = 'waiting' AND reason = '' AND not_before > :now
    """
)
_DROP = text(
    """
    UPDATE message SET state = 'purged', reason = 'sent afresh', settled = :now
    WHERE subscriber_id = :subscriber AND kind IN ('event', 'file')
      AND state IN ('waiting', 'held', 'dead') AND (kind = 'file' OR action <> 'DELETE')
    """
)
_EVERYTHING = text(
    """
    INSERT INTO message (zone_id, context_id, subscriber_id, kind, action, object_type, version_id,
                         not_before)
    SELECT o.zone_id, o.context_id, s.id, 'event', 'CREATE', o.object_type, o.version_id, :now
    FROM subscriber s JOIN sif_object o USING (zone_id, context_id)
    WHERE s.id = :subscriber AND NOT o.tombstone AND s.objects ? o.object_type
    ORDER BY o.position
    """
)
# The vendor has it, the district no longer does, and no delete is on its way.
_GONE = text(
    """
    INSERT INTO message (zone_id, context_id, subscriber_id, kind, action, object_type, version_id,
                         not_before)
    SELECT o.zone_id, o.context_id, i.subscriber_id, 'event', 'DELETE', o.object_type,
           o.version_id, :now
    FROM id_map i
    JOIN sif_object o ON o.zone_id = i.zone_id AND o.context_id = i.context_id
      AND o.object_type = i.entity AND o.refid = i.refid AND o.tombstone
    WHERE i.subscriber_id = :subscriber AND i.retired IS NULL AND NOT EXISTS (
      SELECT FROM message m JOIN object_version v ON v.id = m.version_id
      WHERE m.subscriber_id = i.subscriber_id AND m.action = 'DELETE' AND m.kind = 'event'
        AND m.state IN ('waiting', 'leased', 'held')
        AND v.object_type = i.entity AND v.refid = i.refid)
    ORDER BY o.position
    """
)
_FILE = text(
    """
    INSERT INTO message (zone_id, context_id, subscriber_id, kind, action, object_type, not_before)
    SELECT zone_id, context_id, id, 'file', 'CREATE', '', :now FROM subscriber
    WHERE id = :subscriber
    """
)


def dead_of(connection: Connection, vendor: str) -> list[int]:
    """The dead letters of a vendor in queue order; documents of agreements are not among them."""
    return list(connection.execute(_DEAD, {"vendor": vendor}).scalars())


def retry(connection: Connection, ids: Sequence[int], now: datetime) -> tuple[int, int]:
    """Let messages that are dead, held or wait be tried at once, in their old places in the queue.

    How many will be tried, and how many were dropped because a younger one overtook them.
    """
    of = {"ids": list(ids)}
    subscribers = list(connection.execute(_OF_MESSAGES, of).scalars())
    connection.execute(_LOCK, {"subscribers": subscribers})
    values = of | {"subscribers": subscribers, "now": now}
    states = list(connection.execute(_RETRY, values).scalars())
    return states.count("waiting"), states.count("purged")


def close_windows(connection: Connection, subscribers: Sequence[int], now: datetime) -> int:
    """Let the files go that still gather changes; how many those are."""
    values = {"subscribers": list(subscribers), "now": now}
    return connection.execute(_CLOSE_WINDOWS, values).rowcount


def resync(connection: Connection, to: Subscriber, now: datetime) -> int:
    """Queue everything stored for a connection, and deletes of what it has and nobody else, in
    place of what waits for it; how many messages that is. Gate and filter run when they go."""
    values = {"subscriber": to.id, "now": now}
    connection.execute(_LOCK, {"subscribers": [to.id]})
    connection.execute(_DROP, values)
    if to.format != NATIVE:
        # Everything its rows say is sent once more.
        target_sending.unsend(connection, to)
        return connection.execute(_FILE, values).rowcount
    if to.transport in FILE_TRANSPORTS:
        return connection.execute(_FILE, values).rowcount
    gone = connection.execute(_GONE, values).rowcount
    return gone + connection.execute(_EVERYTHING, values).rowcount
