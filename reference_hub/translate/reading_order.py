"""In which order the lines of a section are read: most are short and go together.

Worked out once for a table. Where two lines fill one field the first wins, so only the first of
them may be moved to the front.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from reference_hub.translate.canonical import entities
from reference_hub.translate.lines import Line, Section
from reference_hub.translate.places import TEXT, Place
from reference_hub.translate.simple import Turn

# Below the place of a function that reads nodes, all is read.
ANYTHING: dict[str, Any] = {"**": {}}
Short = tuple[str, str, Turn, Line]


@dataclass(frozen=True, slots=True)
class Group:
    """Short lines below one member, `above` leads to it: column, field, turn, line."""

    above: tuple[str, ...]
    lines: tuple[Short, ...]


@dataclass(frozen=True, slots=True)
class Way:
    """A line that its function reads. Nothing stands there when none of `begins`, the first names
    of its places, is in the node; with () it must be looked at. `items` are the lines of a list.
    `plain` are the names of a place whose texts could only lead to another record."""

    line: Line
    begins: tuple[str, ...]
    items: Order | None = None
    plain: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Order:
    """What is read of a section, or of a list's items: `short` first, then `ways`, then `late`.

    `given` are fields that the header sets; `refers` and `chosen` the arguments of nested records,
    `of` the entity that they belong to.
    """

    section: Section
    short: tuple[Group, ...]
    ways: tuple[Way, ...]
    late: tuple[Way, ...]
    given: Mapping[str, str]
    refers: str = ""
    chosen: str = ""
    of: str = ""


def order(section: Section) -> Order:
    """The order of a section."""
    refers, chosen, of = "", "", ""
    if section.containers:
        refers, chosen = (*section.arguments, "")[:2]
        of = entities()[section.entity].fields[refers].of
    given = {}
    for condition in section.arguments if section.function == "when" else ():
        name, _, value = condition.partition("=")
        if value and name.isidentifier():
            given[name] = value
    # What the header fills is never filled by a short line.
    filled = {*given, refers, chosen}
    short, ways, late = _parted(section, section.lines, filled)
    return Order(section, short, ways, late, given, refers, chosen, of)


def _parted(
    section: Section, lines: Sequence[Line], filled: set[str]
) -> tuple[tuple[Group, ...], tuple[Way, ...], tuple[Way, ...]]:
    groups: dict[tuple[str, ...], list[Short]] = {}
    ways: list[Way] = []
    late: list[Way] = []
    for line in lines:
        simple = line.simple
        if simple is not None and simple.read is not None and simple.field not in filled:
            short = (simple.column, simple.field, simple.read, line)
            groups.setdefault(simple.above, []).append(short)
        elif line.function.late:
            late.append(Way(line, ()))
        elif line.items or line.function.name == "items":
            inner = Order(section, *_parted(section, line.items, set()), {})
            ways.append(Way(line, _begins(line.places), inner))
        elif line.function.read is not None and line.fields:
            ways.append(Way(line, _begins(line.places), None, _plain(line)))
        filled.update(_filled(line))
    found = tuple(Group(above, tuple(short)) for above, short in groups.items())
    return found, tuple(ways), tuple(late)


def _begins(places: Iterable[Place]) -> tuple[str, ...]:
    if any(place.absolute for place in places):
        return ()
    return tuple(dict.fromkeys(place.segments[0].name for place in places))


def _filled(line: Line) -> Iterable[str]:
    for path in line.fields:
        yield path.item or path.field if path.own else path.steps[0].field if path.steps else ""


def _plain(line: Line) -> tuple[str, ...]:
    """The names of the place of a text that could only be looked up in other records."""
    if line.function.name not in ("text", "token") or len(line.fields) != 1:
        return ()
    names = line.places[0].plain
    return names if len(line.places) == 1 and not line.fields[0].own else ()


def known(sections: Sequence[Section]) -> dict[str, Any]:
    """The names that the lines of a collection read, as a tree; ANYTHING where all is read."""
    tree: dict[str, Any] = {}
    for section in sections:
        for base in section.containers or (None,):
            inside = _grown(tree, base) if base else tree
            for line in section.lines:
                _know_line(tree, inside, line)
    return tree


def _know_line(root: dict[str, Any], inside: dict[str, Any], line: Line) -> None:
    for place in line.places:
        at = _grown(root if place.absolute else inside, place)
        if line.function.raw:
            parent = _grown(root if place.absolute else inside, Place(place.segments[:-1]))
            parent[place.column] = ANYTHING
            continue
        for below in line.items:
            for sub in below.places:
                _grown(at, sub)


def _grown(tree: dict[str, Any], place: Place) -> dict[str, Any]:
    for segment in place.segments:
        tree = tree.setdefault(segment.name, {})
        if segment.test is not None:
            tree.setdefault(segment.test[0], {})
    return _with_text(tree)


def _with_text(tree: dict[str, Any]) -> dict[str, Any]:
    # A value without attributes stands as text, one with attributes under the empty name.
    tree.setdefault(TEXT, {})
    return tree
