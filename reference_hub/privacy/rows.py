"""ROW_FILTER: which objects of a type a vendor may have at all.

Read on the whole object, also where the path is not granted. It excludes objects of its own type
only: enrollments or rosters that name an excluded student stay. Several filters all must be met.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal, InvalidOperation

from lxml.etree import _Element

from reference_hub.codec.xml import children, local_name
from reference_hub.model.pod import Condition
from reference_hub.privacy import forms

_XSI = "{http://www.w3.org/2001/XMLSchema-instance}"
_ORDERS = {"lt": (-1,), "le": (-1, 0), "gt": (1,), "ge": (1, 0)}
_LISTS, _SINGLES = ("in", "not-in"), ("eq", "ne", *_ORDERS)
_BARE = ("present", "absent")
OPS = (*_LISTS, *_SINGLES, *_BARE)
_DAY = re.compile(r"(\d{4}(?:-\d\d(?:-\d\d(?:T[\d:.]+)?)?)?)(?:Z|[+-]\d\d:\d\d)?")


def fault(condition: Condition) -> str:
    """Why a filter cannot be kept; '' when it can."""
    if condition.op not in OPS:
        return f"ROW_FILTER takes one of {', '.join(OPS)}"
    if condition.op in _BARE:
        return ""
    if not condition.value.strip(", "):
        return f"{condition.op} takes a value"
    return "" if forms.holds_text(condition.path) else "the path leads to no value"


def admits(element: _Element, filters: Iterable[Condition]) -> bool:
    """Whether an object meets all filters of its type."""
    return all(_met(element, each) for each in filters)


def decides(element: _Element, filters: Iterable[Condition]) -> bool:
    """Whether an object says something of all that its filters ask for; a part of one may not."""
    return all(_is_filled(element, forms.steps_of(each.path)[1:]) for each in filters)


def values(element: _Element, steps: tuple[str, ...]) -> Iterator[str]:
    """The values at a path of names below an element; blank and nil ones say nothing."""
    if not steps:
        text = "" if element.get(f"{_XSI}nil") in ("true", "1") else (element.text or "").strip()
        yield from [text] if text else []
    elif steps[0].startswith("@"):
        text = element.get(steps[0][1:], "").strip()
        yield from [text] if text else []
    else:
        for child in children(element):
            if local_name(child) == steps[0]:
                yield from values(child, steps[1:])


def _met(element: _Element, condition: Condition) -> bool:
    steps = forms.steps_of(condition.path)[1:]
    found = tuple(values(element, steps))
    op, wanted = condition.op, condition.value.strip()
    if op in _BARE:
        return (bool(found) or _is_filled(element, steps)) == (op == "present")
    if op in _ORDERS:
        return any(_compared(value, wanted) in _ORDERS[op] for value in found)
    words = [word.strip() for word in wanted.split(",")] if op in _LISTS else [wanted]
    # What is not said is not among the words, so it meets not-in and ne.
    return any(value in words for value in found) == (op in ("in", "eq"))


def _is_filled(element: _Element, steps: tuple[str, ...]) -> bool:
    """Whether anything is said at or below a path."""
    if steps and not steps[0].startswith("@"):
        below = (child for child in children(element) if local_name(child) == steps[0])
        return any(_is_filled(child, steps[1:]) for child in below)
    if steps:
        return any(values(element, steps))
    said = any(not name.startswith(_XSI) for name in map(str, element.attrib))
    return said or any(values(element, ())) or any(_is_filled(one, ()) for one in children(element))


def _compared(left: str, right: str) -> int | None:
    """-1, 0 or 1; None for values that have no order: neither both numbers nor both dates."""
    try:
        numbers = Decimal(left), Decimal(right)
    except InvalidOperation:
        days = _DAY.fullmatch(left), _DAY.fullmatch(right)
        if not (days[0] and days[1]):
            return None
        # A month and a day in it have no order either, so both are cut to the shorter.
        shown = min(len(days[0][1]), len(days[1][1]))
        first, second = days[0][1][:shown], days[1][1][:shown]
        return (first > second) - (first < second)
    if numbers[0].is_nan() or numbers[1].is_nan():
        return None
    return (numbers[0] > numbers[1]) - (numbers[0] < numbers[1])
