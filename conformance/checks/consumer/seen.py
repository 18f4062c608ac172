"""Steps that the checks of the transport share: one start of the client, one fault, its pages."""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Iterable, Sequence

from lxml import etree

from conformance import expect, trees
from conformance.checks.consumer.looking import reads, why
from conformance.problems import NotVerified
from conformance.stage import meaning
from conformance.stage.calls import DATA, Asked, Call
from conformance.stage.play import Stage, answered
from conformance.stage.weather import Weather, lists

LASTING = 10_000
# The words of the suite's own gate: no marker, an unknown or an outdated one.
GATE = re.compile(rb"403-01|403-POD-UNKNOWN|410-20")
WHOLE_LISTS_LACK = {"changesSinceMarker", "where", "order"}


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
    if not fine:
        marked(later)
    expect_true(fine, what, calls[-1] if calls else None, why([*calls, *later]))


def marked(calls: Sequence[Call]) -> None:
    """Raises NotVerified where the gate refused a marker: that is a matter of its own."""
    if any(one.covered and GATE.search(one.given.body) for one in calls):
        raise NotVerified("the hub refused the marker, so nothing could be read")


def spoiled(calls: Sequence[Call]) -> None:
    """Raises NotVerified where the last request for data failed for its marker: a matter of its
    own."""
    last = reads(calls)[-1:]
    if last and GATE.search(last[0].given.body):
        raise NotVerified("the hub refused the marker, so nothing could be read")


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
    return meaning.plain(call.asked.steps)


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
    """The requests for pages, without changes, searches and delayed ones; lists that were
    refused are left out, but for students."""
    return [
        one
        for one in reads(calls)
        if (steps(one) == ("requests", "xStudents") or (_is_list(one) and one.given.status < 300))
        and one.asked.method == "GET"
        and not WHOLE_LISTS_LACK & set(one.asked.given)
        and one.asked.headers.get("requestType").upper() != "DELAYED"
    ]


def _is_list(call: Call) -> bool:
    return steps(call)[:1] == ("requests",) and len(steps(call)) % 2 == 0


def number(call: Call) -> int:
    """Which page a call asks for."""
    told = call.asked.says("navigationPage")
    return int(told) if told.isdigit() else 0


def walks(calls: Iterable[Call]) -> list[list[Call]]:
    """The pages of each walk through a list of a zone; a walk begins with page 1."""
    found: list[list[Call]] = []
    last: dict[tuple[str, ...], list[Call]] = {}
    for call in pages(calls):
        place = list_of(call)
        if number(call) == 1 or place not in last:
            last[place] = []
            found.append(last[place])
        last[place].append(call)
    return found


def list_of(call: Call) -> tuple[str, ...]:
    """The zone and the list that a call reads."""
    return (call.zone, *steps(call))


def paged(calls: Iterable[Call]) -> list[list[Call]]:
    """The walks that asked for pages; else nothing can be told."""
    found = [one for one in walks(calls) if number(one[0])]
    if not found:
        raise NotVerified("the client asked for no page")
    return found


def delivered(walk: Iterable[Call]) -> set[str]:
    """The ids of the students that the pages of a walk brought."""
    bodies = [one.given.body for one in walk if one.given.status == 200 and one.given.body]
    return {trees.folded(trees.refid(one)) for body in bodies for one in meaning.ids(body)}


def missing(stage: Stage, walk: Sequence[Call]) -> int:
    """How many objects of its list a walk did not bring, by what the hub holds or says."""
    brought = delivered(walk)
    if not stage.relayed:
        return len(everyone(stage, walk[0].zone) - brought)
    count, last = walk[0].given.line("navigationCount"), walk[-1].given
    if count.isdigit():
        return max(0, int(count) - len(brought))
    end = last.line("navigationLastPage")
    ended = last.status == 204 or (end.isdigit() and number(walk[-1]) >= int(end))
    return 0 if ended else 1


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
