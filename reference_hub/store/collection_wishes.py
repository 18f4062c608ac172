"""Wishes for a new run of a collection, which a worker fulfils: by this hub itself, or by the
state's hub behind a connection."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, text

from reference_hub.model.party import Subscriber
from reference_hub.model.scope import Scope
from reference_hub.store.vendors import subscriber_from

# Whoever began a wish and died leaves it to others after so long.
_LEASE = timedelta(minutes=10)
_COLUMNS = "id, zone_id, context_id, collection, subscriber_id, asked, asked_by, done, outcome"
_ADD = text(
    """
    INSERT INTO collection_wish (zone_id, context_id, collection, subscriber_id, asked, asked_by)
    VALUES (:zone, :context, :collection, :subscriber, :now, :who) ON CONFLICT DO NOTHING
    """
)
_CLAIM = text(
    f"""
    UPDATE collection_wish SET begun = :now WHERE id = (
      SELECT id FROM collection_wish
      WHERE done IS NULL AND (begun IS NULL OR begun < :stale)
      ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED)
    RETURNING {_COLUMNS}
    """  # noqa: S608 constants only
)
_END = text("UPDATE collection_wish SET done = :now, outcome = :outcome WHERE id = :id")
_LAST = text(
    f"""
    SELECT {_COLUMNS} FROM collection_wish
    WHERE zone_id = :zone AND context_id = :context AND collection = :collection
    ORDER BY id DESC LIMIT 1
    """  # noqa: S608 constants only
)
_WAYS = text(
    """
    SELECT s.* FROM subscriber s
    WHERE s.zone_id = :zone AND s.context_id = :context AND s.transport = 'sif_push'
      AND s.objects @> to_jsonb(CAST(:objects AS text[])) ORDER BY s.name LIMIT 20
    """
)
_WAY = text("SELECT s.* FROM subscriber s WHERE s.id = :id")


@dataclass(frozen=True, slots=True)
class Wish:
    """`connection_id` None: this hub runs the collection itself. `outcome`: '' while nothing is
    done, then a sentence for people."""

    id: int
    scope: Scope
    collection: str
    connection_id: int | None
    asked: datetime
    asked_by: str
    done: datetime | None
    outcome: str


def add(
    connection: Connection,
    scope: Scope,
    collection: str,
    connection_id: int | None,
    who: str,
    now: datetime,
) -> bool:
    """Wish for a run; False where the same is wished for already."""
    values = _at(scope) | {
        "collection": collection,
        "subscriber": connection_id,
        "who": who,
        "now": now,
    }
    return connection.execute(_ADD, values).rowcount > 0


def claim(connection: Connection, now: datetime) -> Wish | None:
    """The oldest wish that nobody works at; others leave it alone for a while."""
    row = connection.execute(_CLAIM, {"now": now, "stale": now - _LEASE}).first()
    return _wish(row) if row else None


def end(connection: Connection, wish_id: int, outcome: str, now: datetime) -> None:
    """It is done, or was tried."""
    connection.execute(_END, {"id": wish_id, "outcome": outcome, "now": now})


def last(connection: Connection, scope: Scope, collection: str) -> Wish | None:
    """The newest wish for a collection."""
    row = connection.execute(_LAST, _at(scope) | {"collection": collection}).first()
    return _wish(row) if row else None


def ways(connection: Connection, scope: Scope, objects: tuple[str, ...]) -> list[Subscriber]:
    """The connections over which all of these objects go: that to a state's hub is one of them."""
    asked = _at(scope) | {"objects": list(objects)}
    return [subscriber_from(row) for row in connection.execute(_WAYS, asked).mappings()]


def way(connection: Connection, connection_id: int) -> Subscriber | None:
    """One connection."""
    row = connection.execute(_WAY, {"id": connection_id}).mappings().first()
    return subscriber_from(row) if row else None


def _wish(row: Row[Any]) -> Wish:
    return Wish(row.id, Scope(row.zone_id, row.context_id), *tuple(row)[3:])


def _at(scope: Scope) -> dict[str, object]:
    return {"zone": scope.zone_id, "context": scope.context_id}
