"""Read values off an object by a path, and compare them as a query asks."""

from __future__ import annotations

import re
from decimal import Decimal
from operator import eq, ge, gt, le, lt, ne
from typing import TYPE_CHECKING, Any

from lxml.etree import _Element

from reference_hub.codec.xml import fold, refid_of
from reference_hub.model.query import OWN_ID, Condition, Path, Where

if TYPE_CHECKING:
    from collections.abc import Callable

_OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "=": eq,
    "!=": ne,
    "<": lt,
    ">": gt,
    "<=": le,
    ">=": ge,
}
# Decimal() alone would take underscores, exponents and the digits of other scripts.
_PLAIN_NUMBER = re.compile(r"[-+]?\d+(?:\.\d+)?", re.ASCII)
_HEX = frozenset("0123456789abcdef")


def values(element: _Element, path: Path) -> list[str]:
    """The texts that the path leads to, in document order."""
    if path == OWN_ID:
        return [refid_of(element)] if refid_of(element) else []
    steps = "/".join(f"{{*}}{step}" for step in path.steps)
    nodes = element.findall(steps) if steps else [element]
    if path.attribute:
        found = (node.get(path.attribute) for node in nodes)
        return [value.strip() for value in found if value is not None]
    return [_text(node) for node in nodes]


def references(element: _Element, path: Path) -> set[str]:
    """The ids that the path leads to, folded."""
    return {folded for value in values(element, path) if (folded := fold(value))}


def satisfies(element: _Element, where: Where) -> bool:
    """Whether the object meets the conditions; a path that leads nowhere meets none."""
    results = (_met(element, condition) for condition in where.conditions)
    return any(results) if where.any_of else all(results)


def same(found: str, asked: str) -> bool:
    """Equal texts; ids are equal in any case and with or without hyphens (INF-FMT-005)."""
    if found == asked:
        return True
    one, other = fold(found), fold(asked)
    return one == other and len(one) == 32 and set(one) <= _HEX


def number(text: str) -> Decimal | None:
    """The number that the text writes, None for any other text."""
    return Decimal(text) if _PLAIN_NUMBER.fullmatch(text) else None


def _met(element: _Element, condition: Condition) -> bool:
    return any(_compared(value, condition) for value in values(element, condition.path))


def _compared(value: str, condition: Condition) -> bool:
    if condition.number is not None:
        return _by_number(value, condition.operator, condition.number)
    if condition.operator in ("=", "!="):
        return same(value, condition.value.strip()) is (condition.operator == "=")
    return _OPERATORS[condition.operator](value, condition.value)


def _by_number(value: str, operator: str, asked: Decimal) -> bool:
    given = number(value)
    # As in XPath, what is no number is unequal to each number and neither above nor below one.
    return operator == "!=" if given is None else _OPERATORS[operator](given, asked)


def _text(node: _Element) -> str:
    if not len(node):
        return (node.text or "").strip()
    return " ".join("".join(map(str, node.itertext())).split())
