"""What a POD says, apart from its identity: two PODs of equal content oblige to the same."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

from reference_hub.codec.pod_xml import tree_of

if TYPE_CHECKING:
    from lxml.etree import _Element

_IDENTITY = frozenset({"id", "podStatus", "podToken", "podVersion"})


def content_of(pod: _Element) -> str:
    """`sha256:` and the digest of all but id, status, token and version (profile).

    Raises MalformedDocument for a document that is not valid.
    """
    content = {name: value for name, value in tree_of(pod).items() if name not in _IDENTITY}
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"
