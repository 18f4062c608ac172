"""Prune an object to the fields a POD grants; what is not granted is never copied.

A grant is an absolute path from the object's name, without prefixes or predicates, attributes with
`@`; it covers the subtree below. Containers for extensions and metadata are as sensitive as the
object around them, so they pass only when a path names them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from lxml import etree
from lxml.etree import _Element

from reference_hub.codec.xml import children, local_name, read, tostring

CONTAINERS = frozenset({"SIF_Metadata", "SIF_ExtendedElements", "metadata", "extension"})

# Parent -> what the Unity 4.3 schema demands inside it. A parent that would lose one of these goes
# itself, so that what is left stays valid.
MANDATORY: Mapping[str, tuple[str, ...]] = {
    "counselor": ("refId",),
    "email": ("emailAddress",),
    "enrollment": ("leaRefId", "schoolRefId", "entryDate"),
    "homeRoomTeacher": ("refId",),
    "iep": ("@refId",),
    "lea": ("@refId",),
    "otherId": ("id",),
    "phone": ("number",),
    "phoneNumber": ("number",),
    "race": ("race",),
    "referenceContactPerson": ("@refId", "name"),
    "referenceLea": ("@refId",),
    "referenceStaffPerson": ("@refId",),
    "relationship": ("studentRefId",),
    "session": ("startDate",),
    "staffPersonReference": ("refId",),
    "student": ("@refId",),
    "studentReference": ("refId",),
    "xCalendar": ("@refId", "schoolRefId"),
    "xContact": ("@refId", "name"),
    "xCourse": ("@refId", "schoolRefId"),
    "xIndividualizedEducationPlan": ("@refId",),
    "xLea": ("@refId",),
    "xRoster": ("@refId", "schoolRefId"),
    "xSchool": ("@refId", "leaRefId"),
    "xStaff": ("@refId",),
    "xStudent": ("@refId",),
    "xTransferIep": ("@refId",),
}


@dataclass(slots=True)
class _Node:
    granted: bool = False
    below: dict[str, _Node] = field(default_factory=dict)


_NOTHING = _Node()


@dataclass(frozen=True, slots=True)
class Grants:
    """Paths such as `xStudent/name/givenName`, compiled to a tree for pruning many objects."""

    paths: tuple[str, ...]
    _tree: _Node = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_tree", _compiled(self.paths))

    def of(self, object_type: str) -> _Node:
        """The part of the tree for one object type."""
        return self._tree.below.get(object_type, _NOTHING)


def touches(paths: Iterable[str], object_type: str) -> bool:
    """Whether any path grants something of the object type."""
    return any(path.strip("/ ").partition("/")[0] == object_type for path in paths)


def prune(element: _Element, grants: Grants) -> _Element | None:
    """A new element with the granted fields only; None when nothing of it may be shown.

    Comments and processing instructions are never copied.
    """
    # `.text` ends at a comment: without reading anew the text behind it would be lost.
    if next(element.iter(etree.Comment, etree.PI), None) is not None:
        element = read(tostring(element))
    node = grants.of(local_name(element))
    return _copy(element, node, node.granted)


def _compiled(paths: Iterable[str]) -> _Node:
    root = _Node()
    for path in paths:
        node = root
        for step in filter(None, path.strip().split("/")):
            node = node.below.setdefault(step, _Node())
        node.granted = node is not root
    return root


def _copy(element: _Element, node: _Node, granted: bool) -> _Element | None:
    attributes = dict(_attributes(element, node, granted))
    kept = list(_kept(element, node, granted))
    if not (granted or attributes or kept):
        return None
    copy = etree.Element(element.tag, attributes, nsmap=dict(element.nsmap))  # type: ignore[arg-type]
    copy.extend(kept)
    copy.text = element.text if granted else None
    return copy if _complete(element, copy) else None


def _attributes(element: _Element, node: _Node, granted: bool) -> Iterator[tuple[str, str]]:
    for name in map(str, element.attrib):
        if granted or node.below.get(f"@{name}", _NOTHING).granted:
            yield name, element.get(name, "")


def _kept(element: _Element, node: _Node, granted: bool) -> Iterator[_Element]:
    for child in children(element):
        name = local_name(child)
        below = node.below.get(name, _NOTHING)
        copy = _copy(child, below, below.granted or (granted and name not in CONTAINERS))
        if copy is not None:
            copy.tail = child.tail if granted else None
            yield copy


def _complete(source: _Element, copy: _Element) -> bool:
    needed = MANDATORY.get(local_name(source), ())
    if not needed:
        return True
    before, after = _names(source), _names(copy)
    return all(name in after for name in needed if name in before)


def _names(element: _Element) -> set[str]:
    inner = {local_name(child) for child in children(element)}
    return inner | {f"@{name!s}" for name in element.attrib}
