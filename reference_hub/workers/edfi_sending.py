"""The sender of Ed-Fi connections: the rows that wait, one run at the host, every answer kept.

What the host took is written down while the run goes on, a few rows at a time: a crash repeats at
most those, which changes nothing at the host.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import islice

from reference_hub.journeys.deliver_rows import Outcome as Sent
from reference_hub.journeys.deliver_rows import Sender, Work
from reference_hub.journeys.prepare import Stopped
from reference_hub.journeys.project import current
from reference_hub.store import losses, target_sending
from reference_hub.store.target_rows import GONE, StoredRow
from reference_hub.store.target_sending import Open
from reference_hub.translate.profiles import Profile
from reference_hub.vendors import edfi, edfi_tables
from reference_hub.vendors.edfi_order import Order
from reference_hub.vendors.edfi_rows import (
    AGAIN,
    DELETED,
    MOVED,
    SENT,
    HostRefused,
    Outcome,
    Paused,
    Row,
)
from reference_hub.vendors.secrets import with_secrets
from reference_hub.workers.transport import Http

# Written down together.
_TOGETHER = 50
# Read together.
_PORTION = 1000
_TAKEN = (SENT, DELETED, MOVED)


class _Stale(Exception):
    """The rows may not be shown any more; they are made anew."""


def sender(http: Http, rng: random.Random) -> Sender:
    """How rows go to a host, for `work_off`."""

    def send(work: Work, profile: Profile) -> Sent:
        given = {**profile.settings, **work.to.delivery}
        at = (profile.table, work.to.url, with_secrets(work.to.credentials), given, work.clock)
        settings = replace(edfi_tables.connection(*at), rng=rng)
        try:
            found, first = _begin(work)
            if not found:
                return Sent()
            later = partial(_portions, work, [each for each in found if each.state != GONE])
            outcomes = edfi.reconcile(map(row_of, first), http, settings, later=later)
            return _kept(work, outcomes)
        except HostRefused as refusal:
            return Sent("held", str(refusal))
        except Paused as pause:
            return Sent("waiting", str(pause), pause.not_before)
        except _Stale as stale:
            return Sent("waiting", str(stale), work.clock.now())

    return send


def row_of(found: StoredRow) -> Row:
    """A stored row as the client takes it."""
    return Row(
        found.collection,
        found.key,
        found.entity,
        found.refid,
        found.body,
        found.hash,
        found.state,
        found.sent_hash,
        found.remote_id,
        found.attempts,
    )


def _begin(work: Work) -> tuple[list[Open], list[StoredRow]]:
    """What is open; the rows to take back and those that may stand in their place: deletes and
    changes of keys must be seen as a whole."""
    with work.engine.begin() as connection:
        found = target_sending.what_is_open(connection, work.to)
        if not all(each.known for each in found):
            target_sending.begun(connection, work.to)
    gone = [row for each in found if each.state == GONE for row in _rows(work, each)]
    with work.engine.connect() as connection:
        again = target_sending.successors(connection, work.to, work.clock.now()) if gone else []
    return found, [*gone, *again]


def _portions(work: Work, found: Sequence[Open], order: Order) -> Iterator[list[Row]]:
    """The rows to send, in the order of the host."""
    for which in sorted(found, key=lambda each: order.of(each.collection, each.known)):
        rows = map(row_of, _rows(work, which))
        while portion := list(islice(rows, _PORTION)):
            yield portion


def _rows(work: Work, which: Open) -> Iterator[StoredRow]:
    """Open rows, page by page, each read in the snapshot in which the grant was asked for."""
    after = ""
    while True:
        with work.engine.connect() as connection:
            connection = connection.execution_options(isolation_level="REPEATABLE READ")
            allowed = current(connection, work.to, work.caller, work.clock)
            if isinstance(allowed, Stopped):
                raise _Stale(allowed.reason)
            at = (connection, work.to, which, work.clock.now(), after, _PORTION)
            rows = target_sending.next_open(*at)
        yield from rows
        if len(rows) < _PORTION:
            return
        after = rows[-1].key


def _kept(work: Work, outcomes: Iterator[Outcome]) -> Sent:
    """Write answers down as they come; a run that the host ended is tried again when it says."""
    later = None
    reason = ""
    part: list[Outcome] = []
    try:
        for one in outcomes:
            part.append(one)
            if one.state == AGAIN and one.not_before and (not later or one.not_before > later):
                later, reason = one.not_before, one.answer
            if len(part) == _TOGETHER:
                _write(work, part)
                part = []
            if work.stop():
                return Sent("waiting", "", work.clock.now())
    finally:
        # What the host took before it, or our store, stopped the run.
        if part:
            _write(work, part)
    return Sent("waiting", reason, later) if later else Sent()


def _write(work: Work, part: list[Outcome]) -> None:
    now = work.clock.now()
    taken = [
        target_sending.Sent(x.row.collection, x.row.key, x.row.hash, x.remote_id, x.answer)
        for x in part
        if x.state in _TAKEN
    ]
    dropped = [loss for x in part for loss in x.losses]
    with work.engine.begin() as connection:
        target_sending.sent(connection, work.to, taken, now)
        for one in part:
            if one.state not in _TAKEN:
                name = (one.row.collection, one.row.key)
                at = (connection, work.to, name, one.state, one.answer, one.not_before)
                target_sending.answered(*at)
        if dropped:
            losses.record(connection, work.to, work.message_id, dropped, now)
