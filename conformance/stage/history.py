"""What changed in the students of each zone since the run began, and the markers that say so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import deepcopy

from lxml import etree

from conformance import trees

CREATE, UPDATE, DELETE = "CREATE", "UPDATE", "DELETE"


class History:
    """The students by zone, and every change with its place in the row of changes.

    A marker is opaque and holds signs that must be escaped in an address.
    """

    def __init__(self, students: Mapping[str, list[etree._Element]]) -> None:
        self.students = students
        self.done: dict[str, list[tuple[str, str]]] = {zone: [] for zone in students}
        # Markers that are too old by now: how many changes they had seen.
        self.expired: dict[str, int] = dict.fromkeys(students, -1)

    def change(self, zone: str, action: str, element: etree._Element) -> None:
        """Create, replace or delete one student."""
        held, refid = self.students[zone], trees.refid(element)
        held[:] = [one for one in held if trees.refid(one) != refid]
        if action != DELETE:
            held.append(deepcopy(element))
        self.done[zone].append((action, refid))

    def marker(self, zone: str) -> str:
        """What stands for now."""
        return f"{zone}+{len(self.done[zone])}/=&now"

    def expire(self) -> None:
        """Every marker that was told so far is too old."""
        for zone, done in self.done.items():
            self.expired[zone] = len(done)
            done.append((UPDATE, ""))

    def seen(self, zone: str, marker: str) -> int | None:
        """How many changes a marker has seen; -1 if it is too old, None if it is none of ours."""
        before, _, rest = marker.partition("+")
        number = rest.removesuffix("/=&now")
        if before != zone or not number.isdigit() or int(number) > len(self.done[zone]):
            return None
        return int(number) if int(number) > self.expired[zone] else -1

    def since(self, zone: str, seen: int) -> tuple[list[etree._Element], list[str]]:
        """The students that are new or changed since then, and the ids of those that are gone."""
        touched = list(dict.fromkeys(refid for _, refid in self.done[zone][seen:] if refid))
        there: Sequence[etree._Element] = self.students[zone]
        now = [one for one in there if trees.refid(one) in touched]
        left = {trees.refid(one) for one in now}
        return now, [refid for refid in touched if refid not in left]
