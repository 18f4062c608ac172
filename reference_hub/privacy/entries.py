"""Which privacy entry of a POD is for this caller: one, never the union of several (POD-LC-006).

The standard does not say how entries compete; the order of precedence here is ours: application,
fingerprint, zone and context, end point, data model, and last the entry marked as default.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from reference_hub.model.caller import Caller
from reference_hub.model.pod import Terms


def chosen(entries: Iterable[Terms], caller: Caller) -> Terms | None:
    """The most specific entry that fits, of equal ones the first; None when none fits."""
    fitting = [terms for terms in entries if fits(terms, caller)]
    return max(fitting, key=_weight) if fitting else None


def fits(terms: Terms, caller: Caller) -> bool:
    """Whether every selector of the entry admits the caller; an empty one admits anybody."""
    return (
        _is_listed(caller.app_id, terms.app_ids)
        and _is_listed(caller.fingerprint, terms.fingerprints)
        and _is_placed(terms, caller)
        and _is_reached(terms, caller)
        and _is_spoken(terms, caller)
    )


def is_in_force(terms: Terms, today: date) -> bool:
    """Whether the contract of the entry covers the day; both ends count."""
    begun = terms.starts is None or terms.starts <= today
    return begun and (terms.ends is None or today <= terms.ends)


def _is_listed(word: str, listed: tuple[str, ...]) -> bool:
    return not listed or word in listed


def _is_placed(terms: Terms, caller: Caller) -> bool:
    here = (caller.scope.zone_id, caller.scope.context_id)
    return not terms.places or any(
        zone in ("", here[0]) and context in ("", here[1]) for zone, context in terms.places
    )


def _is_reached(terms: Terms, caller: Caller) -> bool:
    # Whoever calls the hub has no end point there; it binds what the hub pushes.
    if not terms.endpoints or not caller.endpoint:
        return True
    return any(_is_below(caller.endpoint, each) for each in terms.endpoints)


def _is_below(url: str, root: str) -> bool:
    root = root.rstrip("/")
    return url == root or url.startswith(f"{root}/")


def _is_spoken(terms: Terms, caller: Caller) -> bool:
    family, version = _split(caller.namespace)
    if not family:
        return True
    if terms.namespace and _split(terms.namespace)[0] != family:
        return False
    return _is_within(version, terms.version_min, terms.version_max)


def _split(namespace: str) -> tuple[str, str]:
    family, _, version = namespace.rstrip("/").rpartition("/")
    return family, version


def _is_within(version: str, lowest: str, highest: str) -> bool:
    numbers = _numbers(version)
    if not numbers:
        return True
    # 4.x stands for every 4: it fits where any of them does.
    low, high = _numbers(lowest)[: len(numbers)], _numbers(highest)[: len(numbers)]
    return (not low or low <= numbers) and (not high or numbers[: len(high)] <= high)


def _numbers(version: str) -> tuple[int, ...]:
    found: list[int] = []
    for part in version.split("."):
        if not part.isdecimal():
            break
        found.append(int(part))
    return tuple(found)


def _weight(terms: Terms) -> tuple[bool, ...]:
    return (
        bool(terms.app_ids),
        bool(terms.fingerprints),
        any(zone or context for zone, context in terms.places),
        bool(terms.endpoints),
        bool(terms.namespace or terms.version_min or terms.version_max),
        terms.is_default,
    )
