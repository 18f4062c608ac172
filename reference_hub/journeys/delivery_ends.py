"""How messages ended, written down: their states, what the vendor said, its ids, the audit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import TYPE_CHECKING

from reference_hub.clock import Clock
from reference_hub.journeys import vendor_results
from reference_hub.journeys.project import is_translated
from reference_hub.journeys.reply import hear
from reference_hub.journeys.standstill import Try
from reference_hub.model.caller import Caller
from reference_hub.model.change import DELETE
from reference_hub.model.message import Claimed, ResultFile, Settled
from reference_hub.model.party import Subscriber
from reference_hub.model.pod import Pod
from reference_hub.model.statement import Heard
from reference_hub.store import audits, claims, id_maps, vendors

if TYPE_CHECKING:
    from sqlalchemy import Connection

ACTOR = "delivery"
_WORDS = {"done": "delivered", "waiting": "tried", "dead": "gave up", "purged": "dropped"}


@dataclass(slots=True)
class End:
    """How a message ended, and what has to be remembered with it."""

    message: Claimed
    settled: Settled
    pod: Pod | None = None
    heard: Heard | None = None
    session: dict[str, object] | None = None
    tried: Try | None = None
    results: tuple[ResultFile, ...] = ()
    fields: Mapping[str, int] = field(default_factory=dict)


def write_down(
    connection: Connection, receiver: Caller, to: Subscriber, ends: Sequence[End], clock: Clock
) -> None:
    """Settle the messages and remember what came of them, but of those whose lease was lost."""
    now = clock.now()
    settled = claims.settle_each(connection, [(x.message, x.settled) for x in ends], now)
    ours = [end for end in ends if end.message.id in settled]
    for end in ours:
        _remember(connection, receiver, to, end, clock)
    if not is_translated(to):
        _note_ids(connection, to, [x for x in ours if x.settled.state == "done"], clock)
    audits.add(connection, to.scope, now, *_entries(to, ends))


def _remember(
    connection: Connection, receiver: Caller, to: Subscriber, end: End, clock: Clock
) -> None:
    if end.session is not None:
        vendors.set_session(connection, to.id, end.session)
    if end.heard and end.pod:
        hear(connection, receiver, end.pod, end.heard, clock)
    if end.results:
        vendor_results.receive(connection, to, end.results, clock.now())


def _note_ids(connection: Connection, to: Subscriber, ends: Sequence[End], clock: Clock) -> None:
    now = clock.now()
    # In their order: an object may be deleted and created again.
    for is_delete, found in groupby(ends, lambda end: end.message.action == DELETE):
        group = list(found)
        if is_delete:
            for each in group:
                at = (each.message.object_type, each.message.refid)
                id_maps.retire(connection, to, *at, now)
            continue
        ids = {
            (x.message.object_type, x.message.refid): x.settled.target_id
            for x in group
            if x.settled.target_id
        }
        id_maps.record(connection, to, [(*at, name) for at, name in ids.items()], now)


def _entries(to: Subscriber, ends: Sequence[End]) -> list[audits.Entry]:
    groups: dict[tuple[str, str, str, Pod | None], list[End]] = {}
    for end in ends:
        what = end.message.action if end.message.kind == "event" else end.message.kind
        action = f"{_WORDS.get(end.settled.state, end.settled.state)} {what}"
        key = (action, end.message.object_type, end.settled.reason, end.pod)
        groups.setdefault(key, []).append(end)
    return [
        audits.Entry(
            ACTOR,
            action,
            object_type,
            len(found),
            {"connection": to.name, "reason": reason} | _under(pod, found),
        )
        for (action, object_type, reason, pod), found in groups.items()
    ]


def _under(pod: Pod | None, ends: Sequence[End]) -> dict[str, object]:
    if pod is None or not pod.id:
        return {}
    fields: Counter[str] = Counter()
    for end in ends:
        fields.update(end.fields)
    return {"pod": pod.id, "version": pod.version, "fields": dict(fields)}
