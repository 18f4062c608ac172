"""Claims: a run of one subscriber's messages is leased to one worker, delivered, settled.

A subscriber is served by one worker at a time, in queue order. A lease that runs out makes its
messages claimable again under the same message ids. `attempts` counts the claims of a message and
fences settlements: a worker whose lease was taken over can no longer settle. A connection that
fails is left alone while it is paused; then one message is claimed to see whether it works again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, RowMapping, text
from sqlalchemy.exc import IntegrityError

from reference_hub.model.message import Claimed, Settled
from reference_hub.model.party import Subscriber
from reference_hub.store import standstills
from reference_hub.store.standstills import Standstill
from reference_hub.store.vendors import subscriber_from

ALONE = ("file", "pod")
_FEW = 20

# The head is the oldest open message; while it must wait, nothing behind it may pass.
_READY = text(
    f"""
    SELECT s.*, {standstills.COLUMNS} FROM subscriber s
    LEFT JOIN standstill b ON b.subscriber_id = s.id
    JOIN LATERAL (
      SELECT m.id, m.state, m.not_before, m.lease_until FROM message m
      WHERE m.subscriber_id = s.id AND m.state IN ('waiting', 'leased')
      ORDER BY m.id LIMIT 1
    ) head ON true
    WHERE s.id <> ALL(CAST(:not_these AS integer[])) AND s.paused IS NULL
      AND (b.subscriber_id IS NULL OR :failing_too)
      AND (b.paused_until IS NULL OR b.paused_until <= :now)
      AND ((head.state = 'waiting' AND head.not_before <= :now) OR head.lease_until <= :now)
      AND NOT EXISTS (
        SELECT FROM message l
        WHERE l.subscriber_id = s.id AND l.state = 'leased' AND l.lease_until > :now)
    ORDER BY head.not_before, head.id LIMIT 1
    FOR UPDATE OF s SKIP LOCKED
    """  # noqa: S608 constants only
)

_OPEN = text(
    """
    SELECT m.id, m.kind, m.state, m.not_before, m.lease_until FROM message m
    WHERE m.subscriber_id = :subscriber AND m.state IN ('waiting', 'leased')
    ORDER BY m.id LIMIT :limit
    """
)

_LEASE = text(
    """
    UPDATE message SET state = 'leased', lease_until = :until, attempts = attempts + 1
    WHERE id = ANY(CAST(:ids AS bigint[]))
    """
)

_CLAIMED = text(
    """
    SELECT m.id, m.message_id, m.kind, m.action, m.object_type, m.pod_id, m.attempts, m.faults,
           coalesce(v.refid, '') AS refid, coalesce(v.body, p.document) AS body
    FROM message m
    LEFT JOIN object_version v ON v.id = m.version_id
    LEFT JOIN pod p ON p.id = m.pod_id
    WHERE m.id = ANY(CAST(:ids AS bigint[])) ORDER BY m.id
    """
)

_BEHIND_HELD = text(
    """
    SELECT v.object_type, v.refid, min(m.id) AS id
    FROM message m JOIN object_version v ON v.id = m.version_id
    WHERE m.subscriber_id = :subscriber AND m.state = 'held' AND m.id < :before
      AND v.refid = ANY(CAST(:refids AS text[]))
    GROUP BY v.object_type, v.refid
    """
)

_MINE = "id = :id AND state = 'leased' AND attempts = :attempts"

_RENEW = text(
    """
    UPDATE message m SET lease_until = :until
    FROM unnest(CAST(:ids AS bigint[]), CAST(:attempts AS integer[])) AS mine(id, attempts)
    WHERE m.id = mine.id AND m.attempts = mine.attempts AND m.state = 'leased'
    """
)

_SETTLE = text(
    f"""
    UPDATE message SET state = :state, reason = :reason, lease_until = NULL,
      not_before = coalesce(:not_before, not_before), faults = faults + :fault,
      settled = CASE WHEN :state IN ('done', 'dead', 'purged') THEN :now END
    WHERE {_MINE}
    """  # noqa: S608 constants only
)

_SETTLE_EVENTS = text(
    """
    UPDATE message m
    SET state = ended.state, reason = ended.reason, lease_until = NULL,
        not_before = coalesce(ended.not_before, m.not_before), faults = m.faults + ended.fault,
        settled = CASE WHEN ended.state IN ('done', 'dead', 'purged')
                       THEN CAST(:now AS timestamptz) END
    FROM unnest(CAST(:ids AS bigint[]), CAST(:attempts AS integer[]), CAST(:states AS text[]),
                CAST(:reasons AS text[]), CAST(:moments AS timestamptz[]),
                CAST(:faults AS integer[]))
         AS ended(id, attempts, state, reason, not_before, fault)
    WHERE m.id = ended.id AND m.state = 'leased' AND m.attempts = ended.attempts
    RETURNING m.id
    """
)

_GIVE_BACK = text(
    f"""
    UPDATE message SET state = 'waiting', lease_until = NULL, attempts = attempts - 1
    WHERE {_MINE}
    """  # noqa: S608 constants only
)


@dataclass(frozen=True, slots=True)
class Claim:
    """A leased run: to whom it goes, its messages in queue order, when the lease ends, and how
    the connection fails (None: it does not)."""

    subscriber: Subscriber
    messages: tuple[Claimed, ...]
    until: datetime
    standstill: Standstill | None = None


def with_session(claim: Claim, session: dict[str, object]) -> Claim:
    """The same claim, its subscriber with a new session."""
    return replace(claim, subscriber=replace(claim.subscriber, session=session))


def claim(
    connection: Connection,
    now: datetime,
    lease_seconds: float,
    limit: int,
    *,
    failing_too: bool = True,
) -> Claim | None:
    """Lease the next run: up to `limit` events of one subscriber, or one POD or file alone.

    Of the subscribers whose oldest open message is due, the one that has waited longest is taken,
    unless it is paused; only such as work where not `failing_too`. None when no message is due.
    """
    tried: list[int] = []
    while row := _ready(connection, now, tried, failing_too):
        standstill = standstills.from_row(row)
        is_probe = standstill is not None and standstill.pauses > 0
        ids = _run(connection, row["id"], now, 1 if is_probe else limit)
        if ids:
            until = now + timedelta(seconds=lease_seconds)
            connection.execute(_LEASE, {"ids": ids, "until": until})
            rows = connection.execute(_CLAIMED, {"ids": ids}).mappings()
            messages = tuple(map(_claimed, rows))
            return Claim(subscriber_from(row), messages, until, standstill)
        tried.append(row["id"])
    return None


def _ready(
    connection: Connection, now: datetime, tried: Sequence[int], failing_too: bool
) -> RowMapping | None:
    asked = {"now": now, "not_these": list(tried), "failing_too": failing_too}
    found = connection.execute(_READY, asked)
    return found.mappings().first()


def _run(connection: Connection, subscriber_id: int, now: datetime, limit: int) -> list[int]:
    # A new statement, so a new snapshot: another worker may have leased before we had the lock.
    parameters = {"subscriber": subscriber_id, "limit": limit}
    rows = connection.execute(_OPEN, parameters).mappings().all()
    ids: list[int] = []
    for row in rows:
        due = row["lease_until"] if row["state"] == "leased" else row["not_before"]
        if due > now or (row["kind"] in ALONE and ids):
            break
        ids.append(row["id"])
        if row["kind"] in ALONE:
            break
    return ids


def _claimed(row: RowMapping) -> Claimed:
    return Claimed(
        id=row["id"],
        message_id=str(row["message_id"]),
        kind=row["kind"],
        action=row["action"],
        object_type=row["object_type"],
        refid=row["refid"],
        body=None if row["body"] is None else bytes(row["body"]),
        pod_id=None if row["pod_id"] is None else str(row["pod_id"]),
        attempts=row["attempts"],
        faults=row["faults"],
    )


def behind_held(
    connection: Connection, subscriber_id: int, messages: Sequence[Claimed]
) -> dict[tuple[str, str], int]:
    """Objects of which an older message is held: (object type, folded RefId) to that message."""
    refids = sorted({message.refid for message in messages if message.refid})
    if not refids:
        return {}
    before = max(message.id for message in messages)
    parameters = {"subscriber": subscriber_id, "before": before, "refids": refids}
    rows = connection.execute(_BEHIND_HELD, parameters)
    return {(row.object_type, row.refid): row.id for row in rows}


def renew(connection: Connection, messages: Sequence[Claimed], until: datetime) -> int:
    """Extend the lease of messages still held by this claim; how many they are."""
    mine = {"ids": [each.id for each in messages], "attempts": [each.attempts for each in messages]}
    return connection.execute(_RENEW, mine | {"until": until}).rowcount


def settle(connection: Connection, message: Claimed, settled: Settled, now: datetime) -> bool:
    """Write how a message ended; False when the lease was lost and nothing was written.

    A file that must wait or be held gives way to a younger one that is already queued.
    """
    values = _values(message, now) | {
        "state": settled.state,
        "reason": settled.reason,
        "not_before": settled.not_before,
        "fault": int(settled.at_fault),
    }
    try:
        with connection.begin_nested():
            return connection.execute(_SETTLE, values).rowcount == 1
    except IntegrityError:
        gone = {"state": "purged", "reason": "a younger file is queued", "not_before": None}
        return connection.execute(_SETTLE, values | gone).rowcount == 1


def settle_each(
    connection: Connection, ends: Sequence[tuple[Claimed, Settled]], now: datetime
) -> set[int]:
    """Write how messages ended; the ids of those whose lease was not lost.

    Events that are many are written by one statement.
    """
    if len(ends) <= _FEW:
        return {each[0].id for each in ends if settle(connection, *each, now)}
    events = [each for each in ends if each[0].kind == "event"]
    columns = {
        "ids": [message.id for message, _ in events],
        "attempts": [message.attempts for message, _ in events],
        "states": [settled.state for _, settled in events],
        "reasons": [settled.reason for _, settled in events],
        "moments": [settled.not_before for _, settled in events],
        "faults": [int(settled.at_fault) for _, settled in events],
    }
    found: set[int] = set()
    if events:
        found.update(connection.execute(_SETTLE_EVENTS, columns | {"now": now}).scalars())
    others = [each for each in ends if each[0].kind != "event"]
    return found | {each[0].id for each in others if settle(connection, *each, now)}


def give_back(connection: Connection, messages: Sequence[Claimed], now: datetime) -> None:
    """Return messages that were not tried; this does not count as an attempt."""
    for message in messages:
        try:
            with connection.begin_nested():
                connection.execute(_GIVE_BACK, _values(message, now))
        except IntegrityError:
            settle(connection, message, Settled(message.id, "purged"), now)


def _values(message: Claimed, now: datetime) -> dict[str, Any]:
    return {"id": message.id, "attempts": message.attempts, "now": now}
