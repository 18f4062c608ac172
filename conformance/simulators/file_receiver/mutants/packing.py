"""File receivers that take archives which they should refuse, or refuse sound ones."""

# An override may ignore what it is given.
# ruff: noqa: ARG002

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Mapping, Sequence

from conformance.simulators.file_receiver.keeping import APPLIED, Result
from conformance.simulators.file_receiver.lines import Batch, Complaint, Row, Unfit
from conformance.simulators.file_receiver.mutants import breaks
from conformance.simulators.file_receiver.receiver import FileReceiver
from conformance.simulators.problems import Refusal


@breaks("DAT-FIL-003")
class NeedsTheManifestFirst(FileReceiver):
    """Refuses an archive whose first file is not the manifest."""

    def check_names(self, names: list[str]) -> None:
        if names and names[0] != "manifest.csv" and "manifest.csv" in names:
            raise Unfit("archive", 0, "The manifest does not come first.")
        super().check_names(names)


@breaks("DAT-FIL-003")
class NeedsPeopleFirst(FileReceiver):
    """Refuses an archive in which new enrollments come before the people."""

    def oneroster(self, files: Mapping[str, bytes], complaints: list[Complaint]) -> Batch:
        names = [name for name in files if name in ("users.csv", "enrollments.csv")]
        if names == ["enrollments.csv", "users.csv"] and b"tobedeleted" not in files["users.csv"]:
            raise Unfit("archive", 0, "Enrollments come before users.")
        return super().oneroster(files, complaints)


@breaks("TRN-PR-10")
class NeedsNoManifest(FileReceiver):
    """Takes a bundle without a manifest for a delta."""

    def without_manifest(self, files: Mapping[str, bytes]) -> Row:
        return {name.removesuffix(".csv"): "delta" for name in files}


@breaks("TRN-PR-10")
class TakesAnyVersion(FileReceiver):
    """Never looks at the version in the manifest."""

    def manifest(self, files: Mapping[str, bytes]) -> Row:
        if "manifest.csv" in files:
            changed = re.sub(rb"oneroster.version,[0-9.]+", b"oneroster.version,1.2",
                             files["manifest.csv"])  # fmt: skip
            files = {**files, "manifest.csv": changed}
        return super().manifest(files)


@breaks("DAT-FIL-029")
class SavesWhatIsLeftOfAnArchive(FileReceiver):
    """Applies the files of a cut archive that are still whole."""

    def unreadable(self, name: str, data: bytes, error: Exception) -> dict[str, bytes]:
        found, place = {}, 0
        while data[place : place + 4] == b"PK\x03\x04":
            size, _, name_size, more = struct.unpack("<IIHH", data[place + 18 : place + 30])
            start = place + 30 + name_size + more
            inside = data[place + 30 : place + 30 + name_size].decode()
            if start + size > len(data):
                break
            try:
                found[inside] = zlib.decompressobj(-15).decompress(data[start : start + size])
            except zlib.error:
                break
            place = start + size
        if not found:
            return super().unreadable(name, data, error)
        return found


@breaks("DAT-FIL-029", "DAT-FIL-050")
class CallsACutArchiveApplied(FileReceiver):
    """Says of an archive that it cannot read that it was applied."""

    def judged(self, name: str, data: bytes) -> Result:
        readable = zipfile.is_zipfile(io.BytesIO(data))
        return super().judged(name, data) if readable or not data else Result(APPLIED)


@breaks("DAT-FIL-030")
class FallsOverABomb(FileReceiver):
    """Answers with an error of its own when an archive unpacks to too much."""

    def check_size(self, infos: list[zipfile.ZipInfo]) -> None:
        if sum(info.file_size for info in infos) > self.largest_unpacked:
            raise Refusal(500, "Out of memory.")


@breaks("DAT-FIL-030")
class LeavesLargeFilesAside(FileReceiver):
    """Takes the rest of an archive with a file that is too large."""

    def check_size(self, infos: list[zipfile.ZipInfo]) -> None:
        infos[:] = [info for info in infos if info.file_size < self.largest_unpacked]

    def agrees(self, file: str, told: bool, present: bool) -> bool:
        return told == present or file == "demographics.csv"


@breaks("DAT-FIL-031")
class NeverLooksAtNames(FileReceiver):
    """Takes an archive whatever its files are called."""

    def check_names(self, names: list[str]) -> None:
        return


@breaks("DAT-FIL-031")
class KnowsOneKindOfSlash(FileReceiver):
    """Looks for the slash of one system only."""

    def check_names(self, names: list[str]) -> None:
        super().check_names([name for name in names if "\\" not in name])


@breaks("DAT-FIL-032")
class EmptiesTheTableBeforeItLooks(FileReceiver):
    """Removes everybody as soon as a file of people without a row comes."""

    def check_any(self, file: str, rows: Sequence[Sequence[str]]) -> None:
        if len(rows) < 2 and file == "users.csv":
            self.clear("users")
        super().check_any(file, rows)


@breaks("DAT-FIL-032")
class TakesNothingForAnEmptyDistrict(FileReceiver):
    """Removes everybody after a delivery of no bytes."""

    def judged(self, name: str, data: bytes) -> Result:
        if not data:
            self.clear("users")
            return Result(APPLIED)
        return super().judged(name, data)
