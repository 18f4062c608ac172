"""XML as the judge reads it: hardened parsing, names without prefixes, leaves with their paths."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator, Sequence
from copy import deepcopy
from typing import Any

from lxml import etree

INF = "http://www.sifassociation.org/infrastructure/3.3"
NA4 = "http://www.sifassociation.org/datamodel/na/4.x"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
# Ten million bytes of students have a quarter of these; a tag takes a hundred times its length.
MOST_TAGS = 1_000_000
MOST_ATTRIBUTES = 1000

_DEFAULT: Any = {None: INF}  # the stubs know no default namespace
_INFRASTRUCTURE = re.compile(r"http://(?:www\.)?sifassociation\.org/infrastructure/3\.[0-9.]*x?$")
# Atomic and possessive: a prolog of many instructions is read once, not in every combination.
_DOCTYPE = re.compile(rb"^[^<]*(?>(?:<\?.*?\?>|<!--.*?-->)[^<]*)*+<!DOCTYPE", re.DOTALL)


class Unreadable(ValueError):
    """Bytes that are not one well-formed XML document without a document type."""


def parse(data: bytes) -> etree._Element:
    """The root element; raises Unreadable. No DTD, entities, network, comments or PIs."""
    if data.count(b"<") > MOST_TAGS:
        raise Unreadable(f"the document has more than {MOST_TAGS} tags, which are not read")
    if b"<!DOCTYPE" in data and _DOCTYPE.match(data):
        raise Unreadable("the document carries a DOCTYPE, which is not read")
    try:
        root = etree.fromstring(data, _PARSERS.get())
    except (etree.XMLSyntaxError, ValueError) as error:
        place = getattr(error, "position", None)
        where = f" at line {place[0]} column {place[1]}" if place and place[0] else ""
        raise Unreadable(f"not well-formed XML{where}") from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise Unreadable("the document carries a DOCTYPE, which is not read")
    if data.count(b"=") > MOST_ATTRIBUTES:
        _refuse_many_attributes(root)
    return root


def _refuse_many_attributes(root: etree._Element) -> None:
    # Reading them takes lxml the square of their number: hours for the largest body allowed.
    if any(len(one.attrib) > MOST_ATTRIBUTES for one in root.iter()):
        raise Unreadable(f"an element has more than {MOST_ATTRIBUTES} attributes")


class _Parsers(threading.local):
    """One parser a thread; making one costs more than parsing a student."""

    def __init__(self) -> None:
        self._parser = etree.XMLParser(
            load_dtd=False,
            no_network=True,
            resolve_entities=False,
            dtd_validation=False,
            huge_tree=False,
            remove_comments=True,
            remove_pis=True,
        )

    def get(self) -> etree.XMLParser:
        return self._parser


_PARSERS = _Parsers()


def tostring(element: etree._Element) -> bytes:
    """UTF-8 with declaration, as it goes on the wire."""
    return etree.tostring(element, encoding="UTF-8", xml_declaration=True)


def local(name: str | etree._Element) -> str:
    """The name without its namespace."""
    tag = name if isinstance(name, str) else str(name.tag)
    return tag.rpartition("}")[2]


def namespace(element: etree._Element) -> str:
    """The namespace of the element, empty if it has none."""
    return str(element.tag)[1:].partition("}")[0] if str(element.tag).startswith("{") else ""


def is_infrastructure(uri: str) -> bool:
    """Whether the namespace is any SIF 3 infrastructure namespace, with or without `www.`."""
    return _INFRASTRUCTURE.match(uri) is not None


def child(element: etree._Element, *names: str) -> etree._Element | None:
    """Follow local names downwards, the first match each time."""
    current: etree._Element | None = element
    for name in names:
        current = next((one for one in current if local(one) == name), None)  # type: ignore[union-attr]
        if current is None:
            return None
    return current


def text(element: etree._Element, *names: str) -> str:
    """The stripped text below these local names, empty if it is not there."""
    found = child(element, *names)
    return (found.text or "").strip() if found is not None else ""


def every(element: etree._Element, name: str) -> list[etree._Element]:
    """All descendants with this local name, in document order."""
    return list(element.iter("{*}" + name))


def refid(element: etree._Element) -> str:
    """The key of an object: `refId` of xPress objects, `RefId` of classics, else `id`.

    Some objects of AU name it after themselves: `StudentContactRelationshipRefId`.
    """
    for name in ("refId", "RefId", "id"):
        value = element.get(name)
        if value:
            return value
    return element.get(f"{local(element)}RefId") or ""


def key_of(element: etree._Element) -> str:
    """The name of the key of an object, whether it has one or not."""
    if local(element).startswith("x"):
        return "refId"
    own = f"{local(element)}RefId"
    return own if element.get(own) else "RefId"


def folded(identifier: str) -> str:
    """An id for comparing: case and hyphens do not count."""
    return identifier.replace("-", "").casefold()


def leaves(element: etree._Element) -> Iterator[tuple[str, str]]:
    """Every attribute and every text without children as (path, value), in document order.

    Paths use local names, `@` for attributes, and `[2]` from the second element of a name on.
    """
    found: list[tuple[str, str]] = []
    _gather(element, local(element), found)
    return iter(found)


def _gather(element: etree._Element, path: str, found: list[tuple[str, str]]) -> None:
    for name, value in element.items():
        found.append((f"{path}/@{local(str(name))}", str(value).strip()))
    if len(element) == 0:
        value = (element.text or "").strip()
        if value:
            found.append((path, value))
        return
    seen: dict[str, int] = {}
    for one in element:
        name = local(str(one.tag))
        number = seen[name] = seen.get(name, 0) + 1
        _gather(one, f"{path}/{name}" if number == 1 else f"{path}/{name}[{number}]", found)


def inf(name: str, *content: etree._Element | str, **attributes: str) -> etree._Element:
    """An infrastructure element with text or children: `inf("delete", id=refid)`."""
    element = etree.Element(f"{{{INF}}}{name}", attrib=attributes, nsmap=_DEFAULT)
    for one in content:
        if isinstance(one, str):
            element.text = one
        else:
            element.append(one)
    return element


def collection(name: str, members: Sequence[etree._Element]) -> etree._Element:
    """A list element of this local name around copies of the members, in their namespace."""
    uri = namespace(members[0])
    nsmap: Any = {None: uri}
    root = etree.Element(f"{{{uri}}}{name}", nsmap=nsmap)
    root.extend(deepcopy(list(members)))
    return root
