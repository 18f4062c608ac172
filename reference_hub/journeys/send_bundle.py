"""Send a connection's rows as one package of CSV files, whole or only what changed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from reference_hub.journeys.deliver_rows import Outcome, Work
from reference_hub.journeys.prepare import Stopped
from reference_hub.journeys.project import current
from reference_hub.model.message import Batch, Outgoing
from reference_hub.model.party import Subscriber
from reference_hub.model.pod import Pod
from reference_hub.store import losses, target_rows, target_sending
from reference_hub.store.target_rows import GONE, StoredRow
from reference_hub.translate.bundle_writing import DELTA, Remark, Written, gone, write_bundle
from reference_hub.translate.flat_files import write_files
from reference_hub.translate.flat_layout import layout_of, shipped_layout
from reference_hub.translate.ledger import Loss
from reference_hub.translate.places import Node
from reference_hub.translate.profiles import Profile

if TYPE_CHECKING:
    from sqlalchemy import Connection


def send_bundle(work: Work, profile: Profile) -> Outcome:
    """Make the package in one snapshot, under the grant of that moment, and send it."""
    with work.engine.connect() as connection:
        connection = connection.execution_options(isolation_level="REPEATABLE READ")
        allowed = current(connection, work.to, work.caller, work.clock)
        if isinstance(allowed, Stopped):
            return Outcome("waiting", allowed.reason, work.clock.now())
        made = _made(connection, work, profile)
        connection.rollback()
    with made.content:
        content = made.content.read()
    if not made.counts and profile.kind != DELTA:
        return Outcome("purged", "there is no row to send")
    # What the connection says stands before what its profile says.
    to = replace(work.to, delivery={"files": profile.files, **work.to.delivery})
    outcome = _sent(work, to, allowed, content)
    if outcome.state == "done":
        _remember(work, profile, made.remarks)
    return outcome


def _made(connection: Connection, work: Work, profile: Profile) -> Written:
    rows = {name: _bodies(connection, work, profile, name) for name in profile.table.collections}
    if profile.shape == "files":
        own = profile.layout
        where = f"the layout of {profile.name}"
        shape = layout_of(own, profile.table, where) if own else shipped_layout(profile.table)
        return write_files(rows, shape)
    moment = work.clock.now() if profile.kind == DELTA else None
    return write_bundle(rows, profile.version, profile.kind, moment)


def _bodies(
    connection: Connection, work: Work, profile: Profile, collection: str
) -> Iterator[Node]:
    if profile.kind != DELTA:
        for row in target_rows.each(connection, work.to, collection):
            yield row.body
        return
    for row in target_sending.each_unsent(connection, work.to, collection):
        yield _told(row)


def _told(row: StoredRow) -> Node:
    return gone(row.body, row.changed) if row.state == GONE else row.body


def _sent(work: Work, to: Subscriber, pod: Pod | None, content: bytes) -> Outcome:
    first = work.messages[0]
    outgoing = Outgoing(
        first.id, first.message_id, "file", "CREATE", "", "", content, first.attempts
    )
    delivery = work.transport.deliver(Batch(to, pod, (outgoing,)))
    if not delivery.settled:
        return Outcome("waiting", "the transport did not try it")
    settled = delivery.settled[0]
    return Outcome(
        settled.state,
        settled.reason,
        settled.not_before,
        settled.at_fault,
        delivery.session,
        delivery.results,
    )


def _remember(work: Work, profile: Profile, remarks: Sequence[Remark]) -> None:
    ids = {
        (section.collection, line.places[0].column): line.crosswalk_id
        for section in profile.table.sections
        for line in section.lines
    }
    found = [
        Loss("", x.key, ids.get((x.file, x.column), ""), x.file, x.column, x.kind, x.note)
        for x in remarks
    ]
    now = work.clock.now()
    with work.engine.begin() as connection:
        target_sending.all_sent(connection, work.to, now)
        losses.record(connection, work.to, work.message_id, found, now)
