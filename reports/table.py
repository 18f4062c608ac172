"""A result as a CSV file: one line per requirement."""

from __future__ import annotations

import csv
import io

from reports.source import Source
from reports.visible import visible

COLUMNS = ("id", "level", "basis", "area", "verdict", "reason", "waiver", "checks", "text",
           "source")  # fmt: skip
# A spreadsheet takes a cell that begins so for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def table(source: Source) -> str:
    """All requirements, in the order of the result; RFC 4180, UTF-8."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for row in source.verdict.requirements:
        cells = {name: getattr(row, name) for name in COLUMNS}
        cells["checks"] = " ".join(row.checks)
        writer.writerow(_safe(visible(str(cells[name]))) for name in COLUMNS)
    return text.getvalue()


def _safe(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
