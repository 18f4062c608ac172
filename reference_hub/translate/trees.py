"""XML elements as plain nodes, and nodes as XML: what the mapping tables work on.

A node is `{"@refId": "..", "name": {"givenName": ".."}, "otherEmails": {"email": [{..}, {..}]}}`:
attributes begin with `@`, the text beside attributes or children has the name `""`, what repeats
is a list. Blank text, blank attributes and xsi:nil say nothing and leave no trace; all other text
stays letter by letter. Comments and processing instructions are skipped, the text around them is
joined.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TypeAlias

from lxml import etree
from lxml.etree import _Element

from reference_hub.codec.shape import Shape, shape_of
from reference_hub.translate.places import TEXT, Node

__all__ = ["NA4", "Item", "Node", "TreeError", "element", "node", "xml"]

Item: TypeAlias = str | Node

NA4 = "http://www.sifassociation.org/datamodel/na/4.x"
_XSI = "{http://www.w3.org/2001/XMLSchema-instance}"
# Characters that no XML 1.0 document may hold, not even as a reference (XML 1.0, production 2).
_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_PARSER = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True)


class TreeError(ValueError):
    """A node cannot be written as XML."""


def node(element: _Element) -> Node:
    """Turn an object into a node; its own name is not in it. An object without values gives {}."""
    item = _item(element)
    if isinstance(item, dict):
        return item
    return {"": item} if item else {}


# Local names by tag; '' for comments and processing instructions.
_NAMES: dict[object, str] = {}
_MOST_NAMES = 10_000


def _name(tag: object) -> str:
    # A sender chooses its tags: what it may make the process remember has an end.
    if len(_NAMES) >= _MOST_NAMES:
        _NAMES.clear()
    name = _NAMES[tag] = tag.rpartition("}")[2] if isinstance(tag, str) else ""
    return name


def _item(element: _Element) -> Item:
    text = element.text
    found = _attributes(element) if element.keys() else {}
    for child in element:
        try:
            name = _NAMES[child.tag]
        except KeyError:
            name = _name(child.tag)
        # Most elements hold a text and nothing else, and this is asked millions of times.
        if len(child) or child.keys():
            item = _item(child)
            if not item:
                continue
        elif name:
            item = child.text or ""
            if not item or item.isspace():
                continue
        else:
            text = (text or "") + (child.tail or "")
            continue
        if name in found:
            _add(found, name, item)
        else:
            found[name] = item
    if text and not text.isspace():
        if not found:
            return text
        found[TEXT] = text
    return found


def _attributes(element: _Element) -> Node:
    return {
        "@" + str(key).rpartition("}")[2]: str(word)
        for key, word in element.items()
        if word.strip() and not str(key).startswith(_XSI)
    }


def _add(found: Node, name: str, item: Item) -> None:
    before = found[name]
    if isinstance(before, list):
        before.append(item)
    else:
        found[name] = [before, item]


def xml(object_type: str, content: Node, namespace: str = NA4) -> str:
    """Write a node as an object of a namespace, its elements in the order of the kit's schema.

    What the schema does not know stands last. A text that the schema demands and the node does not
    have is written empty: nothing is made up. Raises TreeError when a value holds a character that
    XML cannot carry.
    """
    parts: list[str] = []
    _write(parts, object_type, content, _order(namespace, object_type), f' xmlns="{namespace}"')
    text = "".join(parts)
    if _FORBIDDEN.search(text):
        raise TreeError(
            f"A value of this {object_type} holds a control character that XML does not allow; "
            "remove it at the source."
        )
    return text


def element(object_type: str, content: Node, namespace: str = NA4) -> _Element:
    """Build the lxml element of a node; errors as of `xml`."""
    return etree.fromstring(xml(object_type, content, namespace).encode(), _PARSER)


class _Order:
    """The order of children below one element; remembers the sets of names it has sorted."""

    __slots__ = ("below", "shape", "sorted")

    def __init__(self, shape: Shape) -> None:
        self.shape = shape
        self.below: dict[str, _Order] = {}
        self.sorted: dict[tuple[str, ...], tuple[str, ...]] = {}

    def names(self, content: Node) -> tuple[str, ...]:
        """The children's names in sequence, without attributes; the node's own text first.

        Among them those that are demanded and not there.
        """
        given = tuple(content)
        known = self.sorted.get(given)
        if known is None:
            names = [name for name in given if not name.startswith("@")]
            names += [name for name in self.shape.demanded_empty() if name not in content]
            known = self.sorted[given] = tuple(sorted(names, key=self._place))
        return known

    def _place(self, name: str) -> int:
        place = self.shape.place(name)
        if place is None:
            return len(self.shape.parts) if name else -1
        return place

    def under(self, name: str) -> _Order:
        """The order below a child."""
        found = self.below.get(name)
        if found is None:
            found = self.below[name] = _Order(self.shape.below(name))
        return found


@cache
def _order(namespace: str, object_type: str) -> _Order:
    return _Order(shape_of(namespace, object_type))


def _write(parts: list[str], tag: str, item: Item, order: _Order, head: str = "") -> None:
    if isinstance(item, str):
        parts.append(f"<{tag}{head}>{_escape(item)}</{tag}>")
        return
    attributes = [f' {key[1:]}="{_quote(str(item[key]))}"' for key in item if key[:1] == "@"]
    parts.append(f"<{tag}{head}{''.join(attributes)}>")
    for name in order.names(item):
        value = item.get(name)
        if value is None:
            parts.append(f"<{name}/>")
        elif not name:
            parts.append(_escape(str(value)))
        elif isinstance(value, str):
            parts.append(f"<{name}>{_escape(value)}</{name}>")
        elif isinstance(value, list):
            for one in value:
                _write(parts, name, one, order.under(name))
        else:
            _write(parts, name, value, order.under(name))
    parts.append(f"</{tag}>")


def _escape(text: str) -> str:
    if "&" in text or "<" in text or ">" in text or "\r" in text:
        text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        return text.replace("\r", "&#13;")
    return text


def _quote(text: str) -> str:
    text = _escape(text)
    for letter, reference in (('"', "&quot;"), ("\n", "&#10;"), ("\t", "&#9;")):
        text = text.replace(letter, reference)
    return text
