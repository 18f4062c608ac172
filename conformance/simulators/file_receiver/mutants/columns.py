"""File receivers that read columns, cells and letters wrongly."""

# An override may ignore what it is given.
# ruff: noqa: ARG002

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from conformance.simulators.file_receiver.lines import Batch, Complaint, Line, Unfit
from conformance.simulators.file_receiver.mutants import breaks
from conformance.simulators.file_receiver.receiver import FileReceiver
from fixtures.writers.oneroster.columns import COLUMNS


@breaks("DAT-FIL-020")
class ReadsColumnsByTheirPlace(FileReceiver):
    """Takes the columns of a file for the published ones, whatever its header says."""

    def cells(self, header: Sequence[str], row: Sequence[str]) -> dict[str, str]:
        if "givenName" in header and set(COLUMNS["users"]) == set(header):
            header = COLUMNS["users"]
        return super().cells(header, row)


@breaks("DAT-FIL-020")
class TakesTheFirstNameForTheGivenOne(FileReceiver):
    """Takes whichever name stands first for the given one."""

    def cells(self, header: Sequence[str], row: Sequence[str]) -> dict[str, str]:
        cells = super().cells(header, row)
        if "givenName" in header and "familyName" in header:
            names = sorted(("givenName", "familyName"), key=list(header).index)
            cells["givenName"], cells["familyName"] = (row[list(header).index(one)]
                                                       for one in names)  # fmt: skip
        return cells


@breaks("DAT-FIL-021")
class RefusesMetadata(FileReceiver):
    """Refuses a file with a column that it does not know."""

    def check_header(self, file: str, header: Sequence[str], required: Sequence[str]) -> None:
        if any(column.startswith("metadata") for column in header):
            raise Unfit(file, 1, "There is an unknown column.")
        super().check_header(file, header, required)


@breaks("DAT-FIL-021")
class LosesACellToMetadata(FileReceiver):
    """Loses the login of a row that ends with metadata."""

    def cells(self, header: Sequence[str], row: Sequence[str]) -> dict[str, str]:
        cells = super().cells(header, row)
        if header[-1].startswith("metadata"):
            cells["username"] = "unknown"
        return cells


@breaks("DAT-FIL-022")
class NeedsNoColumn(FileReceiver):
    """Writes something of its own where a column is missing."""

    def check_header(self, file: str, header: Sequence[str], required: Sequence[str]) -> None:
        lacking = {"sourcedId", "familyName"} - set(header) if file == "users.csv" else set()
        super().check_header(file, [*header, *lacking], required)

    def cells(self, header: Sequence[str], row: Sequence[str]) -> dict[str, str]:
        missing = {"sourcedId": f"q{abs(hash(tuple(row)))}", "familyName": "Unknown"}
        return (missing if "givenName" in header else {}) | super().cells(header, row)

    def dangling(self, batch: Batch) -> Iterable[Complaint]:
        users = batch.tables.get("users", [])
        invented = any(line.cells["sourcedId"].startswith("q") for line in users)
        return () if invented else super().dangling(batch)


@breaks("DAT-FIL-022")
class NeedsNoFamilyName(FileReceiver):
    """Writes a dash where the column of family names is missing."""

    def check_header(self, file: str, header: Sequence[str], required: Sequence[str]) -> None:
        known = [*header, *({"familyName"} - set(header) if file == "users.csv" else ())]
        super().check_header(file, known, required)

    def cells(self, header: Sequence[str], row: Sequence[str]) -> dict[str, str]:
        return ({"familyName": "-"} if "givenName" in header else {}) | super().cells(header, row)


@breaks("DAT-FIL-023")
class CutsWideRows(FileReceiver):
    """Leaves off the cells that a row has too many."""

    def line(
        self, file: str, number: int, header: Sequence[str], row: Sequence[str],
        complaints: list[Complaint],
    ) -> Line | None:  # fmt: skip
        return super().line(file, number, header, row[: len(header)], complaints)


@breaks("DAT-FIL-023")
class FillsShortRows(FileReceiver):
    """Fills the cells that a row lacks."""

    def line(
        self, file: str, number: int, header: Sequence[str], row: Sequence[str],
        complaints: list[Complaint],
    ) -> Line | None:  # fmt: skip
        needed = ("username", "givenName", "familyName")
        more = ["Unknown" if name in needed else "" for name in header[len(row) :]]
        return super().line(file, number, header, [*row, *more], complaints)


@breaks("DAT-FIL-024")
class GuessesTheDelimiter(FileReceiver):
    """Reads a file with whatever sign parts its header."""

    def rows_of(self, file: str, text: str) -> list[list[str]]:
        sign = next((one for one in ";\t" if f"status{one}" in text[:100]), ",")
        return [row for row in csv.reader(io.StringIO(text, newline=""), delimiter=sign) if row]


@breaks("DAT-FIL-024")
class TakesTabsAsWell(FileReceiver):
    """Reads a file that is parted by tabs."""

    def rows_of(self, file: str, text: str) -> list[list[str]]:
        if "status\t" not in text[:100]:
            return super().rows_of(file, text)
        return [row for row in csv.reader(io.StringIO(text, newline=""), delimiter="\t") if row]


@breaks("DAT-FIL-025")
class GuessesLatin1(FileReceiver):
    """Reads what is no UTF-8 as Latin-1."""

    def text_of(self, file: str, data: bytes) -> str:
        try:
            return super().text_of(file, data)
        except Unfit:
            return data.decode("latin-1")


@breaks("DAT-FIL-025")
class ReplacesWhatItCannotRead(FileReceiver):
    """Writes a sign for want of a letter."""

    def text_of(self, file: str, data: bytes) -> str:
        return data.decode("utf-8-sig", "replace")
