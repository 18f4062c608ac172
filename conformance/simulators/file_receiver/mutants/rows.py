"""File receivers that take rows which they should refuse, or tell nothing of them."""

# An override may ignore what it is given.
# ruff: noqa: ARG002

from __future__ import annotations

from collections.abc import Iterable, Sequence

from conformance.simulators.file_receiver.keeping import PARTLY, Result
from conformance.simulators.file_receiver.lines import Batch, Complaint, Line, Row
from conformance.simulators.file_receiver.mutants import breaks
from conformance.simulators.file_receiver.receiver import FileReceiver
from conformance.simulators.problems import Refusal


@breaks("DAT-FIL-026")
class LetsTheLastRowWin(FileReceiver):
    """Takes the last of several rows with one id."""

    def twice(self, table: str, lines: list[Line]) -> Iterable[Complaint]:
        return ()


@breaks("DAT-FIL-026")
class LetsTheFirstRowWin(FileReceiver):
    """Takes the first of several rows with one id."""

    def twice(self, table: str, lines: list[Line]) -> Iterable[Complaint]:
        lines[:] = {line.cells["sourcedId"]: line for line in reversed(lines)}.values()
        lines.reverse()
        return ()


@breaks("DAT-FIL-027", also=("DAT-FIL-028",))
class FollowsNoReference(FileReceiver):
    """Takes rows that refer to nothing."""

    def dangling(self, batch: Batch) -> Iterable[Complaint]:
        return ()


@breaks("DAT-FIL-027", also=("DAT-FIL-028",))
class DropsWhatLeadsNowhere(FileReceiver):
    """Leaves out rows that refer to nothing, and says nothing of them."""

    def dangling(self, batch: Batch) -> Iterable[Complaint]:
        bad = {(one.file, one.row) for one in super().dangling(batch)}
        for lines in batch.tables.values():
            lines[:] = [line for line in lines if (line.file, line.number) not in bad]
        return ()


@breaks("DAT-FIL-033")
class TakesAnyDay(FileReceiver):
    """Keeps whatever stands where a day should."""

    def is_day(self, value: str) -> bool:
        return True


@breaks("DAT-FIL-033")
class ReadsDaysInAnyOrder(FileReceiver):
    """Takes a day with slashes as well."""

    def is_day(self, value: str) -> bool:
        return "/" in value or super().is_day(value)


@breaks("DAT-FIL-034")
class TakesAnyWord(FileReceiver):
    """Keeps words that are on no list."""

    def is_word(self, value: str, words: set[str]) -> bool:
        return True


@breaks("DAT-FIL-034")
class MakesAStudentOfAnybody(FileReceiver):
    """Makes a student of whoever has a role that it does not know."""

    def is_word(self, value: str, words: set[str]) -> bool:
        return True

    def keep(self, table: str, cells: Row, delta: bool) -> None:
        if cells.get("role") == "qvexwizard":
            cells = cells | {"role": "student"}
        super().keep(table, cells, delta)


@breaks("DAT-FIL-035", also=("DAT-FIL-041", "DAT-FIL-043"))
class NeedsNoCell(FileReceiver):
    """Takes rows whose needed cells are blank."""

    def filled(self, value: str) -> bool:
        return True


@breaks("DAT-FIL-035", also=("DAT-FIL-041", "DAT-FIL-043"))
class FillsBlankNames(FileReceiver):
    """Writes a name of its own where the family name is blank."""

    def cells(self, header: Sequence[str], row: Sequence[str]) -> dict[str, str]:
        cells = super().cells(header, row)
        return cells | ({"familyName": "Unknown"} if cells.get("familyName") == "" else {})


@breaks("DAT-FIL-036")
class TakesWhatComesBeforeABadRow(FileReceiver):
    """Keeps the first two sound rows of a file that it says it refuses."""

    def faulty(self, batch: Batch, complaints: list[Complaint]) -> Result:
        bad = {(one.file, one.row) for one in complaints}
        sound = [line for line in batch.tables.get("users", [])
                 if (line.file, line.number) not in bad]  # fmt: skip
        if len(sound) > 4 and batch.delta:
            self.apply(Batch({"users": sound[:2]}, True))
        return super().faulty(batch, complaints)


@breaks("DAT-FIL-036", also=("DAT-FIL-028", "DAT-FIL-035"))
class SaysPartlyAndTakesNothing(FileReceiver):
    """Says of a file with a bad row that the others were taken, and takes none."""

    def faulty(self, batch: Batch, complaints: list[Complaint]) -> Result:
        return Result(PARTLY, complaints)


@breaks("DAT-FIL-037")
class FallsOverALongRow(FileReceiver):
    """Answers with an error of its own when a row is long."""

    def line(
        self, file: str, number: int, header: Sequence[str], row: Sequence[str],
        complaints: list[Complaint],
    ) -> Line | None:  # fmt: skip
        if sum(map(len, row)) > self.longest_row:
            raise Refusal(500, "Out of memory.")
        return super().line(file, number, header, row, complaints)


@breaks("TRN-TX-08")
class KeepsTheMark(FileReceiver):
    """Takes a byte order mark for a part of the first column's name."""

    def text_of(self, file: str, data: bytes) -> str:
        text = super().text_of(file, data)
        return f"\ufeff{text}" if data.startswith(b"\xef\xbb\xbf") else text


@breaks("TRN-TX-08")
class NeedsALastLineEnd(FileReceiver):
    """Loses the last row of a file that does not end with the end of a line."""

    def rows_of(self, file: str, text: str) -> list[list[str]]:
        rows = super().rows_of(file, text)
        return rows if text.endswith("\n") else rows[:-1]
