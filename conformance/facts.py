"""What became of each value of an object between what was sent and what is read back.

The fates are those of `fidelity`: kept, changed, lost, invented. Items of a list are held against
their likes: an equal item first, whatever its place, the others in their order. What XML calls
another spelling of the same value is the same: NFC, the zone of a date, 1 for true, 3.90 for 3.9,
case and hyphens of an id, nil or empty for absent.
Source: XML Schema part 2 (datatypes), sections 3.2 and 3.3; the translation profile of this suite.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import lru_cache

from lxml import etree

from conformance import trees
from conformance.fidelity import CHANGED, INVENTED, KEPT, LOST, plain

_DATES = re.compile(r"(birth|entry|exit)Date$")
_FLAGS = re.compile(r"(Indicator|Ethnicity|livesWith)$")
_NUMBERS = re.compile(r"(Gpa|classRank|contactSequence)$")
_IDS = re.compile(r"(@refId|RefId|/refId)$")


@dataclass(frozen=True, slots=True)
class Fate:
    """One value: its path without places in lists, what became of it, and both values."""

    path: str
    outcome: str
    sent: str
    kept: str


def fates(sent: etree._Element, kept: etree._Element | None) -> Iterator[Fate]:
    """The fate of every value of `sent`, and of what `kept` has beyond it; None: nothing kept."""
    return _fates(sent, kept, trees.local(sent))


def below(found: Iterable[Fate], *paths: str) -> list[Fate]:
    """The fates at or below these paths, all of them without any path."""
    return [
        one
        for one in found
        if not paths or any(one.path == path or one.path.startswith(f"{path}/") for path in paths)
    ]


def meaning(path: str, text: str) -> str:
    """The value in the one form under which it is compared."""
    return _form_at(path)(plain(text).strip())


@lru_cache(maxsize=4096)
def _form_at(path: str) -> Callable[[str], str]:
    forms: tuple[tuple[re.Pattern[str], Callable[[str], str]], ...] = (
        (_IDS, trees.folded),
        (_DATES, lambda date: date[:10]),
        (_FLAGS, lambda flag: {"1": "true", "0": "false"}.get(flag, flag)),
        (_NUMBERS, _number),
    )
    return next((form for place, form in forms if place.search(path)), str)


def _number(text: str) -> str:
    try:
        return f"{Decimal(text).normalize():f}"
    except InvalidOperation:
        return text


def _fates(sent: etree._Element | None, kept: etree._Element | None, path: str) -> Iterator[Fate]:
    before, after = _values(sent, path), _values(kept, path)
    for place in {**before, **after}:
        yield Fate(place, *_fate(before.get(place, ""), after.get(place, "")))
    ours, theirs = _children(sent), _children(kept)
    for name in {**ours, **theirs}:
        own = f"{path}/{name}"
        for one, other in _paired(ours.get(name, []), theirs.get(name, []), own):
            yield from _fates(one, other, own)


def _values(element: etree._Element | None, path: str) -> dict[str, str]:
    """The attribute refId and the text of an element that has no children, where not empty."""
    if element is None:
        return {}
    told = {f"{path}/@refId": trees.refid(element)}
    if len(element) == 0:
        told[path] = element.text or ""
    named = ((place, text) for place, text in told.items() if text)
    return {place: value for place, text in named if (value := meaning(place, text))}


def _fate(before: str, after: str) -> tuple[str, str, str]:
    if before == after:
        return KEPT, before, after
    if not before:
        return INVENTED, before, after
    return (CHANGED if after else LOST), before, after


def _children(element: etree._Element | None) -> dict[str, list[etree._Element]]:
    found: dict[str, list[etree._Element]] = {}
    for child in element if element is not None else ():
        found.setdefault(trees.local(child), []).append(child)
    return found


def _paired(
    ours: list[etree._Element], theirs: list[etree._Element], path: str
) -> Iterator[tuple[etree._Element | None, etree._Element | None]]:
    """Equal items first, then what is left in its order; None where one side has no more."""
    if len(ours) < 2 and len(theirs) < 2:
        yield ours[0] if ours else None, theirs[0] if theirs else None
        return
    rest = list(theirs)
    unmatched = []
    for one in ours:
        own = _form(one, path)
        twin = next((other for other in rest if _form(other, path) == own), None)
        if twin is None:
            unmatched.append(one)
        else:
            rest.remove(twin)
            yield one, twin
    for place in range(max(len(unmatched), len(rest))):
        yield (
            unmatched[place] if place < len(unmatched) else None,
            rest[place] if place < len(rest) else None,
        )


def _form(element: etree._Element, path: str) -> object:
    """The element as a value that compares: its own values and its children in any order."""
    inner = sorted(repr(_form(child, f"{path}/{trees.local(child)}")) for child in element)
    return trees.local(element), sorted(_values(element, path).items()), inner
