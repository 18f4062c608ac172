"""Deliver the next run of messages: claim, gate, filter, translate, send, settle.

Sending happens outside any transaction. A message is delivered at least once; each repetition
carries the same message id.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

import structlog

from reference_hub.clock import Clock
from reference_hub.journeys import prepare
from reference_hub.journeys.deliver_rows import Sender, Work, work_off
from reference_hub.journeys.delivery_ends import End, write_down
from reference_hub.journeys.lease import Lease
from reference_hub.journeys.prepare import Stopped, Verdict
from reference_hub.journeys.project import is_translated
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
    Settled,
    Transport,
)
from reference_hub.model.party import Subscriber
from reference_hub.model.pod import Pod
from reference_hub.problems import SetupError, raised_at
from reference_hub.settings import Delivery as DeliveryLimits
from reference_hub.settings import Settings
from reference_hub.store import claims, earlier, id_maps, vendors
from reference_hub.store.wakeups import is_outage

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

log = structlog.get_logger(__name__)

# Settled together in one transaction: what a crash can at most repeat, or one request.
TOGETHER = 10
# So many alike that wait go to the transport together, which may send them in one request.
FEWEST = 5
# Until somebody has corrected a faulty setting.
PUT_OFF = timedelta(seconds=60)
# By the shape of a vendor profile; rows of other shapes are read by the vendor itself.
SENDERS: Mapping[str, Sender] = {"csv-bundle": send_bundle, "files": send_bundle, "sif": send_sif}


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
    ends: list[End] = field(default_factory=list)
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
                ends = _next(run, reading, rest)
                del rest[: len(ends)]
                run.ends += ends
                states = [end.settled.state for end in ends]
                run.tally.update(states)
                if len(run.ends) >= TOGETHER or any(map(_urgent, ends)):
                    _flush(run)
                if "waiting" in states:
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


def _urgent(end: End) -> bool:
    return end.session is not None or end.heard is not None or end.message.kind in claims.ALONE


def _next(run: _Run, reading: Connection, rest: Sequence[Claimed]) -> list[End]:
    """Deliver the first of the messages, or the first few together if they are alike."""
    # Many share one message id, so that is for vendors of which the district says so.
    group = _alike(rest)[: int(run.to.delivery.get("objects_per_request", 1))]
    if len(group) < FEWEST:
        return [_one(run, reading, rest[0])]
    _flush(run)
    try:
        return _several(run, reading, group)
    except Exception as error:
        return [_failed(run, rest[0], error)]


def _alike(messages: Sequence[Claimed]) -> list[Claimed]:
    """The first messages that are of one type and action, each about another object."""
    first, refids = messages[0], set[str]()
    found: list[Claimed] = []
    for each in messages if first.kind == "event" else ():
        is_alike = (each.kind, each.action, each.object_type) == (
            first.kind,
            first.action,
            first.object_type,
        )
        if not is_alike or each.refid in refids:
            break
        refids.add(each.refid)
        found.append(each)
    return found


def _several(run: _Run, reading: Connection, group: Sequence[Claimed]) -> list[End]:
    """As `_event`, but asked for once and sent together; those that were tried, in their order."""
    verdict = prepare.may_go(reading, run.receiver, group[0].object_type, run.clock)
    made = [_made_or_failed(run, reading, each, verdict) for each in group]
    ready = tuple(each for each in made if isinstance(each, Outgoing))
    delivery = Delivery()
    if ready:
        delivery = run.transport.deliver(Batch(run.to, verdict.pod, ready))
        if delivery.session is not None:
            run.claim = claims.with_session(run.claim, delivery.session)
    came, ends = iter(delivery.settled), list[End]()
    for message, one in zip(group, made, strict=True):
        if isinstance(one, Outgoing):
            settled = next(came, None)
            if settled is None:
                break
            one = _ended(run, message, verdict.pod, one, settled)
        ends.append(_concluded(run, one))
    if not ends:
        untried = _only(delivery, group[0])
        ends.append(End(group[0], untried, verdict.pod, tried=Try(untried.reason)))
    ends[0].session, ends[0].results = delivery.session, delivery.results
    return ends


def _made_or_failed(
    run: _Run, reading: Connection, message: Claimed, verdict: Verdict
) -> Outgoing | End:
    try:
        found = _behind(run, message) or _made(run, reading, message, verdict)
    except Exception as error:
        return _failed(run, message, error)
    return _stopped(message, found) if isinstance(found, Stopped) else found


def _one(run: _Run, reading: Connection, message: Claimed) -> End:
    try:
        return _of_kind(run, reading, message)
    except Exception as error:
        return _failed(run, message, error)


def _failed(run: _Run, message: Claimed, error: Exception) -> End:
    if is_outage(error):
        raise error
    if isinstance(error, SetupError):
        later = run.clock.now() + PUT_OFF
        settled = Settled(message.id, "waiting", str(error), later)
        return End(message, settled, tried=Try(str(error)))
    # One message that cannot be handled must not stop the queue, nor show its content.
    where = raised_at(error)[-3:]
    log.error("message failed", id=message.id, error=type(error).__name__, where=where)
    reason = f"the hub failed on it ({type(error).__name__})"
    return End(message, Settled(message.id, "dead", reason))


def _rows(run: _Run, messages: list[Claimed]) -> list[End]:
    at = (run.engine, run.clock, run.to, run.receiver, run.transport)
    try:
        worked = work_off(Work(*at, tuple(messages), run.stop), run.senders)
    except Exception as error:
        return [_failed(run, message, error) for message in messages]
    outcome = worked.outcome
    tried = Try(outcome.reason if outcome.state == "waiting" else "")
    ends = [
        End(message, _patient(run, message, settled), worked.pod, tried=tried)
        for message, settled in zip(messages, worked.settled, strict=True)
    ]
    first = ends[0]
    first.session, first.results, first.fields = outcome.session, outcome.results, worked.fields
    return ends


def _patient(run: _Run, message: Claimed, settled: Settled) -> Settled:
    still = run.claim.standstill
    return given_up(message, settled, still.since if still else None, run.limits, run.clock.now())


def _of_kind(run: _Run, reading: Connection, message: Claimed) -> End:
    if message.kind == "pod":
        return _pod(run, reading, message)
    return _event(run, reading, message)


def _pod(run: _Run, reading: Connection, message: Claimed) -> End:
    found = prepare.document(reading, run.to, message)
    if isinstance(found, Stopped):
        return _stopped(message, found)
    pod, body = found
    return _send(run, message, pod, prepare.whole(message, body))


def _event(run: _Run, reading: Connection, message: Claimed) -> End:
    if behind := _behind(run, message):
        return _stopped(message, behind)
    verdict = prepare.may_go(reading, run.receiver, message.object_type, run.clock)
    made = _made(run, reading, message, verdict)
    end = (
        _stopped(message, made)
        if isinstance(made, Stopped)
        else _send(run, message, verdict.pod, made)
    )
    return _concluded(run, end)


def _behind(run: _Run, message: Claimed) -> Stopped | None:
    held = run.held.get((message.object_type, message.refid), message.id)
    return Stopped("held", prepare.BEHIND) if held < message.id else None


def _concluded(run: _Run, end: End) -> End:
    """Keep in mind what later messages about the same object must know."""
    key = (end.message.object_type, end.message.refid)
    if end.settled.state == "held":
        run.held.setdefault(key, end.message.id)
    if end.settled.target_id:
        run.known_as[key] = end.settled.target_id
    return end


def _made(run: _Run, reading: Connection, message: Claimed, verdict: Verdict) -> Outgoing | Stopped:
    if verdict.reason:
        return Stopped("held", verdict.reason)
    known_as = run.known_as.get((message.object_type, message.refid), "")
    before = earlier.body_before(reading, message.id) if message.action == UPDATE else None
    return prepare.data(message, verdict.pod, known_as, before)


def _stopped(message: Claimed, why: Stopped) -> End:
    return End(message, Settled(message.id, why.state, why.reason))


def _send(run: _Run, message: Claimed, pod: Pod | None, outgoing: Outgoing) -> End:
    delivery = run.transport.deliver(Batch(run.to, pod, (outgoing,)))
    if delivery.session is not None:
        run.claim = claims.with_session(run.claim, delivery.session)
    end = _ended(run, message, pod, outgoing, _only(delivery, message))
    end.heard, end.session, end.results = delivery.heard, delivery.session, delivery.results
    return end


def _ended(
    run: _Run, message: Claimed, pod: Pod | None, outgoing: Outgoing, settled: Settled
) -> End:
    return End(
        message,
        _patient(run, message, settled),
        pod=pod,
        tried=Try(settled.reason if settled.state == "waiting" else ""),
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
    with run.engine.begin() as connection:
        write_down(connection, run.receiver, run.to, ends, run.clock)
        tries = [end.tried for end in ends if end.tried]
        run.claim = note(connection, run.claim, tries, run.limits, run.clock)
