"""What one object says of itself under a rule; what needs other objects is only gathered here."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation

from lxml.etree import _Element

from reference_hub.codec.collection_path import elements, values
from reference_hub.model.collection import LEAD_TO, NAMED_BY, UNIQUE, Condition, Rule

Check = Callable[[Rule, _Element], bool]


def keeps(rule: Rule, element: _Element) -> bool:
    """Whether the object keeps the rule, as far as it can tell by itself.

    A rule about a value says nothing where there is no value, but for `be there`.
    """
    check = _CHECKS[rule.must]
    return all(check(rule, place) for place in places(rule, element))


def places(rule: Rule, element: _Element) -> list[_Element]:
    """The elements of which a rule is asked: those at `each` that meet its condition."""
    return [place for place in elements(element, rule.each) if _applies(rule.when, place)]


def gathered(rule: Rule, element: _Element) -> list[str]:
    """The values that other objects decide about: ids that shall lead somewhere, or be unique."""
    return [text for place in places(rule, element) for text in values(place, rule.path)]


def _applies(when: Condition | None, place: _Element) -> bool:
    if when is None:
        return True
    found = values(place, when.path)
    met = any(text in when.values for text in found) if when.values else bool(found)
    return met is not when.negated


def _there(rule: Rule, place: _Element) -> bool:
    return bool(values(place, rule.path))


def _listed(rule: Rule, place: _Element) -> bool:
    return all(text in rule.codes for text in values(place, rule.path))


def _matches(rule: Rule, place: _Element) -> bool:
    pattern = re.compile(rule.pattern, re.ASCII)
    return all(pattern.fullmatch(text) for text in values(place, rule.path))


def _long(rule: Rule, place: _Element) -> bool:
    return all(_within(rule, Decimal(len(text))) for text in values(place, rule.path))


def _ranged(rule: Rule, place: _Element) -> bool:
    numbers = map(_number, values(place, rule.path))
    return all(number is not None and _within(rule, number) for number in numbers)


def _within(rule: Rule, number: Decimal) -> bool:
    least, most = rule.least, rule.most
    return (least is None or number >= least) and (most is None or number <= most)


def _not_before(rule: Rule, place: _Element) -> bool:
    later, earlier = _pair(rule, place)
    if not later or not earlier:
        return True
    days = _day(later), _day(earlier)
    return days[0] is not None and days[1] is not None and days[0] >= days[1]


def _not_above(rule: Rule, place: _Element) -> bool:
    smaller, greater = _pair(rule, place)
    if not smaller or not greater:
        return True
    numbers = _number(smaller), _number(greater)
    return numbers[0] is not None and numbers[1] is not None and numbers[0] <= numbers[1]


def _pair(rule: Rule, place: _Element) -> tuple[str, str]:
    other = values(place, rule.other) if rule.other else []
    return next(iter(values(place, rule.path)), ""), next(iter(other), "")


def _day(text: str) -> date | None:
    # A moment counts by its day, as it is written.
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None


def _number(text: str) -> Decimal | None:
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _others_decide(_: Rule, __: _Element) -> bool:
    return True


_CHECKS: Mapping[str, Check] = {
    "be there": _there,
    "be one of": _listed,
    "match": _matches,
    "have length": _long,
    "be between": _ranged,
    "not be before": _not_before,
    "not exceed": _not_above,
    LEAD_TO: _others_decide,
    UNIQUE: _others_decide,
    NAMED_BY: _others_decide,
}
