"""Apply a partial object: absent means unchanged, xsi:nil means cleared, a list is sent whole."""

from __future__ import annotations

from copy import deepcopy

from lxml.etree import _Element

from reference_hub.codec.shape import Shape
from reference_hub.codec.xml import children, local_name

_NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"


def merge(stored: _Element, sent: _Element, shape: Shape) -> None:
    """Change `stored` in place by what `sent` holds (Base Architecture 5.13)."""
    for name in map(str, sent.attrib):
        stored.set(name, sent.get(name, ""))
    before: _Element | None = None
    for group in _groups(sent):
        before = _apply(stored, group, shape, before)


def _groups(sent: _Element) -> list[list[_Element]]:
    groups: dict[str, list[_Element]] = {}
    for child in children(sent):
        groups.setdefault(str(child.tag), []).append(child)
    return list(groups.values())


def _apply(
    stored: _Element, group: list[_Element], shape: Shape, before: _Element | None
) -> _Element | None:
    name = local_name(group[0])
    old = [child for child in children(stored) if child.tag == group[0].tag]
    # A list with one member looks like a structure; only the shape knows better.
    single = len(group) == 1 and len(old) == 1 and not shape.many(name)
    if single and children(group[0]) and children(old[0]) and not _is_nil(group[0]):
        merge(old[0], group[0], shape.below(name))
        return old[0]
    new = [deepcopy(child) for child in group if not _is_nil(child)]
    at = _place(stored, old, name, shape, before)
    for child in old:
        stored.remove(child)
    stored[at:at] = new
    return new[-1] if new else before


def _place(
    stored: _Element, old: list[_Element], name: str, shape: Shape, before: _Element | None
) -> int:
    if old:
        return stored.index(old[0])
    place = shape.place(name)
    if place is not None:
        return _by_shape(stored, place, shape)
    return len(stored) if before is None else stored.index(before) + 1


def _by_shape(stored: _Element, place: int, shape: Shape) -> int:
    for child in children(stored):
        other = shape.place(local_name(child))
        if other is not None and other > place:
            return stored.index(child)
    return len(stored)


def _is_nil(element: _Element) -> bool:
    return element.get(_NIL) in ("true", "1")
