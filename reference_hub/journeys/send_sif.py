"""Push rows that are SIF objects of another model: create, update and delete, in their order."""

from __future__ import annotations

from dataclasses import replace

from reference_hub.codec.cleared import say_cleared
from reference_hub.codec.shape import shape_of
from reference_hub.codec.xml import tostring
from reference_hub.journeys.deliver_rows import Outcome, Work
from reference_hub.journeys.prepare import Stopped
from reference_hub.journeys.project import current
from reference_hub.model.change import CREATE, DELETE, UPDATE
from reference_hub.model.message import Batch, Outgoing
from reference_hub.model.uuids import derived
from reference_hub.store import target_sending
from reference_hub.store.target_rows import GONE, StoredRow
from reference_hub.store.target_sending import Sent
from reference_hub.translate import trees
from reference_hub.translate.profiles import Profile

AT_ONCE = 100


def send_sif(work: Work, profile: Profile) -> Outcome:
    """Send what the vendor lacks, parents before children; stops at what must be tried again."""
    order = {name: place for place, name in enumerate(profile.table.collections)}
    session: dict[str, object] | None = None
    to = work.to
    while not work.stop():
        with work.engine.begin() as connection:
            allowed = current(connection, work.to, work.caller, work.clock)
            if isinstance(allowed, Stopped):
                return Outcome("waiting", allowed.reason, work.clock.now())
            now = work.clock.now()
            rows = target_sending.pending(connection, work.to, now, limit=AT_ONCE)
        if not rows:
            break
        rows.sort(key=lambda row: _place(row, order))
        for row in rows:
            delivery = work.transport.deliver(Batch(to, allowed, (_outgoing(work, row),)))
            if delivery.session is not None:
                # The next row goes under the environment that this one opened.
                session = delivery.session
                to = replace(to, session=session)
            settled = delivery.settled[0]
            if settled.state == "waiting":
                at = (settled.reason, settled.not_before, settled.at_fault)
                return Outcome("waiting", *at, session)
            with work.engine.begin() as connection:
                body = row.body if settled.state == "done" and row.state != GONE else None
                done = Sent(row.collection, row.key, row.hash, settled.target_id, body=body)
                target_sending.sent(connection, work.to, [done], work.clock.now())
                if settled.state != "done":
                    name = (row.collection, row.key)
                    target_sending.answered(connection, work.to, name, "refused", settled.reason)
    return Outcome(session=session)


def _place(row: StoredRow, order: dict[str, int]) -> tuple[bool, int]:
    place = order.get(row.collection, 0)
    return (row.state == GONE, -place if row.state == GONE else place)


def _outgoing(work: Work, row: StoredRow) -> Outgoing:
    action = DELETE if row.state == GONE else UPDATE if row.sent_hash else CREATE
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
