"""PODs as PESC JSON, and the hash of one.

The published JSON Schema (infrastructure 3.6) wants an array of objects with the one member `pod`;
the hub writes one such object for each POD, alone or in a collection. It has no null, so what is
nil in XML is left out.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

from lxml.etree import _Element

from reference_hub.codec.pod_grammar import LISTS_SINCE, POD, PODS
from reference_hub.codec.pod_xml import tree_of
from reference_hub.codec.releases import spoken
from reference_hub.codec.xml import children, local_name, namespace_of, read
from reference_hub.model.infrastructure import INFRASTRUCTURE, namespace_for, version_of

_STATUS = "podStatus"
_LISTS_FROM = namespace_for(".".join(map(str, LISTS_SINCE)))


def is_pod(root: _Element) -> bool:
    """Whether it is a `pod` or `pods` of the infrastructure."""
    return local_name(root) in (POD, PODS) and bool(version_of(namespace_of(root)))


def write_json(root: _Element) -> bytes:
    """The JSON of a valid `pod` or `pods`. Raises MalformedDocument for one that is not valid."""
    wrapped = [{POD: tree_of(pod)} for pod in _members(root)]
    return json.dumps(wrapped, separators=(",", ":"), ensure_ascii=False).encode()


def pod_hash(document: bytes) -> str:
    """`sha256:` and the digest of a POD as it stands, without its status (our profile).

    Over its JSON form, that is over what stands below `pod`, with sorted names and no blanks, in
    UTF-8.
    """
    return _hashed(_content(read(document)))


def pod_hashes(document: bytes) -> frozenset[str]:
    """The hashes under which a vendor may know a POD: contacts as in 3.3 or as in 3.4 and later,
    numbers as JSON has them or, made from XML without its schema, as texts."""
    pod = read(document)
    told = [_content(spoken(pod, each)) for each in (INFRASTRUCTURE, _LISTS_FROM)]
    return frozenset(map(_hashed, (*told, *map(_as_texts, told))))


def _content(pod: _Element) -> dict[str, Any]:
    return {name: value for name, value in tree_of(pod).items() if name != _STATUS}


def _as_texts(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _as_texts(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_as_texts(each) for each in value]
    return str(value)


def _hashed(content: dict[str, Any]) -> str:
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def _members(root: _Element) -> list[_Element]:
    return children(root) if local_name(root) == PODS else [root]
