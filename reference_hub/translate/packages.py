"""Open what somebody hands over as a set of CSV files: a zip or a folder, never trusted.

A hostile or broken package is refused before a byte of it is unpacked: names that leave the folder,
names that come twice, encryption, other compression than deflate, too many or too large files.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, cast

MOST_FILES = 100
MOST_BYTES = 4 << 30
# Rosters shrink to a tenth or so; deflate alone can promise a thousand times as much as it holds.
MOST_RATIO = 200
_SMALL = 1 << 20
_ENCRYPTED = 0x1
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


@dataclass(frozen=True, slots=True)
class Fault:
    """One reason why a package is refused: the file, the row from 1 (1 is the header, 0 the whole
    file), the column, and what was expected. Never a value from the file."""

    file: str
    row: int
    column: str
    reason: str

    def __str__(self) -> str:
        place = self.file or "the package"
        if self.row:
            place = f"{place} row {self.row}"
        return f"{place}{f', column {self.column}' if self.column else ''}: {self.reason}"


@dataclass(eq=False)
class Refused(Exception):
    """A package that is not taken over; nothing of it was applied."""

    faults: tuple[Fault, ...]

    def __str__(self) -> str:
        return "\n".join(map(str, self.faults))


@dataclass(frozen=True, slots=True)
class Package:
    """Files by name, each opened anew as bytes whenever it is asked for."""

    openers: Mapping[str, Callable[[], IO[bytes]]] = field(default_factory=dict)

    def open(self, name: str) -> IO[bytes]:
        """Open a file from its start; KeyError for one that is not there."""
        return self.openers[name]()


@contextmanager
def opened(path: Path) -> Iterator[Package]:
    """Open a zip or a folder; raises Refused, and OSError where it cannot be read."""
    if path.is_dir():
        found = sorted(each for each in path.iterdir() if each.is_file())
        yield Package({each.name: _of_path(each) for each in found if each.suffix == ".csv"})
        return
    try:
        archive = zipfile.ZipFile(path)
    except zipfile.BadZipFile:
        raise _whole("is no zip file; expected a zip with CSV files, or a folder of them") from None
    with archive:
        faults = tuple(_faults(archive.infolist()))
        if faults:
            raise Refused(faults)
        yield Package({each.filename: _of_zip(archive, each) for each in archive.infolist()})


def _of_path(path: Path) -> Callable[[], IO[bytes]]:
    return lambda: path.open("rb")


def _of_zip(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Callable[[], IO[bytes]]:
    return lambda: io.BufferedReader(cast("io.RawIOBase", archive.open(entry)))


def _whole(reason: str) -> Refused:
    return Refused((Fault("", 0, "", reason),))


def _faults(entries: list[zipfile.ZipInfo]) -> Iterator[Fault]:
    if len(entries) > MOST_FILES:
        yield Fault("", 0, "", f"holds {len(entries)} files; expected at most {MOST_FILES}")
        return
    total = sum(entry.file_size for entry in entries)
    if total > MOST_BYTES:
        yield Fault("", 0, "", f"unpacks to {total} bytes; expected at most {MOST_BYTES}")
    seen: set[str] = set()
    for number, entry in enumerate(entries, 1):
        name = entry.filename
        if not name or name.startswith(".") or any(each in name for each in "/\\:\0"):
            # The name itself is not repeated: it may hold anything.
            yield Fault("", 0, "", f"file {number} is not in the root of the zip; put it there")
        elif name in seen:
            yield Fault(name, 0, "", "is there twice; expected each name once")
        yield from _of_entry(name, entry)
        seen.add(name)


def _of_entry(name: str, entry: zipfile.ZipInfo) -> Iterator[Fault]:
    if entry.flag_bits & _ENCRYPTED:
        yield Fault(name, 0, "", "is encrypted; expected a plain zip")
    if entry.compress_type not in _METHODS:
        yield Fault(name, 0, "", "is packed by another method than deflate; expected deflate")
    if entry.file_size > max(_SMALL, MOST_RATIO * entry.compress_size):
        yield Fault(name, 0, "", f"unpacks to more than {MOST_RATIO} times its size; refused")
