"""Second layer: from files to lines, each file in UTF-8 with its columns read by name."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from conformance.simulators.file_receiver.archives import Archives
from conformance.simulators.file_receiver.lines import MANIFEST, Complaint, Line, Unfit

LONGEST_CELL = 10_000_000


class Tables(Archives):
    """CSV as RFC 4180 has it; a mark in front and plain line feeds do no harm."""

    def text_of(self, file: str, data: bytes) -> str:
        """The text of a file; raises Unfit for what is no UTF-8."""
        try:
            return data.decode("utf-8-sig")
        except UnicodeDecodeError:
            raise Unfit(file, 0, "It is not UTF-8.") from None

    def lines_of(
        self, file: str, data: bytes, required: Sequence[str], complaints: list[Complaint]
    ) -> list[Line]:
        """The rows of a file; those of another width are complained of."""
        rows = self.rows_of(file, self.text_of(file, data))
        if not rows:
            raise Unfit(file, 0, "It has no header.")
        header = rows[0]
        self.check_header(file, header, required)
        self.check_any(file, rows)
        return [
            line for number, row in enumerate(rows[1:], 2)
            if (line := self.line(file, number, header, row, complaints)) is not None
        ]  # fmt: skip

    def rows_of(self, file: str, text: str) -> list[list[str]]:
        """All rows that are not blank."""
        # One limit for a whole process: another reader may have set its own.
        csv.field_size_limit(LONGEST_CELL)
        try:
            rows = csv.reader(io.StringIO(text, newline=""), strict=True)
            return [row for row in rows if row]
        except csv.Error:
            raise Unfit(file, 0, "It is not CSV.") from None

    def check_header(self, file: str, header: Sequence[str], required: Sequence[str]) -> None:
        """Every required column is there once; others are no matter."""
        for column in required:
            if header.count(column) != 1:
                raise Unfit(file, 1, f"The column {column} does not stand there once.")

    def check_any(self, file: str, rows: Sequence[Sequence[str]]) -> None:
        """Refuse a file without data: what has no rows is absent in the manifest."""
        if len(rows) < 2 and file != MANIFEST:
            raise Unfit(file, 0, "It has no row of data.")

    def line(
        self,
        file: str,
        number: int,
        header: Sequence[str],
        row: Sequence[str],
        complaints: list[Complaint],
    ) -> Line | None:
        """One row by column, None if it is complained of."""
        if len(row) != len(header):
            complaints.append(Complaint(file, number, "It has another number of cells."))
            return None
        if sum(map(len, row)) > self.longest_row:
            complaints.append(Complaint(file, number, "It is too long."))
            return None
        return Line(file, number, self.cells(header, row))

    def cells(self, header: Sequence[str], row: Sequence[str]) -> dict[str, str]:
        """The cells of a row by the name of their column."""
        return dict(zip(header, row, strict=True))
