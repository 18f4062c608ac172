"""Which granted paths stood in what was sent: the audit counts them, and never notes a value."""

from __future__ import annotations

from collections.abc import Iterator

from lxml.etree import _Element

from reference_hub.codec.xml import local_name
from reference_hub.privacy.grants import Grants
from reference_hub.privacy.places import Node


def fields_of(element: _Element, grants: Grants) -> Iterator[str]:
    """The paths of the grant of which a pruned object shows anything, each once."""
    name = local_name(element)
    yield from _below([element], name, grants.node(name))


def _below(found: list[_Element], path: str, node: Node) -> Iterator[str]:
    if node.granted:
        yield path
        return
    for name, below in node.below.items():
        inner = f"{path}/{name}"
        if name.startswith("@"):
            if any(each.get(name[1:]) is not None for each in found):
                yield inner
        elif children := [child for each in found for child in _named(each, name)]:
            yield from _below(children, inner, below)


def _named(element: _Element, name: str) -> Iterator[_Element]:
    return element.iterchildren(f"{{*}}{name}")
