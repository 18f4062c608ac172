"""Values that stand where a mask stood: of the same shape, and of nobody."""

from __future__ import annotations

import hashlib
import re

_LETTERS = {"x": "abcdefghiklmnoprstuw", "X": "ABCDEFGHIKLMNOPRSTUW", "9": "123456789", "*": "9"}


def stand_in(mask: str) -> str:
    """A value of the shape of a mask; equal for equal masks, and a real day where it is a date."""
    shape, _, hashed = mask.rpartition("#")
    # A mask has at most 40 signs, the digest 64 bytes.
    digest = hashlib.sha512(hashed.encode()).digest()
    if shape == "9999-99-99":
        return f"{2008 + digest[0] % 5}-{1 + digest[1] % 12:02}-{1 + digest[2] % 28:02}"
    name, at, _ = shape.partition("@")
    if at and not re.search(r"\s", shape):
        return f"{_drawn(name, digest)}@example.org"
    return _drawn(shape, digest)


def _drawn(shape: str, digest: bytes) -> str:
    pairs = ((_LETTERS.get(one, one), byte) for one, byte in zip(shape, digest, strict=False))
    return "".join(letters[byte % len(letters)] for letters, byte in pairs)
