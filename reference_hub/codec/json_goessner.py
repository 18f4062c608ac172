"""Goessner notation: `@` before attributes, `#text` beside them, arrays only for repetition.

Every value is a string. The order of unlike siblings and text between children lose their place;
nothing else is lost but comments. In reading, a known schema restores the order, an empty string
means the same as null, and the arrays `[{"x": ..}, {"x": ..}]` of some tools are taken as lists.
"""

from __future__ import annotations

from lxml.etree import _Element

from reference_hub.codec import json_tree as tree
from reference_hub.codec.json_text import Json
from reference_hub.codec.pesc_shape import NOTHING, UNKNOWN, Form, Shapes
from reference_hub.codec.xml import MalformedDocument, local_name, namespace_of

_MARK = "@"
_TEXT = "#text"


def write(element: _Element) -> Json:
    """The element under its name."""
    return {local_name(element): _value(element, namespace_of(element))}


def read(value: Json, namespace: str, shapes: Shapes = NOTHING) -> _Element:
    """The element that the value writes, in the namespace unless its root names another.

    Raises MalformedDocument for what no element can be.
    """
    name, content = tree.root_of(value)
    form = shapes.root(name)
    content = tree.unwrapped(name, content, UNKNOWN, form)
    named = tree.declared(content)
    root = tree.new_root(name, namespace if named is None else named)
    _fill(root, content, form, shapes)
    return root


def _value(element: _Element, around: str) -> Json:
    namespace = namespace_of(element)
    members: dict[str, Json] = {} if namespace == around else {_MARK + tree.XMLNS: namespace}
    for name, value in element.items():
        members[_MARK + tree.attribute_name(str(name))] = str(value)
    text, groups = tree.whole_text(element), tree.grouped(element)
    if not members and not groups:
        return text or None
    if text:
        members[_TEXT] = text
    for name, group in groups.items():
        values = [_value(each, namespace) for each in group]
        members[name] = values if len(values) > 1 else values[0]
    return members


def _fill(element: _Element, content: Json, form: Form, shapes: Shapes) -> None:
    if isinstance(content, list):
        raise MalformedDocument(0, "an array stands inside an array")
    if not isinstance(content, dict):
        tree.set_text(element, content)
        return
    for name, value in tree.ordered(content.items(), form):
        if name.startswith(_MARK):
            tree.set_attribute(element, _full(name[1:]), value)
        elif name == _TEXT:
            tree.set_text(element, value)
        else:
            inner = shapes.below(form, name)
            for each in tree.occurrences(tree.unwrapped(name, value, form, inner)):
                _fill(tree.new_child(element, name, each), each, inner, shapes)


def _full(name: str) -> str:
    # Frameworks that drop prefixes write @nil.
    return "xsi:nil" if name == "nil" else name
