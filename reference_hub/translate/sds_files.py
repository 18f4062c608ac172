"""Read the files of Microsoft School Data Sync 2.1: every fault with file, row and column.

A set is checked whole before a row of it is used. Source: Microsoft's page on the format SDS V2.1
CSV and its published example; which columns may be left out is inferred from both.
"""

from __future__ import annotations

import csv
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from io import BytesIO, TextIOWrapper
from typing import cast

from reference_hub.translate.packages import Fault, Package, Refused
from reference_hub.translate.places import Node

MOST_FAULTS = 20
# By file: the columns that each row fills.
REQUIRED: Mapping[str, tuple[str, ...]] = {
    "orgs": ("sourcedId", "name", "type"),
    "academicSessions": ("sourcedId", "title", "type", "schoolYear", "startDate", "endDate"),
    "courses": ("sourcedId", "orgSourcedId", "title"),
    "classes": ("sourcedId", "orgSourcedId", "title"),
    "users": ("sourcedId", "username"),
    "roles": ("userSourcedId", "orgSourcedId", "role"),
    "enrollments": ("classSourcedId", "userSourcedId", "role"),
    "relationships": ("userSourcedId", "relationshipUserSourcedId", "relationshipRole"),
    "userFlags": ("userSourcedId", "flag"),
    "demographics": ("userSourcedId",),
}
NEEDED = ("orgs", "users", "roles")
# The file that a column points to.
POINTS_TO: Mapping[str, str] = {
    "parentSourcedId": "orgs",
    "orgSourcedId": "orgs",
    "schoolYearSourcedId": "academicSessions",
    "sessionSourcedId": "academicSessions",
    "sessionSourcedIds": "academicSessions",
    "courseSourcedId": "courses",
    "classSourcedId": "classes",
    "userSourcedId": "users",
    "relationshipUserSourcedId": "users",
}
MANY = "sessionSourcedIds"
_DAYS = ("startDate", "endDate", "roleStartDate", "roleEndDate", "birthDate")


@dataclass(frozen=True, slots=True)
class SdsFiles:
    """A set of files without faults."""

    package: Package

    def rows(self, file: str) -> Iterator[tuple[int, Node]]:
        """The rows of a file with their number (the header is 1), blank cells left out; a column
        that points to several rows is a list."""
        if f"{file}.csv" not in self.package.openers:
            return
        lines = _lines(self.package, f"{file}.csv")
        _, header = next(lines)
        for number, cells in lines:
            told = zip(header, cells, strict=True)
            row: Node = {name: cell.strip() for name, cell in told if cell.strip()}
            if MANY in row:
                row[MANY] = pointed(MANY, row[MANY])
            if row:
                yield number, row


def pointed(column: str, cell: str) -> list[str]:
    """The ids in a cell."""
    parts = cell.split(",") if column == MANY else [cell]
    return [each.strip() for each in parts if each.strip()]


def _lines(package: Package, name: str) -> Iterator[tuple[int, list[str]]]:
    """The lines of a file that are not blank, with their number."""
    stream = cast("BytesIO", package.open(name))
    with TextIOWrapper(stream, encoding="utf-8-sig", newline="") as text:
        for number, cells in enumerate(csv.reader(text, strict=True), 1):
            if any(cells):
                yield number, cells


def read_sds(package: Package) -> SdsFiles:
    """Check a whole set; raises Refused with at most twenty faults."""
    faults: list[Fault] = []
    for fault in _Check(package).faults():
        faults.append(fault)
        if len(faults) == MOST_FAULTS:
            break
    if faults:
        raise Refused(tuple(faults))
    return SdsFiles(package)


@dataclass(slots=True)
class _Check:
    package: Package
    ids: dict[str, set[str]] = field(default_factory=dict)
    pointers: list[tuple[str, int, str, str]] = field(default_factory=list)

    def faults(self) -> Iterator[Fault]:
        """All faults, lazily."""
        known = {f"{each}.csv" for each in REQUIRED}
        for name in sorted(set(self.package.openers) - known):
            yield Fault(name, 0, "", "is no file of School Data Sync 2.1; names are case-exact")
        for each in NEEDED:
            if f"{each}.csv" not in self.package.openers:
                yield Fault(f"{each}.csv", 0, "", "is not there")
        for each in REQUIRED:
            if f"{each}.csv" in self.package.openers:
                yield from self._file(each)
        for file, number, column, told in self.pointers:
            of = POINTS_TO[column]
            if told not in self.ids.get(of, set()):
                yield Fault(file, number, column, f"points to no row of {of}.csv")

    def _file(self, file: str) -> Iterator[Fault]:
        name, number, header = f"{file}.csv", 0, list[str]()
        try:
            for number, cells in _lines(self.package, name):
                if not header:
                    header = cells
                    lacking = [each for each in REQUIRED[file] if each not in header]
                    yield from (Fault(name, 1, x, "is not in the header") for x in lacking)
                    if len(set(header)) < len(header):
                        yield Fault(name, 1, "", "names a column twice; expected each once")
                        return
                elif len(cells) != len(header):
                    wanted = f"has {len(cells)} cells; expected {len(header)} as in the header"
                    yield Fault(name, number, "", wanted)
                else:
                    yield from self._row(file, number, dict(zip(header, cells, strict=True)))
        except UnicodeError:
            yield Fault(name, number + 1, "", "is not in UTF-8 from about here")
        except csv.Error as error:
            yield Fault(name, number + 1, "", f"is no proper CSV ({error})")
        except (OSError, EOFError, zlib.error, zipfile.BadZipFile):
            yield Fault(name, number + 1, "", "is damaged; pack it anew")
        if not header:
            yield Fault(name, 0, "", "has no header")

    def _row(self, file: str, number: int, row: Mapping[str, str]) -> Iterator[Fault]:
        name = f"{file}.csv"
        for column in REQUIRED[file]:
            if column in row and not row[column].strip():
                yield Fault(name, number, column, "is required")
        for column in _DAYS:
            if row.get(column, "").strip() and not _is_day(row[column].strip()):
                yield Fault(name, number, column, "expected a date YYYY-MM-DD")
        if file == "academicSessions" and not row.get("schoolYear", "0").strip().isdigit():
            yield Fault(name, number, "schoolYear", "expected a year of four digits")
        own = row.get("sourcedId", "").strip()
        if own and own in self.ids.setdefault(file, set()):
            yield Fault(name, number, "sourcedId", "is the id of another row; expected each once")
        self.ids.setdefault(file, set()).add(own)
        for column in POINTS_TO:
            for told in pointed(column, row.get(column, "")):
                self.pointers.append((name, number, column, told))


def _is_day(text: str) -> bool:
    try:
        return len(text) == len("2026-01-31") and bool(date.fromisoformat(text))
    except ValueError:
        return False
