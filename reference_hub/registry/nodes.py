"""Small pieces of the mapping that a POD is built from: what was not said is left out."""

from __future__ import annotations

from collections.abc import Iterable

Node = dict[str, object]


def said(**members: object) -> Node:
    """The members that hold something; False and 0 do, None, '' and empty mappings do not."""
    return {name: value for name, value in members.items() if value not in (None, "", {}, [])}


def listed(name: str, values: Iterable[object]) -> Node:
    """A list element with its repeating member; {} for none."""
    found = list(values)
    return {name: found} if found else {}
