"""Where expected and actual part: the differing middle, and a word on look-alikes."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from reports.visible import code_points

_TOKEN = re.compile(r"\w+|\s+|.", re.DOTALL)
_SPELLED = 12


@dataclass(frozen=True, slots=True)
class Marked:
    """A text in three parts, of which the middle differs from its counterpart."""

    before: str
    different: str
    after: str


@dataclass(frozen=True, slots=True)
class Difference:
    """Expected beside actual; `note` is set when both look the same to the eye."""

    expected: Marked
    actual: Marked
    note: str


def compare(expected: str, actual: str) -> Difference:
    """Split two texts at word borders into common start, differing middle, common end.

    If they have nothing in common the middle is empty and the whole text stands in `before`.
    """
    left, right = _TOKEN.findall(expected), _TOKEN.findall(actual)
    start = _common(left, right)
    end = _common(left[start:][::-1], right[start:][::-1])
    if expected == actual or not (start or end):
        plain = Marked(expected, "", ""), Marked(actual, "", "")
        return Difference(*plain, _look_alike(expected, actual))
    first, second = _split(left, start, end), _split(right, start, end)
    return Difference(first, second, _look_alike(first.different, second.different))


def _common(left: list[str], right: list[str]) -> int:
    pairs = enumerate(zip(left, right, strict=False))
    return next((at for at, (a, b) in pairs if a != b), min(len(left), len(right)))


def _split(tokens: list[str], start: int, end: int) -> Marked:
    stop = len(tokens) - end
    middle = "".join(tokens[start:stop]) or "⟨nothing⟩"
    return Marked("".join(tokens[:start]), middle, "".join(tokens[stop:]))


def _look_alike(expected: str, actual: str) -> str:
    if expected == actual or _seen(expected) != _seen(actual):
        return ""
    wanted, got = _spelled(expected, actual), _spelled(actual, expected)
    return f"They look alike but are not: expected {wanted}, received {got}."


def _seen(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).split())


def _spelled(text: str, other: str) -> str:
    pairs = enumerate(zip(text, other, strict=False))
    at = next((i for i, (a, b) in pairs if a != b), min(len(text), len(other)))
    return code_points(text[at : at + _SPELLED]) or "nothing more"
