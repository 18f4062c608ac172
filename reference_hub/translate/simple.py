"""Lines that need no more than one text: most of every table, and worth a short way.

A short way gives None for whatever is not plain, and the function itself then decides, so that both
ways always say the same.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from reference_hub.translate.calls import Function, Turn
from reference_hub.translate.canonical import entities, key_of
from reference_hub.translate.paths import Path
from reference_hub.translate.places import Place

_TRUTHS = ("true", "false")


@dataclass(frozen=True, slots=True)
class Simple:
    """A line between one own field and one place without lists: `above` leads to the member that
    holds `column`. `read` and `write` turn a text, None where the function must look."""

    field: str
    above: tuple[str, ...]
    column: str
    read: Turn | None
    write: Turn | None


def simple(
    function: Function,
    argument: str,
    codes: tuple[Mapping[str, str], Mapping[str, str]],
    fields: Sequence[Path],
    places: Sequence[Place],
) -> Simple | None:
    """The short way of a line; None where it has none."""
    if len(fields) != 1 or len(places) != 1 or not fields[0].own or places[0].absolute:
        return None
    segments = places[0].segments
    if any(segment.many or segment.test for segment in segments):
        return None
    path = fields[0]
    about = entities()[path.entity].fields[path.name]
    own = (function.read_turn, function.turn)
    turns = own if any(own) else _turns(function.name, argument, *codes)
    if about.many or turns is None:
        return None
    names = tuple(segment.name for segment in segments)
    return Simple(path.item or path.field, names[:-1], names[-1], *turns)


def _turns(
    function: str, argument: str, codes: Mapping[str, str], meanings: Mapping[str, str]
) -> tuple[Turn | None, Turn | None] | None:
    if function in ("text", "token"):
        read, write = (_token, spaced) if function == "token" else (text_turn, _same)
        longest = int(argument or 0)
        return read, _limited(write, longest) if longest else write
    if function == "code":
        # A code that several values share is no plain one: the function notes it.
        plain = {word: code for word, code in codes.items() if meanings.get(code, word) == word}
        return _code_read(meanings), plain.get
    if argument:
        return None
    if function == "flag":
        return _flag_read(meanings), lambda text: codes.get(text, text) if text in _TRUTHS else None
    known: dict[str, tuple[Turn | None, Turn | None]] = {
        "date": (_day, _day),
        "day_after": (None, _day_after),
        "refid": (key_turn, _same),
        "time": (_token, _same),
        "moment": (None, _same),
        "year": (_year, _year),
        "number": (_token, _number),
    }
    return known.get(function)


def _same(text: str) -> str:
    return text


def text_turn(text: str) -> str | None:
    """The text as it stands where it is not blank."""
    return text if text and not text.isspace() else None


def spaced(text: str) -> str:
    """The text without blanks around it and with single blanks inside."""
    return " ".join(text.split())


def _token(text: str) -> str | None:
    # Of all blanks only the space is printable: most texts need no parting.
    if " " not in text and text.isprintable():
        return text or None
    return " ".join(text.split()) or None


def key_turn(text: str) -> str | None:
    """The key for a RefId in any spelling."""
    return None if not text or text.isspace() else key_of(text)


def _limited(turn: Callable[[str], str], longest: int) -> Turn:
    def limited(text: str) -> str | None:
        found = turn(text)
        return found if len(found) <= longest else None

    return limited


def _code_read(meanings: Mapping[str, str]) -> Turn:
    def read(text: str) -> str | None:
        return meanings.get(text) or meanings.get(text.strip()) or None

    return read


def _flag_read(meanings: Mapping[str, str]) -> Turn:
    def read(text: str) -> str | None:
        found = meanings.get(text)
        return found if found in _TRUTHS else None

    return read


def _day(text: str) -> str | None:
    try:
        # fromisoformat would take week dates as well.
        plain = len(text) == 10 and text[4] == text[7] == "-"
        return text if plain and date.fromisoformat(text) else None
    except ValueError:
        return None


def _day_after(text: str) -> str | None:
    try:
        return (date.fromisoformat(text) + timedelta(1)).isoformat() if _day(text) else None
    except OverflowError:
        return None


def _year(text: str) -> str | None:
    return text if len(text) == 4 and text.isascii() and text.isdecimal() else None


def _number(text: str) -> str | None:
    return text if text.isascii() and text.replace(".", "", 1).isdecimal() else None
