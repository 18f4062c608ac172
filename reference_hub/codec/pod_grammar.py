"""The grammar of the Privacy Obligations Document (POD), read from the kit's own schema of it.

`fixtures/standards/pod-3.3-kit.xsd` holds every fact of infrastructure 3.3 once: names, order, how
often, what may be nil, simple types. What later versions changed stands here: each contact element
that repeats became a list of `contact` elements, so `privacyContact` is in `privacyContactList`
(seen in the published JSON Schema of 3.6; that it began with 3.4 is inferred).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from functools import cache

from lxml import etree
from lxml.etree import _Element

from fixtures import standards
from reference_hub.model.infrastructure import version_of

POD, PODS = "pod", "pods"
CONTACT = "contact"
VERSIONS = ("3.0", "3.0.1", "3.1", "3.2", "3.2.1", "3.3", "3.4", "3.5", "3.6", "3.7")
LISTS_SINCE = (3, 4)
INTEGERS = frozenset({"integer", "unsignedInt"})
_XS = "{http://www.w3.org/2001/XMLSchema}"
_OF_CONTACTS = "Contacts"
_OF_CONTACT = "Contact"


@dataclass(frozen=True, slots=True)
class Leaf:
    """A simple type. `base`: normalizedString, token, anyURI, date, integer or unsignedInt.
    `words`: the only values allowed, () for any; so with `pattern`, '' for any."""

    base: str
    words: tuple[str, ...] = ()
    pattern: str = ""


@dataclass(frozen=True, slots=True)
class Slot:
    """A child element, or an attribute, at its place in the sequence; `type` names a type."""

    name: str
    type: str
    is_required: bool
    is_many: bool = False
    is_nillable: bool = False
    is_attribute: bool = False


@dataclass(frozen=True, slots=True)
class Grammar:
    """The types of one shape of the document; `roots` maps `pod` and `pods` to theirs."""

    roots: Mapping[str, str]
    branches: Mapping[str, tuple[Slot, ...]]
    leaves: Mapping[str, Leaf]

    def paths(self, type_: str = "", around: str = POD) -> Iterator[tuple[str, Slot]]:
        """Every element and attribute below the pod: `pod/privacyList/privacy/default`."""
        for slot in self.branches.get(type_ or self.roots[POD], ()):
            path = f"{around}/{'@' if slot.is_attribute else ''}{slot.name}"
            yield path, slot
            if slot.type in self.branches:
                yield from self.paths(slot.type, path)


def grammar(namespace: str) -> Grammar:
    """The grammar of an infrastructure namespace; before 3.3 there were no PODs, so that of 3.3."""
    return _grammar(has_lists(namespace))


def has_lists(namespace: str) -> bool:
    """Whether contacts stand in lists there."""
    return version_of(namespace) >= LISTS_SINCE


def schema(namespace: str) -> str:
    """The XML Schema of `pod` and `pods` in an infrastructure namespace, as text."""
    text = etree.tostring(_shaped(has_lists(namespace)), encoding="unicode")
    return text.replace(standards.POD.namespace, namespace)


@cache
def bare_names() -> Mapping[str, str]:
    """The elements of 3.3 that became lists, with the names of those lists."""
    slots = (slot for _, slot in _grammar(False).paths())
    return {slot.name: f"{slot.name}List" for slot in slots if _becomes_list(slot)}


@cache
def _grammar(lists: bool) -> Grammar:
    root = _shaped(lists)
    elements = root.iterchildren(f"{_XS}element")
    roots = {each.get("name", ""): each.get("type", "") for each in elements}
    named = {each.get("name", ""): each for each in root.iterchildren(f"{_XS}complexType")}
    branches = {name: tuple(_slots(each)) for name, each in named.items()}
    simple = root.iterchildren(f"{_XS}simpleType")
    leaves = {each.get("name", ""): _leaf(each) for each in simple}
    used = {slot.type for slots in branches.values() for slot in slots}
    builtin = {name: Leaf(name.removeprefix("xs:")) for name in used if name.startswith("xs:")}
    return Grammar(roots, branches, leaves | builtin)


def _shaped(lists: bool) -> _Element:
    root = deepcopy(_file())
    for element in root.iter(f"{_XS}element") if lists else ():
        if _becomes_list(_slot(element)):
            element.set("name", f"{element.get('name')}List")
            element.set("type", _OF_CONTACTS)
            element.set("nillable", "true")
            del element.attrib["maxOccurs"]
    return root


@cache
def _file() -> _Element:
    return etree.fromstring(standards.schema_path(standards.POD.id).read_bytes())


def _becomes_list(slot: Slot) -> bool:
    return slot.type == _OF_CONTACT and slot.is_many and slot.name != CONTACT


def _slots(definition: _Element) -> Iterator[Slot]:
    for attribute in definition.iterchildren(f"{_XS}attribute"):
        required = attribute.get("use") == "required"
        name, type_ = attribute.get("name", ""), attribute.get("type", "")
        yield Slot(name, type_, required, is_attribute=True)
    for element in definition.iter(f"{_XS}element"):
        yield _slot(element)


def _slot(element: _Element) -> Slot:
    return Slot(
        element.get("name", ""),
        element.get("type", ""),
        is_required=element.get("minOccurs") != "0",
        is_many=element.get("maxOccurs") == "unbounded",
        is_nillable=element.get("nillable") == "true",
    )


def _leaf(definition: _Element) -> Leaf:
    found = definition.find(f"{_XS}restriction")
    rule = definition if found is None else found
    words = tuple(each.get("value", "") for each in rule.iterchildren(f"{_XS}enumeration"))
    patterns = [each.get("value", "") for each in rule.iterchildren(f"{_XS}pattern")]
    return Leaf(rule.get("base", "").removeprefix("xs:"), words, "".join(patterns))
