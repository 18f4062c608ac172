"""Rows wait for the rows they point to: a child goes when all its parents are there.

Worked out wave by wave: a parent that must wait makes its children wait, one that came frees them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Row, text

from reference_hub.model.party import Subscriber
from reference_hub.store.target_rows import present

WAITS = "waits for "
_CHUNK = 5000

_ALL = text(
    """
    SELECT collection, key, state, reason, needs, position FROM target_row
    WHERE subscriber_id = :subscriber AND state IN ('ready', 'held') AND needs <> '{}'
      AND position > :after
    ORDER BY position LIMIT :limit
    """
)

_CONCERNED = text(
    """
    SELECT t.collection, t.key, t.state, t.reason, t.needs
    FROM unnest(CAST(:names AS text[])) AS wanted(name)
    JOIN target_row t ON t.needs @> ARRAY[wanted.name]
    WHERE t.subscriber_id = :subscriber AND t.state IN ('ready', 'held')
    UNION
    SELECT t.collection, t.key, t.state, t.reason, t.needs FROM target_row t
    JOIN unnest(CAST(:collections AS text[]), CAST(:keys AS text[])) AS own(collection, key)
      ON t.collection = own.collection AND t.key = own.key
    WHERE t.subscriber_id = :subscriber AND t.state IN ('ready', 'held') AND t.needs <> '{}'
    """
)

_SET = text(
    """
    UPDATE target_row t SET state = new.state, reason = new.reason, changed = :now
    FROM unnest(CAST(:collections AS text[]), CAST(:keys AS text[]), CAST(:states AS text[]),
                CAST(:reasons AS text[])) AS new(collection, key, state, reason)
    WHERE t.subscriber_id = :subscriber AND t.collection = new.collection AND t.key = new.key
    """
)


@dataclass(frozen=True, slots=True)
class _Turn:
    collection: str
    key: str
    state: str
    reason: str
    was: str


def settle_waiting(
    connection: Connection,
    subscriber: Subscriber,
    now: datetime,
    touched: Iterable[str] | None = None,
) -> None:
    """Hold the rows whose parents are missing, free those whose parents have come.

    `touched` are the rows, each `collection:key`, that came, changed or went; None looks at all.
    """
    names = None if touched is None else list(dict.fromkeys(touched))
    while names is None or names:
        turned: list[_Turn] = []
        for rows in _candidates(connection, subscriber, names):
            found = list(_turns(connection, subscriber, rows))
            _set(connection, subscriber, found, now)
            turned += found
        # Only a row that became ready, or no longer is, concerns its children.
        names = [f"{x.collection}:{x.key}" for x in turned if x.state != x.was]


def _candidates(
    connection: Connection, subscriber: Subscriber, names: Sequence[str] | None
) -> Iterator[Sequence[Row[tuple[object, ...]]]]:
    if names is not None:
        for start in range(0, len(names), _CHUNK):
            part = names[start : start + _CHUNK]
            own = [name.split(":", 1) for name in part]
            yield connection.execute(
                _CONCERNED,
                {
                    "subscriber": subscriber.id,
                    "names": part,
                    "collections": [each[0] for each in own],
                    "keys": [each[1] for each in own],
                },
            ).all()
        return
    after = -1
    while rows := connection.execute(
        _ALL, {"subscriber": subscriber.id, "after": after, "limit": _CHUNK}
    ).all():
        yield rows
        after = rows[-1].position


def _turns(
    connection: Connection, subscriber: Subscriber, rows: Sequence[Row[tuple[object, ...]]]
) -> Iterator[_Turn]:
    open_rows = [x for x in rows if x.state == "ready" or x.reason.startswith(WAITS)]
    there = present(connection, subscriber, {need for x in open_rows for need in x.needs})
    for row in open_rows:
        missing = min((need for need in row.needs if need not in there), default="")
        state = "held" if missing else "ready"
        reason = WAITS + missing.partition(":")[0] if missing else ""
        if (state, reason) != (row.state, row.reason):
            yield _Turn(row.collection, row.key, state, reason, row.state)


def _set(
    connection: Connection, subscriber: Subscriber, turns: Sequence[_Turn], now: datetime
) -> None:
    if turns:
        columns = {
            "collections": [each.collection for each in turns],
            "keys": [each.key for each in turns],
            "states": [each.state for each in turns],
            "reasons": [each.reason for each in turns],
        }
        connection.execute(_SET, columns | {"subscriber": subscriber.id, "now": now})
