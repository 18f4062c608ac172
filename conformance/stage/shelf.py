"""The objects that the suite's own hub took from a publisher, and what it says to each of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from uuid import uuid4

from lxml import etree

from conformance import trees
from conformance.trees import inf

CREATE, UPDATE, DELETE = "CREATE", "UPDATE", "DELETE"
SUCCESS = {CREATE: "201", UPDATE: "200", DELETE: "200"}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one object: the id it came with, the one it has, a status."""

    advised: str
    refid: str
    status: int

    @property
    def taken(self) -> bool:
        """Whether it was done."""
        return self.status < 300


@dataclass(slots=True)
class Shelf:
    """Objects by zone, collection and folded id. `assigns`: new objects get ids of the hub's."""

    objects: dict[tuple[str, str, str], etree._Element] = field(default_factory=dict)
    assigns: bool = False

    def find(self, zone: str, service: str, refid: str) -> etree._Element | None:
        """An object that is there."""
        return self.objects.get((zone, service, trees.folded(refid)))

    def of(self, zone: str, service: str = "") -> list[etree._Element]:
        """Everything in a zone, or one collection of it."""
        return [
            one for key, one in self.objects.items() if key[0] == zone and service in ("", key[1])
        ]

    def do(self, action: str, zone: str, service: str, element: etree._Element) -> Outcome:
        """Create, change or delete one object, as lenient as a hub can be."""
        refid = trees.refid(element)
        key = (zone, service, trees.folded(refid))
        there = key in self.objects
        if not refid:
            return Outcome(refid, refid, 400)
        if action == CREATE:
            return self._create(key, refid, element)
        if not there:
            return Outcome(refid, refid, 404)
        if action == DELETE:
            del self.objects[key]
        else:
            merge(self.objects[key], element)
        return Outcome(refid, refid, 200)

    def _create(self, key: tuple[str, str, str], refid: str, element: etree._Element) -> Outcome:
        if key in self.objects:
            return Outcome(refid, refid, 409)
        made, given = deepcopy(element), refid
        if self.assigns:
            given = str(uuid4()).upper()
            made.set("refId", given)
        self.objects[(key[0], key[1], trees.folded(given))] = made
        return Outcome(refid, given, 201)


def merge(there: etree._Element, change: etree._Element) -> None:
    """Put each child of the change in the place of the children of its name."""
    names = {str(one.tag) for one in change}
    for old in [one for one in there if str(one.tag) in names]:
        there.remove(old)
    there.extend(deepcopy(list(change)))


def results(action: str, outcomes: Sequence[Outcome]) -> etree._Element:
    """The answer to a message of many objects; their order is free, so it is turned round."""
    name = action.lower()
    items = [_item(name, one) for one in reversed(outcomes)]
    return inf(f"{name}Response", inf(f"{name}s", *items))


def _item(name: str, outcome: Outcome) -> etree._Element:
    status = SUCCESS[name.upper()] if outcome.taken else str(outcome.status)
    told = {"statusCode": status}
    if name == "create":
        told["advisoryId"] = outcome.advised
    if outcome.taken or name != "create":
        told["id"] = outcome.refid
    if outcome.taken:
        return inf(name, **told)
    error = inf("error", inf("code", status), inf("scope", f"{name} object"),
                inf("message", "This object was not taken."), id=str(uuid4()))  # fmt: skip
    return inf(name, error, **told)


def members(body: bytes) -> tuple[etree._Element, list[etree._Element]]:
    """The root of a message of many objects, and these; raises trees.Unreadable.

    A bare object, which an event must not be, is taken for the one that it holds.
    """
    root = trees.parse(body)
    if trees.refid(root):
        return root, [root]
    if trees.local(root) == "deleteRequest":
        return root, trees.every(root, "delete")
    return root, list(root)


def ids(outcomes: Iterable[Outcome]) -> tuple[str, ...]:
    """The ids of what was not taken."""
    return tuple(one.advised for one in outcomes if not one.taken)
