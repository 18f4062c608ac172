"""Line numbers of elements in files of any length.

libxml2 keeps 16 bits of an element's line; beyond 65,535 it guesses from neighbouring text. expat
counts lines without a limit, so a refused file is read once more with it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from typing import Any
from xml.parsers import expat

from lxml.etree import _Element

from reference_hub.codec.verdict import Problem

Steps = tuple[int, ...]


def line_of(element: _Element) -> int:
    """libxml2's line of an element, 0 when unknown; exact up to 65,535."""
    line: Any = element.sourceline
    return int(line or 0)


def locate(chunks: Iterable[bytes], wanted: Collection[Steps]) -> dict[Steps, int]:
    """Lines, from 1, on which the start tags of the wanted elements begin.

    An element is named by its steps: the positions among child elements from the root, () is the
    root. Those behind a fault of the document are missing in the answer.
    """
    search = _Search(wanted)
    try:
        for chunk in chunks:
            if not search.missing:
                break
            search.parser.Parse(chunk, False)
    except expat.ExpatError:
        pass
    return search.found


def relined(problem: Problem, lines: dict[Steps, int]) -> Problem:
    """The problem with the line of its element, if that was found."""
    return replace(problem, line=lines.get(problem.steps, problem.line))


class _Search:
    """Counts children on the way down and notes the line of each wanted element."""

    def __init__(self, wanted: Iterable[Steps]) -> None:
        self.found: dict[Steps, int] = {}
        self.missing = set(wanted)
        self._trail = [-1]
        self.parser = expat.ParserCreate()
        self.parser.StartElementHandler = self._open
        self.parser.EndElementHandler = self._close

    def _open(self, *_: object) -> None:
        self._trail[-1] += 1
        steps = tuple(self._trail[1:])
        if steps in self.missing:
            self.found[steps] = self.parser.CurrentLineNumber
            self.missing.discard(steps)
        self._trail.append(-1)

    def _close(self, *_: object) -> None:
        self._trail.pop()
