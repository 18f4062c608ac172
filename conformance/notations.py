"""Messages in JSON, in one of the two notations of SIF: written for a target, read for a check.

Only what travels through the requests connector is written so: objects, collections, results and
errors. Environments and documents of privacy stay XML. JSON loses the namespaces, so they are put
back by the name of the root.
Sources: PESC Compliant JSON 1.0.0 (4 March 2019), section 3; SIF Infrastructure 3.2.1, Base
Architecture, 4.3.4 (Goessner).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from lxml import etree

from conformance import trees
from conformance.data_models import MODELS
from conformance.infrastructure_shapes import SHAPES, spell_text
from conformance.reply import read_json
from fixtures.writers.models import MODELS as WRITERS
from fixtures.writers.shapes import Kind, Part, shapes

XML, PESC, GOESSNER = "xml", "pesc", "goessner"
NOTATIONS = (XML, PESC, GOESSNER)
SINCE = {PESC: "3.3", GOESSNER: "3.1"}
MEDIA = "application/json"

_NAME = re.compile(r"[A-Za-z_][\w.-]*")
_NIL = f"{{{trees.XSI}}}nil"


def _known(model: str) -> Mapping[str, Part]:
    return {**shapes(WRITERS[model].schema), **SHAPES}


def shape_of(name: str, model: str) -> Kind:
    """What PESC knows of a root; of one that no schema has, nothing."""
    part = _known(model).get(name)
    return part.kind if part else Kind(spell_text)


# -- writing -------------------------------------------------------------------------------------


def written(element: etree._Element, notation: str, model: str) -> bytes:
    """The element in this notation; what no schema has is written as it would be without one."""
    name = trees.local(element)
    if notation == GOESSNER:
        told: Any = _marked(element)
        return json.dumps({name: told}, ensure_ascii=False).encode()
    part = _known(model).get(name)
    value = _typed(element, part.kind if part else Kind(spell_text))
    return f"{{{spell_text(name)}:{value}}}".encode()


def _marked(element: etree._Element) -> Any:
    members: dict[str, Any] = {
        "@xsi:nil" if key == _NIL else f"@{trees.local(str(key))}": str(value)
        for key, value in element.items()
    }
    for child in element:
        name, value = trees.local(child), _marked(child)
        there = members.get(name)
        if name not in members:
            members[name] = value
        elif isinstance(there, list):
            there.append(value)
        else:
            members[name] = [there, value]
    if len(element) == 0 and element.text:
        return {**members, "#text": element.text} if members else element.text
    return members or None


def _typed(element: etree._Element, kind: Kind) -> str:
    if element.get(_NIL) in ("true", "1"):
        return "null"
    members = [_attribute(str(key), str(value), kind) for key, value in element.items()]
    if len(element) == 0 and not kind.parts:
        text = _spelt(element.text or "", kind)
        if not members and not kind.attributes:
            return text
        members.append(f'"value":{text}')
        return f"{{{','.join(members)}}}"
    lists: dict[str, list[str]] = {}
    for child in element:
        name = trees.local(child)
        part = kind.parts.get(name)
        value = _typed(child, part.kind if part else Kind(spell_text))
        if part is not None and not part.many:
            members.append(part.key + value)
        else:
            lists.setdefault(name, []).append(value)
    for name, values in lists.items():
        alone = name not in kind.parts and len(values) == 1
        joined = values[0] if alone else f"[{','.join(values)}]"
        members.append(f"{spell_text(name)}:{joined}")
    return f"{{{','.join(members)}}}"


def _attribute(name: str, value: str, kind: Kind) -> str:
    key, spell = kind.attributes.get(name, (f"{spell_text(trees.local(name))}:", spell_text))
    try:
        return key + spell(value)
    except ValueError:
        return key + spell_text(value)


def _spelt(text: str, kind: Kind) -> str:
    try:
        return kind.spell(text)
    except ValueError:
        return spell_text(text)


# -- reading -------------------------------------------------------------------------------------


def read(body: bytes, notation: str, model: str) -> etree._Element:
    """The element that the JSON writes; raises ValueError for what is none in this notation."""
    told = read_json(body, parse_int=_Number, parse_float=_Number)
    if not (isinstance(told, dict) and len(told) == 1):
        raise ValueError("the document is not one object with one member")
    name, content = next(iter(told.items()))
    infrastructure = name in SHAPES
    space = trees.INF if infrastructure else MODELS[model].namespace
    part = _known(model).get(name) if notation == PESC else None
    return _element(name, content, space, part.kind if part else Kind(spell_text), notation)


class _Number(str):
    """The digits of a number as they stood."""

    __slots__ = ()


def _element(name: str, content: Any, space: str, kind: Kind, notation: str) -> etree._Element:
    if not _NAME.fullmatch(name):
        raise ValueError("a member is no name of an element")
    nsmap: Any = {None: space}
    made = etree.Element(f"{{{space}}}{name}", nsmap=nsmap)
    if not isinstance(content, dict):
        _fill(made, content, notation)
        return made
    for key, value in content.items():
        if notation == GOESSNER and key.startswith("@"):
            _set(made, key[1:], _text(value))
        elif key.startswith(("xsi:", "xmlns")):
            _set(made, key, _text(value))
        elif key == ("#text" if notation == GOESSNER else "value") and not kind.parts:
            _fill(made, value, notation)
        elif attribute := _attribute_of(key, kind):
            made.set(attribute, _text(value))
        else:
            made.extend(_children(key, value, space, kind, notation))
    return made


def _set(element: etree._Element, name: str, value: str) -> None:
    """An attribute; of those of XML itself the ones of the schema instance only."""
    if name.startswith("xsi:"):
        element.set(f"{{{trees.XSI}}}{name.removeprefix('xsi:')}", value)
    elif _NAME.fullmatch(name) and not name.startswith("xmlns"):
        element.set(name, value)


def _attribute_of(key: str, kind: Kind) -> str:
    wanted = f"{spell_text(key)}:"
    return next((name for name, (own, _) in kind.attributes.items() if own == wanted), "")


def _children(
    name: str, value: Any, space: str, kind: Kind, notation: str
) -> Iterator[etree._Element]:
    part = kind.parts.get(name)
    inner = part.kind if part else Kind(spell_text)
    single = part is not None and not part.many
    for one in value if isinstance(value, list) and not single else [value]:
        yield _element(name, one, space, inner, notation)


def _fill(element: etree._Element, value: Any, notation: str) -> None:
    if value is None:
        if notation == PESC:
            element.set(_NIL, "true")
        return
    element.text = " ".join(map(_text, value)) if isinstance(value, list) else _text(value)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, str):
        raise ValueError("a list or an object stands where one value is expected")
    return str(value)
