"""Conditions of OneRoster: `field op 'value'`, joined by one AND or OR.

Source: 1EdTech OneRoster 1.2, rostering, REST binding, filtering.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

_PART = re.compile(r"\s*([A-Za-z][\w.]*)\s*(!=|>=|<=|=|>|<|~)\s*'((?:[^']|'')*)'\s*")
_JOINT = re.compile(r"(AND|OR)(?=\s)")


class BadFilter(Exception):
    """The condition cannot be read; nothing of it is repeated."""


def parts(text: str) -> tuple[list[tuple[str, str, str]], str]:
    """(field, operator, value) of each part, and what joins them; raises BadFilter."""
    found: list[tuple[str, str, str]] = []
    joint, at = "", 0
    while True:
        part = _PART.match(text, at)
        if part is None:
            raise BadFilter
        field, sign, value = part.groups()
        found.append((field, sign, value.replace("''", "'")))
        at = part.end()
        if at == len(text):
            return found, joint
        then = _JOINT.match(text, at)
        if then is None or len(found) == 2:
            raise BadFilter
        joint, at = then[1], then.end()


def condition(text: str) -> Callable[[Mapping[str, Any]], bool]:
    """Whether an object meets the condition; an empty one is met by all."""
    if not text:
        return lambda _: True
    tests, joint = parts(text)
    join = any if joint == "OR" else all
    return lambda body: join(_meets(body, *one) for one in tests)


def _meets(body: Mapping[str, Any], field: str, sign: str, value: str) -> bool:
    found = list(_values(body, field.split(".")))
    if sign == "!=":
        return value not in found
    return any(_compared(one, sign, value) for one in found)


def _compared(one: str, sign: str, value: str) -> bool:
    if sign == "~":
        return value in one
    return {
        "=": one == value, ">": one > value, "<": one < value, ">=": one >= value,
        "<=": one <= value,
    }[sign]  # fmt: skip


def _values(value: Any, steps: list[str]) -> Iterator[str]:
    if isinstance(value, list):
        for one in value:
            yield from _values(one, steps)
    elif steps and isinstance(value, Mapping):
        yield from _values(value.get(steps[0]), steps[1:])
    elif not steps and value is not None:
        yield str(value)
