"""Read a OneRoster bundle: the manifest first, every fault with file, row, column and reason.

A bundle is checked whole before a row of it is used, so that nothing is applied in part. Rows are
read lazily, once for the check and once for use. Source: 1EdTech OneRoster CSV binding 1.1, 1.2.
"""

from __future__ import annotations

import codecs
import csv
import re
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import islice
from typing import IO
from zipfile import BadZipFile

from reference_hub.translate.columns import (
    DELTA_NEED,
    MANY,
    REQUIRED_NEED,
    VERSIONS,
    Column,
    columns,
    manifest_files,
)
from reference_hub.translate.packages import Fault, Package, Refused
from reference_hub.translate.places import Node

BULK, DELTA, ABSENT = "bulk", "delta", "absent"
MOST_FAULTS = 20
MANIFEST = "manifest.csv"
_LONGEST_CELL = 1 << 20
_GUID = re.compile(r"[0-9A-Za-z.\-_/@]{1,255}")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)")
_EXTENSION = re.compile(r"ext:[0-9A-Za-z._\-]+")
# Version 1.0 of the manifest; some write it without the decimal.
_MANIFEST_VERSIONS = ("1.0", "1")
_META = "metadata."


@dataclass(frozen=True, slots=True)
class Bundle:
    """A bundle without faults: version, what each file holds (`bulk` or `delta`), its rows."""

    package: Package
    version: str
    kinds: Mapping[str, str]

    def rows(self, file: str) -> Iterator[tuple[int, Node]]:
        """The rows of a file with their number (the header is 1): `{column: text or list of
        texts}`, blank cells left out."""
        if file not in self.kinds:
            return
        listed = {each.name: each.form in MANY for each in columns(self.version)[file]}
        with self.package.open(f"{file}.csv") as stream:
            reader = enumerate(_csv(stream), 1)
            _, names = next(reader)
            for number, cells in reader:
                # Surplus cells were found to be blank.
                row = zip(names, cells, strict=False)
                told = {name: _cell(text, listed.get(name, False)) for name, text in row if text}
                if told:
                    yield number, told


def _cell(text: str, many: bool) -> str | list[str]:
    # An id of userIds has its commas percent-encoded.
    return [item.strip() for item in text.split(",") if item.strip()] if many else text


def read_bundle(package: Package) -> Bundle:
    """Check a whole bundle; raises Refused with at most twenty faults."""
    check = _Check(package)
    faults = tuple(islice(check.faults(), MOST_FAULTS))
    if faults:
        raise Refused(faults)
    return Bundle(package, check.version, check.kinds)


def _csv(stream: IO[bytes]) -> Iterator[list[str]]:
    csv.field_size_limit(_LONGEST_CELL)
    return csv.reader(_lines(stream), strict=True)


def _lines(stream: IO[bytes]) -> Iterator[str]:
    # Line by line, so that a fault of the encoding is found where it stands.
    for number, line in enumerate(stream):
        yield (line.removeprefix(codecs.BOM_UTF8) if number == 0 else line).decode("utf-8")


@dataclass(slots=True)
class _Check:
    package: Package
    version: str = ""
    kinds: dict[str, str] = field(default_factory=dict)
    ids: dict[str, set[str]] = field(default_factory=dict)

    def faults(self) -> Iterator[Fault]:
        """All faults, lazily; version and kinds are known when it ends."""
        if MANIFEST not in self.package.openers:
            yield Fault(MANIFEST, 0, "", "is not there; expected it beside the other files")
            return
        told: dict[str, str] = {}
        yield from self._manifest(told)
        if not self.version:
            return
        yield from self._files(told)
        for file in columns(self.version):
            if file in self.kinds:
                yield from self._file(file)

    def _manifest(self, told: dict[str, str]) -> Iterator[Fault]:
        lines = _Lines(self.package, MANIFEST)
        for number, cells in lines:
            if number == 1:
                if cells != ["propertyName", "value"]:
                    yield Fault(MANIFEST, 1, "", "expected the header propertyName,value")
            elif len(cells) != 2:
                yield Fault(MANIFEST, number, "", "expected a property and its value")
            elif cells[0] in told:
                yield Fault(MANIFEST, number, "propertyName", "is told twice; expected once")
            else:
                told[cells[0]] = cells[1].strip()
        yield from lines.faults
        if told.get("manifest.version") not in _MANIFEST_VERSIONS:
            yield Fault(MANIFEST, 0, "", "expected the property manifest.version to be 1.0")
        version = told.get("oneroster.version", "")
        if version in VERSIONS:
            self.version = version
        else:
            wanted = " or ".join(VERSIONS)
            yield Fault(MANIFEST, 0, "", f"expected the property oneroster.version to be {wanted}")

    def _files(self, told: Mapping[str, str]) -> Iterator[Fault]:
        for file in manifest_files(self.version):
            kind, name = told.get(f"file.{file}", ""), f"{file}.csv"
            there = name in self.package.openers
            if kind not in (BULK, DELTA, ABSENT):
                words = f"expected {BULK}, {DELTA} or {ABSENT} for the property file.{file}"
                yield Fault(MANIFEST, 0, "", words)
            elif kind == ABSENT and there:
                yield Fault(name, 0, "", f"is there; the manifest says {ABSENT}")
            elif kind != ABSENT and not there:
                yield Fault(name, 0, "", f"is not there; the manifest says {kind}")
            elif kind != ABSENT:
                self.kinds[file] = kind
        known = {f"{each}.csv" for each in manifest_files(self.version)} | {MANIFEST}
        for name in sorted(set(self.package.openers) - known):
            wanted = f"is no file of OneRoster {self.version}; names are case-exact"
            yield Fault(name, 0, "", wanted)

    def _file(self, file: str) -> Iterator[Fault]:
        name, kind = f"{file}.csv", self.kinds[file]
        listed = columns(self.version)[file]
        own = self.ids[file] = set()
        waiting: list[tuple[int, str, str]] = []
        lines = _Lines(self.package, name)
        header: list[str] = []
        rows = 0
        for number, cells in lines:
            if number == 1:
                header = cells
                fault = _header(name, listed, header)
                if fault:
                    yield fault
                    return
            elif len(cells) < len(header) or any(cells[len(header) :]):
                wanted = f"has {len(cells)} cells; expected {len(header)} as in the header"
                yield Fault(name, number, "", wanted)
            else:
                rows += 1
                row = dict(zip(header, cells, strict=False))
                yield from self._row(name, number, row, listed, kind)
                yield from self._identity(file, number, row, own, waiting)
        yield from lines.faults
        if not rows and not lines.faults:
            yield Fault(name, 0, "", f"has no rows; expected it to be {ABSENT} then")
        for number, column, target in waiting:
            if target not in own:
                yield _dangling(name, number, column, file)

    def _row(
        self, name: str, number: int, row: Mapping[str, str], listed: tuple[Column, ...], kind: str
    ) -> Iterator[Fault]:
        for column in listed:
            reason = _reason(column, row[column.name], kind, self.version)
            if reason:
                yield Fault(name, number, column.name, reason)
        if name == "academicSessions.csv" and not _year_fits(row):
            wanted = "expected the year in which the school year ends, not one before"
            yield Fault(name, number, "schoolYear", wanted)

    def _identity(
        self,
        file: str,
        number: int,
        row: Mapping[str, str],
        own: set[str],
        waiting: list[tuple[int, str, str]],
    ) -> Iterator[Fault]:
        name, key = f"{file}.csv", row["sourcedId"]
        if key in own:
            yield Fault(name, number, "sourcedId", "is the id of another row; expected each once")
        own.add(key)
        if self.kinds[file] != BULK:
            return
        for column in columns(self.version)[file]:
            # What a delta holds, or what another file of the bundle was sent before, is not here.
            if not column.target or self.kinds.get(column.target) == DELTA:
                continue
            for each in _items(column, row[column.name]):
                if column.target == file:
                    waiting.append((number, column.name, each))
                elif each not in self.ids.get(column.target, ()):
                    yield _dangling(name, number, column.name, column.target)


def _items(column: Column, text: str) -> list[str]:
    if column.form in MANY:
        return [each.strip() for each in text.split(",") if each.strip()]
    return [text] if text else []


def _dangling(name: str, number: int, column: str, target: str) -> Fault:
    return Fault(name, number, column, f"points to a row that {target}.csv does not have")


@dataclass(slots=True)
class _Lines:
    """The lines of a file with their number from 1; a fault that ends the reading is kept."""

    package: Package
    name: str
    faults: list[Fault] = field(default_factory=list)

    def __iter__(self) -> Iterator[tuple[int, list[str]]]:
        number = 0
        try:
            with self.package.open(self.name) as stream:
                for cells in _csv(stream):
                    number += 1
                    if cells:
                        yield number, cells
        except UnicodeDecodeError:
            reason = "is not in UTF-8 from about here; expected UTF-8"
            self.faults.append(Fault(self.name, number + 1, "", reason))
        except csv.Error as error:
            self.faults.append(Fault(self.name, number + 1, "", f"is no proper CSV ({error})"))
        except (OSError, EOFError, RuntimeError, ValueError, zlib.error, BadZipFile):
            # zipfile tells of a broken member in all of these ways.
            self.faults.append(Fault(self.name, number + 1, "", "is damaged; pack it anew"))
        if not number and not self.faults:
            self.faults.append(Fault(self.name, 1, "", "is empty; expected a header"))


def _header(name: str, listed: tuple[Column, ...], header: list[str]) -> Fault | None:
    wanted = [each.name for each in listed]
    for place, column in enumerate(wanted):
        if place >= len(header) or header[place] != column:
            return Fault(name, 1, column, f"expected this as column {place + 1} of the header")
    if any(not each.startswith(_META) for each in header[len(wanted) :]):
        return Fault(name, 1, "", f"has more columns; expected {_META}* only, at the right end")
    if len(set(header)) < len(header):
        return Fault(name, 1, "", "names a column twice; expected each once")
    return None


def _reason(column: Column, text: str, kind: str, version: str) -> str:
    if column.need == DELTA_NEED and kind == BULK:
        return "expected blank in bulk" if text else ""
    if not text.strip():
        return "is required" if column.need in (REQUIRED_NEED, DELTA_NEED) else ""
    if "\r" in text.replace("\r\n", ""):
        return "holds a bare carriage return; expected none"
    items = _items(column, text) if column.form in MANY else [text]
    return next(filter(None, (_form(column, item, version) for item in items)), "")


def _form(column: Column, text: str, version: str) -> str:
    form = column.form
    if form in ("id", "ref", "refs"):
        return "" if _GUID.fullmatch(text) else "expected an id of 0-9 A-Z a-z . - _ / @ up to 255"
    if form in ("word", "open", "opens"):
        extended = form != "word" and version != "1.1" and _EXTENSION.fullmatch(text)
        return "" if text in column.words or extended else _one_of(column.words)
    if form == "date":
        return "" if _day(text) else "expected a date YYYY-MM-DD"
    if form == "moment":
        return "" if _instant(text) else "expected a moment YYYY-MM-DDThh:mm:ss.sssZ"
    if form == "year":
        return "" if re.fullmatch(r"\d{4}", text) else "expected a year of four digits"
    if form == "integer":
        return "" if re.fullmatch(r"[+-]?\d+", text) else "expected a whole number"
    if form == "number":
        return "" if _NUMBER.fullmatch(text) else "expected a number"
    return ""


def _one_of(words: tuple[str, ...]) -> str:
    return f"expected one of {', '.join(words)}"


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if re.fullmatch(r"\d{4}-\d\d-\d\d", text) else None
    except ValueError:
        return None


def _instant(text: str) -> bool:
    try:
        return bool(_MOMENT.fullmatch(text) and datetime.fromisoformat(text))
    except ValueError:
        return False


def _year_fits(row: Mapping[str, str]) -> bool:
    end, year = _day(row["endDate"]), row["schoolYear"]
    # An end on the first of January is the last day of the year before.
    if end is None or not re.fullmatch(r"\d{4}", year) or end == date(end.year, 1, 1):
        return True
    return int(year) >= end.year
