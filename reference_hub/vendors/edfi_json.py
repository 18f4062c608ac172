"""Documents as a host gives them, ready to be compared and read by a mapping table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def plain(body: Any) -> Any:
    """A document with every value as text, without what the host adds and without nulls."""
    if isinstance(body, Mapping):
        return {
            member: plain(value)
            for member, value in body.items()
            if value is not None and member not in ("id", "link") and not member.startswith("_")
        }
    if isinstance(body, list):
        return [plain(value) for value in body]
    if isinstance(body, bool):
        return "true" if body else "false"
    return str(body)
