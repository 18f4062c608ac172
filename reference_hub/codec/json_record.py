"""Small JSON objects of texts: what the hub's privacy services take beside SIF documents."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from reference_hub.codec.json_text import loads
from reference_hub.codec.xml import MalformedDocument

LARGEST = 64 * 1024
"""Bytes. The longest record has a dozen members of a few lines."""
LONGEST = 2000
"""Characters of one member."""
_NEVER = ("Cc", "Cs")


def read_object(body: bytes) -> dict[str, Any]:
    """The object of a UTF-8 text. Raises MalformedDocument for anything else."""
    loads(body)  # for its refusals: depth, endless numbers, names that stand twice
    value = json.loads(body.decode("utf-8-sig"))
    if not isinstance(value, dict):
        raise MalformedDocument(0, "expected one JSON object")
    return value


def texts(
    told: Mapping[str, Any], needed: Iterable[str], others: Iterable[str] = ()
) -> dict[str, str]:
    """These members as texts without blanks around, '' for an optional one that is absent or null.

    Members of other names are passed over. Raises MalformedDocument naming the member at fault.
    """
    found = {name: _text(told, name) for name in (*needed, *others)}
    if missing := [name for name in needed if not found[name]]:
        raise MalformedDocument(0, f"expected {', '.join(missing)} as a text that is not empty")
    return found


def moment(name: str, text: str, *, day: bool = False) -> datetime | date:
    """A date-time of RFC 3339, or with `day` a date too. Raises MalformedDocument for none."""
    kind = "a date or a date-time with offset" if day else "a date-time with offset"
    try:
        if day and len(text) == len("2026-07-01"):
            return date.fromisoformat(text)
        found = datetime.fromisoformat(text)
    except ValueError:
        raise MalformedDocument(0, f"expected {name} as {kind} (RFC 3339)") from None
    if found.tzinfo is None:
        raise MalformedDocument(0, f"expected {name} as {kind} (RFC 3339)")
    return found


def _text(told: Mapping[str, Any], name: str) -> str:
    value = told.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise MalformedDocument(0, f"expected {name} as a text")
    if len(value) > LONGEST:
        raise MalformedDocument(0, f"expected {name} with at most {LONGEST} characters")
    return plain(name, value)


def plain(name: str, text: str) -> str:
    """The text with single blanks. Raises MalformedDocument for signs that no store can keep."""
    single = " ".join(text.split())
    if any(unicodedata.category(sign) in _NEVER for sign in single):
        raise MalformedDocument(0, f"expected {name} without control characters")
    return single
