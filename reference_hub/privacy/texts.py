"""Values of simple types: whether one fits, and what a condition may put in its place.

The placeholders are those of the Australian proof of concept (nsip/sif_privacy_controls_xslt) where
they fit the type; a type that none fits has none.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

_STRINGS = frozenset(("string", "normalizedString", "token", "anyURI", "language", "Name"))
_INTEGERS = frozenset(
    (
        *("integer", "long", "int", "short", "byte", "positiveInteger", "nonNegativeInteger"),
        *("unsignedLong", "unsignedInt", "unsignedShort", "unsignedByte"),
    )
)
_NUMBERS = _INTEGERS | {"decimal", "float", "double"}
_NATURAL = re.compile("unsigned.*|nonNegativeInteger|positiveInteger")
_ZONE = r"(?:Z|[+-]\d\d:\d\d)?"
_TIMES = {
    "date": re.compile(rf"\d{{4}}-\d\d-\d\d{_ZONE}"),
    "dateTime": re.compile(rf"\d{{4}}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?{_ZONE}"),
    "time": re.compile(rf"\d\d:\d\d:\d\d(?:\.\d+)?{_ZONE}"),
    "gYear": re.compile(rf"\d{{4}}{_ZONE}"),
    "gYearMonth": re.compile(rf"\d{{4}}-\d\d{_ZONE}"),
    "duration": re.compile(
        r"-?P(?=.)(?:\d+Y)?(?:\d+M)?(?:\d+D)?(?:T(?=.)(?:\d+H)?(?:\d+M)?(?:[\d.]+S)?)?"
    ),
}
_CODES = ("Unknown", "Other", "9999")
_VALUES = (
    *("ZZREDACTED", "0.00", "0", "1", "1582-10-15", "1582-10-15T00:00:00", "00:00:00", "2000"),
    *("1582-10", "P0D", "00000000-0000-0000-0000-000000000000"),
    # Of version 4, which SIF NA 3.3 asks for.
    "00000000-0000-4000-8000-000000000000",
)
PLACEHOLDERS = (*_CODES, *_VALUES)
_DATED = re.compile(r"(\d{4})(-\d\d)?(-\d\d)?(?:T.*|Z|[+-]\d\d:\d\d)?")
_KEY = "12345678-1234-4234-8234-123456789abc"


@dataclass(frozen=True, slots=True)
class Text:
    """A simple type: name of its XML Schema type without prefix (`union` of `members`), facets."""

    base: str
    codes: frozenset[str] = frozenset()
    patterns: tuple[str, ...] = ()
    low: str = ""
    high: str = ""
    length: str = ""
    members: tuple[Text, ...] = ()

    def fits(self, value: str) -> bool:
        """Whether the value is of the type."""
        if self.members:
            return any(member.fits(value) for member in self.members)
        if self.codes or self.patterns:
            return value in self.codes or any(re.fullmatch(each, value) for each in self.patterns)
        if self.length:
            return len(value) == int(self.length)
        if self.base in _NUMBERS:
            return self._counts(value)
        if self.base in _TIMES:
            return bool(_TIMES[self.base].fullmatch(value))
        return self.base in _STRINGS

    @property
    def is_key(self) -> bool:
        """Whether ids fit, but not words."""
        return self.fits(_KEY) and not self.fits("word")

    @property
    def is_free(self) -> bool:
        """Whether any words fit."""
        return self.fits("any words")

    def _counts(self, value: str) -> bool:
        try:
            number = Decimal(value)
        except InvalidOperation:
            return False
        if self.base in _INTEGERS and not re.fullmatch(r"[+-]?\d+", value):
            return False
        low = self.low or ("0" if _NATURAL.fullmatch(self.base) else "")
        if self.base == "positiveInteger":
            low = "1"
        return not ((low and number < Decimal(low)) or (self.high and number > Decimal(self.high)))


FREE = Text("string")


def placeholder(text: Text) -> str | None:
    """A value that fits and says nothing; None for types that have none, such as booleans."""
    return next((each for each in (_CODES if text.codes else _VALUES) if text.fits(each)), None)


def generalised(value: str, text: Text, op: str, size: str) -> str | None:
    """A date cut to `year` or `month`, a text to its `prefix` of `size` characters.

    Dates keep their type: the first day stands for what is cut off, unless the type also takes a
    year or a month. None where nothing that fits is left.
    """
    value = value.strip()
    if op == "prefix":
        cut = value[: int(size)].strip()
        free = text.is_free or text.codes
        return cut if cut and free and text.fits(cut) else None
    found = _DATED.fullmatch(value)
    if not found or not text.fits(value):
        return None
    kept = found[1] if op == "year" or not found[2] else found[1] + found[2]
    endings = ("", "-01", "-01-01", "-01T00:00:00", "-01-01T00:00:00")
    return next((kept + end for end in endings if text.fits(kept + end)), None)
