"""Places in a node: nested dictionaries that stand for XML, JSON or a row of a file.

An XML element is `{"@refId": .., "name": {"givenName": ..}}`; "" holds text beside attributes and
a list holds repeats. A place is written `otherIds/otherId[type='NCES']/id`, also with `!=` and a
star at the end of the value, or `races[]/raceDescriptor` (a list of objects); a leading slash
starts at the root of the document, and `.` is the text of the element itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

Node = dict[str, Any]

TEXT = ""
OWN = "."
_SEGMENT = re.compile(r"(@?[\w.\-]+)(\[\])?(?:\[(@?\w+)(!?=)'([^']*)'\])?")


class PlaceError(ValueError):
    """A place that cannot be read."""


@dataclass(frozen=True, slots=True)
class Segment:
    """One step: the member's name, whether it is a list in JSON, and a test: a member's name,
    whether it must differ, and a value that may end in a star."""

    name: str
    many: bool = False
    test: tuple[str, bool, str] | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """A path of segments; `absolute` when it starts at the root of the document."""

    segments: tuple[Segment, ...]
    absolute: bool = False

    @property
    def path(self) -> str:
        """The names alone, without lists and tests: what a grant or a ledger names."""
        return "/".join(segment.name for segment in self.segments)

    @property
    def column(self) -> str:
        """The last name."""
        return self.segments[-1].name

    @property
    def plain(self) -> tuple[str, ...]:
        """The names where there are no lists, tests or ways from the root; () otherwise."""
        special = self.absolute or any(each.many or each.test for each in self.segments)
        return () if special else tuple(each.name for each in self.segments)


def parse(text: str) -> Place:
    """Read one place; raises PlaceError."""
    if text == OWN:
        return Place((Segment(TEXT),))
    absolute = text.startswith("/")
    parts = _split(text.removeprefix("/"))
    if not parts or "/".join(parts) != text.removeprefix("/"):
        raise PlaceError(f"'{text}' is not a place: names and slashes, brackets closed")
    return Place(tuple(_segment(part, text) for part in parts), absolute)


def _split(text: str) -> list[str]:
    # A slash may stand inside the quotes of a test.
    return re.findall(r"(?:[^/\[]|\[[^\]]*\])+", text)


def _segment(part: str, whole: str) -> Segment:
    match = _SEGMENT.fullmatch(part)
    if match is None:
        raise PlaceError(f"'{whole}' is not a place: '{part}' is neither a name nor a name with []")
    test = (match[3], match[4] == "!=", match[5]) if match[3] else None
    return Segment(match[1], bool(match[2]), test)


def nodes_at(node: Node, segments: Sequence[Segment]) -> list[Any]:
    """What stands at a place, lists taken apart, in document order."""
    value: Any = node
    for at, segment in enumerate(segments):
        if value.__class__ is not dict or segment.test is not None:
            return _spread([*value] if isinstance(value, list) else [value], segments[at:])
        value = value.get(segment.name)
        if value is None:
            return []
    return [*value] if isinstance(value, list) else [value]


def _spread(found: list[Any], segments: Sequence[Segment]) -> list[Any]:
    """The same from several nodes, where lists or tests are on the way."""
    for segment in segments:
        name, below = segment.name, []
        for each in found:
            value = each.get(name) if isinstance(each, dict) else None
            if isinstance(value, list):
                below.extend(value)
            elif value is not None:
                below.append(value)
        if not below:
            return below
        test = segment.test
        found = [each for each in below if _meets(each, test)] if test else below
    return found


def _meets(node: Any, test: tuple[str, bool, str]) -> bool:
    name, differs, wanted = test
    value = text_of(node.get(name)) if isinstance(node, dict) else ""
    if wanted.endswith("*"):
        return value.startswith(wanted[:-1]) != differs
    return (value == wanted) != differs


def text_of(node: Any) -> str:
    """The text of a value, JSON numbers and truth values as XML writes them; '' without one."""
    if isinstance(node, str):
        return node
    if isinstance(node, dict):
        return text_of(node.get(TEXT))
    if isinstance(node, bool):
        return "true" if node else "false"
    return "" if node is None or isinstance(node, list) else str(node)


def texts_at(node: Node, segments: Sequence[Segment]) -> list[str]:
    """The texts at a place that are not blank."""
    if len(segments) == 1 and segments[0].test is None:
        value = node.get(segments[0].name)
        if value is None:
            return []
        if isinstance(value, str):
            return [value] if value.strip() else []
    return [text for each in nodes_at(node, segments) if (text := text_of(each)).strip()]


# Finds the nodes or texts of a place from root and node, as `nodes_at` and `texts_at` do.
Nodes = Callable[[Node, Node], list[Any]]
Texts = Callable[[Node, Node], list[str]]


def nodes_finder(place: Place) -> Nodes:
    """The nodes at a place as a closure: most places are empty, which their first name tells."""
    segments, first, absolute = place.segments, place.segments[0].name, place.absolute

    def find(root: Node, node: Node) -> list[Any]:
        start = root if absolute else node
        return nodes_at(start, segments) if first in start else []

    return find


def texts_finder(place: Place) -> Texts:
    """The texts at a place as a closure: mostly single members lead to one text."""
    segments, absolute = place.segments, place.absolute
    *above, name = [segment.name for segment in segments]
    tested = any(segment.test for segment in segments)

    def find(root: Node, node: Node) -> list[str]:
        start: Any = root if absolute else node
        inner = start
        for each in above:
            inner = inner.get(each)
            if inner.__class__ is not dict:
                return texts_at(start, segments) if inner is not None else []
        value = inner.get(name)
        if value is None:
            return []
        if value.__class__ is str and not tested:
            return [value] if value and not value.isspace() else []
        return texts_at(start, segments)

    return find


def put(node: Node, segments: Sequence[Segment], value: Any) -> None:
    """Write a value at a place, making what is on the way.

    A list at a place with a list on the way, `races[]/code`, makes one object for each value.
    """
    if isinstance(value, list):
        for at, segment in enumerate(segments[:-1]):
            if segment.many:
                for each in value:
                    made: Node = {}
                    put(made, segments[at + 1 :], each)
                    add(node, segments[: at + 1], made)
                return
    for segment in segments[:-1]:
        node = _step(node, segment)
    last = segments[-1]
    held = node.get(last.name)
    if last.test is not None:
        _step(node, last)[TEXT] = value
    elif last.many:
        node.setdefault(last.name, []).extend(value if isinstance(value, list) else [value])
    elif isinstance(held, dict):
        held[TEXT] = value
    else:
        node[last.name] = value


def _step(node: Node, segment: Segment) -> Node:
    held = node.get(segment.name)
    if segment.test is not None:
        return _tested(node, segment, segment.test)
    if isinstance(held, list):
        return held[-1] if isinstance(held[-1], dict) else _replace_last(held)
    if held is None:
        made: Node = {}
        node[segment.name] = [made] if segment.many else made
        return made
    if isinstance(held, dict):
        return held
    made = {TEXT: held}
    node[segment.name] = made
    return made


def _replace_last(held: list[Any]) -> Node:
    held[-1] = {TEXT: held[-1]}
    last: Node = held[-1]
    return last


def _tested(node: Node, segment: Segment, test: tuple[str, bool, str]) -> Node:
    items = node.setdefault(segment.name, [])
    if not isinstance(items, list):
        items = node[segment.name] = [items]
    for each in items:
        if _meets(each, test):
            found: Node = each
            return found
    made: Node = {} if test[1] else {test[0]: test[2]}
    items.append(made)
    return made


def add(node: Node, segments: Sequence[Segment], item: Any) -> None:
    """Append an item at a place that holds a list."""
    for segment in segments[:-1]:
        node = _step(node, segment)
    last = segments[-1]
    if last.test is not None and not last.test[1]:
        item = {last.test[0]: last.test[2], **(item if isinstance(item, dict) else {TEXT: item})}
    held = node.get(last.name)
    if held is None:
        node[last.name] = [item] if last.many else item
    elif isinstance(held, list):
        held.append(item)
    else:
        node[last.name] = [held, item]


def leaves(node: Node, path: str = "") -> Iterator[tuple[str, str]]:
    """All values with the path they stand at, without positions."""
    for name, value in node.items():
        at = path if name == TEXT else f"{path}/{name}" if path else name
        for each in value if isinstance(value, list) else [value]:
            if isinstance(each, dict):
                yield from leaves(each, at)
            elif text := text_of(each):
                yield at, text
