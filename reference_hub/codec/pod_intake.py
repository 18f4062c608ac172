"""PODs that others wrote, taken in whatever form they come: XML or PESC JSON, any version."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from lxml.etree import _Element

from reference_hub.codec.json_text import loads
from reference_hub.codec.pod_grammar import (
    LISTS_SINCE,
    POD,
    PODS,
    Grammar,
    bare_names,
    grammar,
    has_lists,
)
from reference_hub.codec.pod_schema import faults, json_faults
from reference_hub.codec.pod_xml import BadPod, build_pod
from reference_hub.codec.xml import MalformedDocument, children, local_name, read
from reference_hub.model.infrastructure import INFRASTRUCTURE, namespace_for, version_of

LARGEST = 2_000_000
"""Bytes, as many as the fullest POD of the kit has sixty times over."""
_BOM = b"\xef\xbb\xbf"
_OF_LISTS = namespace_for(".".join(map(str, LISTS_SINCE)))


def taken(body: bytes, version: str = "") -> list[_Element]:
    """The valid PODs of an XML or JSON document: one, or a collection; each as it was spelled.

    `version`: the infrastructure version that it must be of, such as 3.6; '' for whichever it says.
    JSON says it by its contacts alone: lists of them are 3.4, anything else is 3.3. Its unknown
    members are dropped. Raises MalformedDocument for a document that is too large, ill-formed, has
    a DOCTYPE or is not valid.
    """
    if len(body) > LARGEST:
        raise MalformedDocument(0, f"a POD of more than {LARGEST} bytes is not taken")
    if body.removeprefix(_BOM).lstrip().startswith((b"[", b"{")):
        return _of_json(body, version)
    root = read(body)
    if found := faults(root, version):
        raise MalformedDocument(0, f"not a valid POD; {found[0]}")
    return children(root) if local_name(root) == PODS else [root]


def _of_json(body: bytes, version: str) -> list[_Element]:
    loads(body)  # for its refusals: size of numbers, depth, names that stand twice
    value = json.loads(body.decode("utf-8-sig"))
    namespace = _namespace(value, version)
    if found := json_faults(value, ".".join(map(str, version_of(namespace)))):
        raise MalformedDocument(0, f"not a valid POD; {found[0]}")
    spelled = grammar(namespace)
    try:
        return [
            build_pod(_known(each, spelled.roots[POD], spelled), namespace)
            for wrapper in value
            for each in (wrapper[PODS].get(POD, []) if PODS in wrapper else [wrapper[POD]])
        ]
    except BadPod as error:
        raise MalformedDocument(0, f"not a valid POD; {error.path}: {error.reason}") from None


def _namespace(value: object, version: str) -> str:
    names, bare, lists = set(_names(value)), set(bare_names()), set(bare_names().values())
    namespace = namespace_for(version) or (_OF_LISTS if names & lists else INFRASTRUCTURE)
    # As unknown members they would be dropped, and nobody would know whom to ask.
    if names & (bare if has_lists(namespace) else lists):
        text = "not a valid POD; its contacts are spelled as in another infrastructure version"
        raise MalformedDocument(0, text)
    return namespace


def _names(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        yield from value
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for each in inner:
        yield from _names(each)


def _known(value: Any, type_: str, spelled: Grammar) -> Any:
    """The value without members that the grammar does not have."""
    if type_ not in spelled.branches:
        return int(value) if isinstance(value, float) else value
    found = {}
    for slot in spelled.branches[type_]:
        if slot.name in value:
            inner = value[slot.name] if slot.is_many else [value[slot.name]]
            several = [_known(each, slot.type, spelled) for each in inner]
            found[slot.name] = several if slot.is_many else several[0]
    return found
