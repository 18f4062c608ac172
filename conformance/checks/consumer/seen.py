"""Steps that the checks of the transport share: one start of the client, one fault, its pages."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Iterable, Sequence

from lxml import etree

from conformance import expect, trees
from conformance.checks.consumer.looking import reads, why
from conformance.problems import NotVerified
from conformance.stage.calls import DATA, Asked, Call
from conformance.stage.play import Stage, answered
from conformance.stage.weather import Weather, lists

LASTING = 10_000


def ready(stage: Stage) -> None:
    """The client reads data as usual, after a restart if need be; else nothing can be told."""
    stage.agree()
    calls = stage.synchronise()
    if not answered(calls) and stage.by_machine("restart"):
        calls = stage.synchronise(order="restart", silence=True)
    if not answered(calls):
        raise NotVerified(f"the client reads no data: {why(calls)}")


def met(stage: Stage, trouble: Weather, order: str = "synchronise") -> list[Call]:
    """The calls since a fault was ordered, at least one of which it struck."""
    with stage.weather(trouble):
        calls = stage.synchronise(lambda some: bool(trouble.met) and answered(some), order)
        calls += stage.watch(lambda _: False)
    if not trouble.met:
        raise NotVerified("no call came that the fault could meet")
    return calls


def goes_on(stage: Stage, calls: Sequence[Call], what: str) -> None:
    """In the next round, at the latest, the client reads as if nothing had been."""
    later = stage.synchronise(silence=True)
    fine = answered(later) or (not stage.by_machine("synchronise") and answered(calls))
    expect_true(fine, what, calls[-1] if calls else None, why([*calls, *later]))


def expect_true(claim: bool, what: str, call: Call | None, seen: str = "") -> None:
    """A finding at this call unless the claim holds."""
    expect.true(claim, what, call.message if call is not None else None, seen)


def wanted(found: Sequence[Call], what: str) -> Sequence[Call]:
    """The calls, at least one; else it could not be looked at."""
    if not found:
        raise NotVerified(f"the client sent no {what}")
    return found


def user(call: Call) -> str:
    """Who a call says it is from, by header or address; empty where that cannot be read."""
    token = call.asked.headers.get("Authorization").partition(" ")[2]
    try:
        told = b64decode(token or call.asked.given.get("access_token", ""), validate=True).decode()
    except ValueError:
        return ""
    return told.rpartition(":")[0]


def steps(call: Call) -> tuple[str, ...]:
    """The address without the place where the connectors of this run stand."""
    found = call.asked.steps
    return found[1:] if found[:1] and found[0].startswith("connectors-") else found


def to(calls: Iterable[Call], *names: str) -> list[Call]:
    """The calls to these infrastructure services."""
    return [one for one in calls if "".join(steps(one)[:1]) in names]


def document(call: Call) -> etree._Element | None:
    """The body as XML, None if it is none."""
    try:
        return trees.parse(call.asked.body) if call.asked.body else None
    except trees.Unreadable:
        return None


def pages(calls: Iterable[Call]) -> list[Call]:
    """The requests for pages of students, without changes and delayed requests."""
    return [
        one
        for one in reads(calls)
        if steps(one) == ("requests", "xStudents")
        and one.asked.method == "GET"
        and "changesSinceMarker" not in one.asked.given
        and one.asked.headers.get("requestType").upper() != "DELAYED"
    ]


def number(call: Call) -> int:
    """Which page a call asks for."""
    told = call.asked.says("navigationPage")
    return int(told) if told.isdigit() else 0


def walks(calls: Iterable[Call]) -> list[list[Call]]:
    """The pages of each walk through a zone; a walk begins with page 1."""
    found: list[list[Call]] = []
    last: dict[str, list[Call]] = {}
    for call in pages(calls):
        if number(call) == 1 or call.zone not in last:
            last[call.zone] = []
            found.append(last[call.zone])
        last[call.zone].append(call)
    return found


def paged(calls: Iterable[Call]) -> list[list[Call]]:
    """The walks that asked for pages; else nothing can be told."""
    found = [one for one in walks(calls) if number(one[0])]
    if not found:
        raise NotVerified("the client asked for no page")
    return found


def delivered(walk: Iterable[Call]) -> set[str]:
    """The ids of the students that the pages of a walk brought."""
    bodies = [one.given.body for one in walk if one.given.status == 200 and one.given.body]
    return {trees.folded(trees.refid(one)) for body in bodies for one in _students(body)}


def _students(body: bytes) -> list[etree._Element]:
    try:
        return trees.every(trees.parse(body), "xStudent")
    except trees.Unreadable:
        return []


def everyone(stage: Stage, zone: str) -> set[str]:
    """The ids of all students of a zone."""
    return {trees.folded(trees.refid(one)) for one in stage.hub.students[zone]}


def same(one: Call, other: Call) -> bool:
    """Whether two calls ask for the same: address and page."""
    apart = ("navigationPage", "navigationPageSize")
    return (
        one.given.kind == other.given.kind == DATA
        and (steps(one), one.zone, one.asked.method)
        == (steps(other), other.zone, other.asked.method)
        and all(one.asked.says(name) == other.asked.says(name) for name in apart)
        and one.asked.headers.get("requestType") == other.asked.headers.get("requestType")
    )


def page_two(asked: Asked) -> bool:
    """Whether a call asks for the second page of students."""
    return lists(asked) and asked.says("navigationPage") == "2"
