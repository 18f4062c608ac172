"""Where the standard says two things: the rows of `readings.toml`, and which failures show it.

A row either `follows` one reading (0 or 1) or `accepts` both; then no product fails for it. A
failure is put down to the standard only where it `shows` the other reading: a product that breaks
the same requirement in another way is still the one whose turn it is.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from functools import lru_cache
from importlib import resources
from typing import Literal

import msgspec

from conformance.runfile import Finding

_PLACES = ("first", "second")


class Contradiction(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One row: `requirements` it concerns, two `readings`, and what this kit makes of them.

    `shows` are patterns for `summary | actual` of a finding of a product with the other reading.
    Where there are none, nothing that is seen tells that reading from a plain mistake.
    """

    id: str
    requirements: list[str]
    readings: list[str]
    follows: Literal[0, 1] | None = None
    accepts: Literal["both", ""] = ""
    shows: list[str] = []

    @property
    def choice(self) -> str:
        """What this kit does, as a sentence."""
        if self.follows is None:
            return "This kit accepts both readings."
        return f"This kit follows the {_PLACES[self.follows]} reading."

    def shown_by(self, findings: Iterable[Finding]) -> bool:
        """Whether one of these findings is what the other reading looks like."""
        texts = [f"{one.summary} | {one.actual}" for one in findings]
        return any(re.search(pattern, text) for pattern in self.shows for text in texts)


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    contradiction: list[Contradiction]


@lru_cache(maxsize=1)
def contradictions() -> tuple[Contradiction, ...]:
    """All rows of `readings.toml`, in its order."""
    text = (resources.files("conformance") / "readings.toml").read_text(encoding="utf-8")
    return tuple(msgspec.convert(tomllib.loads(text), _File).contradiction)


def concerning(requirement: str) -> list[Contradiction]:
    """The rows that name this requirement."""
    return [one for one in contradictions() if requirement in one.requirements]


def explained(requirement: str) -> list[str]:
    """Lines for `conformance explain` of a requirement: the readings of each row that names it."""
    return [line for row in concerning(requirement) for line in _told(row, "  ")]


def explained_row(name: str) -> list[str]:
    """Lines for `conformance explain C-11`; none if there is no such row."""
    rows = [one for one in contradictions() if one.id == name]
    lines = [line for row in rows for line in _told(row, "")]
    return [*lines, *(f"  Requirements: {', '.join(row.requirements)}." for row in rows)]


def _told(row: Contradiction, margin: str) -> list[str]:
    readings = zip(_PLACES, row.readings, strict=True)
    lines = [f"The standard says two things here ({row.id}). {row.choice}"]
    return [margin + line for line in [*lines, *(f"  {one}: {text}" for one, text in readings)]]
