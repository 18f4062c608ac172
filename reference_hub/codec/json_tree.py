"""What both JSON notations share: the root member, building elements, text of plain values."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from lxml import etree
from lxml.etree import _Element

from reference_hub.codec.json_text import Json
from reference_hub.codec.pesc_shape import Form
from reference_hub.codec.xml import MalformedDocument, children, local_name, namespace_of

XSI = "{http://www.w3.org/2001/XMLSchema-instance}"
NIL = f"{XSI}nil"
XMLNS = "xmlns"
_XML = "{http://www.w3.org/XML/1998/namespace}"
_SPACES = {"xsi": XSI, "xml": _XML}
_PREFIXES = {XSI: "xsi:", _XML: "xml:"}
_NAME = re.compile(r"[^\W\d][\w.\-]*")
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def root_of(value: Json) -> tuple[str, Json]:
    """The name and the content of the root member.

    An array of objects with one member of one name each is read as their collection, since tools
    write it so. Raises MalformedDocument for anything else.
    """
    if isinstance(value, dict) and len(value) == 1:
        return next(iter(value.items()))
    if isinstance(value, list) and (name := _same_name(value)):
        return f"{name}s", value
    raise MalformedDocument(0, "the JSON must be an object whose one member is the root element")


def declared(content: Json) -> str | None:
    """The namespace that an element names itself, in either notation."""
    if not isinstance(content, dict):
        return None
    named = content.get(f"@{XMLNS}", content.get(XMLNS))
    return named if isinstance(named, str) else None


def unwrapped(name: str, value: Json, form: Form, inner: Form) -> Json:
    """`{"x": [..]}` for the `[{"x": ..}, {"x": ..}]` that some tools write for a list `name`."""
    if not isinstance(value, list) or form.many(name):
        return value
    member = _same_name(value)
    fits = member in inner.parts if inner.known else f"{member}s" == name
    if not member or not fits:
        return value
    return {member: [each[member] for each in value if isinstance(each, dict)]}


def occurrences(value: Json) -> list[Json]:
    """The values of the elements that a member stands for."""
    return value if isinstance(value, list) else [value]


def ordered(members: Iterable[tuple[str, Json]], form: Form) -> Iterator[tuple[str, Json]]:
    """The members in the order of the schema, those it does not know at the end."""
    places = form.places()
    yield from sorted(members, key=lambda member: places.get(member[0], len(places)))


def new_root(name: str, namespace: str) -> _Element:
    """A root element; `namespace` may be ''. Raises MalformedDocument for a name that is none."""
    nsmap: dict[str, str] = {None: namespace} if namespace else {}  # type: ignore[dict-item]
    return etree.Element(_tag(name, namespace), nsmap=nsmap)


def new_child(parent: _Element, name: str, content: Json) -> _Element:
    """Append a child in its parent's namespace, or in that which its content names."""
    named = declared(content)
    namespace = namespace_of(parent) if named is None else named
    nsmap: dict[str, str] | None = None
    if named is not None:
        nsmap = {None: namespace} if namespace else {}  # type: ignore[dict-item]
    return etree.SubElement(parent, _tag(name, namespace), nsmap=nsmap)


def set_attribute(element: _Element, name: str, value: Json) -> None:
    """Set an attribute; `xsi:nil` and `xml:lang` keep their prefix, declarations are dropped."""
    prefix, colon, local = name.rpartition(":")
    if prefix == XMLNS or name == XMLNS:
        return
    if colon and prefix not in _SPACES:
        raise MalformedDocument(0, "a member has a prefix that nothing declares")
    element.set(_SPACES.get(prefix, "") + _checked(local), text_of(value))


def set_text(element: _Element, value: Json) -> None:
    """Set the text of an element from a plain value."""
    element.text = text_of(value) or None


def text_of(value: Json) -> str:
    """The text of a plain value. Raises MalformedDocument for structures and forbidden signs."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, str):
        raise MalformedDocument(0, "a plain value was expected where an array or object stands")
    if _NOT_XML.search(value):
        raise MalformedDocument(0, "a text holds a control character or half a character")
    return value


def attribute_name(name: str) -> str:
    """The name of an attribute with the prefixes that everybody knows."""
    space, brace, local = name.rpartition("}")
    return _PREFIXES.get(space + brace, "") + local


def whole_text(element: _Element) -> str:
    """All text directly in the element, also behind comments and between children."""
    if not len(element):
        return element.text or ""
    text = "".join([element.text or "", *(each.tail or "" for each in element)])
    return text if not children(element) or text.strip() else ""


def grouped(element: _Element) -> Mapping[str, list[_Element]]:
    """The children by name, in the order in which names first appear."""
    groups: dict[str, list[_Element]] = {}
    for child in children(element) if len(element) else ():
        groups.setdefault(local_name(child), []).append(child)
    return groups


def _same_name(values: list[Json]) -> str:
    names = {tuple(each) if isinstance(each, dict) else () for each in values}
    return str(names.pop()[0]) if len(names) == 1 and all(len(each) == 1 for each in names) else ""


def _tag(name: str, namespace: str) -> str:
    if any(sign in namespace for sign in "{}"):
        raise MalformedDocument(0, "a namespace is none")
    return f"{{{namespace}}}{_checked(name)}" if namespace else _checked(name)


def _checked(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise MalformedDocument(0, "a member's name cannot be the name of an element")
    return name
