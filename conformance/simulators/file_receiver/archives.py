"""First layer: from the bytes of a delivery to its files, safely."""

from __future__ import annotations

import io
import zipfile

from conformance.simulators.file_receiver.lines import FLAT, ONEROSTER_12, Unfit

LARGEST_DELIVERY = 5_000_000


class Archives:
    """A zip of known names, never more than it may unpack to; the form flat is one CSV file."""

    form = ONEROSTER_12
    loose = False
    largest_unpacked = 20_000_000
    longest_row = 1_000_000

    def unpack(self, name: str, data: bytes) -> dict[str, bytes]:
        """The files of a delivery by name; raises Unfit."""
        self.check_empty(name, data)
        if self.form == FLAT:
            return {"students.csv": data}
        try:
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                infos = archive.infolist()
                self.check_names([info.filename for info in infos])
                self.check_size(infos)
                return {info.filename: self.member(archive, info) for info in infos}
        except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError, OSError) as error:
            return self.unreadable(name, data, error)

    def unreadable(self, name: str, data: bytes, error: Exception) -> dict[str, bytes]:  # noqa: ARG002
        """What becomes of an archive that cannot be read: refused."""
        raise Unfit(name, 0, "It is not a whole zip archive.") from error

    def check_empty(self, name: str, data: bytes) -> None:
        """Refuse a delivery of nothing."""
        if not data:
            raise Unfit(name, 0, "It is empty.")

    def check_names(self, names: list[str]) -> None:
        """Refuse names that lead out of the root, or stand twice."""
        for name in names:
            if "/" in name or "\\" in name or ".." in name:
                raise Unfit("archive", 0, "A name leads out of the root of the archive.")
        if len(set(names)) != len(names):
            raise Unfit("archive", 0, "A name stands twice in the archive.")

    def check_size(self, infos: list[zipfile.ZipInfo]) -> None:
        """Refuse what would unpack to too much."""
        if sum(info.file_size for info in infos) > self.largest_unpacked:
            raise Unfit("archive", 0, f"It unpacks to more than {self.largest_unpacked} bytes.")

    def member(self, archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
        """One file of the archive."""
        return archive.read(info)
