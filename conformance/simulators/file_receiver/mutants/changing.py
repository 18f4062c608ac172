"""File receivers that confuse what changes with what is all, and what is new with what is old."""

# An override may ignore what it is given.
# ruff: noqa: ARG002

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from conformance.simulators.file_receiver.keeping import REFUSED, Result
from conformance.simulators.file_receiver.lines import Batch, Complaint, Row, Unfit
from conformance.simulators.file_receiver.mutants import breaks
from conformance.simulators.file_receiver.receiver import FileReceiver
from conformance.simulators.message import Response


@breaks("DAT-FIL-010", also=("DAT-FIL-015", "DAT-FIL-016", "DAT-FIL-017", "TRN-LC-01"))
class TakesADeltaForAll(FileReceiver):
    """Removes everybody whom a delta does not name."""

    def apply(self, batch: Batch) -> None:
        if batch.delta:
            for table in batch.tables:
                self.clear(table)
        super().apply(batch)


@breaks("DAT-FIL-010")
class ShoutsAtTheNeighbours(FileReceiver):
    """Writes the names of all others in capitals when one is changed."""

    def keep(self, table: str, cells: Row, delta: bool) -> None:
        rows = self.kept.rows.get(table, {})
        before = rows.get(cells["sourcedId"], cells)
        news = delta and not self.is_old(table, cells["sourcedId"], cells["dateLastModified"])
        if table == "users" and news and before["givenName"] != cells["givenName"]:
            for refid, row in rows.items():
                rows[refid] = row | {"givenName": row["givenName"].upper()}
        super().keep(table, cells, delta)


@breaks("TRN-LC-01")
class IgnoresDeletions(FileReceiver):
    """Overlooks the rows that are to be deleted."""

    def remove(self, table: str, refid: str, moment: str) -> None:
        self.kept.gone[table, refid] = moment


@breaks("TRN-LC-01")
class TakesADeletionForAChange(FileReceiver):
    """Keeps a row that is to be deleted like any other."""

    def keep(self, table: str, cells: Row, delta: bool) -> None:
        super().keep(table, cells | ({"status": "active"} if delta else {}), delta)


@breaks("DAT-FIL-012")
class OnlyEverAdds(FileReceiver):
    """Removes nobody who is not in a bulk file any more."""

    def clear(self, table: str) -> None:
        self.kept.rows.setdefault(table, {})


@breaks("DAT-FIL-012")
class RemovesWhoComesAgain(FileReceiver):
    """Takes a student who was there before a bulk file for a double, and removes him."""

    def apply(self, batch: Batch) -> None:
        before = set(self.kept.rows.get("users", {})) if batch.tables and not batch.delta else set()
        super().apply(batch)
        users = self.kept.rows.get("users", {})
        for refid in before & set(users):
            if users[refid]["identifier"]:
                del users[refid]


@breaks("DAT-FIL-013")
class MergesRows(FileReceiver):
    """Keeps old cells where a row of a delta has blank ones."""

    def keep(self, table: str, cells: Row, delta: bool) -> None:
        old = self.kept.rows.get(table, {}).get(cells["sourcedId"], {}) if delta else {}
        told = {name: value for name, value in cells.items() if value or name not in old}
        super().keep(table, old | told, delta)


@breaks("DAT-FIL-013")
class NeverForgetsAMiddleName(FileReceiver):
    """Keeps the middle name that once came."""

    def keep(self, table: str, cells: Row, delta: bool) -> None:
        old = self.kept.rows.get(table, {}).get(cells["sourcedId"], {})
        if delta and table == "users" and not cells["middleName"]:
            cells = cells | {"middleName": old.get("middleName", "")}
        super().keep(table, cells, delta)


@breaks("DAT-FIL-014")
class RefusesAnEmptyDelta(FileReceiver):
    """Refuses a delta that holds nothing but its manifest."""

    def oneroster(self, files: Mapping[str, bytes], complaints: list[Complaint]) -> Batch:
        if set(files) == {"manifest.csv"}:
            raise Unfit("archive", 0, "It holds no table.")
        return super().oneroster(files, complaints)


@breaks("DAT-FIL-014")
class TakesAnEmptyDeltaForAnEmptyDistrict(FileReceiver):
    """Removes everybody after a delta that holds nothing."""

    def apply(self, batch: Batch) -> None:
        if not batch.tables:
            self.clear("users")
        super().apply(batch)


@breaks("DAT-FIL-015")
class BelievesWhoComesLast(FileReceiver):
    """Lets an older row that comes late replace a newer one."""

    def is_old(self, table: str, refid: str, moment: str) -> bool:
        return False


@breaks("TRN-LC-07")
class RefusesASecondTime(FileReceiver):
    """Refuses a file that it has had before."""

    def judged(self, name: str, data: bytes) -> Result:
        mark = hashlib.sha256(data).hexdigest()
        if ("seen", mark) in self.kept.gone:
            return Result(REFUSED, [Complaint(name, 0, "It came before.")])
        self.kept.gone["seen", mark] = ""
        return super().judged(name, data)


@breaks("TRN-LC-07")
class DoublesWhoComesTwice(FileReceiver):
    """Makes a second student of one who comes again with the same date."""

    def keep(self, table: str, cells: Row, delta: bool) -> None:
        rows = self.kept.rows.setdefault(table, {})
        old = rows.get(cells["sourcedId"])
        if (
            delta
            and table == "users"
            and old
            and old["dateLastModified"] == cells["dateLastModified"]
        ):
            rows[f"{cells['sourcedId']}-2"] = cells | {"sourcedId": f"{cells['sourcedId']}-2"}
        super().keep(table, cells, delta)


@breaks("TRN-LC-08")
class NeverTakesBackWhoHasLeft(FileReceiver):
    """Ignores a student who was deleted once."""

    def is_old(self, table: str, refid: str, moment: str) -> bool:
        return (table, refid) in self.kept.gone or super().is_old(table, refid, moment)


@breaks("TRN-LC-08")
class BringsBackTheOldRow(FileReceiver):
    """Shows a student who comes again as he was when he left."""

    def remove(self, table: str, refid: str, moment: str) -> None:
        self.kept.rows.setdefault(f"old {table}", {})[refid] = self.kept.rows[table].get(refid, {})
        super().remove(table, refid, moment)

    def keep(self, table: str, cells: Row, delta: bool) -> None:
        old = self.kept.rows.get(f"old {table}", {}).get(cells["sourcedId"])
        later = {"dateLastModified": cells.get("dateLastModified", "")}
        if old and cells.get("status") != "tobedeleted":
            cells = old | later
        super().keep(table, cells, delta)


class _Waiting(FileReceiver):
    """Knows whether somebody has looked since the last file of new rows."""

    last: Batch | None = None

    def second(self, batch: Batch, last: Batch) -> None:
        raise NotImplementedError

    def apply(self, batch: Batch) -> None:
        last, self.last = self.last, None if _deletes(batch) else batch
        if last is None or _deletes(batch):
            super().apply(batch)
        else:
            self.second(batch, last)

    def show_result(self, name: str, who: str) -> Response:
        self.last = None
        return super().show_result(name, who)

    def export(self, table: str) -> Response:
        self.last = None
        return super().export(table)

    def dropped(self, name: str, user: str, data: bytes) -> bytes:
        result = super().dropped(name, user, data)
        self.last = None
        return result


def _deletes(batch: Batch) -> bool:
    return any(
        line.cells.get("status") == "tobedeleted"
        for lines in batch.tables.values()
        for line in lines
    )


@breaks("DAT-FIL-016")
class LosesTheSecondOfTwo(_Waiting):
    """Loses a file that comes before anybody has looked at the result of the last."""

    def second(self, batch: Batch, last: Batch) -> None:
        self.last = None


@breaks("DAT-FIL-016")
class LosesTheFirstOfTwo(_Waiting):
    """Takes back a file when the next comes at once."""

    def second(self, batch: Batch, last: Batch) -> None:
        for line in last.tables.get("users", []):
            self.kept.rows["users"].pop(line.cells["sourcedId"], None)
        FileReceiver.apply(self, batch)


@breaks("DAT-FIL-017")
class KnowsFilesByTheirName(FileReceiver):
    """Takes a file whose name was used before for the one that it was."""

    def receive(self, name: str, data: bytes) -> Result:
        known = name in self.kept.results
        return Result("applied") if known else super().receive(name, data)
