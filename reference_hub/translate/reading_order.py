"""In which order the lines of a section are read: most are short and go together.

Worked out once for a table. Where two lines fill one field the first wins, so only the first of
them may be moved to the front.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from reference_hub.translate.calls import Turn
from reference_hub.translate.canonical import Record, entities
from reference_hub.translate.line_reading import (
    Begun,
    Document,
    Group,
    ReadLine,
    line_reader,
    list_reader,
)
from reference_hub.translate.lines import Line, Section
from reference_hub.translate.places import TEXT, Node, Nodes, Place, nodes_finder

# Below the place of a function that reads nodes, all is read.
ANYTHING: dict[str, Any] = {"**": {}}
Parts = tuple[tuple[Group, ...], tuple[Begun, ...], tuple[ReadLine, ...]]


@dataclass(frozen=True, slots=True)
class Order:
    """What is read of a section: `short` first, then `lines`, then `late`.

    `given` are fields that the header sets. `containers` find nested records; `refers` and `chosen`
    are their arguments, `of` the entity that they belong to.
    """

    section: Section
    short: tuple[Group, ...]
    lines: tuple[Begun, ...]
    late: tuple[ReadLine, ...]
    given: Mapping[str, str]
    containers: tuple[Nodes, ...]
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
    parts = _parted(section, section.lines, filled, of_item=False)
    containers = tuple(map(nodes_finder, section.containers))
    return Order(section, *parts, given, containers, refers, chosen, of)


def _parted(section: Section, lines: Sequence[Line], filled: set[str], *, of_item: bool) -> Parts:
    groups: dict[tuple[str, ...], list[tuple[str, str, Turn, ReadLine]]] = {}
    begun: list[Begun] = []
    late: list[ReadLine] = []
    for line in lines:
        simple, read = line.simple, line_reader(section, line, of_item=of_item)
        if line.function.late:
            late.append(read)
        elif simple is not None and simple.read is not None and simple.field not in filled:
            short = (simple.column, simple.field, simple.read, read)
            groups.setdefault(simple.above, []).append(short)
        elif line.items or line.function.name == "items":
            inner, below, _ = _parted(section, line.items, set(), of_item=True)
            begun.append((_begin(line.places), list_reader(section, line, inner, below)))
        elif line.function.read is not None and line.fields:
            begun.append((_begin(line.places), _unless_far(line, read)))
        filled.update(_filled(line))
    found = tuple(Group(above, tuple(short)) for above, short in groups.items())
    return found, tuple(begun), tuple(late)


def _begin(places: Sequence[Place]) -> str:
    """The first name of all places; '' where there are several or a place begins at the root."""
    names = {"" if place.absolute else place.segments[0].name for place in places}
    return names.pop() if len(names) == 1 else ""


def _filled(line: Line) -> Iterable[str]:
    for path in line.fields:
        yield path.item or path.field if path.own else path.steps[0].field if path.steps else ""


def _unless_far(line: Line, read: ReadLine) -> ReadLine:
    """A text that could only lead to another record is not looked at where there are none."""
    names = line.places[0].plain
    plain = line.function.name in ("text", "token") and len(line.places) == len(line.fields) == 1
    if not plain or not names or line.fields[0].own:
        return read

    def read_far(document: Document, node: Node, record: Record, owner: Record) -> None:
        if document.graph is not None or not _text_at(names, node):
            read(document, node, record, owner)

    return read_far


def _text_at(names: tuple[str, ...], node: Any) -> bool:
    """Whether there is one text, or nothing."""
    for name in names:
        if node.__class__ is not dict:
            return False
        node = node.get(name)
        if node is None:
            return True
    return node.__class__ is str


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
