"""Masks for values and a scrubber that finds known values wherever they turn up.

A mask keeps the shape (`O'Neil-09` becomes `X'Xxxx-99`) and ends in six hex digits of a keyed
hash, so that equal values look equal within a run. The key is random and never written.
"""

from __future__ import annotations

import hashlib
import html
import json
import re
import secrets
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable
from urllib.parse import quote, quote_plus

SECRET = "[secret]"  # noqa: S105
LONGEST = 40
_LONG = 5
_REMEMBERED = 200
_MOST_REMEMBERED = 5000
_UNRESERVED = re.compile(r"[A-Za-z0-9_.~-]+")
_HARMLESS = re.compile(r"[A-Za-z0-9_.~ @+,/():-]+")
# UUIDs, times of the present and small numbers: in every exchange another one, never personal,
# unless ten digits of a UUID by chance are somebody's number. Without hyphens the digits of
# version 4 tell a UUID from text in hexadecimal.
_DULL = re.compile(
    r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-(?![0-9A-Fa-f]*[0-9]{10})[0-9A-Fa-f]{12}|\d{1,4}"
    r"|(?![0-9A-Fa-f]*[0-9]{10})[0-9A-Fa-f]{12}4[0-9A-Fa-f]{3}[89ABab][0-9A-Fa-f]{15}"
    r"|20(?:2[5-9]|[3-9]\d)-\d\d-\d\dT[\d:.]{5,16}Z"
    r"|[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} 20(?:2[5-9]|[3-9]\d) [\d:]{8} GMT"
)
# In a query a word may stand behind an escaped quotation mark: %22Ann%22.
_ESCAPED = re.compile(r"%[0-9A-Fa-f]{2}")
_SHORT_WORD = re.compile(
    r"(?:(?<!\w)(?<!%(?=[0-9A-Fa-f]{2}))|(?<=%[0-9A-Fa-f]{2}))[^\W_]{2,4}(?!\w)"
)
_HASH = re.compile(r"#[0-9a-f]{6}(?![0-9a-f])")


class _Shape(dict[int, str]):
    """A translation table that fills itself: letters to x or X, digits to 9."""

    def __missing__(self, code: int) -> str:
        sign = chr(code)
        kind = unicodedata.category(sign)
        # Combining marks are letters in many scripts; control signs would break a line.
        new = {"Lu": "X", "Lt": "X", "Nd": "9", "No": "9", "Nl": "9"}.get(kind)
        if new is None:
            new = "x" if kind[0] in "LM" else " " if kind[0] in "CZ" else sign
        self[code] = new
        return new


class Mask:
    """Turns a value into its mask; one instance per run."""

    def __init__(self, key: bytes | None = None) -> None:
        self._key = key or secrets.token_bytes(16)
        self._shape = _Shape()
        self._known: dict[str, str] = {}

    def __call__(self, value: str) -> str:
        """The mask of one value, at most 47 characters."""
        known = self._known.get(value)
        if known is None:
            shape = value[:LONGEST].translate(self._shape)
            shape = "*" * len(shape) if shape == value else shape
            known = self._known[value] = f"{shape}#{self.hash(value)}"
        return known

    def hash(self, value: str) -> str:
        """Six hex digits that are the same for the same value in this run only."""
        data = value.encode("utf-8", "surrogatepass")
        return hashlib.blake2b(data, key=self._key, digest_size=3).hexdigest()

    def token(self, value: str) -> str:
        """A random identifier cut to eight characters, with hash and length."""
        if len(value) <= 8:
            return value
        return f"{value[:8]}\u2026#{self.hash(value)} ({len(value)} characters)"


def unhashed(text: str) -> str:
    """The text without the hashes of masks, which differ from run to run."""
    return _HASH.sub("", text)


class Scrubber:
    """Replaces every known value in any text, also when it is escaped or in other case.

    Values of five characters or more are found anywhere, shorter ones as whole words only;
    plain numbers below five digits and single letters are not learned, because they would hit
    status codes and ordinary words.
    """

    def __init__(self, mask: Mask, counts: Counter[str]) -> None:
        self._mask = mask
        self._counts = counts
        self._known: set[str] = set()
        self._long: dict[str, dict[str, str]] = {}
        self._words: dict[str, str] = {}
        self._clean = _Clean()
        self.clean = self._clean.texts
        # Sees what no learned value explains; set once the seed of the run is known.
        self.leftovers: Callable[[str], str] | None = None

    def learn(self, value: str, *, is_name: bool = False) -> None:
        """Recognise this personal value from now on."""
        if value in self._known:
            return
        self._known.add(value)
        if not any(sign.isalnum() for sign in value) or (value.isdigit() and len(value) < 5):
            return
        if len(value) >= _LONG:
            for form in _forms(value):
                self._add(form, self._mask(value))
        elif len(value) > 2 or (is_name and len(value) == 2):
            for word in (value, value.upper()):
                self._words[word] = self._mask(value)
                self._clean.doubt(word)

    def learn_secret(self, value: str, shown: str = SECRET) -> None:
        """Write `shown` instead of this value from now on."""
        if len(value) >= _LONG and value not in self._known:
            self._known.add(value)
            for form in _forms(value):
                self._add(form, shown)

    def __call__(self, text: str) -> str:
        """The text without any known value."""
        if text in self.clean or _DULL.fullmatch(text):
            return text
        folded = _fold(text)
        starts = [folded[at : at + _LONG] for at in range(len(folded) - _LONG + 1)]
        words = _SHORT_WORD.findall(text)
        hits = [at for at, start in enumerate(starts) if start in self._long]
        clean = self._without_long(text, folded, hits) if hits else text
        if not self._words.keys().isdisjoint(words):
            clean = _SHORT_WORD.sub(self._word, clean)
        if self.leftovers is not None:
            clean = self._without_leftovers(clean, self.leftovers)
        if clean == text and len(text) <= _REMEMBERED:
            self._clean.add(text, starts, words)
        return clean

    def _without_leftovers(self, text: str, leftovers: Callable[[str], str]) -> str:
        clean = leftovers(text)
        self._counts["scrubbed"] += clean != text
        return clean

    def _add(self, form: str, replacement: str) -> None:
        folded = _fold(form)
        self._long.setdefault(folded[:_LONG], {})[folded] = replacement
        self._clean.doubt(folded[:_LONG])

    def _without_long(self, text: str, folded: str, hits: list[int]) -> str:
        parts: list[str] = []
        done = 0
        for start in hits:
            found = self._longest(folded, start) if start >= done else ""
            if found:
                parts += [text[done:start], self._long[found[:_LONG]][found]]
                done = start + len(found)
        self._counts["scrubbed"] += len(parts) // 2
        return "".join([*parts, text[done:]])

    def _longest(self, folded: str, start: int) -> str:
        candidates = self._long[folded[start : start + _LONG]]
        fitting = [one for one in candidates if folded.startswith(one, start)]
        return max((one for one in fitting if _stands_alone(folded, start, one)),
                   key=len, default="")  # fmt: skip

    def _word(self, match: re.Match[str]) -> str:
        mask = self._words.get(match.group())
        if mask is None:
            return match.group()
        self._counts["scrubbed"] += 1
        return mask


class _Clean:
    """Texts that hold no known value, until one is learned that starts like a part of them.

    Headers and field names come back in every exchange; scanning them again would cost more than
    the exchange itself.
    """

    def __init__(self) -> None:
        self.texts: set[str] = set()
        self._parts: set[str] = set()

    def add(self, text: str, starts: Iterable[str], words: Iterable[str]) -> None:
        self.texts.add(text)
        self._parts.update(starts)
        self._parts.update(words)

    def doubt(self, part: str) -> None:
        if part in self._parts or len(self.texts) > _MOST_REMEMBERED:
            self.texts.clear()
            self._parts.clear()


def _stands_alone(text: str, start: int, value: str) -> bool:
    """Numbers count as whole words only: parts of UUIDs and times look like them."""
    if not value.isdigit():
        return True
    end = start + len(value)
    before = text[start - 1 : start].isalnum() and not _ESCAPED.fullmatch(text[start - 3 : start])
    return not (before or text[end : end + 1].isalnum())


def _fold(text: str) -> str:
    lower = text.lower()
    if len(lower) == len(text):
        return lower
    return "".join(one if len(one.lower()) != 1 else one.lower() for one in text)


def _forms(value: str) -> set[str]:
    """The spellings under which a value can stand in a URL, a header, XML or JSON."""
    if _UNRESERVED.fullmatch(value):
        return {value}
    forms = {value, quote(value, safe=""), quote_plus(value), quote(value)}
    if not _HARMLESS.fullmatch(value):
        forms |= {html.escape(value), html.escape(value, quote=False)}
        forms |= {json.dumps(value)[1:-1], repr(value)[1:-1]}
        forms.add(json.dumps(value, ensure_ascii=False)[1:-1])
    if not value.isascii():
        forms |= {value.upper(), unicodedata.normalize("NFC", value)}
        forms.add(unicodedata.normalize("NFD", value))
        forms.add(value.encode("utf-8", "replace").decode("latin-1"))
    return {form for form in forms if len(form) >= _LONG}
