"""A SIF object as its leaves: every value with the path it stands at."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml.etree import _Element

XSI = "{http://www.w3.org/2001/XMLSchema-instance}"


@dataclass(frozen=True, slots=True)
class Leaf:
    """One value. `path` as a POD grants it, without positions; `place` tells repeats apart;
    `parent` is the place of the element around it. `value` is the text as it was received."""

    path: str
    place: str
    parent: str
    value: str


@dataclass(frozen=True, slots=True)
class Record:
    """All leaves of one object in document order, and the places of its containers by path."""

    object_type: str
    leaves: tuple[Leaf, ...]
    by_path: dict[str, list[Leaf]] = field(default_factory=dict)
    by_place: dict[str, Leaf] = field(default_factory=dict)
    containers: dict[str, list[str]] = field(default_factory=dict)

    def at(self, path: str) -> list[Leaf]:
        """Leaves at a path, in document order."""
        return self.by_path.get(path, [])

    def beside(self, leaf: Leaf, name: str) -> Leaf | None:
        """The sibling of a leaf with this element name."""
        return self.by_place.get(f"{leaf.parent}/{name}")

    def under(self, place: str, name: str) -> Leaf | None:
        """The leaf with this name directly in a container."""
        return self.by_place.get(f"{place}/{name}")


def read(element: _Element) -> Record:
    """Take an object apart. Blank text and xsi:nil say nothing and make no leaf."""
    name = _name(element)
    containers: dict[str, list[str]] = {}
    leaves = tuple(_walk(element, name, name, "", containers))
    record = Record(name, leaves, containers=containers)
    for leaf in record.leaves:
        record.by_path.setdefault(leaf.path, []).append(leaf)
        record.by_place[leaf.place] = leaf
    return record


def _walk(
    element: _Element, path: str, place: str, parent: str, containers: dict[str, list[str]]
) -> Iterator[Leaf]:
    for key, value in element.attrib.items():
        if not str(key).startswith(XSI) and str(value).strip():
            name = "@" + str(key).rpartition("}")[2]
            yield Leaf(f"{path}/{name}", f"{place}/{name}", place, str(value))
    if element.text and element.text.strip():
        yield Leaf(path, place, parent, element.text)
    if len(element):
        containers.setdefault(path, []).append(place)
        yield from _children(element, path, place, containers)


def _children(
    element: _Element, path: str, place: str, containers: dict[str, list[str]]
) -> Iterator[Leaf]:
    seen: dict[str, int] = {}
    for child in element:
        if isinstance(child.tag, str):
            name = _name(child)
            seen[name] = count = seen.get(name, 0) + 1
            at = f"{place}/{name}" if count == 1 else f"{place}/{name}[{count}]"
            yield from _walk(child, f"{path}/{name}", at, place, containers)


def _name(element: _Element) -> str:
    return str(element.tag).rpartition("}")[2]
