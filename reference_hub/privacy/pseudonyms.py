"""Ids of people that mean something to one vendor only, and that the hub can read without a table.

A Feistel network of ten rounds, as FF1 of NIST SP 800-38G has them, with BLAKE2b (RFC 7693) under a
key per vendor and kind of person as its round function: a permutation of the 122 free bits of a
UUID. Version and variant stay, so a pseudonym fits wherever the id does (SIF NA 3.3 asks for
version 1 or 4). The same key gives the same pseudonyms after a restart and in every format.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache, partial
from hashlib import blake2b

from lxml.etree import _Element

from reference_hub.codec.xml import fold
from reference_hub.privacy.references import ID_IN_TEXT, SHORTEST, ids, people, person_in
from reference_hub.privacy.texts import PLACEHOLDERS

_ROUNDS = 10
_HALF = 61
_MASK = (1 << _HALF) - 1
_UUID = re.compile(r"[0-9a-f]{32}")
# RFC 9562: bits 48 to 51 are the version, 64 and 65 the variant.
_FIXED = 0xF << 76 | 0x3 << 62


@dataclass(frozen=True, slots=True)
class Pseudonyms:
    """Pseudonyms under the secret `key` of one vendor. Ids are UUIDs in any spelling; the answer
    keeps the spelling. What is no UUID is shown as one that leads nowhere back."""

    key: bytes

    def shown(self, kind: str, refid: str) -> str:
        """The pseudonym of a person's RefId; `kind` is student, contact or staff."""
        folded = fold(refid)
        if not _UUID.fullmatch(folded):
            return _one_way(self.key, kind, folded)
        return _spelled(_permuted(self.key, kind, folded, False), refid)

    def real(self, kind: str, shown: str) -> str:
        """The RefId behind a pseudonym; what is none leads to an id that nobody has, or to ''."""
        folded = fold(shown)
        if not _UUID.fullmatch(folded):
            return ""
        return _spelled(_permuted(self.key, kind, folded, True), shown)

    def of(self, kind: str, *, back: bool = False) -> Callable[[str], str]:
        """The function that shows the ids of one kind, or that leads back from what is shown."""
        return partial(self.real if back else self.shown, kind)


def translate(
    element: _Element, source: _Element, change: Mapping[str, Callable[[str], str]]
) -> None:
    """Change the ids of people in an element in place; `change` has the function of each kind.

    What is the id of a person is told by name, and by value: an id that `source`, the whole object,
    holds at a known place is changed wherever else it stands, inside of longer texts too.
    """
    known = {refid: kind for refid, kind in people(source).items() if kind in change}

    def replaced(found: re.Match[str]) -> str:
        kind = known.get(fold(found[0]))
        return change[kind](found[0]) if kind else found[0]

    for value in list(ids(element)):
        kind = "" if value.text in PLACEHOLDERS else person_in(value, element)
        if kind in change:
            value.put(change[kind](value.text.strip()))
        elif known and not kind and len(value.text) >= SHORTEST:
            text = ID_IN_TEXT.sub(replaced, value.text)
            if text != value.text:
                value.put(text)


@lru_cache(maxsize=65_536)
def _permuted(key: bytes, kind: str, folded: str, back: bool) -> str:
    number = int(folded, 16)
    fixed, free = number & _FIXED, _without_fixed(number)
    left, right = free >> _HALF, free & _MASK
    secret = blake2b(kind.encode(), key=_short(key), digest_size=32, person=b"pseudonyms").digest()
    for turn in reversed(range(_ROUNDS)) if back else range(_ROUNDS):
        if back:
            left, right = right ^ _round(secret, turn, left), left
        else:
            left, right = right, left ^ _round(secret, turn, right)
    return f"{_with_fixed(left << _HALF | right) | fixed:032x}"


def _round(secret: bytes, turn: int, half: int) -> int:
    text = bytes((turn,)) + half.to_bytes(8, "big")
    return int.from_bytes(blake2b(text, key=secret, digest_size=8).digest(), "big") & _MASK


def _without_fixed(number: int) -> int:
    """The 122 free bits of a UUID, closed up."""
    return (number >> 80) << 74 | (number >> 64 & 0xFFF) << 62 | number & (1 << 62) - 1


def _with_fixed(free: int) -> int:
    """The free bits at their places, the fixed ones zero."""
    return (free >> 74) << 80 | (free >> 62 & 0xFFF) << 64 | free & (1 << 62) - 1


def _short(key: bytes) -> bytes:
    # BLAKE2b takes 64 bytes of key at most.
    return key if len(key) <= 64 else blake2b(key).digest()


def _one_way(key: bytes, kind: str, folded: str) -> str:
    # Written as version 4, so that it fits every model.
    text = f"{kind}/{folded}".encode()
    found = blake2b(text, key=_short(key), digest_size=16, person=b"no way back").digest()
    number = int.from_bytes(found, "big") & ~_FIXED | 0x4 << 76 | 0x2 << 62
    return _spelled(f"{number:032x}", "----")


def _spelled(folded: str, like: str) -> str:
    """A folded UUID with hyphens and capitals where the model of the spelling has them."""
    text = folded
    if "-" in like:
        text = "-".join((folded[:8], folded[8:12], folded[12:16], folded[16:20], folded[20:]))
    return text if like != like.upper() else text.upper()
