"""Natural names for objects whose key another model cannot carry: a term is that of its school and
code, a membership that of section and student. References to them are renamed with them."""

from __future__ import annotations

from collections.abc import Mapping

from reference_hub.translate.canonical import key_of
from reference_hub.translate.places import Node

# What identifies an object without its RefId, as paths in its node.
NATURAL: Mapping[str, tuple[str, ...]] = {
    "TermInfo": ("@SchoolInfoRefId", "@SchoolYear", "TermCode"),
    "RoomInfo": ("@SchoolInfoRefId", "RoomNumber"),
    "StaffAssignment": ("@StaffPersonalRefId", "@SchoolInfoRefId"),
    "StudentContactRelationship": ("@StudentPersonalRefId", "@StudentContactPersonalRefId"),
    "StaffSectionAssignment": ("StaffPersonalRefId", "SectionInfoRefId"),
    "StudentSectionEnrollment": ("@StudentPersonalRefId", "@SectionInfoRefId"),
}
Documents = dict[str, list[Node]]


def renamed(documents: Documents) -> Documents:
    """The documents with natural names in the place of keys that are not carried."""
    names: dict[str, str] = {}
    for object_type, parts in NATURAL.items():
        for node in documents.get(object_type, []):
            words = [key_of(str(node.get(part, ""))) for part in parts]
            names[key_of(str(node["@RefId"]))] = "|".join((object_type, *words))
    return {kind: [_renamed(node, names) for node in nodes] for kind, nodes in documents.items()}


def _renamed(node: Node, names: Mapping[str, str]) -> Node:
    found: Node = {}
    for name, value in node.items():
        if isinstance(value, list):
            found[name] = [_value(each, names) for each in value]
        else:
            found[name] = _value(value, names)
    return found


def _value(value: object, names: Mapping[str, str]) -> object:
    if isinstance(value, dict):
        return _renamed(value, names)
    return names.get(key_of(str(value)), value)


def key_of_node(node: Node) -> str:
    """The key or natural name of a document."""
    return key_of(str(node.get("@RefId") or node.get("@refId")))


def named(documents: Documents) -> dict[tuple[str, str], Node]:
    """Documents by object type and key or natural name."""
    return {
        (kind, key_of_node(node)): node
        for kind, nodes in renamed(documents).items()
        for node in nodes
    }
