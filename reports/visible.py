"""Characters that a reader cannot see, or that a file format forbids, made visible."""

from __future__ import annotations

import re

# Controls, soft hyphen, zero-width and direction marks, byte order mark, lone surrogates,
# non-characters. Joiners (U+200C, U+200D) stay: they belong to names in several scripts.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u200b\u200e\u200f\u2028-\u202e\u2060\u2066-\u2069\ufeff"
    "\ud800-\udfff\ufffe\uffff]"
)


def visible(text: str) -> str:
    """Replace unseen characters: NUL becomes U+2400, others their code point in brackets.

    The result has no character that XML 1.0 forbids and none that turns the writing direction.
    """
    return _UNSEEN.sub(_picture, text)


def code_points(text: str) -> str:
    """Spell a short text as code points, e.g. `U+0065 U+0301`."""
    return " ".join(f"U+{ord(one):04X}" for one in text)


def _picture(match: re.Match[str]) -> str:
    code = ord(match[0])
    return chr(0x2400 + code) if code < 0x20 else f"⟨U+{code:04X}⟩"
