"""What the client does when the hub refuses: a missing or outdated marker, a changed document."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

from conformance import expect
from conformance.checks.consumer.looking import (
    after,
    deliveries,
    reads,
    told,
    uses,
    why,
    working,
)
from conformance.pods import Pod
from conformance.problems import NotVerified
from conformance.stage.calls import MARKERS, MESSAGES, PODS, Call
from conformance.stage.district import NARROW
from conformance.stage.play import Stage
from conformance.verifies import verifies

MOST_RETRIES = 3


def series(calls: list[Call], interval: float) -> list[list[Call]]:
    """The refused requests for the same address of a zone, each with the retries behind it.

    What comes an interval later is no retry: the client asks again of its own accord.
    """
    found: dict[tuple[str, ...], list[list[Call]]] = {}
    for call in reads(calls):
        if call.given.status != 403:
            continue
        # What changed, and what shall come later, are other requests at the same address.
        kind = call.asked.says("changesSinceMarker"), call.asked.headers.get("requestType")
        address = (call.zone, call.asked.method, "/".join(call.asked.steps), *kind)
        known = found.setdefault(address, [])
        if known and call.moment - known[-1][-1].moment < 0.8 * interval:
            known[-1].append(call)
        else:
            known.append([call])
    return [tries for known in found.values() for tries in known]


def fetches(call: Call) -> bool:
    """Whether the call asks for the document or for its marker."""
    return call.given.kind in (PODS, MARKERS)


def few(rows: Iterable[list[Call]]) -> None:
    """A refused request is tried again three times at most."""
    for tries in rows:
        many = f"{len(tries) - 1} retries"
        fine = len(tries) <= 1 + MOST_RETRIES
        expect.true(fine, "at most three retries", tries[-1].message, many)


def with_pauses(rows: Iterable[list[Call]], least: float) -> None:
    """A pause comes before each retry, `least` seconds."""
    for tries in rows:
        for one, other in pairwise(tries):
            gap = other.moment - one.moment
            said = f"{gap * 1000:.0f} ms"
            expect.true(gap >= least, f"a pause of {least:g} s before a retry", other.message, said)


@verifies("POD-GATE-014")
def check_missing_marker_answer_ends_in_few_retries(stage: Stage) -> None:
    """Told 403-01, the client reads its POD and tries again at most three times, with pauses."""
    working(stage)
    stage.refuse(403, "403-01")
    calls = stage.synchronise(lambda some: bool(reads(some)))
    calls += stage.watch(lambda _: False)
    first = next((one for one in reads(calls) if one.given.status == 403), None)
    if first is None:
        raise NotVerified("the client asked for no data while it was refused")
    rows = series(calls, stage.config.consumer.poll_seconds)
    few(rows)
    later = after(calls, first)
    if not reads(later):
        later += stage.synchronise(lambda some: any(map(fetches, some)), silence=True)
    stage.admit()
    what = "the document is read again after 403-01"
    expect.true(any(map(fetches, later)), what, first.message, "it is not")
    with_pauses(rows, stage.config.consumer.backoff_seconds)


def surprised(stage: Stage) -> tuple[dict[str, Pod], dict[str, Pod], list[Call]]:
    """The old and the new documents, changed when data was asked for, and the calls since then."""
    old = working(stage)
    new = stage.renew(when_asked=True)
    calls = stage.synchronise(lambda some: any(uses(one, new) for one in some))
    if not gone(calls):
        raise NotVerified(f"no request met the outdated marker: {why(calls)}")
    # A client that stopped at the refusal may read its document in the next round.
    if any(not further(calls, first) for first in gone(calls).values()):
        calls += stage.synchronise(lambda some: any(uses(one, new) for one in some), silence=True)
    return old, new, calls


def further(calls: list[Call], first: Call) -> list[Call]:
    """The requests for data in the same zone behind this one."""
    return [one for one in reads(after(calls, first)) if one.zone == first.zone]


def gone(calls: list[Call]) -> dict[str, Call]:
    """By zone the first request for data that was answered 410."""
    found: dict[str, Call] = {}
    for call in reads(calls):
        if call.given.status == 410:
            found.setdefault(call.zone, call)
    return found


@verifies("POD-GATE-015")
def check_outdated_marker_answer_leads_to_the_new_document(stage: Stage) -> None:
    """Told 410-20, the client reads its POD again, drops the old marker, and goes on."""
    old, new, calls = surprised(stage)
    for zone, first in gone(calls).items():
        later = after(calls, first)
        news = [one for one in later if new[zone].token in told([one])]
        what = "the document is read again after 410-20"
        expect.true(bool(news), what, first.message, "it is not")
        asked = [one for one in reads(after(later, news[0])) if one.zone == zone]
        stale = [one for one in asked if one.marker == old[zone].token]
        for call in stale[:1]:
            expect.true(False, "the old marker is dropped", call.message, f"{len(stale)} more uses")
        goes_on = any(uses(one, new) for one in asked)
        expect.true(goes_on, "the request is tried again", first.message, "it is not")


@verifies("POD-VER-003")
def check_new_marker_is_used_within_one_call(stage: Stage) -> None:
    """After 410-20 the old marker comes at most once more, then the new one."""
    old, new, calls = surprised(stage)
    used = False
    for zone, first in gone(calls).items():
        later = further(calls, first)
        stale = [one for one in later if one.marker == old[zone].token]
        many = f"{len(stale)} more uses of the old marker"
        expect.true(len(stale) <= 1, "at most one more use of the old marker", first.message, many)
        used = used or any(uses(one, new) for one in later)
    if not used:
        raise NotVerified("the client did not come back with the new marker")


@verifies("POD-VER-004")
def check_narrower_grant_is_taken(stage: Stage) -> None:
    """A POD that grants less than the one before is used, and reading goes on."""
    working(stage)
    made = stage.renew(NARROW)
    calls = stage.synchronise(lambda some: any(uses(one, made) for one in some))
    if not deliveries(calls, made):
        raise NotVerified(f"the narrower document was not read: {why(calls)}")
    used = any(uses(one, made) for one in calls)
    expect.true(used, "data is read under the narrower document", None, why(calls))


@verifies("POD-DEL-005")
def check_document_event_is_heeded_before_data(stage: Stage) -> None:
    """Once the event with a new POD was read, no request for data carries the old marker."""
    old = working(stage)
    if not stage.subscribed:
        raise NotVerified("no queue of the client is subscribed to the service pods")
    new = stage.renew(announce=True)
    calls = stage.synchronise(lambda some: any(uses(one, new) for one in some))
    events = {zone: call for zone, call in deliveries(calls, new).items()
              if call.given.kind == MESSAGES}  # fmt: skip
    if not events:
        raise NotVerified("the event with the new document was not read from the queue")
    for zone, event in events.items():
        for call in [one for one in reads(after(calls, event)) if one.zone == zone]:
            fresh = call.marker != old[zone].token
            expect.true(fresh, "the old marker is not used after the event", call.message)


@verifies("POD-END-002", negative=True)
def check_requests_stop_after_the_end(stage: Stage) -> None:
    """One refresh interval after its agreement ended, the client asks for no data any more."""
    working(stage)
    stage.end()
    stage.synchronise(bool)
    stage.watch(lambda _: False, stage.config.consumer.poll_seconds)
    before = len(stage.calls())
    stage.synchronise(lambda some: bool(reads(some)), silence=True)
    stage.watch(lambda call: call.covered)
    for call in reads(stage.calls()[before:]):
        expect.true(False, "no data is asked for after the end", call.message, "a request")
