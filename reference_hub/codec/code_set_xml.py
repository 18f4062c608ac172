"""The `codeSet` element; the hub always gives the codes themselves, never a link to them."""

from __future__ import annotations

from lxml.etree import _Element

from reference_hub.clock import iso
from reference_hub.codec import releases, tree
from reference_hub.model.code_set import CodeSet
from reference_hub.model.infrastructure import INFRASTRUCTURE


def write(codes: CodeSet, namespace: str = INFRASTRUCTURE) -> _Element:
    """The whole set, deleted codes included (INF-CDS-003)."""
    root = tree.root("codeSet", namespace, id=codes.id)
    tree.leaf(root, "zone", codes.zone_id)
    tree.leaf(root, "version", codes.version)
    tree.leaf(root, "timestamp", iso(codes.changed))
    listed = tree.branch(root, "codeItems")
    for item in codes.items:
        entry = tree.branch(listed, "codeItem")
        tree.leaf(entry, "code", item.code)
        tree.leaf(entry, "value", item.value)
        tree.leaves(entry, (("description", item.description),))
        tree.leaf(entry, "action", item.action)
        tree.leaf(entry, "timestamp", iso(item.at))
    return releases.fitted(root)
