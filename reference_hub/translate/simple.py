"""Lines that need no more than one text: most of every table, and worth a short way.

A short way gives None for whatever is not plain, and the function itself then decides, so that both
ways always say the same.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from reference_hub.translate.canonical import entities, key_of
from reference_hub.translate.paths import Path
from reference_hub.translate.places import Place

Turn = Callable[[str], str | None]
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
    function: str,
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
    turns = _turns(function, argument, *codes)
    if about.many or turns is None:
        return None
    names = tuple(segment.name for segment in segments)
    return Simple(path.item or path.field, names[:-1], names[-1], *turns)


def _turns(
    function: str, argument: str, codes: Mapping[str, str], meanings: Mapping[str, str]
) -> tuple[Turn | None, Turn | None] | None:
    if function in ("text", "token"):
        longest = int(argument or 0)
        turn = _token if function == "token" else _same
        return turn, _limited(turn, longest) if longest else turn
    if function == "code":
        # A code that several values share is no plain one: the function notes it.
        plain = {word: code for word, code in codes.items() if meanings.get(code, word) == word}
        return lambda text: meanings.get(text.strip()), plain.get
    if argument:
        return None
    if function == "flag":
        return _flag_read(meanings), lambda text: codes.get(text, text) if text in _TRUTHS else None
    known: dict[str, tuple[Turn | None, Turn | None]] = {
        "date": (_day, _day),
        "day_after": (None, _day_after),
        "refid": (key_of, _same),
        "time": (_token, _same),
    }
    return known.get(function)


def _same(text: str) -> str:
    return text


def _token(text: str) -> str:
    return " ".join(text.split())


def _limited(turn: Callable[[str], str], longest: int) -> Turn:
    def limited(text: str) -> str | None:
        found = turn(text)
        return found if len(found) <= longest else None

    return limited


def _flag_read(meanings: Mapping[str, str]) -> Turn:
    def read(text: str) -> str | None:
        found = meanings.get(text)
        return found if found in _TRUTHS else None

    return read


def _day(text: str) -> str | None:
    try:
        return text if len(text) == 10 and date.fromisoformat(text) else None
    except ValueError:
        return None


def _day_after(text: str) -> str | None:
    try:
        return (date.fromisoformat(text) + timedelta(1)).isoformat()
    except (ValueError, OverflowError):
        return None
