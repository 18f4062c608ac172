"""One table of a rule file, asked key by key; what is wrong is noted with its line and goes on."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from reference_hub.codec.collection_lines import Block


@dataclass(frozen=True, slots=True)
class Fault:
    """`line` counts from 1; `reason` says what is wrong and what was expected."""

    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class Entry:
    """A table with the lines of its keys; `faults` grows."""

    raw: dict[str, Any]
    block: Block
    faults: list[Fault]

    def fault(self, key: str, reason: str) -> None:
        """Note what is wrong with a key."""
        self.faults.append(Fault(self.block.line_of(key), reason))

    def inside(self, key: str) -> Block:
        """The place of a table that stands in one line."""
        return Block(key, self.block.line_of(key), {})

    def only(self, *known: str) -> None:
        """Note every key that is not known here."""
        for key in self.raw:
            if key not in known:
                self.fault(key, f"the key '{key}' has no meaning here{self.nearest(key, known)}")

    def text(self, key: str, *, optional: bool = False) -> str:
        """A text that is not empty; '' after a fault, or where an optional one is not there."""
        if key not in self.raw:
            if not optional:
                self.fault(key, f"the key '{key}' is missing")
            return ""
        value = self.raw[key]
        if not isinstance(value, str) or not value.strip():
            self.fault(key, f"'{key}' must be a text in quotes, and not empty")
            return ""
        return value.strip()

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts; codes stand in quotes, so that no leading zero is lost."""
        value = self.raw.get(key)
        if not isinstance(value, list) or not value or not all(isinstance(x, str) for x in value):
            self.fault(key, f'\'{key}\' must be a list of texts in quotes, such as ["01", "02"]')
            return ()
        return tuple(value)

    def choice(self, key: str, known: Sequence[str]) -> str:
        """A text that is one of the known ones."""
        value = self.raw.get(key)
        if isinstance(value, str) and value.strip() and value not in known:
            self.fault(key, f"'{key}' is one of: {', '.join(known)}; found {value!r}")
        return value if isinstance(value, str) and value in known else ""

    def number(self, key: str) -> float | None:
        """A number, None where it is not there."""
        value = self.raw.get(key)
        if value is None or (isinstance(value, int | float) and not isinstance(value, bool)):
            return value
        self.fault(key, f"'{key}' must be a number without quotes")
        return None

    def flag(self, key: str) -> bool:
        """True or false."""
        value = self.raw.get(key)
        if not isinstance(value, bool):
            self.fault(key, f"'{key}' must be true or false")
        return value is True

    def table(self, key: str, *, optional: bool = False) -> dict[str, Any]:
        """A table; an empty one after a fault."""
        value = self.raw.get(key)
        if isinstance(value, dict):
            return value
        if value is not None or not optional:
            self.fault(key, f"the table [{key}] is missing")
        return {}

    @staticmethod
    def nearest(word: str, known: Sequence[str]) -> str:
        """A hint at what may be meant; '' where nothing is near."""
        close = difflib.get_close_matches(word, known, n=1)
        return f"; did you mean '{close[0]}'?" if close else ""
