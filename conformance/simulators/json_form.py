"""The JSON of the products that answer in it: which notation a caller asks for, and trees in it.

Sources: PESC Compliant JSON 1.0.0; SIF Infrastructure 3.2.1, Base Architecture, 4.3.4 (Goessner).
"""

from __future__ import annotations

from lxml import etree

from conformance.simulators.grammar import is_nil
from conformance.simulators.message import XML
from conformance.simulators.problems import Refusal
from fixtures.writers import goessner, pesc
from fixtures.writers.models import MODELS
from fixtures.writers.shapes import shapes
from fixtures.writers.tree import Node

JSON = "application/json"
_XML_RANGES = ("*/*", "application/*", XML, "text/*", "text/xml")


def media_of(notation: str, notations: tuple[str, ...]) -> str:
    """The Accept header for a JSON notation, empty where it is not offered."""
    if notation not in notations:
        return ""
    return JSON if notation == notations[0] else f"{JSON};notation={notation}"


def wanted(accept: str | None, notations: tuple[str, ...]) -> str:
    """The notation of the answer, empty for XML; a Refusal for who can read none of ours."""
    for wish in (accept or "*/*").lower().split(","):
        media, _, words = wish.replace(" ", "").partition(";")
        if media in _XML_RANGES:
            return ""
        if media == JSON and notations:
            named = [one for one in notations if f"notation={one}" in words]
            return (named or list(notations))[0]
    raise Refusal(406, f"Answers are {XML}{f' or {JSON}' if notations else ''}.")


def node_of(element: etree._Element) -> Node:
    """The tree of an element without notation."""
    name = etree.QName(element).localname
    attributes = {str(key): str(told) for key, told in element.items() if "{" not in str(key)}
    if is_nil(element):
        return name, attributes, None
    if len(element):
        return name, attributes, tuple(node_of(one) for one in element)
    return name, attributes, element.text or ""


def written(element: etree._Element, notation: str, model: str, *, many: bool) -> bytes:
    """One object in this notation, or a collection where there are `many`."""
    if not many:
        return alone(node_of(element), notation, model)
    nodes = [node_of(one) for one in element]
    return listed(etree.QName(element).localname, nodes, notation, model)


def alone(node: Node, notation: str, model: str) -> bytes:
    """One object."""
    if notation == "goessner":
        return goessner.text(node).encode()
    return pesc.text(node, shapes(MODELS[model].schema)).encode()


def listed(collection: str, nodes: list[Node], notation: str, model: str) -> bytes:
    """A collection of these objects."""
    if notation == "goessner":
        return b"".join(goessner.stream(collection, nodes))
    return b"".join(pesc.stream(collection, nodes, shapes(MODELS[model].schema)))
