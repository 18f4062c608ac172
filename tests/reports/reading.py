"""How hard a text is to read, as the grade of an American school (Flesch-Kincaid, 1975)."""

from __future__ import annotations

import re
from collections.abc import Iterable

import pyphen  # type: ignore[import-untyped]

_WORD = re.compile(r"[A-Za-z][A-Za-z'’-]*")
_SENTENCE = re.compile(r"[.!?:;]+(?=\s|$)")
_HYPHENS = pyphen.Pyphen(lang="en_US", left=1, right=1)
# Hyphenation leaves out breaks that syllables have, so groups of vowels are counted as well.
_VOWELS = re.compile(r"[aeiouy]+")


def syllables(word: str) -> int:
    """The larger of two counts, so that a text is never said to be easier than it is."""
    word = word.lower().strip("'’-")
    silent = word.endswith("e") and not word.endswith(("le", "ee"))
    sounds = len(_VOWELS.findall(word)) - silent
    return max(len(_HYPHENS.positions(word)) + 1, sounds, 1)


def grade(blocks: Iterable[str]) -> float:
    """The grade of blocks of text; the end of a block ends a sentence."""
    sentences = [part for block in blocks for part in _SENTENCE.split(block) if _WORD.search(part)]
    found = [word for sentence in sentences for word in _WORD.findall(sentence)]
    sounds = sum(syllables(word) for word in found)
    return 0.39 * len(found) / len(sentences) + 11.8 * sounds / len(found) - 15.59
