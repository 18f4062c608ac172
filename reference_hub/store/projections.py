"""Under which grant, profile and day the rows of a connection were made."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, text

from reference_hub.model.party import Subscriber
from reference_hub.store.vendors import subscriber_from

_STAMP = text("SELECT stamp FROM projection WHERE subscriber_id = :subscriber")
# Messages for the connection can be added meanwhile: their key to it takes a lesser lock.
_LOCK = text("SELECT FROM subscriber WHERE id = :subscriber FOR NO KEY UPDATE")
_SET = text(
    """
    INSERT INTO projection (subscriber_id, zone_id, context_id, stamp, made)
    VALUES (:subscriber, :zone, :context, :stamp, :now)
    ON CONFLICT (subscriber_id) DO UPDATE SET stamp = excluded.stamp, made = excluded.made
    """
)
_ANEW = text(
    """
    INSERT INTO message (zone_id, context_id, subscriber_id, kind, action, object_type, not_before)
    SELECT zone_id, context_id, id, 'file', 'CREATE', '', coalesce(CAST(:due AS timestamptz), now())
    FROM subscriber WHERE id = :subscriber
    ON CONFLICT (subscriber_id) WHERE kind = 'file' AND state IN ('waiting', 'held')
    DO UPDATE SET state = 'waiting', reason = '',
      not_before = CASE WHEN :moves THEN excluded.not_before ELSE message.not_before END
    """
)
_MADE = text(
    """
    SELECT s.*, p.stamp FROM projection p JOIN subscriber s ON s.id = p.subscriber_id ORDER BY s.id
    """
)
_FORGET_LOSSES = text(
    "DELETE FROM loss WHERE subscriber_id = :subscriber AND refid = ANY(CAST(:refids AS text[]))"
)


def stamp(connection: Connection, subscriber: Subscriber) -> str:
    """What the rows were made under; '' when they never were."""
    found = connection.execute(_STAMP, {"subscriber": subscriber.id}).scalar()
    return str(found or "")


def made(connection: Connection) -> list[tuple[Subscriber, str]]:
    """All connections that have rows, with what those were made under."""
    rows = connection.execute(_MADE).mappings()
    return [(subscriber_from(row), row["stamp"]) for row in rows]


def set_stamp(connection: Connection, subscriber: Subscriber, word: str, now: datetime) -> None:
    """Remember what the rows were made under."""
    parameters = {
        "subscriber": subscriber.id,
        "zone": subscriber.scope.zone_id,
        "context": subscriber.scope.context_id,
        "stamp": word,
        "now": now,
    }
    connection.execute(_SET, parameters)


def lock(connection: Connection, subscriber: Subscriber) -> None:
    """Keep others from making the rows of this connection at the same time."""
    connection.execute(_LOCK, {"subscriber": subscriber.id})


def ask_anew(
    connection: Connection,
    subscriber: Subscriber,
    due: datetime | None = None,
    *,
    moves: bool = False,
) -> None:
    """Queue a run that makes all rows anew, now or when it is `due`; one that is held is tried
    again. One that waits already keeps its time, unless this one `moves` it."""
    asked = {"subscriber": subscriber.id, "due": due, "moves": moves}
    connection.execute(_ANEW, asked)


def forget_losses(connection: Connection, subscriber: Subscriber, refids: Iterable[str]) -> None:
    """Forget what was noted about these records: the next run notes what still holds."""
    parameters = {"subscriber": subscriber.id, "refids": list(refids)}
    connection.execute(_FORGET_LOSSES, parameters)
