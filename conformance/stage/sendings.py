"""The objects in the calls of a publisher: one Sent for each, by request or by event."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from lxml import etree

from conformance import trees
from conformance.stage import shelf
from conformance.stage.calls import ALL, CHANGE, EVENT, Call
from conformance.stage.counter import action_of
from conformance.stage.shelf import DELETE


@dataclass(frozen=True, slots=True)
class Sent:
    """One object as it was sent. `taken`: the hub kept it, whether the sender learnt so or not."""

    call: Call
    action: str
    service: str
    refid: str
    element: etree._Element
    taken: bool

    @property
    def zone(self) -> str:
        """The zone it was sent to."""
        return self.call.zone

    @property
    def key(self) -> tuple[str, str, str]:
        """Zone, collection, folded id."""
        return self.zone, self.service, trees.folded(self.refid)

    def says(self, value: str) -> bool:
        """Whether one of its values is this one."""
        return any(one == value for _, one in trees.leaves(self.element))


def messages(calls: Iterable[Call]) -> list[Call]:
    """The calls that carry objects or delete them."""
    return [
        one
        for one in calls
        if one.given.kind == EVENT or (one.given.kind == CHANGE and action_of(one.asked))
    ]


def requests(calls: Iterable[Call]) -> list[Call]:
    """The messages that are requests."""
    return [one for one in messages(calls) if one.given.kind == CHANGE]


def events(calls: Iterable[Call]) -> list[Call]:
    """The messages that are events."""
    return [one for one in calls if one.given.kind == EVENT]


def sendings(calls: Iterable[Call]) -> list[Sent]:
    """Every object of these calls, in their order; what cannot be read is left out."""
    return [one for call in messages(calls) for one in _of(call)]


def action(call: Call) -> str:
    """What a message does: the header of an event, the method of a request."""
    if call.given.kind == EVENT:
        return call.asked.headers.get("eventAction")
    return action_of(call.asked)


def inside(call: Call) -> list[etree._Element]:
    """The objects of a message; for DELETE by address the id that stands there."""
    steps = call.asked.steps
    single = call.given.kind == CHANGE and len(steps) == 4
    if single and action(call) == DELETE:
        return [trees.inf("delete", id=steps[3])]
    try:
        root, found = shelf.members(call.asked.body)
    except trees.Unreadable:
        return []
    return [root] if single else found


def _of(call: Call) -> Iterator[Sent]:
    fine = call.given.status < 300 and call.given.refused != ALL
    for element in inside(call):
        refid = trees.refid(element)
        taken = fine and refid not in call.given.refused
        yield Sent(call, action(call), call.given.service, refid, element, taken)
