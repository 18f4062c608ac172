"""The POD in JSON, as this vendor reads and writes it: PESC notation, led by the grammar.

A list of wrappers, each with one pod; attributes without a sign; nil is null; members that no rule
knows are passed over (Infrastructure 3.6, JSON schema).
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

from lxml import etree

from conformance.simulators.documents import node
from conformance.simulators.grammar import NIL, SIMPLE, Child, Grammar, is_nil, trimmed
from conformance.simulators.problems import Malformed


def digest(element: etree._Element, grammar: Grammar) -> str:
    """The hash of a POD without its status, by which an acknowledgement names its content."""
    told = written(element, grammar)
    told.pop("podStatus", None)
    text = json.dumps(told, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def written(element: etree._Element, grammar: Grammar) -> dict[str, Any]:
    """The members of one pod element."""
    return {"id": (element.get("id") or "").strip(), **_members(element, "Pod", grammar)}


def _members(element: etree._Element, kind: str, grammar: Grammar) -> dict[str, Any]:
    space = element.tag[: element.tag.rfind("}") + 1]
    told: dict[str, Any] = {}
    for child in grammar.rules[kind]:
        found = [_value(one, child, grammar) for one in element.findall(space + child.name)]
        if child.many and (found or len(grammar.rules[kind]) == 1):
            told[child.name] = found
        elif found:
            told[child.name] = found[0]
    return told


def _value(element: etree._Element, child: Child, grammar: Grammar) -> Any:
    if is_nil(element):
        return None
    if child.check is None:
        return _members(element, child.kind, grammar)
    text = trimmed(element.text)
    return int(text) if child.check is SIMPLE["integer"] else text


def read(body: bytes, grammar: Grammar) -> etree._Element:
    """The one pod of a body as an element; raises Malformed."""
    try:
        told = json.loads(body)
    except ValueError as error:
        raise Malformed("body", "is not JSON") from error
    if not (isinstance(told, list) and len(told) == 1 and isinstance(told[0], dict)):
        raise Malformed("body", "is not a list with one pod")
    pod = told[0].get("pod")
    if not isinstance(pod, dict):
        raise Malformed("body", "is not a list with one pod")
    element = node("pod", *_elements(pod, "Pod", grammar))
    element.set("id", str(pod.get("id", "")))
    return element


def _elements(told: dict[str, Any], kind: str, grammar: Grammar) -> list[etree._Element]:
    made = []
    for child in grammar.rules[kind]:
        if child.name in told:
            value = told[child.name]
            values = value if child.many and isinstance(value, list) else [value]
            made += [_element(one, child, grammar) for one in values]
    return made


def _element(value: Any, child: Child, grammar: Grammar) -> etree._Element:
    if value is None:
        return node(child.name, **{NIL: "true"})
    if child.check is None:
        if not isinstance(value, dict):
            raise Malformed(child.name, "is not an object")
        return node(child.name, *_elements(value, child.kind, grammar))
    if not isinstance(value, str | int) or isinstance(value, bool):
        raise Malformed(child.name, "is neither a string nor a number")
    return node(child.name, str(value))
