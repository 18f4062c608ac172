"""Write and read CSV files of a vendor's own layout."""

from __future__ import annotations

import csv
import io
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import date, datetime
from io import TextIOWrapper
from tempfile import SpooledTemporaryFile
from typing import IO, Any, cast

from reference_hub.translate.bundle_writing import Remark, Written, put_file
from reference_hub.translate.canonical import key
from reference_hub.translate.flat_layout import File, Layout
from reference_hub.translate.intake import Intake
from reference_hub.translate.ledger import NARROWED
from reference_hub.translate.packages import Fault, Package, Refused
from reference_hub.translate.places import Node
from reference_hub.translate.reading import TableReader

MOST_FAULTS = 20
_IN_MEMORY = 1_000_000
_NO_LETTER = "left out: it holds letters that the encoding or the quoting cannot write"


def write_files(rows: Mapping[str, Iterable[Node]], layout: Layout) -> Written:
    """Make a zip of the layout's files, in the order of the layout; a file without rows has only
    its header, or is not there where files are split, optional or have none."""
    with ExitStack() as stack:
        work = _Writing(layout, stack)
        for file in layout.files:
            work.file(file, rows.get(file.collection, ()))
        target = cast("IO[bytes]", SpooledTemporaryFile(_IN_MEMORY))  # noqa: SIM115
        # Given away to the caller only when it is whole.
        stack.callback(target.close)
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
            for name in work.order():
                work.texts[name].flush()
                put_file(archive, name, cast("IO[bytes]", work.texts[name].buffer))
        target.seek(0)
        for text in work.texts.values():
            text.close()
        stack.pop_all()
    return Written(target, dict(work.counts), tuple(work.remarks))


@dataclass(slots=True)
class _Writing:
    layout: Layout
    stack: ExitStack
    texts: dict[str, TextIOWrapper] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    remarks: list[Remark] = field(default_factory=list)

    def order(self) -> list[str]:
        """The names of the files; those of a split kind by name, whatever row came first."""
        places = {file.collection: at for at, file in enumerate(self.layout.files)}
        kinds = {
            name: next(places[file.collection] for file in self.layout.files if file.owns(name))
            for name in self.texts
        }
        return sorted(self.texts, key=lambda name: (kinds[name], name))

    def file(self, file: File, rows: Iterable[Node]) -> None:
        """Write the rows of one kind of file."""
        if not file.split and not file.optional and self.layout.header:
            self._text(file, file.name)
        days = self.layout.days(file.collection)
        for row in rows:
            cells = [self._cell(row.get(column), column in days) for column in file.columns]
            line = self._line(cells)
            if line is None:
                at = str(next(iter(row.values()), ""))
                self.remarks.append(Remark(file.collection, at, "", NARROWED, _NO_LETTER))
                continue
            name = file.name_for(str(row.get(file.split, ""))) if file.split else file.name
            self._text(file, name).write(line)
            self.counts[file.collection] = self.counts.get(file.collection, 0) + 1

    def _text(self, file: File, name: str) -> TextIOWrapper:
        if name not in self.texts:
            spool = SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115
            text = TextIOWrapper(spool, encoding=self.layout.encoding, newline="")
            self.texts[name] = self.stack.enter_context(text)
            if self.layout.header:
                text.write(self._line([file.heading(each) for each in file.columns]) or "")
        return self.texts[name]

    def _cell(self, value: Any, is_day: bool) -> str:
        if value is None:
            return ""
        if isinstance(value, list):
            return self.layout.list_separator.join(map(str, value))
        return _as_written(str(value), self.layout.date_format) if is_day else str(value)

    def _line(self, cells: Sequence[str]) -> str | None:
        text = io.StringIO(newline="")
        try:
            csv.writer(text, **self.layout.dialect).writerow(cells)
            text.getvalue().encode(self.layout.encoding)
        except (csv.Error, UnicodeEncodeError):
            return None
        return text.getvalue()


def _as_written(day: str, shape: str) -> str:
    try:
        return date.fromisoformat(day).strftime(shape)
    except ValueError:
        return day


def take_in(package: Package, layout: Layout) -> Intake:
    """Read all files of a package; raises Refused with at most twenty faults."""
    work = _Reading(package, layout)
    faults = list(work.check())[:MOST_FAULTS]
    if faults:
        raise Refused(tuple(faults))
    return work.records()


@dataclass(slots=True)
class _Reading:
    package: Package
    layout: Layout

    def check(self) -> Iterator[Fault]:
        """Every fault, lazily."""
        for name in self.package.openers:
            if not any(file.owns(name) for file in self.layout.files):
                yield Fault(name, 0, "", "is no file of the layout")
        for file in self.layout.files:
            names = self._names(file)
            if not names and not file.optional:
                yield Fault(file.name, 0, "", "is not there")
            for name in names:
                yield from self._check(file, name)

    def _names(self, file: File) -> list[str]:
        return sorted(name for name in self.package.openers if file.owns(name))

    def _check(self, file: File, name: str) -> Iterator[Fault]:
        days, required = self.layout.days(file.collection), self.layout.required(file.collection)
        number = 0
        try:
            for number, row in self._rows(file, name):
                if isinstance(row, Fault):
                    yield row
                    continue
                for column in file.columns:
                    text = row.get(column, "")
                    if not text.strip() and column in required:
                        yield Fault(name, number, file.heading(column), "is required")
                    elif text.strip() and column in days and not self._day(text):
                        shape = self.layout.date_format
                        wanted = f"expected a date of the form {shape}"
                        yield Fault(name, number, file.heading(column), wanted)
        except UnicodeError:
            wanted = f"is not in {self.layout.encoding} from about here"
            yield Fault(name, number + 1, "", wanted)
        except csv.Error as error:
            yield Fault(name, number + 1, "", f"is no proper CSV ({error})")
        except (OSError, EOFError, zlib.error, zipfile.BadZipFile):
            yield Fault(name, number + 1, "", "is damaged; pack it anew")

    def _day(self, text: str) -> str:
        try:
            found = datetime.strptime(text.strip(), self.layout.date_format)  # noqa: DTZ007
        except ValueError:
            return ""
        return found.date().isoformat()

    def _rows(self, file: File, name: str) -> Iterator[tuple[int, dict[str, str] | Fault]]:
        encoding = "utf-8-sig" if self.layout.encoding == "utf-8" else self.layout.encoding
        dialect = {**self.layout.dialect, "lineterminator": "\n", "strict": True}
        stream = self.package.open(name)
        with TextIOWrapper(cast("io.BytesIO", stream), encoding=encoding, newline="") as text:
            order = list(file.columns)
            for number, cells in enumerate(csv.reader(text, **dialect), 1):
                if number == 1 and self.layout.header:
                    found = _ordered(file, name, cells)
                    if isinstance(found, Fault):
                        yield number, found
                        return
                    order = found
                elif cells and len(cells) != len(order):
                    wanted = f"has {len(cells)} cells; expected {len(order)}"
                    yield number, Fault(name, number, "", wanted)
                elif cells:
                    yield number, dict(zip(order, cells, strict=True))

    def records(self) -> Intake:
        """The records of all rows; nothing is at fault any more."""
        found, reader = Intake(), TableReader(self.layout.table)
        for file in self.layout.files:
            days, lists = self.layout.days(file.collection), self.layout.lists(file.collection)
            for name in self._names(file):
                for number, row in self._rows(file, name):
                    if isinstance(row, Fault):
                        continue
                    node = self._node(row, days, lists)
                    reading = reader.read(node, file.collection, graph=found.graph)
                    for entity, record in reading.records:
                        if not key(record):
                            found.keyless(entity, record, file.collection)
                            continue
                        found.graph.add(entity, record)
                        found.places.setdefault((entity, key(record)), (name, number))
                    found.losses.update(dict.fromkeys(reading.losses))
        return found

    def _node(self, row: Mapping[str, str], days: frozenset[str], lists: frozenset[str]) -> Node:
        node: Node = {}
        for column, text in row.items():
            if not text.strip():
                continue
            if column in lists:
                parts = [each.strip() for each in text.split(self.layout.list_separator)]
                node[column] = [each for each in parts if each]
            else:
                node[column] = self._day(text) if column in days else text
        return node


def _ordered(file: File, name: str, header: Sequence[str]) -> list[str] | Fault:
    by_heading = {file.heading(each): each for each in file.columns}
    for heading in by_heading:
        if heading not in header:
            return Fault(name, 1, heading, "is not in the header")
    strange = [each for each in header if each not in by_heading]
    if strange or len(set(header)) < len(header):
        return Fault(name, 1, "", "has columns that the layout does not name, or one twice")
    return [by_heading[each] for each in header]
