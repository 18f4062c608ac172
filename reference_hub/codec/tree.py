"""Infrastructure elements written where no request is at hand, and moved between its versions."""

from __future__ import annotations

from collections.abc import Iterable

from lxml import etree
from lxml.etree import _Element

from reference_hub.codec.xml import local_name, namespace_of
from reference_hub.model.infrastructure import INFRASTRUCTURE, version_of


def root(name: str, /, namespace: str = INFRASTRUCTURE, **attributes: str) -> _Element:
    """A root element with `namespace` as the default one."""
    nsmap: dict[str, str] = {None: namespace}  # type: ignore[dict-item]  # stubs lack None
    return etree.Element(f"{{{namespace}}}{name}", attributes, nsmap=nsmap)


def branch(parent: _Element, name: str, /, **attributes: str) -> _Element:
    """Append an empty child, in its parent's namespace."""
    return etree.SubElement(parent, f"{{{namespace_of(parent)}}}{name}", attributes)


def leaf(parent: _Element, name: str, text: str, /, **attributes: str) -> _Element:
    """Append a child with text, in its parent's namespace."""
    child = branch(parent, name, **attributes)
    child.text = text
    return child


def leaves(parent: _Element, texts: Iterable[tuple[str, str]]) -> None:
    """Append a child for each pair of name and text, but none for an empty text."""
    for name, text in texts:
        if text:
            leaf(parent, name, text)


def text_of(element: _Element) -> str:
    """The text of a leaf; comments inside it do not cut it short."""
    return (element.text or "") + "".join(child.tail or "" for child in element)


def respoken(element: _Element, namespace: str) -> _Element:
    """The same content with every infrastructure element in `namespace`; others stay theirs."""
    if version_of(namespace_of(element)) or not namespace_of(element):
        fresh = root(local_name(element), namespace)
    else:
        fresh = etree.Element(element.tag, nsmap=element.nsmap)  # type: ignore[arg-type]  # stubs
    fresh.attrib.update(element.attrib)
    fresh.text, fresh.tail = element.text, element.tail
    fresh.extend(respoken(child, namespace) for child in element if isinstance(child.tag, str))
    return fresh
