"""The JSON that a client reads and writes, in one of the two notations (Base Architecture 4.3.4,
PESC Compliant JSON 1.0.0). Inside the client everything is XML."""

from __future__ import annotations

import json
from typing import Any

from lxml import etree

from conformance.simulators import pod_json
from conformance.simulators.agreements import GRAMMAR
from conformance.simulators.documents import INF, NA4, node, serialise
from conformance.simulators.grammar import NIL
from conformance.simulators.problems import Malformed, Refusal

PESC, GOESSNER = "pesc", "goessner"
# In PESC an attribute looks like an element: which names are attributes stands in the schema.
_ATTRIBUTES = {INF: {"id", "name", "type", "contextId"}, NA4: {"refId"}}
_XSI_NIL = "@xsi:nil"


class Form:
    """One of the notations; a mutant overrides one method."""

    media = "application/json"

    def __init__(self, notation: str) -> None:
        self.notation = notation
        self.pesc = notation == PESC

    # -- writing -----------------------------------------------------------------------------

    def written(self, element: etree._Element) -> bytes:
        """An element as it is sent."""
        name = etree.QName(element).localname
        return json.dumps(self.rooted(name, self._value(element)), ensure_ascii=False).encode()

    def rooted(self, name: str, value: Any) -> Any:
        """The one member outside is the name of the root."""
        return {name: value}

    def key_of(self, attribute: str) -> str:
        """How an attribute is spelled."""
        return attribute if self.pesc else f"@{attribute}"

    def several(self, values: list[Any], *, is_list: bool) -> Any:
        """What stands for the children of one name; `is_list`: they are those of a list."""
        return values if len(values) > 1 or (is_list and self.pesc) else values[0]

    def _value(self, element: etree._Element) -> Any:
        told: dict[str, Any] = {
            self.key_of(str(name)): str(value) for name, value in element.items()
        }
        if len(element) == 0:
            if not told or not element.text:
                return told or element.text
            return told | {"value" if self.pesc else "#text": element.text}
        groups: dict[str, list[Any]] = {}
        for one in element:
            groups.setdefault(etree.QName(one).localname, []).append(self._value(one))
        own = etree.QName(element).localname
        listed = {name: self.several(some, is_list=own == f"{name}s")
                  for name, some in groups.items()}  # fmt: skip
        return told | listed

    # -- reading -----------------------------------------------------------------------------

    def read(self, body: bytes) -> bytes:
        """A body as XML; as it is where it is not of this notation."""
        try:
            # The digits of a number stay as they stood.
            told = json.loads(body, parse_int=str, parse_float=str)
            return serialise(self._document(told))
        except (ValueError, Refusal, Malformed):
            return body

    def _document(self, told: Any) -> etree._Element:
        if isinstance(told, list):
            return self.documents(told)
        if not (isinstance(told, dict) and len(told) == 1):
            raise Refusal(400, "The body is not one object with one member.")
        name, content = next(iter(told.items()))
        made = etree.Element(f"{{{NA4 if name.startswith('x') else INF}}}{name}")
        self._fill(made, content)
        return made

    def documents(self, told: list[Any]) -> etree._Element:
        """The documents of privacy, each in a wrapper of its own."""
        return node("pods", *(pod_json.read(json.dumps([one]).encode(), GRAMMAR) for one in told))

    def _fill(self, element: etree._Element, content: Any) -> None:
        if content is None and self.pesc:
            element.set(NIL, "true")
        elif isinstance(content, dict):
            for name, value in content.items():
                self._member(element, name, value)
        elif content is not None:
            element.text = self.text_of(content)

    def _member(self, element: etree._Element, name: str, value: Any) -> None:
        space = etree.QName(element).namespace or ""
        plain = isinstance(value, str)
        if name == _XSI_NIL:
            element.set(NIL, value)
        elif name.startswith("@") or (self.pesc and plain and name in _ATTRIBUTES[space]):
            element.set(name.removeprefix("@"), value)
        elif name == "#text" or (self.pesc and name == "value" and element.attrib):
            element.text = self.text_of(value)
        else:
            for one in self.each(value):
                self._fill(etree.SubElement(element, f"{{{space}}}{name}"), one)

    def each(self, value: Any) -> list[Any]:
        """The values that stand under one name."""
        return value if isinstance(value, list) else [value]

    def text_of(self, value: Any) -> str:
        """The text of a value."""
        if isinstance(value, bool):
            return "true" if value else "false"
        return str(value)
