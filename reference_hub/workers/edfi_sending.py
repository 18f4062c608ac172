"""The sender of Ed-Fi connections: the rows that wait, one run at the host, every answer kept.

What the host took is written down while the run goes on, a few rows at a time: a crash repeats at
most those, which changes nothing at the host.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

from reference_hub.journeys.deliver_rows import Outcome as Sent
from reference_hub.journeys.deliver_rows import Sender, Work
from reference_hub.journeys.prepare import Stopped
from reference_hub.journeys.project import current
from reference_hub.store import losses, target_sending
from reference_hub.store.target_rows import StoredRow
from reference_hub.translate.profiles import Profile
from reference_hub.vendors import edfi, edfi_tables
from reference_hub.vendors.edfi_rows import AGAIN, DELETED, MOVED, SENT, HostRefused, Outcome, Row
from reference_hub.vendors.secrets import with_secrets
from reference_hub.workers.transport import Http

# Written down together.
_TOGETHER = 50
# Far more than a district has: deletes and changes of keys must be seen as a whole.
_ALL = 10_000_000
_TAKEN = (SENT, DELETED, MOVED)


def sender(http: Http, rng: random.Random) -> Sender:
    """How rows go to a host, for `work_off`."""

    def send(work: Work, profile: Profile) -> Sent:
        rows = _waiting(work)
        if isinstance(rows, Stopped):
            return Sent("waiting", rows.reason, work.clock.now())
        given = {**profile.settings, **work.to.delivery}
        at = (profile.table, work.to.url, with_secrets(work.to.credentials), given, work.clock)
        settings = replace(edfi_tables.connection(*at), rng=rng)
        outcomes = edfi.reconcile(map(row_of, rows), http, settings)
        try:
            return _kept(work, outcomes)
        except HostRefused as refusal:
            return Sent("held", str(refusal))

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


def _waiting(work: Work) -> list[StoredRow] | Stopped:
    """The rows to send, read in the snapshot in which the grant was asked for."""
    with work.engine.connect() as connection:
        connection = connection.execution_options(isolation_level="REPEATABLE READ")
        allowed = current(connection, work.to, work.caller, work.clock)
        if isinstance(allowed, Stopped):
            return allowed
        rows = target_sending.pending(connection, work.to, work.clock.now(), limit=_ALL)
    with work.engine.begin() as connection:
        target_sending.begun(connection, work.to)
    return rows


def _kept(work: Work, outcomes: Iterator[Outcome]) -> Sent:
    """Write answers down as they come; a run that the host ended is tried again when it says."""
    later = None
    reason = ""
    while part := list(islice(outcomes, _TOGETHER)):
        _write(work, part)
        for one in part:
            if one.state == AGAIN and one.not_before and (not later or one.not_before > later):
                later, reason = one.not_before, one.answer
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
