"""Where an element begins in the bytes of the vendor: line and column, before anything is masked.

The run file holds bodies written anew, with masks of another length; what an engineer looks for in
the log of the product can therefore be told only while its own bytes are at hand.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Any
from xml.parsers import expat

Place = tuple[int, int]

_PATH = re.compile(r"/?[\w.-]+(?:\[\d+\])?(?:/@?[\w.-]+(?:\[\d+\])?)*")
_ROOT = re.compile(rb"<(?:[\w.-]+:)?([\w.-]+)")
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+')
_DEEPEST = 100


def place(body: bytes, path: str) -> Place | None:
    """Line and column (in characters), both from 1, of the start tag or the JSON name of `path`.

    Paths are those of `conformance.trees.leaves`, `/` is the root. Where there is no such element,
    the nearest one above it. None for a path that does not belong to this body, and for a body
    that is neither XML nor JSON; one with a document type is not read.
    """
    if path == "/":
        path = (_ROOT.search(body) or [b"", b""])[1].decode()
    if not _PATH.fullmatch(path):
        return None
    steps = [step for step in path.strip("/").split("/") if not step.startswith("@")]
    wanted = {"/".join(steps[:depth]) for depth in range(1, len(steps) + 1)}
    found = _in_json(body, wanted) if body.lstrip()[:1] in (b"{", b"[") else _in_xml(body, wanted)
    return found[max(found, key=len)] if found else None


@dataclass(slots=True)
class _Walk:
    """Follows the path of the element that is read."""

    wanted: Collection[str]
    path: list[str] = field(default_factory=list)
    counts: list[dict[str, int]] = field(default_factory=lambda: [{}])
    found: dict[str, Place] = field(default_factory=dict)

    def begin(self, parser: Any, name: str) -> None:
        """One start tag."""
        local = name.rpartition(":")[2]
        number = self.counts[-1][local] = self.counts[-1].get(local, 0) + 1
        self.path.append(local if number == 1 else f"{local}[{number}]")
        self.counts.append({})
        # What lies deeper than any wanted path need not be spelled out.
        whole = "/".join(self.path) if len(self.path) <= len(self.wanted) else ""
        if whole in self.wanted:
            here = parser.CurrentLineNumber, parser.CurrentColumnNumber + 1
            self.found.setdefault(whole, here)

    def end(self) -> None:
        """One end tag."""
        self.path.pop()
        self.counts.pop()


def _in_xml(body: bytes, wanted: Collection[str]) -> dict[str, Place]:
    if b"<!DOCTYPE" in body:
        return {}
    walk, parser = _Walk(wanted), expat.ParserCreate()
    parser.StartElementHandler = lambda name, _: walk.begin(parser, name)
    parser.EndElementHandler = lambda _: walk.end()
    try:
        parser.Parse(body, True)
    except (expat.ExpatError, ValueError):
        return {}
    return walk.found


def _in_json(body: bytes, wanted: Collection[str]) -> dict[str, Place]:
    text = body.decode("utf-8", "replace")
    found: dict[str, Place] = {}
    for path, at in _names(text):
        if path in wanted:
            line, before = text.count("\n", 0, at) + 1, text.rfind("\n", 0, at)
            found.setdefault(path, (line, at - before))
    return found


def _names(text: str) -> Iterator[tuple[str, int]]:
    """Every name of a JSON text, and every element of an array from the second on, with its place.

    A text that is no JSON is followed as far as it looks like it.
    """
    within: list[tuple[str, int]] = []  # path of each open object (number 0) or array
    path, due = "", False
    for token in _TOKEN.finditer(text):
        sign, (base, number) = token[0], within[-1] if within else ("", 0)
        if due and sign not in "{}[]":
            name = sign.strip('"')
            path, due = f"{base}/{name}".strip("/"), False
            yield path, token.start()
        elif sign in "{[" and len(within) < _DEEPEST:
            if number > 1:
                yield path, token.start()
            within.append((path, int(sign == "[")))
            due = sign == "{"
        elif sign in "{[":
            return
        elif sign in "}]" and within:
            within.pop()
            due = False
        elif sign == "," and within:
            due = number == 0
            if number:
                within[-1] = base, number + 1
                path = f"{base}[{number + 1}]"
