"""PESC notation (PESC Compliant JSON 1.0): plain members, typed and counted as the schema says.

Decided where the standard leaves room: a number keeps its digits, and one that JSON cannot spell so
(010, +5, INF) stays a string; an empty element is "" or {}, never left out; of what no schema knows
only repetition and lists named xs or xList are arrays. In reading, numbers and booleans may be
strings, repeatable members may stand alone, attributes may carry the Goessner marks.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from lxml.etree import _Element

from reference_hub.codec import json_tree as tree
from reference_hub.codec.json_text import Json, number
from reference_hub.codec.pesc_shape import BOOLEAN, LIST, NUMBER, TEXT, UNKNOWN, Form, Shapes
from reference_hub.codec.xml import MalformedDocument, local_name, namespace_of

_VALUE = "value"
_CLASH = "_"
_NO_SCHEMA = (
    "PESC JSON needs a schema, and none here has this root element; send XML or Goessner JSON"
)
_TRUTH: dict[str, Json] = {"true": True, "1": True, "false": False, "0": False}


def write(element: _Element, shapes: Shapes) -> Json:
    """The element under its name; `shapes` are those of its namespace."""
    name = local_name(element)
    return {name: _value(element, namespace_of(element), shapes.root(name), shapes)}


def read(value: Json, namespace: str, shapes: Shapes) -> _Element:
    """The element that the value writes, its children in the order of the schema.

    Raises MalformedDocument for what no element can be, and for a root that no schema has.
    """
    name, content = tree.root_of(value)
    form = shapes.root(name)
    if not form.known:
        raise MalformedDocument(0, _NO_SCHEMA)
    content = tree.unwrapped(name, content, UNKNOWN, form)
    named = tree.declared(content)
    root = tree.new_root(name, namespace if named is None else named)
    _fill(root, content, form, shapes)
    return root


def _value(element: _Element, around: str, form: Form, shapes: Shapes) -> Json:
    groups, namespace = tree.grouped(element), namespace_of(element)
    # Where the schema knows the element, its namespace goes without saying.
    foreign = namespace != around and not form.known
    members: dict[str, Json] = {tree.XMLNS: namespace} if foreign else {}
    members |= _attributes(element, form, groups)
    text = tree.whole_text(element)
    if element.get(tree.NIL) in ("true", "1"):
        return {**members, _VALUE: None} if members else None
    if not groups and not (form.known and not form.text):
        typed = _typed(text, form.text)
        return {**members, _VALUE: typed} if members or form.attributes else typed
    if text:
        members[_VALUE] = text
    for name, group in groups.items():
        inner = shapes.below(form, name)
        values: list[Json] = [_value(each, namespace, inner, shapes) for each in group]
        several = len(values) > 1 or _repeats(element, name, form)
        members[name] = values if several else values[0]
    return members


def _repeats(element: _Element, name: str, form: Form) -> bool:
    # Without a schema a list can only be told by its name.
    lists = () if form.known else (f"{name}s", f"{name}List")
    return form.many(name) or local_name(element) in lists


def _attributes(element: _Element, form: Form, groups: Collection[str]) -> dict[str, Json]:
    found: dict[str, Json] = {}
    for key, value in element.items():
        name = tree.attribute_name(str(key))
        if not name.startswith("xsi:"):
            clashes = name == _VALUE or name in form.parts or name in groups
            kind = form.attributes.get(name, TEXT)
            found[_CLASH + name if clashes else name] = _typed(str(value), kind)
    return found


def _typed(text: str, kind: str) -> Json:
    if kind.endswith(LIST):
        return [_typed(each, kind.removesuffix(LIST)) for each in text.split()]
    if kind == NUMBER:
        return number(text)
    return _TRUTH.get(text.strip(), text) if kind == BOOLEAN else text


def _fill(element: _Element, content: Json, form: Form, shapes: Shapes) -> None:
    if isinstance(content, dict):
        _fill_members(element, content, form, shapes)
    else:
        _fill_text(element, content, form)


def _fill_text(element: _Element, content: Json, form: Form) -> None:
    if content is None:
        element.set(tree.NIL, "true")
    else:
        tree.set_text(element, _joined(content, form.text))


def _fill_members(element: _Element, content: dict[str, Json], form: Form, shapes: Shapes) -> None:
    plain = not any(isinstance(each, dict | list) for each in content.values())
    for name, value in tree.ordered(content.items(), form):
        attribute = _attribute(name, content, form, plain=plain)
        if attribute:
            kind = form.attributes.get(attribute, TEXT)
            tree.set_attribute(element, attribute, _joined(value, kind))
        elif _is_text(name, form, plain=plain):
            _fill_text(element, value, form)
        else:
            inner = shapes.below(form, name)
            whole = tree.unwrapped(name, value, form, inner)
            for each in _occurrences(whole, name, form, inner):
                _fill(tree.new_child(element, name, each), each, inner, shapes)


def _attribute(name: str, content: dict[str, Json], form: Form, *, plain: bool) -> str:
    """The attribute that the member stands for, '' for a child or the text."""
    if name.startswith("@"):
        return name[1:]
    if ":" in name or name == tree.XMLNS:
        return name
    bare = name.removeprefix(_CLASH)
    if name != bare and (bare in form.attributes or bare in content or bare == _VALUE):
        return bare
    if name in form.parts or name == _VALUE:
        return ""
    if name in form.attributes:
        return name
    # Without a schema: what stands beside a lone text.
    return name if not form.known and plain and _VALUE in content else ""


def _is_text(name: str, form: Form, *, plain: bool) -> bool:
    if name == "#text":
        return True
    return name == _VALUE and name not in form.parts and (bool(form.text) or plain)


def _occurrences(value: Json, name: str, form: Form, inner: Form) -> Sequence[Json]:
    if not isinstance(value, list):
        return [value]
    # The array of a single list of values is its content, not its repetition.
    return [value] if inner.text.endswith(LIST) and not form.many(name) else value


def _joined(value: Json, kind: str) -> Json:
    if not isinstance(value, list):
        return value
    if not kind.endswith(LIST):
        raise MalformedDocument(0, "an array stands where a single value was expected")
    return " ".join(tree.text_of(each) for each in value)
