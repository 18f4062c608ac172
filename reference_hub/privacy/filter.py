"""Prune an object to the fields a POD grants; what is not granted is never copied.

A grant is an absolute path from the object's name, without prefixes or predicates, attributes with
`@`; it covers the subtree below. Containers for extensions and metadata are as sensitive as the
object around them, so they pass only when a path names them.

Only there may a foreign namespace pass. Elsewhere elements and attributes must be the data model's,
of XML Schema's instance attributes only nil and type are kept, and no prefix that is not used.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from lxml import etree
from lxml.etree import _Element

from reference_hub.codec.xml import children, local_name, namespace_of, read, tostring

_XSI = "http://www.w3.org/2001/XMLSchema-instance"
_NIL, _TYPE = f"{{{_XSI}}}nil", f"{{{_XSI}}}type"
_XML = "http://www.w3.org/XML/1998/namespace"

_KEYS = ("refId", "RefId")

CONTAINERS = frozenset({"SIF_Metadata", "SIF_ExtendedElements", "metadata", "extension"})

# What must not stand in bytes that pass unread: prefixes, comments and the like, containers.
_DOUBTFUL = (b"xmlns:", b"<!", b"<?", *(name.encode() for name in sorted(CONTAINERS)))

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


def passes_whole(bodies: bytes, number: int, grants: Grants, object_type: str) -> bool:
    """Whether pruning would leave so many stored objects, written one after the other, unchanged.

    Told from the bytes alone, so it is said only where there can be no doubt: the grant names the
    whole object, each declares one namespace in its first tag and no prefix, and nothing reads like
    a container.
    """
    opened = f"<{object_type}".encode()
    counts = {bodies.count(sign) for sign in (opened, opened + b" xmlns=", b"xmlns=")}
    if not grants.of(object_type).granted or counts != {number}:
        return False
    return not any(sign in bodies for sign in _DOUBTFUL)


def shows_each(grants: Grants, object_type: str) -> bool:
    """Whether something is left of every object of the type, whatever it holds."""
    node = grants.of(object_type)
    keys = [f"@{key}" for key in _KEYS if node.below.get(f"@{key}", _NOTHING).granted]
    return node.granted or (bool(keys) and set(MANDATORY.get(object_type, ())) <= set(keys))


def prune(element: _Element, grants: Grants) -> _Element | None:
    """A new element with the granted fields only; None when nothing of it may be shown.

    Comments and processing instructions are never copied.
    """
    # `.text` ends at a comment: without reading anew the text behind it would be lost.
    if next(element.iter(etree.Comment, etree.PI), None) is not None:
        element = read(tostring(element))
    node = grants.of(local_name(element))
    home = namespace_of(element)
    copy = _copy(element, node, node.granted, home)
    if copy is not None:
        etree.cleanup_namespaces(copy, keep_ns_prefixes=_in_types(copy))
    return copy


def _compiled(paths: Iterable[str]) -> _Node:
    root = _Node()
    for path in paths:
        node = root
        for step in filter(None, path.strip().split("/")):
            node = node.below.setdefault(step, _Node())
        node.granted = node is not root
    return root


def _copy(element: _Element, node: _Node, granted: bool, home: str | None) -> _Element | None:
    # `home` is the namespace that may pass; None: any, inside of a container that was granted.
    attributes = dict(_attributes(element, node, granted, home))
    kept = list(_kept(element, node, granted, home))
    if not (granted or attributes or kept):
        return None
    copy = etree.Element(element.tag, attributes, nsmap=_prefixes(element, attributes, home))  # type: ignore[arg-type]
    copy.extend(kept)
    copy.text = element.text if granted else None
    return copy if _complete(element, copy) else None


def _attributes(
    element: _Element, node: _Node, granted: bool, home: str | None
) -> Iterator[tuple[str, str]]:
    for name in map(str, element.attrib):
        asked = granted or node.below.get(f"@{name}", _NOTHING).granted
        if asked and _may_pass(element, name, home):
            yield name, element.get(name, "")


def _may_pass(element: _Element, attribute: str, home: str | None) -> bool:
    if attribute == _TYPE:
        prefix = element.get(_TYPE, "").strip().rpartition(":")[0] or None
        # Without a prefix the name hangs on the default namespace, which must be in use.
        kept = prefix is not None or element.prefix is None
        return kept and element.nsmap.get(prefix, "") == (home or namespace_of(element))
    namespace = attribute.rpartition("}")[0].removeprefix("{")
    if namespace == _XSI:
        return attribute == _NIL
    return home is None or namespace in ("", home, _XML)


def _prefixes(
    element: _Element, attributes: Iterable[str], home: str | None
) -> dict[str | None, str]:
    names = (str(element.tag), *attributes)
    used = {name[1:].partition("}")[0] for name in names if name.startswith("{")} | {home}
    return {prefix: uri for prefix, uri in element.nsmap.items() if uri in used}


def _in_types(copy: _Element) -> list[str]:
    types = (each.get(_TYPE, "") for each in copy.iter())
    return sorted(
        {prefix for prefix in (each.strip().rpartition(":")[0] for each in types) if prefix}
    )


def _kept(element: _Element, node: _Node, granted: bool, home: str | None) -> Iterator[_Element]:
    for child in children(element):
        name = local_name(child)
        if home is not None and namespace_of(child) != home:
            continue
        below = node.below.get(name, _NOTHING)
        inside = None if name in CONTAINERS and below.granted else home
        copy = _copy(child, below, below.granted or (granted and name not in CONTAINERS), inside)
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
