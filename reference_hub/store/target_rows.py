"""The rows a vendor should hold, in its own form, and what of them it was sent.

`hash` stands for what it should hold, `sent_hash` for what it was last sent and took; where they
differ there is something to do. A row that is gone stays, so that its id is never given to another.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, RowMapping, text

from reference_hub.model.party import Subscriber

_CHUNK = 5000
GONE = "gone"

_PUT = text(
    """
    INSERT INTO target_row AS old (subscriber_id, zone_id, context_id, collection, key, entity,
                                   refid, body, hash, state, reason, needs, wants, changed, seen)
    SELECT :subscriber, :zone, :context, collection, key, entity, refid, CAST(body AS jsonb), hash,
           state, reason, coalesce(string_to_array(nullif(needs, ''), E'\\n'), '{}'),
           coalesce(string_to_array(nullif(wants, ''), E'\\n'), '{}'), :now, CAST(:seen AS uuid)
    FROM unnest(CAST(:collections AS text[]), CAST(:keys AS text[]), CAST(:entities AS text[]),
                CAST(:refids AS text[]), CAST(:bodies AS text[]), CAST(:hashes AS text[]),
                CAST(:states AS text[]), CAST(:reasons AS text[]), CAST(:needs AS text[]),
                CAST(:wants AS text[]))
         AS added(collection, key, entity, refid, body, hash, state, reason, needs, wants)
    ON CONFLICT (subscriber_id, collection, key) DO UPDATE
    SET body = excluded.body, hash = excluded.hash, state = excluded.state,
        reason = excluded.reason, needs = excluded.needs, wants = excluded.wants,
        entity = excluded.entity, refid = excluded.refid, seen = excluded.seen,
        changed = CASE WHEN old.hash <> excluded.hash OR old.state <> excluded.state
                       THEN excluded.changed ELSE old.changed END
    WHERE (old.refid = excluded.refid OR old.state = 'gone')
      AND (old.hash, old.state, old.reason, old.needs, old.wants, excluded.seen)
          IS DISTINCT FROM (excluded.hash, excluded.state, excluded.reason, excluded.needs,
                            excluded.wants, NULL)
    """
)

_TAKEN = text(
    """
    SELECT t.collection, t.key FROM target_row t
    JOIN unnest(CAST(:collections AS text[]), CAST(:keys AS text[]), CAST(:refids AS text[]))
         AS wanted(collection, key, refid)
      ON t.collection = wanted.collection AND t.key = wanted.key AND t.refid <> wanted.refid
    WHERE t.subscriber_id = :subscriber AND t.state <> 'gone'
    """
)

_FREED = text(
    """
    SELECT DISTINCT h.entity, h.refid FROM target_row h
    WHERE h.subscriber_id = :subscriber AND h.state = 'held' AND h.reason = :reason
      AND NOT EXISTS (
        SELECT FROM target_row p
        WHERE p.subscriber_id = h.subscriber_id AND p.collection = h.collection
          AND p.key = left(h.key, length(h.key) - length(h.refid) - 1) AND p.state <> 'gone')
    ORDER BY h.entity, h.refid
    """
)

_BY_ROOT = text(
    """
    SELECT t.* FROM target_row t
    JOIN unnest(CAST(:entities AS text[]), CAST(:refids AS text[])) AS root(entity, refid)
      ON t.entity = root.entity AND t.refid = root.refid
    WHERE t.subscriber_id = :subscriber AND t.state <> 'gone'
    """
)

_GO = text(
    """
    UPDATE target_row t SET state = 'gone', reason = '', hash = 'gone', changed = :now
    FROM unnest(CAST(:collections AS text[]), CAST(:keys AS text[])) AS old(collection, key)
    WHERE t.subscriber_id = :subscriber AND t.collection = old.collection AND t.key = old.key
      AND t.state <> 'gone'
    """
)

_GO_UNSEEN = text(
    """
    UPDATE target_row SET state = 'gone', reason = '', hash = 'gone', changed = :now
    WHERE subscriber_id = :subscriber AND state <> 'gone' AND seen IS DISTINCT FROM :seen
    """
)

_PAGE = text(
    """
    SELECT * FROM target_row
    WHERE subscriber_id = :subscriber AND collection = :collection AND state = ANY(:states)
      AND key COLLATE "C" > :after AND (changed > :since OR CAST(:since AS timestamptz) IS NULL)
    ORDER BY key COLLATE "C" LIMIT :limit
    """
)

_FOUND = text(
    """
    SELECT * FROM target_row
    WHERE subscriber_id = :subscriber AND (:collection = '' OR collection = :collection)
      AND (:state = '' OR state = :state
           OR :state = 'refused' AND answer_state IN ('refused', 'rejected'))
    ORDER BY collection, position LIMIT :limit
    """
)

_COUNTS = text(
    """
    SELECT collection, state, reason, count(*) AS number,
           count(*) FILTER (WHERE sent_hash <> hash) AS unsent
    FROM target_row WHERE subscriber_id = :subscriber
    GROUP BY collection, state, reason ORDER BY collection, state, reason
    """
)

_PRESENT = text(
    """
    SELECT t.collection || ':' || t.key AS name FROM target_row t
    JOIN unnest(CAST(:collections AS text[]), CAST(:keys AS text[])) AS wanted(collection, key)
      ON t.collection = wanted.collection AND t.key = wanted.key
    WHERE t.subscriber_id = :subscriber AND t.state = 'ready'
    """
)


@dataclass(frozen=True, slots=True)
class StoredRow:
    """A row as the table has it; `refid` is the key of the canonical record it was made from.
    `sent_body` is what the vendor took last, kept where updates must name what is gone."""

    collection: str
    key: str
    entity: str
    refid: str
    body: dict[str, Any]
    state: str = "ready"
    reason: str = ""
    needs: tuple[str, ...] = ()
    wants: tuple[str, ...] = ()
    hash: str = ""
    changed: datetime | None = None
    sent_hash: str = ""
    remote_id: str = ""
    attempts: int = 0
    answer_state: str = ""
    answer: str = ""
    sent_body: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Count:
    """How many rows of a collection are in a state for a reason, and how many are not sent."""

    collection: str
    state: str
    reason: str
    number: int
    unsent: int = 0


def digest(body: dict[str, Any]) -> str:
    """What stands for a body; equal bodies give equal words."""
    return hashlib.sha256(msgspec.json.encode(body, order="sorted")).hexdigest()[:32]


def put(
    connection: Connection,
    subscriber: Subscriber,
    rows: Sequence[StoredRow],
    now: datetime,
    seen: str | None = None,
) -> None:
    """Write rows; one that is unchanged stays as it is, one whose id another record has is not
    written. `seen` marks the run, for `go_unseen`."""
    for start in range(0, len(rows), _CHUNK):
        part = rows[start : start + _CHUNK]
        columns = {
            "collections": [each.collection for each in part],
            "keys": [each.key for each in part],
            "entities": [each.entity for each in part],
            "refids": [each.refid for each in part],
            "bodies": [msgspec.json.encode(each.body).decode() for each in part],
            "hashes": [each.hash or digest(each.body) for each in part],
            "states": [each.state for each in part],
            "reasons": [each.reason for each in part],
            "needs": ["\n".join(each.needs) for each in part],
            "wants": ["\n".join(each.wants) for each in part],
        }
        connection.execute(_PUT, _at(subscriber) | columns | {"now": now, "seen": seen})


def taken(
    connection: Connection, subscriber: Subscriber, rows: Sequence[StoredRow]
) -> set[tuple[str, str]]:
    """Those of the rows, as (collection, key), whose id a row of another record has."""
    columns = {
        "subscriber": subscriber.id,
        "collections": [each.collection for each in rows],
        "keys": [each.key for each in rows],
        "refids": [each.refid for each in rows],
    }
    return {(row.collection, row.key) for row in connection.execute(_TAKEN, columns)}


def freed(connection: Connection, subscriber: Subscriber, reason: str) -> list[tuple[str, str]]:
    """The records, (entity, key), of rows held because another record had their id, which it no
    longer has. The key of such a row is that id, `#` and the record's own key."""
    parameters = {"subscriber": subscriber.id, "reason": reason}
    return [(row.entity, row.refid) for row in connection.execute(_FREED, parameters)]


def of_roots(
    connection: Connection, subscriber: Subscriber, roots: Sequence[tuple[str, str]]
) -> list[StoredRow]:
    """The rows made from these records, (entity, key), that are not gone."""
    parameters = {
        "subscriber": subscriber.id,
        "entities": [entity for entity, _ in roots],
        "refids": [refid for _, refid in roots],
    }
    return [stored(row) for row in connection.execute(_BY_ROOT, parameters).mappings()]


def go(
    connection: Connection,
    subscriber: Subscriber,
    names: Sequence[tuple[str, str]],
    now: datetime,
) -> None:
    """Mark rows, (collection, key), as gone."""
    parameters = {
        "subscriber": subscriber.id,
        "collections": [collection for collection, _ in names],
        "keys": [key for _, key in names],
        "now": now,
    }
    connection.execute(_GO, parameters)


def go_unseen(connection: Connection, subscriber: Subscriber, seen: str, now: datetime) -> int:
    """Mark as gone what a full run did not see; how many they were."""
    parameters = {"subscriber": subscriber.id, "seen": seen, "now": now}
    return connection.execute(_GO_UNSEEN, parameters).rowcount


def each(
    connection: Connection,
    subscriber: Subscriber,
    collection: str,
    states: Sequence[str] = ("ready",),
    since: datetime | None = None,
    page: int = 2000,
) -> Iterator[StoredRow]:
    """All rows of a collection in the order of their keys; with `since` those changed later."""
    after = ""
    while True:
        parameters = {
            "subscriber": subscriber.id,
            "collection": collection,
            "states": list(states),
            "after": after,
            "since": since,
            "limit": page,
        }
        rows = [stored(row) for row in connection.execute(_PAGE, parameters).mappings()]
        yield from rows
        if len(rows) < page:
            return
        after = rows[-1].key


def found(
    connection: Connection, subscriber: Subscriber, collection: str, state: str, limit: int
) -> list[StoredRow]:
    """Rows for people to look at: `state` is ready | held | gone, or `refused` for those that the
    vendor did not take; '' for any, as an empty collection is."""
    parameters = {
        "subscriber": subscriber.id,
        "collection": collection,
        "state": state,
        "limit": limit,
    }
    return [stored(row) for row in connection.execute(_FOUND, parameters).mappings()]


def counts(connection: Connection, subscriber: Subscriber) -> list[Count]:
    """How many rows there are, by collection, state and reason."""
    rows = connection.execute(_COUNTS, {"subscriber": subscriber.id})
    return [Count(x.collection, x.state, x.reason, x.number, x.unsent) for x in rows]


def present(connection: Connection, subscriber: Subscriber, wanted: Iterable[str]) -> set[str]:
    """Which of these rows, each `collection:key`, are there and ready."""
    names = [name.split(":", 1) for name in wanted]
    parameters = {
        "subscriber": subscriber.id,
        "collections": [each[0] for each in names],
        "keys": [each[1] for each in names],
    }
    return {row.name for row in connection.execute(_PRESENT, parameters)}


def stored(row: RowMapping) -> StoredRow:
    """A row of the table."""
    return StoredRow(
        row["collection"],
        row["key"],
        row["entity"],
        row["refid"],
        row["body"],
        row["state"],
        row["reason"],
        tuple(row["needs"] or ()),
        tuple(row["wants"] or ()),
        row["hash"],
        row["changed"],
        row["sent_hash"],
        row["remote_id"],
        row["attempts"],
        row["answer_state"],
        row["answer"],
        row["sent_body"],
    )


def _at(subscriber: Subscriber) -> dict[str, object]:
    return {
        "subscriber": subscriber.id,
        "zone": subscriber.scope.zone_id,
        "context": subscriber.scope.context_id,
    }
