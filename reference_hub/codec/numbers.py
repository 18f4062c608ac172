"""Whole numbers in texts: int() alone would also take signs, underscores and Arabic digits."""

from __future__ import annotations

UNSIGNED_INT = 2**32 - 1


def whole(text: str, most: int = UNSIGNED_INT) -> int | None:
    """The number written in ASCII digits; None above `most` and for anything else."""
    digits = text.lstrip("0") or "0"
    if not (text.isascii() and text.isdigit()) or len(digits) > len(str(most)):
        return None
    return number if (number := int(digits)) <= most else None
