"""Deliver the next run of messages: claim, gate, filter, translate, send, settle.

Sending happens outside any transaction. A message is delivered at least once; each repetition
carries the same message id.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

import structlog

from reference_hub.clock import Clock
from reference_hub.journeys import prepare, vendor_results
from reference_hub.journeys.deliver_rows import Sender, Work, work_off
from reference_hub.journeys.lease import Lease
from reference_hub.journeys.prepare import Stopped, Verdict
from reference_hub.journeys.project import is_translated
from reference_hub.journeys.reply import hear
from reference_hub.journeys.send_bundle import send_bundle
from reference_hub.journeys.send_sif import send_sif
from reference_hub.journeys.standstill import Try, given_up, note
from reference_hub.model.caller import Caller, reached
from reference_hub.model.change import DELETE, UPDATE
from reference_hub.model.message import (
    Batch,
    Claimed,
    Delivery,
    Outgoing,
    ResultFile,
    Settled,
    Transport,
)
from reference_hub.model.party import Subscriber
from reference_hub.model.pod import Pod
from reference_hub.model.statement import Heard
from reference_hub.problems import SetupError, raised_at
from reference_hub.settings import Delivery as DeliveryLimits
from reference_hub.settings import Settings
from reference_hub.store import audits, claims, earlier, id_maps, vendors
from reference_hub.store.wakeups import is_outage

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

log = structlog.get_logger(__name__)

ACTOR = "delivery"
# Settled together in one transaction: what a crash can at most repeat.
TOGETHER = 10
# Until somebody has corrected a faulty setting.
PUT_OFF = timedelta(seconds=60)
# By the shape of a vendor profile; rows of other shapes are read by the vendor itself.
SENDERS: Mapping[str, Sender] = {"csv-bundle": send_bundle, "files": send_bundle, "sif": send_sif}
_WORDS = {"done": "delivered", "waiting": "tried", "dead": "gave up", "purged": "dropped"}


@dataclass(slots=True)
class _End:
    """How a message ended, and what has to be remembered with it."""

    message: Claimed
    settled: Settled
    pod: Pod | None = None
    heard: Heard | None = None
    session: dict[str, object] | None = None
    tried: Try | None = None
    results: tuple[ResultFile, ...] = ()
    fields: Mapping[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class _Run:
    engine: Engine
    limits: DeliveryLimits
    clock: Clock
    claim: claims.Claim
    transport: Transport
    lease: Lease
    stop: Callable[[], bool]
    senders: Mapping[str, Sender]
    caller: Caller | None = None
    held: dict[tuple[str, str], int] = field(default_factory=dict)
    known_as: dict[tuple[str, str], str] = field(default_factory=dict)
    ends: list[_End] = field(default_factory=list)
    tally: Counter[str] = field(default_factory=Counter)

    @property
    def to(self) -> Subscriber:
        return self.claim.subscriber

    @property
    def receiver(self) -> Caller:
        """Whom the gate judges; a vendor that nobody knows gets nothing."""
        return self.caller or Caller(self.to.vendor_id, self.to.scope)


def deliver_next(
    engine: Engine,
    settings: Settings,
    transports: Mapping[str, Transport],
    clock: Clock,
    *,
    stop: Callable[[], bool] = lambda: False,
    claimed: Callable[[], None] = lambda: None,
    failing_too: bool = True,
    senders: Mapping[str, Sender] = SENDERS,
) -> bool:
    """Claim the next run and deliver it; False when no message was due.

    When `stop` turns true the message in hand is finished and the rest is given back. `claimed` is
    called before anything is sent. Connections that fail are taken only where `failing_too`.
    `senders` send the rows of a profile, by its shape.
    """
    worker = settings.worker
    seconds, batch = worker.lease_seconds, worker.batch
    with engine.begin() as connection:
        claim = claims.claim(connection, clock.now(), seconds, batch, failing_too=failing_too)
    if claim is None:
        return False
    claimed()
    transport = transports.get(claim.subscriber.transport)
    if transport is None:
        _put_off(engine, claim, f"there is no transport {claim.subscriber.transport}", clock)
        return True
    with Lease(engine, claim, worker.lease_seconds, clock) as lease:
        run = _Run(engine, settings.delivery, clock, claim, transport, lease, stop, senders)
        _deliver(run)
    log.info("run delivered", connection=claim.subscriber.name, **run.tally)
    return True


def _put_off(engine: Engine, claim: claims.Claim, reason: str, clock: Clock) -> None:
    later = clock.now() + PUT_OFF
    with engine.begin() as connection:
        for message in claim.messages:
            settled = Settled(message.id, "waiting", reason, later)
            claims.settle(connection, message, settled, clock.now())


def _deliver(run: _Run) -> None:
    rest = list(run.claim.messages)
    try:
        with run.engine.connect() as reading:
            # Each query must see what was committed a moment ago: a narrowed POD, above all.
            reading = reading.execution_options(isolation_level="AUTOCOMMIT")
            _look_around(run, reading)
            if is_translated(run.to) and rest[0].kind != "pod" and not run.stop():
                run.ends += _rows(run, rest)
                run.tally.update(end.settled.state for end in run.ends)
                rest.clear()
            while rest and run.lease.valid() and not run.stop():
                end = _one(run, reading, rest[0])
                rest.pop(0)
                run.ends.append(end)
                run.tally[end.settled.state] += 1
                if len(run.ends) >= TOGETHER or _urgent(end):
                    _flush(run)
                if end.settled.state == "waiting":
                    break
    finally:
        _flush(run)
        run.lease.settled(rest)
        with run.engine.begin() as connection:
            claims.give_back(connection, rest, run.clock.now())


def _look_around(run: _Run, reading: Connection) -> None:
    vendor = vendors.vendor_by_id(reading, run.to.vendor_id)
    if vendor is not None:
        run.caller = reached(vendor, run.to)
    run.held = claims.behind_held(reading, run.to.id, run.claim.messages)
    refids = {each.refid for each in run.claim.messages if each.action == DELETE}
    run.known_as = id_maps.targets(reading, run.to, refids) if refids else {}


def _urgent(end: _End) -> bool:
    return end.session is not None or end.heard is not None or end.message.kind in claims.ALONE


def _one(run: _Run, reading: Connection, message: Claimed) -> _End:
    try:
        return _of_kind(run, reading, message)
    except Exception as error:
        return _failed(run, message, error)


def _failed(run: _Run, message: Claimed, error: Exception) -> _End:
    if is_outage(error):
        raise error
    if isinstance(error, SetupError):
        later = run.clock.now() + PUT_OFF
        settled = Settled(message.id, "waiting", str(error), later)
        return _End(message, settled, tried=Try(str(error)))
    # One message that cannot be handled must not stop the queue, nor show its content.
    where = raised_at(error)[-3:]
    log.error("message failed", id=message.id, error=type(error).__name__, where=where)
    reason = f"the hub failed on it ({type(error).__name__})"
    return _End(message, Settled(message.id, "dead", reason))


def _rows(run: _Run, messages: list[Claimed]) -> list[_End]:
    at = (run.engine, run.clock, run.to, run.receiver, run.transport)
    try:
        worked = work_off(Work(*at, tuple(messages), run.stop), run.senders)
    except Exception as error:
        return [_failed(run, message, error) for message in messages]
    outcome = worked.outcome
    tried = Try(outcome.reason if outcome.state == "waiting" else "")
    ends = [
        _End(message, _patient(run, message, settled), worked.pod, tried=tried)
        for message, settled in zip(messages, worked.settled, strict=True)
    ]
    first = ends[0]
    first.session, first.results, first.fields = outcome.session, outcome.results, worked.fields
    return ends


def _patient(run: _Run, message: Claimed, settled: Settled) -> Settled:
    still = run.claim.standstill
    return given_up(message, settled, still.since if still else None, run.limits, run.clock.now())


def _of_kind(run: _Run, reading: Connection, message: Claimed) -> _End:
    if message.kind == "pod":
        return _pod(run, reading, message)
    return _event(run, reading, message)


def _pod(run: _Run, reading: Connection, message: Claimed) -> _End:
    found = prepare.document(reading, run.to, message)
    if isinstance(found, Stopped):
        return _stopped(message, found)
    pod, body = found
    return _send(run, message, pod, prepare.whole(message, body))


def _event(run: _Run, reading: Connection, message: Claimed) -> _End:
    key = (message.object_type, message.refid)
    if run.held.get(key, message.id) < message.id:
        return _stopped(message, Stopped("held", prepare.BEHIND))
    verdict = prepare.may_go(reading, run.receiver, message.object_type, run.clock)
    made = _made(run, reading, message, verdict)
    end = (
        _stopped(message, made)
        if isinstance(made, Stopped)
        else _send(run, message, verdict.pod, made)
    )
    if end.settled.state == "held":
        run.held.setdefault(key, message.id)
    if end.settled.target_id:
        run.known_as[key] = end.settled.target_id
    return end


def _made(run: _Run, reading: Connection, message: Claimed, verdict: Verdict) -> Outgoing | Stopped:
    if verdict.reason:
        return Stopped("held", verdict.reason)
    known_as = run.known_as.get((message.object_type, message.refid), "")
    before = earlier.body_before(reading, message.id) if message.action == UPDATE else None
    return prepare.data(message, verdict.pod, known_as, before)


def _stopped(message: Claimed, why: Stopped) -> _End:
    return _End(message, Settled(message.id, why.state, why.reason))


def _send(run: _Run, message: Claimed, pod: Pod | None, outgoing: Outgoing) -> _End:
    delivery = run.transport.deliver(Batch(run.to, pod, (outgoing,)))
    if delivery.session is not None:
        run.claim = claims.with_session(run.claim, delivery.session)
    settled = _only(delivery, message)
    return _End(
        message,
        _patient(run, message, settled),
        pod=pod,
        heard=delivery.heard,
        session=delivery.session,
        tried=Try(settled.reason if settled.state == "waiting" else ""),
        results=delivery.results,
        fields=dict.fromkeys(outgoing.fields, 1),
    )


def _only(delivery: Delivery, message: Claimed) -> Settled:
    if delivery.settled:
        return delivery.settled[0]
    return Settled(message.id, "waiting", "the transport did not try it")


def _flush(run: _Run) -> None:
    ends, run.ends = run.ends, []
    if not ends:
        return
    run.lease.settled([end.message for end in ends])
    now = run.clock.now()
    with run.engine.begin() as connection:
        for end in ends:
            if claims.settle(connection, end.message, end.settled, now):
                _remember(run, connection, end)
        tries = [end.tried for end in ends if end.tried]
        run.claim = note(connection, run.claim, tries, run.limits, run.clock)
        audits.add(connection, run.to.scope, now, *_entries(run.to, ends))


def _remember(run: _Run, connection: Connection, end: _End) -> None:
    now, message = run.clock.now(), end.message
    if end.session is not None:
        vendors.set_session(connection, run.to.id, end.session)
    if end.heard and end.pod:
        hear(connection, run.receiver, end.pod, end.heard, run.clock)
    if end.results:
        vendor_results.receive(connection, run.to, end.results, now)
    if end.settled.state != "done":
        return
    if is_translated(run.to):
        return
    if message.action == DELETE:
        id_maps.retire(connection, run.to, message.object_type, message.refid, now)
    elif end.settled.target_id:
        ids = [(message.object_type, message.refid, end.settled.target_id)]
        id_maps.record(connection, run.to, ids, now)


def _entries(to: Subscriber, ends: list[_End]) -> list[audits.Entry]:
    groups: dict[tuple[str, str, str, Pod | None], list[_End]] = {}
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


def _under(pod: Pod | None, ends: list[_End]) -> dict[str, object]:
    if pod is None or not pod.id:
        return {}
    fields: Counter[str] = Counter()
    for end in ends:
        fields.update(end.fields)
    return {"pod": pod.id, "version": pod.version, "fields": dict(fields)}
