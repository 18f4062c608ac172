"""What a product says became of a file: applied, partly, refused; and which rows were not taken.

No standard says what such an answer looks like, so this is a form of our own, as JSON

    {"outcome": "refused", "rows": [{"file": "users.csv", "row": 3, "reason": "..."}]}

or as CSV with the columns file, row, outcome, reason, whose line without a row is about the file.
Rows are counted from 1, the header being row 1; row 0 is the file as a whole.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass

from conformance.reply import Reply, read_json

APPLIED, PARTLY, REFUSED = "applied", "partly", "refused"
UNTOLD, BROKEN = "untold", "broken"
ENDS = (APPLIED, PARTLY, REFUSED)


@dataclass(frozen=True, slots=True)
class Note:
    """One thing that was not taken, and why."""

    file: str
    row: int
    reason: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a delivery ended; `reply` is the answer that told so, `by_result` if a result file did.

    `end` is applied | partly | refused; untold where the product says nothing, broken where it
    answers with an error of its own.
    """

    end: str
    notes: tuple[Note, ...]
    reply: Reply
    by_result: bool = False

    @property
    def taken(self) -> bool:
        """Whether nothing speaks against it that all was taken."""
        return self.end in (APPLIED, UNTOLD)

    @property
    def told(self) -> bool:
        """Whether the product said how it ended."""
        return self.end != UNTOLD

    def names(self, file: str, row: int) -> bool:
        """Whether a note with a reason is about this row of this file."""
        return any((one.file, one.row) == (file, row) and len(one.reason) > 3 for one in self.notes)


def read(data: bytes, words: Mapping[str, str]) -> tuple[str, tuple[Note, ...]] | None:
    """End and notes of a result file; `words` are the product's own. None if it cannot be read."""
    ours = {theirs.casefold(): one for one, theirs in words.items()} | {one: one for one in ENDS}
    try:
        found = _from_json(data) if data.lstrip()[:1] == b"{" else _from_csv(data)
    except (ValueError, LookupError, TypeError, AttributeError, csv.Error):
        return None
    end = ours.get(found[0].strip().casefold(), "")
    return (end, found[1]) if end else None


def _from_json(data: bytes) -> tuple[str, tuple[Note, ...]]:
    whole = read_json(data)
    rows = whole.get("rows") or []
    notes = [Note(str(one["file"]), int(one.get("row", 0)), str(one["reason"])) for one in rows]
    return str(whole["outcome"]), tuple(notes)


def _from_csv(data: bytes) -> tuple[str, tuple[Note, ...]]:
    rows = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline=""), strict=True))
    about = [one for one in rows if not (one["row"] or "").strip("0 ")]
    notes = [
        Note(one["file"], int(one["row"] or 0), one["reason"]) for one in rows if one["reason"]
    ]
    return about[0]["outcome"], tuple(notes)
