"""Fourth layer: is each row sound, does it lead somewhere, and what is kept of it."""

from __future__ import annotations

import io
import json
import re
import threading
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from conformance.simulators.file_receiver.forms import Forms
from conformance.simulators.file_receiver.lines import (
    CLEVER,
    DATES,
    FLAT,
    ONEROSTER_11,
    ONEROSTER_12,
    REFERENCES,
    REQUIRED,
    SDS,
    WORDS,
    Batch,
    Complaint,
    Line,
    Row,
    Unfit,
)

LAST = "enrollments.csv"
APPLIED, PARTLY, REFUSED = "applied", "partly", "refused"
_ID = re.compile(r"[0-9A-Za-z.\-_/@]{1,255}")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
# What a form without a column for it cannot be asked for.
_NEEDED = {"users": ("sourcedId", "givenName", "familyName")}
_SKIPPED = {CLEVER: {"courses", "classes"}, SDS: {"courses", "classes"}, FLAT: {"demographics"}}


@dataclass(slots=True)
class Result:
    """What became of a delivery."""

    outcome: str
    complaints: list[Complaint] = field(default_factory=list)


@dataclass(slots=True)
class Kept:
    """Rows by table and id, the days of those that are gone, results and loose files by name."""

    rows: dict[str, dict[str, Row]] = field(default_factory=dict)
    gone: dict[tuple[str, str], str] = field(default_factory=dict)
    results: dict[str, bytes] = field(default_factory=dict)
    parts: dict[str, bytes] = field(default_factory=dict)
    lock: threading.RLock = field(default_factory=threading.RLock)


class Keeping(Forms):
    """Takes a delivery whole or not at all, and writes down why."""

    def __init__(self) -> None:
        self.kept = Kept()

    def receive(self, name: str, data: bytes) -> Result:
        """Take one delivery and write its result."""
        with self.kept.lock:
            whole = self.gathered(name, data) if self.loose else data
            result = Result(APPLIED) if whole is None else self.judged(name, whole)
            self.kept.results[name] = self.result_file(name, result)
            return result

    def gathered(self, name: str, data: bytes) -> bytes | None:
        """The set of loose files as an archive, once its last file has come."""
        self.kept.parts[name] = data
        if name != LAST:
            return None
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w") as zipped:
            for each, content in self.kept.parts.items():
                zipped.writestr(each, content)
        self.kept.parts.clear()
        return archive.getvalue()

    def judged(self, name: str, data: bytes) -> Result:
        """Apply a delivery, or say what is wrong with it."""
        try:
            batch = self.understood(name, data)
        except Unfit as unfit:
            return Result(REFUSED, [unfit.complaint])
        complaints = [*batch.complaints, *self.complaints_of(batch)]
        if complaints:
            return self.faulty(batch, complaints)
        self.apply(batch)
        return Result(APPLIED)

    def faulty(self, batch: Batch, complaints: list[Complaint]) -> Result:  # noqa: ARG002
        """What becomes of a delivery with a bad row: it is refused whole."""
        return Result(REFUSED, complaints)

    # -- what is wrong -----------------------------------------------------------------------

    def complaints_of(self, batch: Batch) -> Iterable[Complaint]:
        """Everything that is wrong with the rows of a delivery."""
        for table, lines in batch.tables.items():
            for line in lines:
                yield from self.faults_of(table, line, batch.delta)
            yield from self.twice(table, lines)
        yield from self.dangling(batch)

    def faults_of(self, table: str, line: Line, delta: bool) -> Iterable[Complaint]:
        """What is wrong with one row by itself."""
        cells = line.cells
        oneroster = self.form in (ONEROSTER_11, ONEROSTER_12)
        required = REQUIRED[table] if oneroster else _NEEDED.get(table, ("sourcedId",))
        for column in required:
            if not self.filled(cells.get(column, "")):
                yield Complaint(line.file, line.number, f"{column} is blank.")
        if not self.is_id(cells["sourcedId"]):
            yield Complaint(line.file, line.number, "sourcedId has a sign that is not allowed.")
        for column in DATES:
            if cells.get(column) and not self.is_day(cells[column]):
                yield Complaint(line.file, line.number, f"{column} is no day.")
        for (where, column), words in WORDS.items():
            if where == table and cells.get(column) and not self.is_word(cells[column], words):
                yield Complaint(line.file, line.number, f"{column} is no word of its list.")
        if delta and self.status(cells) not in ("active", "tobedeleted"):
            yield Complaint(line.file, line.number, "status is no word of its list.")

    def filled(self, value: str) -> bool:
        """Whether a required cell says something."""
        return bool(value.strip())

    def is_id(self, value: str) -> bool:
        """Whether an id is made of the signs that are allowed."""
        return _ID.fullmatch(value) is not None

    def is_day(self, value: str) -> bool:
        """Whether a day is written as OneRoster wants it, and is in the calendar."""
        try:
            return bool(_DAY.fullmatch(value) and date.fromisoformat(value))
        except ValueError:
            return False

    def is_word(self, value: str, words: set[str]) -> bool:
        """Whether a word is on its list, or marked as an extension."""
        return value in words or value.startswith("ext:")

    def status(self, cells: Row) -> str:
        """The status of a row of a delta."""
        return cells.get("status", "")

    def twice(self, table: str, lines: list[Line]) -> Iterable[Complaint]:  # noqa: ARG002
        """Ids that stand in a file before."""
        met: set[str] = set()
        for line in lines:
            if line.cells["sourcedId"] in met:
                yield Complaint(line.file, line.number, "sourcedId stands there twice.")
            met.add(line.cells["sourcedId"])

    def dangling(self, batch: Batch) -> Iterable[Complaint]:
        """References that lead nowhere: in a delta they may lead to what is kept."""
        skipped = _SKIPPED.get(self.form, set())
        known = {name: set(self.kept.rows.get(name, {})) if batch.delta else set()
                 for name in REQUIRED}  # fmt: skip
        for table, lines in batch.tables.items():
            known[table] |= {line.cells["sourcedId"] for line in lines}
        for table, columns in REFERENCES.items():
            for line in batch.tables.get(table, []) if table not in skipped else []:
                if self.status(line.cells) != "tobedeleted":
                    yield from self.unresolved(line, columns, known)

    def unresolved(
        self, line: Line, columns: Iterable[tuple[str, str]], known: dict[str, set[str]]
    ) -> Iterable[Complaint]:
        """The references of one row that lead nowhere."""
        for column, where in columns:
            for refid in line.cells.get(column, "").split(","):
                if refid not in known[where]:
                    yield Complaint(line.file, line.number, f"{column} leads nowhere.")

    # -- what is kept ------------------------------------------------------------------------

    def apply(self, batch: Batch) -> None:
        """Keep the rows: a bulk file replaces all of its table, a delta row by row."""
        for table, lines in batch.tables.items():
            if not batch.delta:
                self.clear(table)
            for line in lines:
                self.keep(table, dict(line.cells), batch.delta)

    def clear(self, table: str) -> None:
        """Forget a table before all of it comes anew."""
        self.kept.rows.setdefault(table, {}).clear()

    def keep(self, table: str, cells: Row, delta: bool) -> None:
        """Keep one row, the whole of it; an older one than what is kept is no news."""
        rows = self.kept.rows.setdefault(table, {})
        refid, moment = cells["sourcedId"], cells.get("dateLastModified", "")
        if delta and self.is_old(table, refid, moment):
            return
        if self.status(cells) == "tobedeleted":
            self.remove(table, refid, moment)
        else:
            rows[refid] = cells

    def is_old(self, table: str, refid: str, moment: str) -> bool:
        """Whether what is kept, or was deleted, is newer than this moment."""
        known = self.kept.rows.get(table, {}).get(refid, {}).get("dateLastModified", "")
        return moment < max(known, self.kept.gone.get((table, refid), ""))

    def remove(self, table: str, refid: str, moment: str) -> None:
        """Forget one row and what hangs on it."""
        self.kept.rows.get(table, {}).pop(refid, None)
        self.kept.gone[table, refid] = moment

    # -- what is told ------------------------------------------------------------------------

    def result_file(self, name: str, result: Result) -> bytes:  # noqa: ARG002
        """The result of a delivery as it is written down: places and reasons, no values."""
        rows = [
            {"file": one.file, "row": one.row, "reason": self.reason(one)}
            for one in result.complaints
        ]
        return json.dumps({"outcome": result.outcome, "rows": rows}).encode()

    def reason(self, complaint: Complaint) -> str:
        """Why a row was not taken, in words without a value."""
        return complaint.reason
