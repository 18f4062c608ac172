"""A client that is connected to two hubs at once: what one of them told never goes to the other.

Both hubs have zones of the same names, one application key and one secret; districts, documents and
sessions are their own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from conformance import expect, pods, trees
from conformance.checks.consumer.looking import told, why
from conformance.checks.consumer.seen import user
from conformance.problems import NotVerified
from conformance.stage import meaning
from conformance.stage.calls import DATA, ENVIRONMENT, QUEUE, SECOND, Call
from conformance.stage.play import Stage, answered
from conformance.verifies import verifies

SCENE = "two hubs"
ROUNDS = 2
Sides = tuple[list[Call], list[Call]]


def played(stage: Stage) -> list[Call]:
    """Both hubs forget the client, which connects to both and reads some rounds."""
    second = stage.beside.second
    mark = second.log.mark()
    stage.renew()
    second.renew(lambda zone: pods.build(stage.terms(zone)))
    stage.hub.forget()
    second.hub.forget()
    second.engaged = True
    try:
        calls = stage.synchronise(order="restart")
        for _ in range(ROUNDS):
            calls += stage.synchronise(silence=True)
        calls += stage.watch(lambda _: False)
    finally:
        second.engaged = False
    return [*calls, *second.since(mark)]


def sides(stage: Stage) -> Sides:
    """The calls to the first hub and those to the second one; NotVerified unless both gave data."""
    calls = stage.once(SCENE, lambda: played(stage))
    first = [one for one in calls if one.door != SECOND]
    second = [one for one in calls if one.door == SECOND]
    for name, some in (("first", first), ("second", second)):
        if not answered(some):
            raise NotVerified(f"no data was read from the {name} hub: {why(some)}")
    return first, second


def apart(
    stage: Stage, told_by: Callable[[list[Call]], set[str]], used_in: Callable[[Call], set[str]],
    what: str,
) -> None:  # fmt: skip
    """What one hub told is used in no call to the other; NotVerified where it told nothing."""
    first, second = sides(stage)
    for own, other in ((first, second), (second, first)):
        secrets = told_by(other) - told_by(own)
        if not secrets:
            raise NotVerified(f"one of the hubs told nothing of its own: {what} was not given")
        for call in own:
            fine = not used_in(call) & secrets
            expect.true(fine, f"{what} stays with its hub", call.message, "it went to the other")


@verifies("POD-ACK-007")
def check_markers_of_two_hubs_are_kept_apart(stage: Stage) -> None:
    """With zones of the same names at two hubs, no call carries a marker of the other hub."""
    apart(stage, told, lambda call: {call.marker or ""}, "a marker")


@verifies("DAT-CON-015")
def check_sessions_of_two_hubs_are_kept_apart(stage: Stage) -> None:
    """No call carries the session token of the other hub, or the id of a queue there."""
    apart(stage, sessions, lambda call: {user(call), *named(call)}, "a session or a queue")


def sessions(calls: list[Call]) -> set[str]:
    """The session tokens and the ids of queues that a hub told."""
    found: set[str] = set()
    for call in calls:
        if call.given.kind not in (ENVIRONMENT, QUEUE) or call.given.status not in (200, 201):
            continue
        root = trees.parse(call.given.body)
        found |= {trees.text(root, "sessionToken"), trees.refid(root)}
    return found - {""}


def named(call: Call) -> Iterator[str]:
    """What a call names: in the address, in the header line of a queue, in its body."""
    yield from call.asked.steps
    yield call.asked.says("queueId")
    if call.asked.body:
        try:
            yield from (text for _, text in trees.leaves(trees.parse(call.asked.body)))
        except trees.Unreadable:
            return


@verifies("DAT-CON-016")
def check_data_of_two_hubs_is_kept_apart(stage: Stage) -> None:
    """No call names a student that only the other hub has."""
    apart(stage, students, lambda call: set(map(trees.folded, named(call))), "a student")


def students(calls: list[Call]) -> set[str]:
    """The ids of the students that a hub gave."""
    bodies = [one.given.body for one in calls if one.given.kind == DATA and one.given.status == 200]
    return {trees.folded(trees.refid(one)) for body in bodies for one in meaning.ids(body)}
