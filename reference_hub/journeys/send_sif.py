"""Push rows that are SIF objects of another model: create, update and delete, in their order.

Rows of a type go together as far as the transport takes them; what became of each is written down
in one transaction, so that a worker that is killed repeats one request, under the same message id.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from reference_hub.codec.cleared import say_cleared
from reference_hub.codec.shape import shape_of
from reference_hub.codec.xml import tostring
from reference_hub.journeys.deliver_rows import Outcome, Work
from reference_hub.journeys.prepare import Stopped
from reference_hub.journeys.project import current
from reference_hub.model.change import CREATE, DELETE, UPDATE
from reference_hub.model.message import Batch, Delivery, Outgoing, Settled
from reference_hub.model.party import Subscriber
from reference_hub.model.pod import Pod
from reference_hub.model.uuids import derived
from reference_hub.store import target_sending
from reference_hub.store.target_rows import GONE, StoredRow
from reference_hub.store.target_sending import Open, Sent
from reference_hub.translate import trees
from reference_hub.translate.profiles import Profile

AT_ONCE = 100


@dataclass(slots=True)
class _Run:
    """One walk through what is open; `to` changes with the environment that a request opened."""

    work: Work
    to: Subscriber
    session: dict[str, object] | None = None

    def send(self, allowed: Pod | None, rows: Sequence[StoredRow]) -> Outcome | None:
        """Send rows of one type and action; an Outcome where the run must stop."""
        while rows:
            outgoing = tuple(_outgoing(self.work, row) for row in rows)
            delivery = self.work.transport.deliver(Batch(self.to, allowed, outgoing))
            self._renew(delivery)
            self._write(rows, delivery.settled)
            waiting = [x for x in delivery.settled if x.state == "waiting"]
            if waiting or not delivery.settled:
                said = waiting[0] if waiting else Settled(0, "waiting", "it was not tried")
                at = (said.reason, said.not_before, said.at_fault)
                return Outcome("waiting", *at, self.session)
            rows = rows[len(delivery.settled) :]
        return None

    def _renew(self, delivery: Delivery) -> None:
        if delivery.session is not None:
            # The next request goes under the environment that this one opened.
            self.session = delivery.session
            self.to = replace(self.to, session=delivery.session)

    def _write(self, rows: Sequence[StoredRow], settled: Sequence[Settled]) -> None:
        """Write down what became of each, but of those that are tried again."""
        ends = [x for x in zip(rows, settled, strict=False) if x[1].state != "waiting"]
        refused = [
            (row.collection, row.key, "refused", end.reason)
            for row, end in ends
            if end.state != "done"
        ]
        with self.work.engine.begin() as connection:
            at = (connection, self.work.to)
            target_sending.sent(*at, [_sent(*each) for each in ends], self.work.clock.now())
            target_sending.note_answers(*at, refused)


def send_sif(work: Work, profile: Profile) -> Outcome:
    """Send what the vendor lacks, parents before children, and take back what is gone, children
    first; stops at what must be tried again."""
    order = {name: place for place, name in enumerate(profile.table.collections)}
    run = _Run(work, work.to)
    with work.engine.begin() as connection:
        found = target_sending.what_is_open(connection, work.to)
        if not all(each.known for each in found):
            target_sending.begun(connection, work.to)
    for which in sorted(found, key=lambda each: _place(each, order)):
        for allowed, rows in _pages(work, which):
            if isinstance(allowed, Stopped):
                return Outcome("waiting", allowed.reason, work.clock.now(), session=run.session)
            for _, alike in groupby(sorted(rows, key=_action), _action):
                stopped = run.send(allowed, list(alike))
                if stopped is not None:
                    return stopped
    if work.stop():
        # The rest goes when the next worker takes the messages.
        return Outcome("waiting", "", work.clock.now(), session=run.session)
    return Outcome(session=run.session)


def _place(which: Open, order: dict[str, int]) -> tuple[bool, int, bool]:
    place = order.get(which.collection, 0)
    return (which.state == GONE, -place if which.state == GONE else place, which.known)


def _pages(work: Work, which: Open) -> Iterator[tuple[Pod | Stopped | None, list[StoredRow]]]:
    """The open rows of a collection, each page with the grant of the moment in which it is read."""
    after = ""
    while not work.stop():
        with work.engine.begin() as connection:
            allowed = current(connection, work.to, work.caller, work.clock)
            at = (connection, work.to, which, work.clock.now(), after, AT_ONCE)
            rows = target_sending.next_open(*at)
        if not rows:
            return
        yield allowed, rows
        after = rows[-1].key


def _action(row: StoredRow) -> str:
    return DELETE if row.state == GONE else UPDATE if row.sent_hash else CREATE


def _sent(row: StoredRow, end: Settled) -> Sent:
    keeps = end.state == "done" and row.state != GONE
    return Sent(row.collection, row.key, row.hash, end.target_id, keeps=keeps)


def _outgoing(work: Work, row: StoredRow) -> Outgoing:
    action = _action(row)
    body = None if action == DELETE else _body(row)
    # The same row in the same state has the same id, so that a repetition is known as one.
    name = f"{work.to.id}/{row.collection}/{row.key}/{row.hash}"
    refid = str(row.body.get("@refId") or row.body.get("@RefId") or row.key)
    at = (work.messages[0].id, derived(name), "event", action)
    return Outgoing(*at, row.collection, refid, body)


def _body(row: StoredRow) -> bytes:
    """The object; what the vendor has and it no longer says is cleared by name (xsi:nil)."""
    if not row.sent_body:
        return trees.xml(row.collection, row.body).encode()
    now = trees.element(row.collection, row.body)
    before = trees.element(row.collection, row.sent_body)
    say_cleared(now, before, shape_of(trees.NA4, row.collection))
    return tostring(now)
