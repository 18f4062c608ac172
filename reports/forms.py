"""`forms.html` and `forms.csv`: the forms that a district already has, filled in from a run."""

from __future__ import annotations

import csv
import dataclasses
import io
from dataclasses import dataclass
from pathlib import Path

from reports.atomic import write_whole
from reports.forms_cells import EVIDENCE, NOTHING, STATEMENT, Cell, cell, record
from reports.forms_data import forms
from reports.pages import render_page
from reports.source import Source, load
from reports.summary_data import Schedule, schedule
from reports.summary_words import words

PAGE_FILE, TABLE_FILE = "forms.html", "forms.csv"
COLUMNS = ("form", "item", "kind", "answer", "note", "requirements")
# A spreadsheet takes a cell that starts with one of these for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class Filled:
    """One form with the answers of a run."""

    id: str
    name: str
    about: str
    cells: tuple[Cell, ...]


def write_forms(directory: Path) -> list[Path]:
    """Write page and table beside the run; raises RunFileError like every reader."""
    source = load(directory)
    done = filled(source)
    page = render_page("forms.html", "district.css", forms=done, header=source.run.header)
    return [
        write_whole(directory / PAGE_FILE, page.encode()),
        write_whole(directory / TABLE_FILE, table(done).encode()),
    ]


def filled(source: Source) -> list[Filled]:
    """Every form, Exhibit B of the agreement last."""
    run, partial = record(source, words("en")), bool(source.verdict.only)
    done = [
        Filled(
            one.id, one.name, one.about, tuple(_said(cell(item, run), partial) for item in one.item)
        )
        for one in forms()
    ]
    return [*done, _exhibit(schedule(source))]


def _said(one: Cell, partial: bool) -> Cell:
    if not partial or one.kind != EVIDENCE:
        return one
    return dataclasses.replace(one, note=f"Only a part of the test was run. {one.note}".strip())


def _exhibit(found: Schedule) -> Filled:
    about = "The list of data in the agreement, held against what stood in the messages of the run."
    if found.state == "empty":
        about = "This run had no agreement, so nothing of the list was measured."
    names = words("en").tables["schedule"]
    cells = [_line(line, name, found) for line, name in names.items()]
    return Filled("exhibit-b", "Exhibit B of the agreement", about, tuple(cells))


def _line(line: str, name: str, found: Schedule) -> Cell:
    item = f"{line} {name}"
    for group in found.seen:
        if line in group:
            others = [one for one in group if one != line]
            note = f"The same element stands for {', '.join(others)}." if others else ""
            return Cell(item, EVIDENCE, "agreed and exchanged", note)
    if any(line in group for group in found.unseen):
        return Cell(item, STATEMENT, "agreed", "No message of this run held it.")
    why = "No agreement" if found.state == "empty" else "Not agreed"
    return Cell(item, NOTHING, "", f"{why} in this run.")


def table(done: list[Filled]) -> str:
    """The forms as CSV (UTF-8, RFC 4180), one line for each item."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for form in done:
        for one in form.cells:
            row = (form.name, one.item, one.kind, one.answer, one.note, " ".join(one.requirements))
            writer.writerow([_plain(value) for value in row])
    return text.getvalue()


def _plain(value: str) -> str:
    return f"'{value}" if value.startswith(_FORMULA) else value
