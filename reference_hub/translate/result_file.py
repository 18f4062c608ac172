"""A vendor's answer record by record: which rows of a delivery it took, and why not the others.

One CSV file, as our profile has it: columns `file` (the collection, with or without .csv),
`sourcedId` or `key`, `status` (accepted | rejected) and `reason`; further columns are ignored.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass

ACCEPTED, REJECTED = "accepted", "rejected"
MOST_ROWS = 1_000_000
_LONGEST = 500
_KEYS = ("sourcedId", "key")


class ResultError(ValueError):
    """A result file that cannot be read; the words name row and column, never a value."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the vendor says of one row."""

    collection: str
    key: str
    state: str
    reason: str


def answers(content: bytes) -> list[Answer]:
    """Read a result file. Raises ResultError."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ResultError("the result file is not UTF-8 text") from None
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    key = next((name for name in _KEYS if name in (reader.fieldnames or ())), "")
    missing = [name for name in ("file", "status") if name not in (reader.fieldnames or ())]
    if missing or not key:
        wanted = [*missing, *([] if key else ["sourcedId"])]
        raise ResultError(f"the result file has no column {', '.join(wanted)}")
    found: list[Answer] = []
    try:
        for row in reader:
            found.append(_answer(row, key, reader.line_num))
            if len(found) > MOST_ROWS:
                raise ResultError(f"the result file has more than {MOST_ROWS} rows")
    except csv.Error:
        raise ResultError(f"row {reader.line_num} is no CSV") from None
    return found


def _answer(row: dict[str | None, str | None], key: str, number: int) -> Answer:
    state = (row.get("status") or "").strip().lower()
    if state not in (ACCEPTED, REJECTED):
        raise ResultError(f"row {number}: status is {ACCEPTED} or {REJECTED}")
    collection = (row.get("file") or "").strip().removesuffix(".csv")
    reason = " ".join((row.get("reason") or "").split())[:_LONGEST]
    return Answer(collection, (row.get(key) or "").strip(), state, reason)
