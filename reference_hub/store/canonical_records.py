"""The canonical records of a connection: what its vendor's grant leaves of each SIF object.

A record belongs to the object it was read from; several objects may tell of one record, which is
then the union of what they say.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import Connection, text

from reference_hub.model.party import Subscriber

_CHUNK = 5000

_OF_ORIGINS = text(
    """
    SELECT r.entity, r.key, r.body FROM canonical_record r
    JOIN unnest(CAST(:types AS text[]), CAST(:refids AS text[])) AS o(type, refid)
      ON r.origin_type = o.type AND r.origin_refid = o.refid
    WHERE r.subscriber_id = :subscriber
    """
)

_FORGET = text(
    """
    WITH gone AS (
      DELETE FROM canonical_record r
      USING unnest(CAST(:types AS text[]), CAST(:refids AS text[])) AS o(type, refid)
      WHERE r.subscriber_id = :subscriber AND r.origin_type = o.type AND r.origin_refid = o.refid
      RETURNING r.id
    )
    DELETE FROM canonical_ref x USING gone WHERE x.record_id = gone.id
    """
)

_FORGET_REFS = text("DELETE FROM canonical_ref WHERE subscriber_id = :subscriber")
_FORGET_ALL = text("DELETE FROM canonical_record WHERE subscriber_id = :subscriber")

_ADD = text(
    """
    WITH given AS (
      SELECT entity, key, type, refid, body, refs
      FROM unnest(CAST(:entities AS text[]), CAST(:keys AS text[]), CAST(:types AS text[]),
                  CAST(:refids AS text[]), CAST(:bodies AS text[]), CAST(:refs AS text[]))
           AS x(entity, key, type, refid, body, refs)
    ), added AS (
      INSERT INTO canonical_record
        (subscriber_id, zone_id, context_id, entity, key, origin_type, origin_refid, body)
      SELECT :subscriber, :zone, :context, entity, key, type, refid, CAST(body AS jsonb) FROM given
      RETURNING id, entity, key, origin_type, origin_refid
    )
    INSERT INTO canonical_ref (subscriber_id, entity, ref, key, record_id)
    SELECT :subscriber, added.entity, ref, added.key, added.id
    FROM added
    JOIN given ON given.entity = added.entity AND given.key = added.key
              AND given.type = added.origin_type AND given.refid = added.origin_refid
    CROSS JOIN unnest(string_to_array(nullif(given.refs, ''), ' ')) AS ref
    """
)

_BY_KEY = text(
    """
    SELECT entity, key, body FROM canonical_record
    WHERE subscriber_id = :subscriber AND entity = :entity AND key = ANY(CAST(:keys AS text[]))
    ORDER BY key, origin_type, origin_refid
    """
)

_REFERRING = text(
    """
    SELECT DISTINCT key FROM canonical_ref
    WHERE subscriber_id = :subscriber AND entity = :entity AND ref = ANY(CAST(:refs AS text[]))
    ORDER BY key
    """
)

_WITH_VALUE = text(
    """
    SELECT DISTINCT key FROM canonical_record
    WHERE subscriber_id = :subscriber AND entity = :entity AND body ->> :field = :value LIMIT 2
    """
)

_KEYS = text(
    """
    SELECT DISTINCT key FROM canonical_record
    WHERE subscriber_id = :subscriber AND entity = :entity AND key > :after
    ORDER BY key LIMIT :limit
    """
)


@dataclass(frozen=True, slots=True)
class Kept:
    """A record as it is stored: its origin is an object type and a folded RefId; `refs` name what
    it refers to, each as `field=key`."""

    entity: str
    key: str
    body: dict[str, Any]
    origin: tuple[str, str] = ("", "")
    refs: tuple[str, ...] = ()


def replace(
    connection: Connection,
    subscriber: Subscriber,
    origins: Sequence[tuple[str, str]],
    records: Sequence[Kept],
) -> None:
    """Let these records stand for these objects; an object without records is forgotten."""
    if origins:
        connection.execute(_FORGET, _origins(subscriber, origins))
    for start in range(0, len(records), _CHUNK):
        part = records[start : start + _CHUNK]
        connection.execute(
            _ADD,
            {
                "subscriber": subscriber.id,
                "zone": subscriber.scope.zone_id,
                "context": subscriber.scope.context_id,
                "entities": [each.entity for each in part],
                "keys": [each.key for each in part],
                "types": [each.origin[0] for each in part],
                "refids": [each.origin[1] for each in part],
                "bodies": [msgspec.json.encode(each.body).decode() for each in part],
                "refs": [" ".join(each.refs) for each in part],
            },
        )


def forget_all(connection: Connection, subscriber: Subscriber) -> None:
    """Forget every record of a connection."""
    for statement in (_FORGET_REFS, _FORGET_ALL):
        connection.execute(statement, {"subscriber": subscriber.id})


def of_origins(
    connection: Connection, subscriber: Subscriber, origins: Sequence[tuple[str, str]]
) -> list[Kept]:
    """The records that were read from these objects."""
    rows = connection.execute(_OF_ORIGINS, _origins(subscriber, origins))
    return [Kept(row.entity, row.key, row.body) for row in rows]


def by_key(
    connection: Connection, subscriber: Subscriber, entity: str, keys: Iterable[str]
) -> list[Kept]:
    """What is told of these records, in a stable order."""
    parameters = {"subscriber": subscriber.id, "entity": entity, "keys": list(keys)}
    rows = connection.execute(_BY_KEY, parameters)
    return [Kept(row.entity, row.key, row.body) for row in rows]


def referring(
    connection: Connection, subscriber: Subscriber, entity: str, field: str, keys: Iterable[str]
) -> list[str]:
    """The keys of the records of an entity whose field refers to one of these, in their order."""
    refs = [f"{field}={key}" for key in keys]
    parameters = {"subscriber": subscriber.id, "entity": entity, "refs": refs}
    return [row.key for row in connection.execute(_REFERRING, parameters)]


def with_value(
    connection: Connection, subscriber: Subscriber, entity: str, field: str, value: str
) -> list[str]:
    """At most two keys of records whose field has this value."""
    parameters = {"subscriber": subscriber.id, "entity": entity, "field": field, "value": value}
    return [row.key for row in connection.execute(_WITH_VALUE, parameters)]


def keys(
    connection: Connection, subscriber: Subscriber, entity: str, after: str, limit: int
) -> list[str]:
    """The next keys of an entity in their order."""
    parameters = {"subscriber": subscriber.id, "entity": entity, "after": after, "limit": limit}
    return [row.key for row in connection.execute(_KEYS, parameters)]


def _origins(subscriber: Subscriber, origins: Sequence[tuple[str, str]]) -> dict[str, object]:
    return {
        "subscriber": subscriber.id,
        "types": [kind for kind, _ in origins],
        "refids": [refid for _, refid in origins],
    }
