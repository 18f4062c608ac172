"""Find canaries as they stand in bytes: words, numbers and RefIds in ASCII, of any case.

Bytes are first translated to classes (consonant, vowel, digit ...), so that the search for a shape
is a search for one fixed string, which the interpreter does at memory speed. Only what has the
shape of a canary is read.
"""

from __future__ import annotations

import re
import string
from collections.abc import Iterator, Mapping, Sequence

from fixtures import canary
from fixtures.canary import Sighting
from fixtures.sightings import Reader

# Where a canary stands in the bytes that were looked at, and what it says.
Hit = tuple[int, int, Sighting]


def table(classes: Mapping[str, str]) -> bytes:
    """Make a translation table: each character of the keys to its class, all others to a dot."""
    known = {ord(one): ord(kind) for signs, kind in classes.items() for one in signs}
    return bytes(known.get(code, ord(".")) for code in range(256))


def _both_cases(signs: str) -> str:
    return signs.lower() + signs.upper()


_SPEECH = table({_both_cases(canary.ONSETS): "c", _both_cases(canary.VOWELS): "v"})
HEX = table({string.hexdigits: "h", "-": "-"})
_DIGITS = table({string.digits: "d"})
_WORD = "".join("cv" if len(one[0]) == 2 else "cvc" for one in canary.SYLLABLES).encode()
_UUID = b"-".join(b"h" * count for count in (8, 4, 4, 4, 12))
# A version 4 UUID without hyphens, by its thirteenth digit, which is a 4.
_BARE = re.compile(rb"4(?=[0-9A-Fa-f]{3}[89ABab][0-9A-Fa-f]{15})(?<=[0-9A-Fa-f]{12}4)")
_HEX_RUN = re.compile(rb"[0-9A-Fa-f]+")
_DIGIT_RUN = re.compile(rb"[0-9]+")
_SHORTEST_NUMBER = 10
_LONGEST_NUMBER = 256  # of digits that follow each other without a gap
_STATE_PREFIXES = tuple(prefix for prefix, count in canary.DIGITS.items() if count == 8)
_LETTER_PREFIXES = tuple(prefix for prefix in canary.PREFIXES if prefix.isalpha())
_LONE_PREFIXES = tuple(one for one, count in canary.DIGITS.items() if count == 10 and one.isdigit())


def tokens(data: bytes, start: int, limit: int, readers: Sequence[Reader]) -> list[Hit]:
    """Find the canaries that begin from `start` up to `limit`, in the order of their places.

    What stands before and behind is looked at as well, to see where a number begins and ends.
    """
    found = [*_words(data, start, limit, readers), *_refids(data, start, limit, readers)]
    found += _numbers(data, start, limit, readers)
    return sorted(found, key=lambda hit: hit[0])


def has_shape(data: bytes) -> bool:
    """Say whether anything in these bytes looks like a canary."""
    signs = data.translate(HEX)
    return (
        _WORD in data.translate(_SPEECH)
        or _UUID in signs
        or b"h" * 32 in signs
        or b"d" * _SHORTEST_NUMBER in data.translate(_DIGITS)
    )


def _words(data: bytes, start: int, limit: int, readers: Sequence[Reader]) -> Iterator[Hit]:
    speech, length = data.translate(_SPEECH), len(_WORD)
    at = speech.find(_WORD, start)
    while 0 <= at < limit:
        text = data[at : at + length].decode("ascii")
        for reader in readers:
            if sighting := reader.word(text):
                yield at, at + length, sighting
        at = speech.find(_WORD, at + 1)


def _refids(data: bytes, start: int, limit: int, readers: Sequence[Reader]) -> Iterator[Hit]:
    signs = data.translate(HEX)
    at = signs.find(_UUID, start)
    while 0 <= at < limit:
        text = data[at : at + 36].decode("ascii")
        for reader in readers:
            if sighting := reader.refid(text):
                yield at, at + 36, sighting
        at = signs.find(_UUID, at + 1)
    at = signs.find(b"h" * 32, start)
    while 0 <= at < limit:
        end = _end(_HEX_RUN, data, at)
        for match in _BARE.finditer(data, at, end):
            first = match.start() - 12
            text = data[first : first + 32].decode("ascii")
            for reader in readers if at <= first < limit else ():
                if sighting := reader.refid(text):
                    yield first, first + 32, sighting
        at = signs.find(b"h" * 32, end)


def _numbers(data: bytes, start: int, limit: int, readers: Sequence[Reader]) -> Iterator[Hit]:
    digits = data.translate(_DIGITS)
    shape = b"d" * _SHORTEST_NUMBER
    at = digits.find(shape, start)
    while 0 <= at < limit:
        end = _end(_DIGIT_RUN, data, at)
        if end - at <= _LONGEST_NUMBER and digits[at - 1 : at] != b"d":
            before = data[at - 1 : at].decode("latin-1").upper()
            for place, size, prefix, text in _candidates(before, data[at:end].decode("ascii")):
                for reader in readers:
                    if sighting := reader.number(prefix, text):
                        yield at + place, at + place + size, sighting
        at = digits.find(shape, end)


def _candidates(before: str, run: str) -> Iterator[tuple[int, int, str, str]]:
    """Give what may be a number in a run of digits: place, length, prefix, digits behind that.

    Files with fixed columns put numbers side by side, so a long number may begin anywhere. A
    state's number is too short for that; but up to four digits of an escape may stand before it.
    """
    for prefix in _LONE_PREFIXES:
        at = run.find(prefix)
        while 0 <= at < len(run) - 10:
            yield at, 11, prefix, run[at + 1 : at + 11]
            at = run.find(prefix, at + 1)
    if before == "C" and run[0] == "0":
        yield -1, 12, "C0", run[1:11]
    if before in _LETTER_PREFIXES:
        yield -1, 11, before, run[:10]
    if len(run) <= 14 and run[-10:-8] in _STATE_PREFIXES:
        yield len(run) - 10, 10, run[-10:-8], run[-8:]
    if len(run) == 10:  # a spreadsheet has taken the zero from the front
        yield 0, 10, "0", run


def _end(run: re.Pattern[bytes], data: bytes, at: int) -> int:
    match = run.match(data, at)
    return match.end() if match else at
