"""The data of the suite's own hub: a few synthetic students in each zone, pruned to the grant."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from copy import deepcopy

from lxml import etree

from conformance import trees

STUDENTS = 6
# The fields of a reading application: enough to work with, and far from everything.
GRANTED = (
    "xStudent/@refId",
    "xStudent/localId",
    "xStudent/name",
    "xStudent/email",
    "xStudent/enrollment",
    "xStudent/demographics/birthDate",
)
# What is left when an agreement shrinks; no student has more than this then.
NARROW = ("xStudent/@refId", "xStudent/name/givenName", "xStudent/name/familyName")
KEPT_BACK = "xStudent/demographics/sex"


def students(seed: int, zone: int, count: int = STUDENTS, start: int = 0) -> list[etree._Element]:
    """The students of a zone (0, 1, ...) from a number on, the same for the same seed."""
    from fixtures import generate
    from fixtures.writers import xpress

    first = 40_000 + 1_000 * zone + start
    return [xpress.student(generate.student(seed, first + number)) for number in range(count)]


def pruned(element: etree._Element, granted: Iterable[str]) -> etree._Element:
    """A copy that holds nothing outside the granted paths; a path grants its subtree."""
    return _pruned(deepcopy(element), trees.local(element), tuple(granted))


def _pruned(element: etree._Element, path: str, granted: Sequence[str]) -> etree._Element:
    if path in granted:
        return element
    for name in list(element.attrib):
        if f"{path}/@{trees.local(str(name))}" not in granted:
            del element.attrib[name]
    if len(element) == 0:
        element.text = None
    for child in list(element):
        below = f"{path}/{trees.local(child)}"
        if any(one == below or one.startswith(f"{below}/") for one in granted):
            _pruned(child, below, granted)
        else:
            element.remove(child)
    return element


def sparse(element: etree._Element) -> etree._Element:
    """A copy with its id and its name only: all else is optional in an xStudent."""
    return pruned(element, NARROW)
