"""A district's own lines over those of a shipped mapping table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from reference_hub.translate.tables import Line


def merged_lines(held: Sequence[Line], own: Sequence[Line]) -> tuple[Line, ...]:
    """A district's line stands where those of the same place stood; all others stay.

    A line for the items of a list replaces that of the same place inside the list.
    """
    mine: dict[object, Line] = {x.places[0]: x for x in own if not (x.fields and x.fields[0].item)}
    for_items = [each for each in own if each.places[0] not in mine]
    lines: dict[object, Line] = {}
    for number, line in enumerate(held):
        place = line.places[0]
        lines[place if place in mine else number] = mine.get(place) or _with_items(line, for_items)
    lines.update(mine)
    return tuple(lines.values())


def _with_items(line: Line, own: Sequence[Line]) -> Line:
    below = (*line.items, *(each for each in own if each.fields[0].field == line.field))
    return replace(line, items=tuple({x.places[0]: x for x in below}.values()))
