"""Conditions, orders and examples (Base Architecture 5.7 to 5.9), on trees of the data model."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from lxml import etree

from conformance.simulators.problems import Refusal

_CONDITION = re.compile(
    r"""\(?\s*(?P<path>@?[\w/@]+?)\s*(?P<sign>!=|<=|>=|=|<|>)\s*(?P<value>"[^"]*"|-?\d+(\.\d+)?)\s*\)?"""
)
_ORDER = re.compile(r"(?P<path>@?[\w/@]+)=(?P<way>ascending|descending)")
_SIGNS: Mapping[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "<": operator.lt,
    ">": operator.gt,
    "<=": operator.le,
    ">=": operator.ge,
}


@dataclass(frozen=True, slots=True)
class Condition:
    """A path below the object, a sign, and the text to compare with."""

    path: str
    sign: str
    value: str

    def holds(self, element: etree._Element) -> bool:
        """Whether one of the values at the path is as asked; `!=` says that none is equal."""
        found = values(element, self.path)
        if self.sign == "!=":
            return self.value not in found
        return any(_SIGNS[self.sign](one, self.value) for one in found)


def values(element: etree._Element, path: str) -> list[str]:
    """The texts at a path such as `name/familyName` or `@refId`."""
    steps, _, attribute = path.partition("@")
    places = [element]
    for step in (one for one in steps.split("/") if one):
        places = [child for place in places for child in place if _name(child) == step]
    if attribute:
        return [str(place.get(attribute)) for place in places if place.get(attribute)]
    return [text for place in places if (text := (place.text or "").strip()) and not len(place)]


def read_where(text: str) -> tuple[str, list[Condition]]:
    """The word between the conditions (`and` where there is one) and the conditions."""
    inner = _bracketed(text)
    words = set(re.findall(r"(?<=[)\s\"\d])(and|or)(?=[(\s@\w])", inner))
    if len(words) > 1:
        raise Refusal(400, "The condition mixes and with or.")
    word = next(iter(words), "and")
    parts = re.split(rf"(?<=[)\s\"\d]){word}(?=[(\s@\w])", inner)
    found = [_CONDITION.fullmatch(part.strip()) for part in parts]
    if not all(found):
        raise Refusal(400, "The condition is not understood.")
    return word, [
        Condition(one["path"], one["sign"], one["value"].strip('"')) for one in found if one
    ]


def read_order(text: str) -> list[tuple[str, bool]]:
    """Paths with whether they descend, the most important one first."""
    found = [_ORDER.fullmatch(part.strip()) for part in _bracketed(text).split(";")]
    if not all(found):
        raise Refusal(400, "The order is not understood.")
    return [(one["path"], one["way"] == "descending") for one in found if one]


def example_holds(example: etree._Element, element: etree._Element) -> bool:
    """Whether the element has all that the example has; `%` stands for any text."""
    wanted = [(path, text) for path, text in _leaves(example) if text]
    return all(
        any(_like(text).fullmatch(value) for value in values(element, path))
        for path, text in wanted
    )


def paths_of(elements: Iterable[etree._Element]) -> set[str]:
    """Every path at which one of the elements has a value."""
    return {path for one in elements for path, _ in _leaves(one)}


def _leaves(element: etree._Element, around: str = "") -> list[tuple[str, str]]:
    found = [(f"{around}@{name!s}", str(value)) for name, value in element.items()]
    for child in element:
        path = f"{around}{_name(child)}"
        if not len(child):
            found.append((path, (child.text or "").strip()))
        found += _leaves(child, f"{path}/")
    return found


def _like(text: str) -> re.Pattern[str]:
    return re.compile(".*".join(re.escape(part) for part in text.split("%")), re.DOTALL)


def _bracketed(text: str) -> str:
    if not (text.startswith("[") and text.endswith("]") and len(text) > 2):
        raise Refusal(400, "The qualifier does not stand in square brackets.")
    return text[1:-1]


def _name(element: etree._Element) -> str:
    return etree.QName(element).localname
