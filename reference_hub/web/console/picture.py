"""The picture of the overview: boxes and lines with their places, for a wide and a narrow page.

Numbers are units of the SVG's viewBox. Colours and strokes are classes: the page's policy lets no
style through.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

_ROW, _BOX = 58.0, 46.0
_WIDE, _SIDE, _MIDDLE = 960.0, 305.0, 150.0
_NARROW, _TRUNK = 360.0, 16.0
_LONGEST, _LONGEST_LINE = 36, 45


@dataclass(frozen=True, slots=True)
class Node:
    """A system: name, one line about it, kind good | warn | bad | none, words for its health, the
    address of its page or ''. `sends` and `takes`: which ways data goes."""

    name: str
    line: str
    kind: str
    words: str
    address: str = ""
    sends: bool = False
    takes: bool = False


@dataclass(frozen=True, slots=True)
class Box:
    """A node with its place, the path of its line and the heads of its arrows."""

    node: Node
    x: float
    y: float
    width: float
    height: float
    line: str
    heads: tuple[str, ...]

    @property
    def label(self) -> str:
        """The name, cut where it would leave the box."""
        return _cut(self.node.name, _LONGEST)

    @property
    def small(self) -> str:
        """The line below it, cut as well."""
        return _cut(self.node.line, _LONGEST_LINE)


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


@dataclass(frozen=True, slots=True)
class Picture:
    """All of it: `hub` is x, y, width, height; `trunk` a path, '' for none."""

    width: float
    height: float
    hub: tuple[float, float, float, float]
    boxes: tuple[Box, ...]
    trunk: str = ""


def wide(left: Sequence[Node], right: Sequence[Node]) -> Picture:
    """Senders to the left, receivers to the right, the hub between them."""
    rows = max(len(left), len(right), 3)
    height = rows * _ROW + 12
    hub_height = max(height * 0.5, 110.0)
    hub = ((_WIDE - _MIDDLE) / 2, (height - hub_height) / 2, _MIDDLE, hub_height)
    boxes = [_side(node, at, len(left), height, hub, is_left=True) for at, node in enumerate(left)]
    boxes += [
        _side(node, at, len(right), height, hub, is_left=False) for at, node in enumerate(right)
    ]
    return Picture(_WIDE, height, hub, tuple(boxes))


def _side(
    node: Node,
    at: int,
    number: int,
    height: float,
    hub: tuple[float, float, float, float],
    *,
    is_left: bool,
) -> Box:
    middle = (height - number * _ROW) / 2 + at * _ROW + _ROW / 2
    x = 4.0 if is_left else _WIDE - _SIDE - 4
    edge = x + _SIDE if is_left else x
    hub_x = hub[0] if is_left else hub[0] + hub[2]
    hub_y = hub[1] + hub[3] * (at + 1) / (number + 1)
    bend = (edge + hub_x) / 2
    line = f"M{edge:g} {middle:g}C{bend:g} {middle:g} {bend:g} {hub_y:g} {hub_x:g} {hub_y:g}"
    heads = []
    if node.sends:
        heads.append(_head(hub_x, hub_y, right=is_left))
    if node.takes:
        heads.append(_head(edge, middle, right=not is_left))
    return Box(node, x, middle - _BOX / 2, _SIDE, _BOX, line, tuple(heads))


def _head(x: float, y: float, *, right: bool) -> str:
    back = x - 10 if right else x + 10
    return f"{x:g},{y:g} {back:g},{y - 5:g} {back:g},{y + 5:g}"


def narrow(senders: Sequence[Node], receivers: Sequence[Node]) -> Picture:
    """Senders, the hub and receivers one below the other, for a phone."""
    boxes, y = [], 4.0
    for node in senders:
        boxes.append(_below(node, y))
        y += _ROW
    hub = (_TRUNK - 12, y + 4, _NARROW - 8, 50.0)
    first = boxes[0].y + _BOX / 2 if boxes else y + 4
    y += 68
    for node in receivers:
        boxes.append(_below(node, y))
        y += _ROW
    last = boxes[-1].y + _BOX / 2 if receivers else hub[1]
    return Picture(_NARROW, y, hub, tuple(boxes), f"M{_TRUNK:g} {first:g}V{last:g}")


def _below(node: Node, y: float) -> Box:
    x, middle = 46.0, y + _BOX / 2
    heads = []
    if node.takes:
        heads.append(_head(x, middle, right=True))
    if node.sends:
        heads.append(_head(_TRUNK + 2, middle, right=False))
    line = f"M{_TRUNK:g} {middle:g}H{x:g}"
    return Box(node, x, y, _NARROW - x - 6, _BOX, line, tuple(heads))
