"""The `pod` element from a plain mapping and back; the one way in which the hub writes PODs.

The mapping is the PESC form of the document: SIF names, lists where an element repeats, the
attribute as plain `id`. Nil elements say nothing and are left out of it.

HubError
└── BadPod               a mapping that no valid document can be made of
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeAlias

from lxml.etree import _Element

from reference_hub.codec import tree
from reference_hub.codec.json_tree import NIL
from reference_hub.codec.pod_grammar import INTEGERS, POD, Grammar, Leaf, Slot, grammar
from reference_hub.codec.pod_schema import faults
from reference_hub.codec.xml import MalformedDocument, children, local_name, namespace_of, read
from reference_hub.codec.xml import tostring as written
from reference_hub.model.infrastructure import INFRASTRUCTURE
from reference_hub.problems import HubError

Plain: TypeAlias = "str | int | list[Plain] | dict[str, Plain]"
_BLANKS = " \t\r\n"
_TRUTH = {True: "Y", False: "N"}


@dataclass(eq=False)
class BadPod(HubError):
    """`path` is like `pod/privacyList/privacy`; `reason` names no value."""

    path: str
    reason: str

    def __str__(self) -> str:
        return f"The POD cannot be written. {self.path}: {self.reason}"


def build_pod(content: Mapping[str, object], namespace: str = INFRASTRUCTURE) -> _Element:
    """A valid `pod` element in the order of the schema.

    Leaves are str, int, date, or bool for Y and N; None leaves the member out. Contacts are spelled
    as the version of the namespace does. Raises BadPod for an unknown name, a list where one value
    is due or the reverse, and for whatever the schema refuses.
    """
    element = tree.root(POD, namespace)
    spelled = grammar(namespace)
    _Builder(spelled).fill(element, content, spelled.roots[POD], POD)
    for fault in faults(element):
        path, _, reason = fault.partition(": ")
        raise BadPod(path.strip("/"), reason)
    return element


def tree_of(pod: _Element) -> dict[str, Any]:
    """The content of a `pod` of any version, contacts spelled as in it.

    Raises MalformedDocument for a document that is not valid, and for a collection.
    """
    if local_name(pod) != POD:
        raise MalformedDocument(0, "one POD was expected, not a collection of them")
    if found := faults(pod):
        raise MalformedDocument(0, f"not a valid POD; {found[0]}")
    spelled = grammar(namespace_of(pod))
    return _content(pod, spelled.roots[POD], spelled)


def with_status(document: bytes, status: str) -> bytes:
    """The same POD with another podStatus."""
    pod = read(document)
    for element in children(pod):
        if local_name(element) == "podStatus":
            element.text = status
    return written(pod)


class _Builder:
    """Writes a mapping along a grammar; `path` says where it stands."""

    def __init__(self, spelled: Grammar) -> None:
        self._grammar = spelled

    def fill(self, parent: _Element, content: object, type_: str, path: str) -> None:
        if not isinstance(content, Mapping):
            raise BadPod(path, "expected a mapping of names to values")
        slots = {slot.name: slot for slot in self._grammar.branches[type_]}
        if unknown := sorted(str(name) for name in content.keys() - slots.keys()):
            raise BadPod(path, f"has no {', '.join(unknown)}; it has {', '.join(slots)}")
        for slot in slots.values():
            inner = f"{path}/{slot.name}"
            if slot.is_required and content.get(slot.name) is None:
                raise BadPod(inner, "is required and missing")
            for value in _occurrences(content.get(slot.name), slot, inner):
                self._write(parent, slot, value, inner)

    def _write(self, parent: _Element, slot: Slot, value: object, path: str) -> None:
        if slot.type in self._grammar.branches:
            self.fill(tree.branch(parent, slot.name), value, slot.type, path)
            return
        text = _text(value, self._grammar.leaves[slot.type], path)
        try:
            if slot.is_attribute:
                parent.set(slot.name, text)
            else:
                tree.leaf(parent, slot.name, text)
        except ValueError:
            raise BadPod(path, "the text holds a sign that cannot stand in XML") from None


def _occurrences(value: object, slot: Slot, path: str) -> Iterable[object]:
    if value is None:
        return ()
    if isinstance(value, list | tuple) != slot.is_many:
        raise BadPod(path, "expected a list" if slot.is_many else "expected one value, no list")
    return value if isinstance(value, list | tuple) else (value,)


def _text(value: object, leaf: Leaf, path: str) -> str:
    if isinstance(value, bool) and leaf.words == tuple(_TRUTH.values()):
        return _TRUTH[value]
    if isinstance(value, date) and not isinstance(value, datetime) and leaf.base == "date":
        return value.isoformat()
    if isinstance(value, int) and not isinstance(value, bool) and leaf.base in INTEGERS:
        return str(value)
    if isinstance(value, str):
        return value
    raise BadPod(path, f"expected {_wanted(leaf)}; found {type(value).__name__}")


def _wanted(leaf: Leaf) -> str:
    return f"one of {', '.join(leaf.words)}" if leaf.words else f"a value for {leaf.base}"


def _content(element: _Element, type_: str, spelled: Grammar) -> dict[str, Plain]:
    slots = {slot.name: slot for slot in spelled.branches[type_]}
    found: dict[str, Plain] = {
        name: _value(text, spelled.leaves[slots[name].type])
        for name, text in ((str(key), element.get(key, "")) for key in element.attrib)
        if name in slots
    }
    if len(slots) == 1:
        # A list says that it is one even when nothing is in it.
        found |= {name: [] for name, slot in slots.items() if slot.is_many}
    for child in children(element):
        if child.get(NIL) in ("true", "1"):
            continue
        slot = slots[local_name(child)]
        value = _read(child, slot, spelled)
        if not slot.is_many:
            found[slot.name] = value
        else:
            repeated = found.setdefault(slot.name, [])
            repeated.append(value)  # type: ignore[union-attr]
    return found


def _read(child: _Element, slot: Slot, spelled: Grammar) -> Plain:
    if slot.type in spelled.branches:
        return _content(child, slot.type, spelled)
    return _value(tree.text_of(child), spelled.leaves[slot.type])


def _value(text: str, leaf: Leaf) -> Plain:
    # As XML Schema normalises white space: normalizedString keeps blanks, the others collapse.
    if leaf.base == "normalizedString":
        return text.translate(str.maketrans("\t\r\n", "   "))
    collapsed = " ".join(part for part in _blank(text).split(" ") if part)
    return int(collapsed) if leaf.base in INTEGERS else collapsed


def _blank(text: str) -> str:
    return text.translate(str.maketrans(_BLANKS, " " * len(_BLANKS)))
