"""What of a vendor's rows must be sent, and how the vendor answered."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, text

from reference_hub.model.party import Subscriber
from reference_hub.store.target_rows import StoredRow, stored

_OPEN = text(
    """
    SELECT collection, state, remote_id <> '' AS known, count(*) AS number FROM target_row
    WHERE subscriber_id = :subscriber AND sent_hash <> hash
      AND (state = 'ready' OR (state = 'gone' AND (sent_hash <> '' OR attempts > 0)))
    GROUP BY 1, 2, 3
    """
)

# No statistics tell the planner how few rows differ: it would read the whole table.
_BY_INDEX = text(
    "SELECT set_config('enable_seqscan', 'off', true),"
    " set_config('max_parallel_workers_per_gather', '0', true)"
)

_OF_OPEN = """
    SELECT * FROM target_row
    WHERE subscriber_id = :subscriber AND collection = :collection AND state = :state
      AND sent_hash <> hash AND (state = 'ready' OR sent_hash <> '' OR attempts > 0)
      AND (remote_id <> '') = :known AND (not_before IS NULL OR not_before <= :now)
      AND key COLLATE "C" > :after
"""
# Many are found by walking along the keys once; a few by the index of what is open, for which the
# planner must not see that the keys have one.
_NEXT = text(f'{_OF_OPEN} ORDER BY key COLLATE "C" LIMIT :limit')
_FEW = text(f"""{_OF_OPEN} ORDER BY (key || '') COLLATE "C" LIMIT :limit""")

_SUCCESSORS = text(
    """
    SELECT new.* FROM target_row old
    JOIN target_row new ON new.subscriber_id = old.subscriber_id AND new.entity = old.entity
     AND new.refid = old.refid AND new.collection = old.collection
    WHERE old.subscriber_id = :subscriber AND old.state = 'gone' AND old.sent_hash <> old.hash
      AND old.remote_id <> '' AND new.state = 'ready' AND new.sent_hash <> new.hash
      AND (new.not_before IS NULL OR new.not_before <= :now)
    """
)

_BEGUN = text(
    """
    UPDATE target_row SET attempts = attempts + 1
    WHERE subscriber_id = :subscriber AND state = 'ready' AND sent_hash = '' AND attempts = 0
    """
)

_SENT = text(
    """
    UPDATE target_row t
    SET sent_hash = done.hash, sent = :now, remote_id = done.remote, attempts = 0,
        sent_body = CASE WHEN done.hash = 'gone' THEN NULL
                         WHEN done.kept AND t.hash = done.hash THEN t.body ELSE t.sent_body END,
        not_before = NULL,
        answer_state = 'accepted', answer = done.answer
    FROM unnest(CAST(:collections AS text[]), CAST(:keys AS text[]), CAST(:hashes AS text[]),
                CAST(:remotes AS text[]), CAST(:answers AS text[]), CAST(:kept AS boolean[]))
         AS done(collection, key, hash, remote, answer, kept)
    WHERE t.subscriber_id = :subscriber AND t.collection = done.collection AND t.key = done.key
    """
)

_ANSWERED = text(
    """
    UPDATE target_row SET answer_state = :state, answer = :answer, attempts = attempts + 1,
           not_before = :not_before
    WHERE subscriber_id = :subscriber AND collection = :collection AND key = :key
    """
)

_NOTE = text(
    """
    UPDATE target_row t SET answer_state = said.state, answer = said.reason
    FROM unnest(CAST(:collections AS text[]), CAST(:keys AS text[]), CAST(:states AS text[]),
                CAST(:reasons AS text[])) AS said(collection, key, state, reason)
    WHERE t.subscriber_id = :subscriber AND t.collection = said.collection AND t.key = said.key
    """
)

_UNSENT = text(
    """
    SELECT * FROM target_row
    WHERE subscriber_id = :subscriber AND collection = :collection AND sent_hash <> hash
      AND (state = 'ready' OR (state = 'gone' AND sent_hash <> ''))
      AND key COLLATE "C" > :after
    ORDER BY key COLLATE "C" LIMIT :limit
    """
)

_ALL_SENT = text(
    """
    UPDATE target_row
    SET sent_hash = hash, sent = :now, answer_state = 'accepted', answer = ''
    WHERE subscriber_id = :subscriber AND sent_hash <> hash
      AND (state = 'ready' OR (state = 'gone' AND sent_hash <> ''))
    """
)

_UNSEND = text("UPDATE target_row SET sent_hash = '', not_before = NULL WHERE subscriber_id = :id")


@dataclass(frozen=True, slots=True)
class Sent:
    """A row the vendor took: with which hash, under which id there, with which words. `keeps` its
    body where a later update must name what is gone."""

    collection: str
    key: str
    hash: str
    remote_id: str = ""
    answer: str = ""
    keeps: bool = False


@dataclass(frozen=True, slots=True)
class Open:
    """How many rows of a collection are to send (`ready`) or to take back (`gone`); `known`: the
    vendor gave them an id."""

    collection: str
    state: str
    known: bool
    number: int


def what_is_open(connection: Connection, subscriber: Subscriber) -> list[Open]:
    """Where something is to do. In the transaction only indexes are used from then on."""
    connection.execute(_BY_INDEX)
    rows = connection.execute(_OPEN, {"subscriber": subscriber.id})
    return [Open(row.collection, row.state, row.known, row.number) for row in rows]


def next_open(
    connection: Connection,
    subscriber: Subscriber,
    which: Open,
    now: datetime,
    after: str,
    limit: int,
) -> list[StoredRow]:
    """The next of these rows that are due, by their keys."""
    parameters = {
        "subscriber": subscriber.id,
        "collection": which.collection,
        "state": which.state,
        "known": which.known,
        "now": now,
        "after": after,
        "limit": limit,
    }
    statement = _FEW if which.number <= limit else _NEXT
    return [stored(row) for row in connection.execute(statement, parameters).mappings()]


def successors(connection: Connection, subscriber: Subscriber, now: datetime) -> list[StoredRow]:
    """Rows to send of records that have a row to take back in the same collection: their keys may
    have changed."""
    parameters = {"subscriber": subscriber.id, "now": now}
    found = connection.execute(_SUCCESSORS, parameters).mappings()
    rows = [stored(row) for row in found]
    return list({(row.collection, row.key): row for row in rows}.values())


def begun(connection: Connection, subscriber: Subscriber) -> None:
    """Remember that rows may reach the vendor from now on, before the first one does: one that is
    deleted after a crash must be looked for there."""
    connection.execute(_BEGUN, {"subscriber": subscriber.id})


def sent(
    connection: Connection, subscriber: Subscriber, rows: Sequence[Sent], now: datetime
) -> None:
    """The vendor took these."""
    parameters = {
        "subscriber": subscriber.id,
        "now": now,
        "collections": [each.collection for each in rows],
        "keys": [each.key for each in rows],
        "hashes": [each.hash for each in rows],
        "remotes": [each.remote_id for each in rows],
        "answers": [each.answer for each in rows],
        "kept": [each.keeps for each in rows],
    }
    connection.execute(_SENT, parameters)


def answered(
    connection: Connection,
    subscriber: Subscriber,
    name: tuple[str, str],
    state: str,
    answer: str,
    not_before: datetime | None = None,
) -> None:
    """The vendor did not take a row: `refused` or `waiting`, its words, when to try again."""
    parameters = {
        "subscriber": subscriber.id,
        "collection": name[0],
        "key": name[1],
        "state": state,
        "answer": answer,
        "not_before": not_before,
    }
    connection.execute(_ANSWERED, parameters)


def unsend(connection: Connection, subscriber: Subscriber) -> int:
    """Forget what was sent, so that everything is sent again; how many rows."""
    return connection.execute(_UNSEND, {"id": subscriber.id}).rowcount


def note_answers(
    connection: Connection, subscriber: Subscriber, said: Sequence[tuple[str, str, str, str]]
) -> int:
    """What the vendor says of its records: (collection, key, state, words); how many are known."""
    if not said:
        return 0
    names = ("collections", "keys", "states", "reasons")
    columns = {name: list(each) for name, each in zip(names, zip(*said, strict=True), strict=True)}
    return connection.execute(_NOTE, columns | {"subscriber": subscriber.id}).rowcount


def each_unsent(
    connection: Connection, subscriber: Subscriber, collection: str, page: int = 2000
) -> Iterator[StoredRow]:
    """Rows of a collection that the vendor lacks or should lose, in the order of their keys."""
    after = ""
    while True:
        parameters = {
            "subscriber": subscriber.id,
            "collection": collection,
            "after": after,
            "limit": page,
        }
        rows = [stored(row) for row in connection.execute(_UNSENT, parameters).mappings()]
        yield from rows
        if len(rows) < page:
            return
        after = rows[-1].key


def all_sent(connection: Connection, subscriber: Subscriber, now: datetime) -> int:
    """The vendor took a file with everything that was not held; how many rows were new to it."""
    return connection.execute(_ALL_SENT, {"subscriber": subscriber.id, "now": now}).rowcount
