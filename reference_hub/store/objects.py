"""The objects of a scope: versions are only added, `sif_object` points at the current one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, text

from reference_hub.model.change import CREATE, DELETE, Change, StoredObject
from reference_hub.model.scope import Scope
from reference_hub.store import audits, lookup_words


@dataclass(frozen=True, slots=True)
class Versioned:
    """An added version: its number, what it is a version of, and what it did."""

    version_id: int
    object_type: str
    refid: str
    action: str


@dataclass(frozen=True, slots=True)
class Tally:
    """`changes` never decreases: two equal ones mean that nothing of the type has changed."""

    changes: int
    present: int


# `IS NOT TRUE` where objects are looked up by key: a server that has no statistics yet would take
# the index of the listing for it, which says `NOT tombstone`, and walk through the whole type.
_BY_KEY = """
    o.zone_id = :zone AND o.context_id = :context AND o.object_type = :object_type
    AND o.tombstone IS NOT TRUE
"""
_AMONG = f"{_BY_KEY} AND o.refid = ANY(CAST(:refids AS text[]))"
_EXISTING = text(f"SELECT o.refid FROM sif_object o WHERE {_AMONG}")  # noqa: S608 constants only

_CURRENT = f"""
    SELECT o.object_type, o.refid, v.id, v.body
    FROM sif_object o JOIN object_version v ON v.id = o.version_id
    WHERE {_BY_KEY}
"""  # noqa: S608 constants only

# In refid order, so that two requests over the same objects wait for each other, not crosswise.
# What had to be waited for is visible only to the next statement.
_LOCK = text(f"SELECT FROM sif_object o WHERE {_AMONG} ORDER BY o.refid FOR UPDATE")
_LOCKED = text(f"{_CURRENT} AND o.refid = ANY(CAST(:refids AS text[]))")
_GET = text(f"{_CURRENT} AND o.refid = :refid")

# The page is cut before the bodies are fetched: an offset then skips rows, not documents.
_PAGE = text(
    """
    SELECT o.object_type, o.refid, v.id, v.body FROM (
      SELECT object_type, refid, version_id, position FROM sif_object
      WHERE zone_id = :zone AND context_id = :context AND object_type = :object_type
        AND NOT tombstone
      ORDER BY position LIMIT :limit OFFSET :offset
    ) o JOIN object_version v ON v.id = o.version_id
    ORDER BY o.position
    """
)

_WALK = text(
    """
    SELECT o.object_type, o.refid, v.id, v.body, o.position FROM (
      SELECT object_type, refid, version_id, position FROM sif_object
      WHERE zone_id = :zone AND context_id = :context AND object_type = :object_type
        AND NOT tombstone AND position > :after
      ORDER BY position LIMIT :limit
    ) o JOIN object_version v ON v.id = o.version_id
    ORDER BY o.position
    """
)

_HOLDS = text(
    """
    SELECT EXISTS (SELECT FROM sif_object
                   WHERE zone_id = :zone AND context_id = :context AND object_type = :object_type)
    """
)

_TALLY = text(
    """
    SELECT changes, present FROM object_tally
    WHERE zone_id = :zone AND context_id = :context AND object_type = :object_type
    """
)

# In type order, so that two transactions over the same types wait for each other, not crosswise.
_CONCLUDE = text(
    f"""
    WITH noted AS ({audits.INSERT})
    INSERT INTO object_tally AS t (zone_id, context_id, object_type, changes, present)
    SELECT :zone, :context, object_type, changes, present
    FROM unnest(CAST(:types AS text[]), CAST(:changes AS bigint[]), CAST(:present AS bigint[]))
         AS added(object_type, changes, present)
    ORDER BY object_type
    ON CONFLICT (zone_id, context_id, object_type) DO UPDATE
    SET changes = t.changes + excluded.changes, present = t.present + excluded.present
    """  # noqa: S608 constants only
)

# INSERT .. SELECT .. ORDER BY numbers the identity column in that order. A create wins only where
# there is no object or a tombstone: the key decides, not an earlier look.
_STORE = text(
    """
    WITH added AS (
      INSERT INTO object_version
        (zone_id, context_id, object_type, refid, action, body, judged_by, source_key)
      SELECT :zone, :context, object_type, refid, action, body, judged_by, :source_key
      FROM unnest(CAST(:types AS text[]), CAST(:refids AS text[]), CAST(:actions AS text[]),
                  CAST(:bodies AS bytea[]), CAST(:judges AS text[]))
           WITH ORDINALITY AS incoming(object_type, refid, action, body, judged_by, n)
      ORDER BY n
      RETURNING id, object_type, refid, action
    ), moved AS (
      INSERT INTO sif_object AS o
        (zone_id, context_id, object_type, refid, position, version_id, tombstone)
      SELECT DISTINCT ON (object_type, refid)
        :zone, :context, object_type, refid, id, id, action = 'DELETE'
      FROM added ORDER BY object_type, refid, id DESC
      ON CONFLICT (zone_id, context_id, object_type, refid) DO UPDATE
      SET version_id = excluded.version_id,
          tombstone = excluded.tombstone,
          position = CASE WHEN o.tombstone THEN excluded.position ELSE o.position END
      WHERE o.tombstone
         OR NOT (excluded.object_type || ' ' || excluded.refid = ANY(CAST(:created AS text[])))
      RETURNING object_type, refid
    )
    SELECT id, object_type, refid, action, moved.refid IS NULL AS late
    FROM added LEFT JOIN moved USING (object_type, refid) ORDER BY id
    """
)


def existing(
    connection: Connection, scope: Scope, object_type: str, refids: Iterable[str]
) -> set[str]:
    """Those of the folded refids that are present and not deleted."""
    rows = connection.execute(_EXISTING, _of(scope, object_type) | {"refids": list(refids)})
    return set(rows.scalars())


def holds(connection: Connection, scope: Scope, object_type: str) -> bool:
    """Whether the zone has ever stored an object of the type."""
    return bool(connection.execute(_HOLDS, _of(scope, object_type)).scalar_one())


def get(connection: Connection, scope: Scope, object_type: str, refid: str) -> StoredObject | None:
    """The current version, None when unknown or deleted."""
    row = connection.execute(_GET, _of(scope, object_type) | {"refid": refid}).first()
    return StoredObject(*row) if row else None


def tally(connection: Connection, scope: Scope, object_type: str) -> Tally:
    """How often objects of the type were changed, and how many there are."""
    row = connection.execute(_TALLY, _of(scope, object_type)).first()
    return Tally(*row) if row else Tally(0, 0)


def conclude(
    connection: Connection,
    scope: Scope,
    at: datetime,
    entries: Sequence[audits.Entry],
    changes: Sequence[Change],
) -> None:
    """Write the audit and add to the tallies; the last statement, as it holds others off."""
    made = Counter(change.object_type for change in changes)
    more = Counter(change.object_type for change in changes if change.action == CREATE)
    less = Counter(change.object_type for change in changes if change.action == DELETE)
    types = sorted(made)
    columns = {
        "types": types,
        "changes": [made[each] for each in types],
        "present": [more[each] - less[each] for each in types],
    }
    connection.execute(_CONCLUDE, audits.columns(scope, at, entries) | columns)


def page(
    connection: Connection, scope: Scope, object_type: str, *, limit: int, offset: int
) -> list[StoredObject]:
    """Objects in the order of their creation, which does not change between pages."""
    window = _of(scope, object_type) | {"limit": limit, "offset": offset}
    return [StoredObject(*row) for row in connection.execute(_PAGE, window)]


def each_page(
    connection: Connection, scope: Scope, object_type: str, size: int
) -> Iterator[list[StoredObject]]:
    """All objects in the same order, `size` at a time; each page begins where the last one ended,
    so that the last costs no more than the first."""
    window = _of(scope, object_type) | {"limit": size}
    after = -1
    while rows := connection.execute(_WALK, window | {"after": after}).all():
        yield [StoredObject(*row[:4]) for row in rows]
        after = rows[-1].position


def lock(
    connection: Connection, scope: Scope, object_type: str, refids: Iterable[str]
) -> dict[str, StoredObject]:
    """Current versions by refid, held against other writers until the transaction ends."""
    wanted = _of(scope, object_type) | {"refids": list(refids)}
    connection.execute(_LOCK, wanted)
    rows = connection.execute(_LOCKED, wanted)
    return {row.refid: StoredObject(*row) for row in rows}


def store(
    connection: Connection, scope: Scope, source_key: str, changes: Sequence[Change]
) -> tuple[list[Versioned], set[str]]:
    """One version per change, numbered in the order given, and the objects pointed at the newest.

    The second value are the refids of creates that came too late: these objects were not moved.
    """
    columns = {
        "types": [change.object_type for change in changes],
        "refids": [change.refid for change in changes],
        "actions": [change.action for change in changes],
        "bodies": [change.body for change in changes],
        "judges": [change.judged_by for change in changes],
        "created": _created(changes),
    }
    rows = connection.execute(_STORE, _at(scope) | {"source_key": source_key} | columns).all()
    added = [Versioned(row.id, row.object_type, row.refid, row.action) for row in rows]
    lookup_words.add(connection, [each.version_id for each in added], changes)
    return added, {row.refid for row in rows if row.late}


def _created(changes: Sequence[Change]) -> list[str]:
    first: dict[str, str] = {}
    for change in changes:
        first.setdefault(f"{change.object_type} {change.refid}", change.action)
    return [key for key, action in first.items() if action == CREATE]


def _at(scope: Scope) -> dict[str, object]:
    return {"zone": scope.zone_id, "context": scope.context_id}


def _of(scope: Scope, object_type: str) -> dict[str, object]:
    return _at(scope) | {"object_type": object_type}
