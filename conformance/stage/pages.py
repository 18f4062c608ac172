"""Pages of a result, and results that are kept while they are read."""

from __future__ import annotations

from uuid import uuid4

from lxml import etree

from conformance.stage.calls import Asked

Lines = tuple[tuple[str, str], ...]


class Sets:
    """Results by their navigationId."""

    def __init__(self) -> None:
        self._kept: dict[str, list[etree._Element]] = {}

    def clear(self) -> None:
        """Forget them all."""
        self._kept.clear()

    def of(
        self, asked: Asked, held: list[etree._Element], keeps: bool
    ) -> tuple[str, list[etree._Element]] | None:
        """The id and the content of the result that is asked for; None if it is not kept (more).

        The id is empty for a result that is not kept at all.
        """
        named = asked.says("navigationId")
        if named:
            return (named, self._kept[named]) if named in self._kept else None
        if not keeps or not asked.says("navigationPage"):
            return "", held
        named = f"set-{uuid4().hex}"
        self._kept[named] = held
        return named, held


def page(
    asked: Asked, held: list[etree._Element], totals: bool
) -> tuple[Lines, list[etree._Element]]:
    """The header lines of the page that is asked for, and what is on it.

    `totals`: the count of all and the last page are told.
    """
    number, size = _number(asked, "navigationPage", 1), _number(asked, "navigationPageSize", 0)
    size = size or max(1, len(held))
    part = held[(number - 1) * size : number * size]
    lines: Lines = (("navigationPage", str(number)), ("navigationPageSize", str(len(part))))
    if totals:
        last = -(-len(held) // size)
        lines += ("navigationCount", str(len(held))), ("navigationLastPage", str(last))
    return lines, part


def _number(asked: Asked, name: str, default: int) -> int:
    text = asked.says(name)
    return max(1, int(text)) if text.isdigit() else default
