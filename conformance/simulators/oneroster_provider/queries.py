"""Reading `filter`, `sort`, `fields`, `limit` and `offset` of OneRoster, and obeying them.

Source: OneRoster 1.1, section 3.4; 1.2 rostering, REST binding, query parameters.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from conformance.simulators.oneroster_provider.district import Bodies, Body
from conformance.simulators.problems import Refusal

_PREDICATE = re.compile(
    r"\s*([A-Za-z][\w.]*)\s*(!=|>=|<=|=|>|<|~)\s*'(.*?)'(?:\s+(AND|OR)\s+|\s*$)"
)
OPERATORS: Mapping[str, Callable[[str, str], bool]] = {
    "=": lambda one, other: one == other,
    "!=": lambda one, other: one != other,
    ">": lambda one, other: one > other,
    ">=": lambda one, other: one >= other,
    "<": lambda one, other: one < other,
    "<=": lambda one, other: one <= other,
    "~": lambda one, other: other in one,
}


@dataclass(frozen=True, slots=True)
class Predicate:
    """One predicate of a filter."""

    field: str
    operator: str
    value: str


def read_filter(text: str) -> tuple[list[Predicate], str]:
    """The predicates and the word between them; Refusal 400 for what is no filter."""
    tests: list[Predicate] = []
    at, word, joint = 0, "AND", "yes"
    while joint:
        found = _PREDICATE.match(text, at)
        if found is None or len(tests) == 2:
            raise Refusal(400, "The filter cannot be read.", "invalid_filter_field")
        tests.append(Predicate(found[1], found[2], found[3]))
        at, joint = found.end(), found[4] or ""
        word = joint or word
    return tests, word


def values(body: Body, path: str) -> list[str]:
    """The texts at a dotted path; every item of a list counts."""
    found: list[Any] = [body]
    for step in path.split("."):
        inner = [one[step] for one in found if isinstance(one, dict) and step in one]
        found = [one for each in inner for one in (each if isinstance(each, list) else [each])]
    return [one for one in found if isinstance(one, str)]


def has(bodies: Bodies, path: str) -> bool:
    """Whether some object has a text at this path."""
    return any(values(one, path) for one in bodies)


def holds(test: Predicate, body: Body) -> bool:
    """Whether the object meets the predicate; a list meets it with any of its items."""
    found = values(body, test.field)
    if test.operator == "!=":
        return test.value not in found
    return any(OPERATORS[test.operator](one, test.value) for one in found)


def number(text: str | None, usual: int, least: int) -> int:
    """A count from the query; Refusal 400 for anything else."""
    if text is None:
        return usual
    if not re.fullmatch(r"[0-9]{1,18}", text) or int(text) < least:
        raise Refusal(400, "limit and offset are counts.", "invaliddata")
    return int(text)
