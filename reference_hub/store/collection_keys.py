"""What a run of a collection must remember of a whole zone, in a table that ends with it.

Neither memory nor the store keeps it: values are held as digests, and only for the transaction.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, text

from reference_hub.model.scope import Scope

VALUE, NEEDED, NAMED, REJECTED = "value", "needed", "named", "rejected"
_CHUNK = 5000

_CREATE = text(
    """
    CREATE TEMPORARY TABLE IF NOT EXISTS collection_key
      (rule TEXT NOT NULL, kind TEXT NOT NULL, key TEXT NOT NULL, refid TEXT NOT NULL)
    ON COMMIT DROP
    """
)
_EMPTY = text("TRUNCATE collection_key")
# However wrong the planner's idea of the sizes is, with the index no join takes the square of them.
_INDEX = text(
    """
    CREATE INDEX IF NOT EXISTS ix_collection_key ON collection_key (rule, kind, key, refid)
    """
)
_LOOK = text("ANALYZE collection_key")
_ADD = text(
    """
    INSERT INTO collection_key (rule, kind, key, refid)
    SELECT * FROM unnest(CAST(:rules AS text[]), CAST(:kinds AS text[]), CAST(:keys AS text[]),
                         CAST(:refids AS text[]))
    """
)
_REPEATED = text(
    """
    SELECT DISTINCT k.refid
    FROM collection_key k
    JOIN (SELECT key FROM collection_key WHERE rule = :rule AND kind = 'value'
          GROUP BY key HAVING count(DISTINCT refid) > 1) twice ON twice.key = k.key
    WHERE k.rule = :rule AND k.kind = 'value'
    ORDER BY k.refid
    """
)
_UNNAMED = text(
    """
    SELECT DISTINCT need.refid
    FROM collection_key need
    LEFT JOIN collection_key named
      ON named.rule = need.rule AND named.kind = 'named' AND named.key = need.key
    WHERE need.rule = :rule AND need.kind = 'needed' AND named.key IS NULL
    ORDER BY need.refid
    """
)
_COUNT = text(
    """
    SELECT key, count(DISTINCT refid) AS objects FROM collection_key WHERE kind = 'rejected'
    GROUP BY key
    """
)
_ACCEPTED = text(
    """
    SELECT o.refid FROM sif_object o
    LEFT JOIN collection_key k
      ON k.rule = '' AND k.kind = 'rejected' AND k.key = o.object_type AND k.refid = o.refid
    WHERE o.zone_id = :zone AND o.context_id = :context AND o.object_type = :object_type
      AND NOT o.tombstone AND k.refid IS NULL
    ORDER BY o.refid
    """
)


@dataclass(frozen=True, slots=True)
class Key:
    """What one object has (VALUE), shall be named by (NEEDED), names (NAMED), or its type where it
    is REJECTED."""

    rule: str
    kind: str
    key: str
    refid: str


def begin(connection: Connection) -> None:
    """Make the table, empty, for as long as the transaction lasts."""
    connection.execute(_CREATE)
    connection.execute(_EMPTY)


def add(connection: Connection, keys: Sequence[Key]) -> None:
    """Remember these."""
    for start in range(0, len(keys), _CHUNK):
        part = keys[start : start + _CHUNK]
        columns = {
            "rules": [each.rule for each in part],
            "kinds": [each.kind for each in part],
            "keys": [each.key for each in part],
            "refids": [each.refid for each in part],
        }
        connection.execute(_ADD, columns)


def complete(connection: Connection) -> None:
    """All is there: what follows asks for it."""
    connection.execute(_INDEX)
    connection.execute(_LOOK)


def repeated(connection: Connection, rule: str) -> list[str]:
    """Refids of the objects that share a value of the rule with another one."""
    return list(connection.execute(_REPEATED, {"rule": rule}).scalars())


def unnamed(connection: Connection, rule: str) -> list[str]:
    """Refids of the objects that nothing names, though the rule wants it."""
    return list(connection.execute(_UNNAMED, {"rule": rule}).scalars())


def rejected(connection: Connection) -> Counter[str]:
    """How many objects of each type were rejected."""
    return Counter({row.key: row.objects for row in connection.execute(_COUNT)})


def accepted(connection: Connection, scope: Scope, object_type: str) -> Iterator[str]:
    """Refids of the zone's objects of a type that were not rejected."""
    place = {"zone": scope.zone_id, "context": scope.context_id, "object_type": object_type}
    options = {"yield_per": _CHUNK}
    yield from connection.execute(_ACCEPTED, place, execution_options=options).scalars()
