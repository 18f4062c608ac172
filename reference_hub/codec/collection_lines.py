"""Where things stand in a rule file: TOML is read without lines, and people look for them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

_HEADER = re.compile(r"\s*(\[\[?)\s*([\w.-]+)\s*\]\]?\s*(?:#.*)?")
_KEY = re.compile(r"\s*([\w-]+)\s*=")


@dataclass(frozen=True, slots=True)
class Block:
    """One table of the file: the line of its header, and of each of its keys."""

    name: str
    line: int
    keys: Mapping[str, int]

    def line_of(self, key: str) -> int:
        """The line of a key; that of the header where the key is not there."""
        return self.keys.get(key, self.line)


def blocks(text: str) -> list[Block]:
    """The tables in order; lines count from 1."""
    found: list[tuple[str, int, dict[str, int]]] = []
    for number, line in enumerate(text.splitlines(), 1):
        if header := _HEADER.fullmatch(line):
            found.append((header[2], number, {}))
        elif found and (key := _KEY.match(line)):
            found[-1][2].setdefault(key[1], number)
    return [Block(*each) for each in found]
