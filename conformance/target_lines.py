"""Find the line of a target file on which a table or a key stands, to be named in a fault."""

from __future__ import annotations

import re
from pathlib import Path

from conformance.problems import TargetError

_PLACE = re.compile(
    r", (?P<table>\[\[?[\w.]+\]?\])(?: number (?P<number>\d+),)?(?: (?P<key>[\w.-]+))?"
)


def located(error: TargetError, path: str, text: str) -> TargetError:
    """The same fault with `line N` between file and key, if the file holds the key or its table."""
    found = _PLACE.match(error.key.removeprefix(path))
    line = 0
    if found is not None:
        line = line_of(text, found["table"], found["key"] or "", int(found["number"] or 1))
    if not line:
        return error
    told = f"{path}, line {line}{error.key.removeprefix(path)}"
    return TargetError(told, error.seen, error.fix)


def with_line(place: str) -> str:
    """A place `file, [table] key = value` with the line in it, if the file can be read."""
    path = place.partition(", [")[0]
    try:
        text = Path(path).read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError):
        return place
    return located(TargetError(place, "", ""), path, text).key


def line_of(text: str, table: str, key: str = "", number: int = 1) -> int:
    """The line, from 1: of the key inside this occurrence of the table, else of the table; or 0."""
    inside, first, found = 0, 0, ""
    for count, raw in enumerate(text.splitlines(), 1):
        line = raw.strip()
        if line.startswith("["):
            found = line.partition("#")[0].strip()
            inside += found == table
            first = count if found == table and inside == number else first
        elif key and found == table and inside == number and _names(line, key):
            return count
    return first


def _names(line: str, key: str) -> bool:
    return line.partition("=")[0].strip().strip("\"'") == key
