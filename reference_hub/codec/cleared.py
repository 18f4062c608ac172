"""What an update must say of what is gone: to its receiver an element left out means unchanged.

The opposite of `merge`: whoever has `before` and merges `now` gets `now` (Base Architecture 5.13).
An attribute cannot be cleared, and neither can an element inside a member of a list.
"""

from __future__ import annotations

from lxml import etree
from lxml.etree import _Element

from reference_hub.codec.shape import Shape
from reference_hub.codec.xml import children, local_name

_NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"


def say_cleared(now: _Element, before: _Element, shape: Shape) -> None:
    """Add an empty element with xsi:nil to `now` for each one that only `before` has."""
    last: _Element | None = None
    for tag in dict.fromkeys(str(child.tag) for child in children(before)):
        old = [child for child in children(before) if child.tag == tag]
        new = [child for child in children(now) if child.tag == tag]
        if not new:
            last = _insert(now, tag, last)
            continue
        last = new[-1]
        single = len(old) == len(new) == 1 and not shape.many(local_name(new[0]))
        if single and children(old[0]) and children(new[0]):
            say_cleared(new[0], old[0], shape.below(local_name(new[0])))


def _insert(now: _Element, tag: str, last: _Element | None) -> _Element:
    nil = etree.Element(tag, {_NIL: "true"})
    # In the order of what was there before, which was in that of the schema.
    now.insert(0 if last is None else now.index(last) + 1, nil)
    return nil
