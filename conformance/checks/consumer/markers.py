"""The marker on every covered call: there, right, unspoiled, and of the right zone."""

from __future__ import annotations

import random
import string
from collections.abc import Sequence

import pytest

from conformance import expect, pods
from conformance.checks.consumer.looking import (
    acknowledged,
    alike,
    deliveries,
    fresh,
    introduced,
    reads,
    right,
    tokens,
    told,
    under,
    uses,
    why,
    working,
)
from conformance.problems import NotApplicable, NotVerified
from conformance.sif import MARKER
from conformance.stage.calls import ENVIRONMENT, EVENT, Call
from conformance.stage.observing import through_relay
from conformance.stage.play import Stage, answered, covered
from conformance.verifies import verifies

ENOUGH_CALLS = 20
MOST_IDLE_ROUNDS = 2


@through_relay
@verifies("POD-ACK-001")
def check_first_request_for_data_carries_the_token(stage: Stage) -> None:
    """The first covered request after the POD was read carries its podToken as the marker."""
    made, calls = introduced(stage)
    new = fresh(under(calls, made))
    asked = [one for zone in made for one in [call for call in new if call.zone == zone][:1]]
    if not asked and not deliveries(calls, made):
        asked = fresh(covered(calls))[:1]
    if not asked:
        raise NotVerified(f"no request for data came under the new document: {why(calls)}")
    for call in asked:
        expect.header(call.message, MARKER, right(stage, made))


@through_relay
@verifies("POD-ACK-002")
def check_every_request_for_data_carries_the_token(stage: Stage) -> None:
    """At least twenty covered requests are made under a POD, and all of them carry its token."""
    made = introduced(stage)[0] if stage.relayed else stage.renew()
    asked: list[Call] = []
    idle = 0
    for _ in range(stage.rounds):
        stage.synchronise()
        since = stage.calls(of_the_run=stage.relayed)
        before, asked = asked, fresh(reads(under(since, made)))
        for call in asked[len(before) :]:
            expect.header(call.message, MARKER, right(stage, made))
        idle = idle + 1 if len(asked) == len(before) else 0
        if len(asked) >= ENOUGH_CALLS or idle == MOST_IDLE_ROUNDS:
            break
    if len(asked) < ENOUGH_CALLS:
        raise NotVerified(f"{len(asked)} covered requests came, {ENOUGH_CALLS} are needed")


@through_relay
@verifies("POD-ACK-004")
def check_published_events_carry_the_token(stage: Stage) -> None:
    """Every event that the client publishes carries the token of its POD as the marker."""
    made = working(stage)
    stage.synchronise(lambda some: any(one.given.kind == EVENT for one in some))
    since = stage.calls(of_the_run=stage.relayed)
    events = [one for one in under(since, made) if one.given.kind == EVENT]
    if not events:
        raise NotVerified("the client published no event")
    for call in events:
        expect.header(call.message, MARKER, right(stage, made))


TOKENS = {
    "mixed case": (40, string.ascii_letters, "", ""),
    "signs": (40, string.ascii_letters + string.digits + ".-_", "_", "-."),
    "128 characters": (126, string.ascii_lowercase + string.digits, "a", "z"),
}


@pytest.mark.parametrize("form", sorted(TOKENS))
@verifies("POD-ACK-005")
def check_token_is_sent_as_it_was_given(stage: Stage, rng: random.Random, form: str) -> None:
    """Tokens of mixed case, with dots and dashes, of 128 characters, come back byte for byte."""
    length, alphabet, start, end = TOKENS[form]
    made = stage.renew(token=lambda: f"{start}{pods.fresh_token(rng, length, alphabet)}{end}")
    calls = stage.synchronise(lambda some: any(uses(one, made) for one in some))
    marked = [one for one in under(calls, made) if one.marker is not None]
    near = [one for one in marked if alike(one.marker or "", tokens(made))]
    if not near:
        raise NotVerified(f"the token was not used in any spelling: {why(calls)}")
    for call in near:
        expect.header(call.message, MARKER, tokens(made))


@verifies("POD-ACK-006", negative=True)
def check_no_marker_is_used_before_its_document_was_read(stage: Stage) -> None:
    """While no POD can be read, the client sends no marker that the hub did not tell it before."""
    stage.withhold()
    # The first round tells the client that its old marker is outdated, if it had one.
    stage.synchronise(bool)
    stage.synchronise(bool, silence=True)
    known = told(stage.calls(of_the_run=True))

    def guessed(call: Call) -> bool:
        return call.covered and call.marker is not None and not alike(call.marker, known)

    stage.watch(guessed)
    for call in filter(guessed, stage.calls()):
        expect.absent(call.message, MARKER)
    working(stage)


@through_relay
@verifies("POD-ACK-007")
def check_markers_of_two_zones_are_kept_apart(stage: Stage) -> None:
    """With a POD in each of two zones, a request in one never carries the marker of the other."""
    if stage.relayed:
        made, calls = introduced(stage)
        if len(set(tokens(made))) < 2:
            raise NotApplicable("the hub has no second zone with a document of its own")
    else:
        made = stage.renew()
        calls = stage.synchronise(lambda some: read_in(some) >= {*made})
    asked = under(calls, made)
    if {one.zone for one in asked} != {*made}:
        raise NotVerified(f"the client asked for data in {len({one.zone for one in asked})} zones")
    others = {zone: tokens({one: pod for one, pod in made.items() if one != zone}) for zone in made}
    for call in covered(calls):
        foreign = call.marker in others.get(call.zone, ())
        expect.true(not foreign, "the marker is the one of the zone of the request", call.message)


def read_in(calls: Sequence[Call]) -> set[str]:
    """The zones in which data was given."""
    return {one.zone for one in calls if answered([one])}


@through_relay
@verifies("POD-ACK-008")
def check_marker_survives_a_restart(stage: Stage) -> None:
    """After a restart the first covered request carries the token of the POD in force."""
    made = working(stage)
    calls = stage.synchronise(lambda some: bool(covered(some)), "restart")
    if not covered(calls):
        raise NotVerified(f"no request for data came after the restart: {why(calls)}")
    begun = any(one.given.kind == ENVIRONMENT for one in calls)
    if not begun and not stage.by_machine("restart"):
        raise NotVerified("no sign of a restart was seen: no environment was created anew")
    for zone in made:
        for call in [one for one in covered(calls) if one.zone == zone][:1]:
            expect.header(call.message, MARKER, right(stage, made))


@through_relay
@verifies("POD-ACK-014")
def check_acknowledgement_is_near_instant(stage: Stage) -> None:
    """Within five seconds of reading its POD the client acknowledges it, by marker or receipt."""
    working(stage)
    made, calls = introduced(stage, uses)
    limit = stage.config.pod.acknowledge_within_seconds
    seen = False
    for zone, pod in made.items():
        first = next((one for one in calls if one.zone == zone and acknowledged(one, pod)), None)
        before = calls[: calls.index(first)] if first is not None else []
        tellings = [one for one in before if pod.token in told([one])]
        if first is None or not tellings:
            continue
        seen = True
        # A list of all documents may tell of a zone long before its turn comes.
        took = first.moment - tellings[-1].moment
        what = f"acknowledged within {limit:g} s"
        expect.true(took <= limit, what, first.message, f"{took:.1f} s")
    if not seen:
        raise NotVerified(f"the new document was not acknowledged: {why(calls)}")
