"""Cut an object down to the paths that are granted; what cannot stand alone goes with its child.

A path such as `xStudent/name` grants all below it, `xStudent/@refId` an attribute.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from copy import deepcopy
from typing import Any

from lxml import etree

# What an element must hold (SIF NA 4.3); without it the element is no longer valid.
MANDATORY = {
    "phoneNumber": ("number",),
    "email": ("emailAddress",),
    "otherId": ("id",),
    "enrollment": ("leaRefId", "schoolRefId", "entryDate"),
    "xSchool": ("leaRefId",),
    "StudentPersonal": ("LocalId", "Name"),
    "StaffPersonal": ("LocalId", "Name"),
}


def name_of(element: etree._Element) -> str:
    """The name without its namespace."""
    return etree.QName(element).localname


def covered(path: str, fields: Iterable[str]) -> bool:
    """Whether the path is granted, itself or with something around it."""
    return any(path == one or path.startswith(f"{one}/") for one in fields)


def prune(element: etree._Element, fields: Iterable[str]) -> etree._Element | None:
    """A copy with what is granted, None if that is nothing."""
    return _kept(element, name_of(element), tuple(fields))


def _kept(element: etree._Element, path: str, fields: tuple[str, ...]) -> etree._Element | None:
    if covered(path, fields):
        copy = deepcopy(element)
        copy.tail = None
        return copy
    if not any(one.startswith(f"{path}/") for one in fields):
        return None
    told = {str(name): str(value) for name, value in element.items()}
    granted = {name: value for name, value in told.items() if covered(f"{path}/@{name}", fields)}
    nsmap: Any = element.nsmap
    kept = etree.Element(element.tag, granted, nsmap=nsmap)
    for child in element:
        part = _kept(child, f"{path}/{name_of(child)}", fields)
        if part is not None:
            kept.append(part)
    return kept if len(kept) or granted else None


def mended(element: etree._Element) -> etree._Element | None:
    """The same without the elements that lack what they must hold; None if it is one of them."""
    for child in list(element):
        if (len(child) or name_of(child) in MANDATORY) and mended(child) is None:
            element.remove(child)
    names = {name_of(child) for child in element}
    return element if names.issuperset(MANDATORY.get(name_of(element), ())) else None


def at(element: etree._Element, path: str) -> Iterator[etree._Element]:
    """The elements at a path that starts with the name of the object."""
    first, *steps = path.split("/")
    found = [element] if first == name_of(element) else []
    for step in steps:
        found = [child for one in found for child in one if name_of(child) == step]
    yield from found


def values(element: etree._Element, path: str) -> list[str]:
    """The texts at a path, also of an attribute."""
    around, _, last = path.rpartition("/")
    if last.startswith("@"):
        return [one.get(last[1:], "") for one in at(element, around)]
    return [(one.text or "").strip() for one in at(element, path)]


def drop(element: etree._Element, path: str) -> None:
    """Take the elements at a path out."""
    for one in list(at(element, path)):
        around = one.getparent()
        if around is not None:
            around.remove(one)
