"""Write a OneRoster bundle: one zip, bulk or delta, the same bytes for the same rows.

RFC 4180 in UTF-8 without byte order mark, lines end with CR LF. A file without rows is not in the
zip and `absent` in the manifest. In bulk every reference resolves inside the bundle; `status` and
`dateLastModified` are blank. In delta both are filled and a row is the whole record.
Source: 1EdTech OneRoster CSV binding 1.1 and 1.2 (1.2.1), sections on bulk, delta and manifest.
"""

from __future__ import annotations

import csv
import json
import shutil
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from io import BytesIO, TextIOWrapper
from tempfile import SpooledTemporaryFile
from typing import IO, Any, cast

from reference_hub.translate.columns import (
    MANY,
    REQUIRED_NEED,
    Column,
    columns,
    manifest_files,
)
from reference_hub.translate.ledger import NARROWED
from reference_hub.translate.places import Node

BULK = "bulk"
DELTA = "delta"
TO_BE_DELETED = "tobedeleted"
# Bytes of a file from which on it is kept on disk.
_IN_MEMORY = 1_000_000
_BLOCK = 1 << 16
_LONG_AGO = (1980, 1, 1, 0, 0, 0)
_STAMPED = ("status", "dateLastModified")


class BundleError(ValueError):
    """Rows that no bundle can be made of: the caller's fault, not that of the data."""


@dataclass(frozen=True, slots=True)
class Remark:
    """What became different on the way into the file: `kind` as in the ledger, the file and the
    sourcedId of the row; no column when the whole row was left out."""

    file: str
    key: str
    column: str
    kind: str
    note: str

    @property
    def left_out(self) -> bool:
        """Whether the row is not in the bundle."""
        return not self.column


@dataclass(frozen=True, slots=True)
class Written:
    """A bundle: `content` is at its start and is the caller's to close; rows by file."""

    content: IO[bytes]
    counts: dict[str, int]
    remarks: tuple[Remark, ...]


def write_bundle(
    rows: Mapping[str, Iterable[Node]],
    version: str,
    kind: str,
    moment: datetime | None = None,
    *,
    metadata: Mapping[str, Sequence[str]] | None = None,
) -> Written:
    """Make the zip of rows by file name without `.csv`, each file's rows in ascending sourcedId.

    A row is `{column: text or list of texts}`; every iterable is read once and may be lazy. `kind`
    is `bulk` or `delta`; in a delta a row is active and of this `moment` unless it says otherwise
    (see `gone`). `metadata` names the columns `metadata.*` by file. Raises BundleError for rows out
    of order, an unknown file or column, and a delta without a moment.
    """
    stamp = _stamp(kind, moment)
    known = columns(version)
    if unknown := sorted(set(rows) - set(known)):
        raise BundleError(f"OneRoster {version} has no file {', '.join(unknown)}.")
    with ExitStack() as stack:
        made = _Bundle(stack, version, kind, stamp, metadata or {})
        for file in known:
            if file in rows:
                made.add(file, rows[file])
        target = cast("IO[bytes]", SpooledTemporaryFile(_IN_MEMORY))  # noqa: SIM115
        # Given away to the caller only when it is whole.
        stack.callback(target.close)
        made.pack(target)
        target.seek(0)
        for table in made.tables.values():
            table.text.close()
        stack.pop_all()
    counts = {file: table.count for file, table in made.tables.items() if table.count}
    return Written(target, counts, tuple(made.remarks))


def gone(row: Node, since: datetime | None = None) -> Node:
    """Mark a whole row as to be deleted; `since` when that was known, else the bundle's moment."""
    found = {**row, "status": TO_BE_DELETED}
    return {**found, "dateLastModified": as_moment(since)} if since else found


def as_moment(when: datetime) -> str:
    """Spell an instant as OneRoster does: UTC, three decimals, Z."""
    if when.tzinfo is None:
        raise BundleError("dateLastModified is an instant in UTC; give a moment with a time zone.")
    return when.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _stamp(kind: str, moment: datetime | None) -> str:
    if kind not in (BULK, DELTA):
        raise BundleError(f"A bundle is {BULK} or {DELTA}, not '{kind}'.")
    if kind == BULK:
        return ""
    if moment is None:
        raise BundleError("A delta needs the moment that its rows are of.")
    return as_moment(moment)


@dataclass(slots=True)
class _Table:
    """One file while it grows."""

    columns: tuple[Column, ...]
    text: TextIOWrapper
    count: int = 0


@dataclass(slots=True)
class _Bundle:
    stack: ExitStack
    version: str
    kind: str
    stamp: str
    metadata: Mapping[str, Sequence[str]]
    tables: dict[str, _Table] = field(default_factory=dict)
    remarks: list[Remark] = field(default_factory=list)
    present: dict[str, set[str]] = field(default_factory=dict)

    def add(self, file: str, rows: Iterable[Node]) -> None:
        """Append the rows of a file; what they point to has been added before, or is in it."""
        listed = columns(self.version)[file]
        extra = tuple(Column(name, "", "text") for name in self.metadata.get(file, ()))
        table = self.tables[file] = _Table((*listed, *extra), self._spool())
        writer = csv.writer(table.text, lineterminator="\r\n")
        writer.writerow([each.name for each in table.columns])
        for row in self._resolved(file, self._ordered(file, rows)):
            writer.writerow([self._cell(file, row, each) for each in table.columns])
            table.count += 1

    def _spool(self) -> TextIOWrapper:
        spool = SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115
        # Closing the text closes what it writes to.
        return self.stack.enter_context(TextIOWrapper(spool, encoding="utf-8", newline=""))

    def _ordered(self, file: str, rows: Iterable[Node]) -> Iterator[Node]:
        before = ""
        names = {each.name for each in self.tables[file].columns}
        for row in rows:
            key = str(row.get("sourcedId", ""))
            # Order makes the bytes repeatable and shows a row that comes twice, in no memory.
            if key <= before:
                raise BundleError(
                    f"{file}: rows must come in ascending order of sourcedId, each once, by code "
                    f"point; {key or 'a row without one'} came after {before or 'the start'}."
                )
            if strange := set(row) - names:
                raise BundleError(f"{file} has no column {', '.join(sorted(strange))}.")
            before = key
            yield row

    def _resolved(self, file: str, rows: Iterable[Node]) -> Iterator[Node]:
        """Give the rows that may stay, without references that lead nowhere."""
        if self.kind == DELTA:
            # What a delta points to may have been sent before.
            yield from rows
            return
        pointing = [each for each in self.tables[file].columns if each.target]
        inward = [each for each in pointing if each.target == file]
        outward = [each for each in pointing if each.target != file]
        kept = self.present[file] = set()
        first = self._kept(file, rows, outward, kept)
        if not inward:
            yield from first
            return
        # Rows that point into their own file wait until all of them are known.
        with TextIOWrapper(SpooledTemporaryFile(_IN_MEMORY), encoding="utf-8") as waiting:
            waiting.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in first)
            waiting.seek(0)
            yield from self._kept(file, map(json.loads, waiting), inward, set())

    def _kept(
        self, file: str, rows: Iterable[Node], pointing: Sequence[Column], kept: set[str]
    ) -> Iterator[Node]:
        for row in rows:
            found: Node | None = row
            for column in pointing:
                found = found and self._pointed(file, found, column)
            if found:
                kept.add(str(row["sourcedId"]))
                yield found

    def _pointed(self, file: str, row: Node, column: Column) -> Node | None:
        known = self.present.get(column.target, set())
        held = row.get(column.name)
        told = held if isinstance(held, list) else [held] if held else []
        there = [each for each in told if each in known]
        if len(there) == len(told):
            return row
        key, note = str(row["sourcedId"]), f"points to a row that {column.target} does not have"
        if not there and column.need == REQUIRED_NEED:
            self.remarks.append(Remark(file, key, "", NARROWED, f"{column.name} {note}"))
            return None
        self.remarks.append(Remark(file, key, column.name, NARROWED, note))
        rest = {name: value for name, value in row.items() if name != column.name}
        return {**rest, column.name: there} if there else rest

    def _cell(self, file: str, row: Node, column: Column) -> str:
        if column.name in _STAMPED:
            return self._state(row, column.name)
        value = row.get(column.name)
        if value is None:
            return ""
        if isinstance(value, list) or column.form in MANY:
            return self._list(file, row, column.name, value)
        return _clean(str(value))

    def _state(self, row: Node, name: str) -> str:
        if self.kind == BULK:
            return ""
        return str(row.get(name) or (self.stamp if name == "dateLastModified" else "active"))

    def _list(self, file: str, row: Node, name: str, value: Any) -> str:
        items = [_clean(str(each)) for each in (value if isinstance(value, list) else [value])]
        # An id of userIds comes with its comma written as %2C already.
        if any("," in item for item in items):
            note = "a comma inside an item became a semicolon: the file parts items by commas"
            self.remarks.append(Remark(file, str(row["sourcedId"]), name, NARROWED, note))
            items = [item.replace(",", ";") for item in items]
        return ",".join(items)

    def pack(self, target: IO[bytes]) -> None:
        """Write the zip: the manifest first, then the files in the order of references."""
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
            put_file(archive, "manifest.csv", BytesIO(self._manifest()))
            for file, table in self.tables.items():
                if table.count:
                    table.text.flush()
                    put_file(archive, f"{file}.csv", cast("IO[bytes]", table.text.buffer))

    def _manifest(self) -> bytes:
        filled = {file for file, table in self.tables.items() if table.count}
        lines = [
            ("propertyName", "value"),
            ("manifest.version", "1.0"),
            ("oneroster.version", self.version),
        ]
        lines += [
            (f"file.{file}", self.kind if file in filled else "absent")
            for file in manifest_files(self.version)
        ]
        return "".join(f"{name},{value}\r\n" for name, value in lines).encode()


def _clean(value: str) -> str:
    # OneRoster allows no bare carriage return inside a value.
    return value.replace("\r\n", "\n").replace("\r", "\n") if "\r" in value else value


def put_file(archive: zipfile.ZipFile, name: str, content: IO[bytes]) -> None:
    """Add a file to a zip so that equal content gives equal bytes."""
    entry = zipfile.ZipInfo(name, _LONG_AGO)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.create_system, entry.external_attr = 3, 0o644 << 16
    # Said before, so that a file of more than 2 GiB gets the longer header it needs.
    entry.file_size = content.seek(0, 2)
    content.seek(0)
    with archive.open(entry, "w") as inside:
        shutil.copyfileobj(content, inside, _BLOCK)
