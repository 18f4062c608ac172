"""What a host dropped although it answered with success: sent and read back are compared.

Ed-Fi ignores properties it does not know (API guidelines), so only reading shows the loss.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from reference_hub.translate.ledger import RECEIVER_DROPPED, Loss
from reference_hub.vendors.edfi_json import plain
from reference_hub.vendors.edfi_rows import Row, Settings

_DROPPED = "the host answered with success but does not give it back"
_CHANGED = "the host answered with success but gives back another value"


def losses(row: Row, read: Mapping[str, Any], settings: Settings) -> tuple[Loss, ...]:
    """One entry for each property of a row that did not come back as it was sent."""
    return tuple(_loss(row, place, note, settings) for place, note in dropped(row.body, read))


def dropped(sent: Mapping[str, Any], read: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The places of `sent` that `read` lacks or has with another value, each with the reason."""
    ours, theirs = _by_place(plain(sent)), _by_place(plain(read))
    found = []
    for place, values in ours.items():
        there = theirs.get(place, Counter())
        if values - there:
            short = there.total() < values.total()
            found.append((place, _DROPPED if short else _CHANGED))
    return found


def _by_place(body: Mapping[str, Any]) -> dict[str, Counter[str]]:
    found: dict[str, Counter[str]] = {}
    for place, value in _leaves(body):
        found.setdefault(place, Counter())[value] += 1
    return found


def _leaves(body: Any, place: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(body, Mapping):
        for member, value in body.items():
            yield from _leaves(value, f"{place}/{member}" if place else member)
    elif isinstance(body, list):
        for value in body:
            yield from _leaves(value, f"{place}[]")
    else:
        yield place, _comparable(str(body))


def _comparable(text: str) -> str:
    """Numbers by value; times of day with and without seconds or fractions alike."""
    if len(text) >= 8 and text[2:3] == text[5:6] == ":":
        return text[:8]
    if text.isdigit():
        return text
    try:
        number = Decimal(text)
    except InvalidOperation:
        return text
    return str(number.normalize()) if number.is_finite() else text


def _loss(row: Row, place: str, note: str, settings: Settings) -> Loss:
    path = place.replace("[]", "")
    target = f"{row.collection}.{path}"
    # A list that one line writes whole is known by its name.
    while path and (row.collection, path) not in settings.crosswalk:
        path = path.rpartition("/")[0]
    source, crosswalk_id = settings.crosswalk.get((row.collection, path), ("", ""))
    return Loss(row.entity, row.refid, crosswalk_id, source, target, RECEIVER_DROPPED, note, True)
