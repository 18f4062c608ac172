"""File receivers that keep something else than what came."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from datetime import date, timedelta

from conformance.simulators.file_receiver.lines import Complaint, Line, Row
from conformance.simulators.file_receiver.mutants import breaks
from conformance.simulators.file_receiver.receiver import FileReceiver


class _Alters(FileReceiver):
    """Keeps each row of users as `altered` gives it back."""

    def altered(self, cells: Row) -> Row:
        return cells

    def keep(self, table: str, cells: Row, delta: bool) -> None:
        super().keep(table, self.altered(cells) if table == "users" else cells, delta)


def _named(cells: Row, change: dict[str, str]) -> Row:
    return cells | {name: value for name, value in change.items() if cells.get(name)}


@breaks("DAT-FIL-001")
class LosesTheMiddleName(_Alters):
    """Has no place for middle names and says nothing of it."""

    def altered(self, cells: Row) -> Row:
        return cells | {"middleName": ""}


@breaks("DAT-FIL-001")
class TakesTheLastDayForIncluded(FileReceiver):
    """Takes the day after the last one for the last one."""

    def keep(self, table: str, cells: Row, delta: bool) -> None:
        if table == "enrollments" and cells.get("endDate"):
            last = date.fromisoformat(cells["endDate"]) - timedelta(days=1)
            cells = cells | {"endDate": last.isoformat()}
        super().keep(table, cells, delta)


@breaks("DAT-FIL-002")
class MakesUpAnAddress(_Alters):
    """Writes an address of electronic mail where none came."""

    def altered(self, cells: Row) -> Row:
        return cells | {"email": cells.get("email") or f"{cells['username']}@example.org"}


@breaks("DAT-FIL-002")
class CopiesTheGivenName(_Alters):
    """Writes the given name into the preferred one as well."""

    def altered(self, cells: Row) -> Row:
        return cells | {"preferredGivenName": cells["givenName"]}


@breaks("DAT-FIL-004")
class StopsAfterAThousandRows(FileReceiver):
    """Reads the first thousand rows of a file and calls that all."""

    def lines_of(
        self, file: str, data: bytes, required: Sequence[str], complaints: list[Complaint]
    ) -> list[Line]:
        return super().lines_of(file, data, required, complaints)[:1000]


@breaks("TRN-ID-05")
class MergesNamesakes(FileReceiver):
    """Takes two students of one name and one number for one person."""

    def keep(self, table: str, cells: Row, delta: bool) -> None:
        rows = self.kept.rows.setdefault(table, {})
        names = ("givenName", "familyName", "identifier")
        for refid, row in list(rows.items()) if table == "users" else []:
            if refid != cells["sourcedId"] and all(row[one] == cells[one] for one in names):
                del rows[refid]
        super().keep(table, cells, delta)


@breaks("TRN-ID-05")
class LooksAtTheFirstSignsOfAnId(FileReceiver):
    """Takes two ids that differ in the last sign for one."""

    def keep(self, table: str, cells: Row, delta: bool) -> None:
        rows = self.kept.rows.setdefault(table, {})
        for refid in list(rows) if table == "users" else []:
            if refid != cells["sourcedId"] and refid[:35] == cells["sourcedId"][:35]:
                del rows[refid]
        super().keep(table, cells, delta)


@breaks("TRN-TX-01")
class FoldsAccents(_Alters):
    """Keeps the letters of a name without their accents."""

    def altered(self, cells: Row) -> Row:
        plain = unicodedata.normalize("NFKD", cells["familyName"]).encode("ascii", "ignore")
        return cells | {"familyName": plain.decode()}


@breaks("TRN-TX-01")
class LosesRareLetters(_Alters):
    """Has no room for letters beyond the first plane."""

    def altered(self, cells: Row) -> Row:
        name = "".join("?" if ord(sign) > 0xFFFF else sign for sign in cells["familyName"])
        return cells | {"familyName": name}


@breaks("TRN-TX-02")
class StripsQuotes(_Alters):
    """Takes quotes out of names."""

    def altered(self, cells: Row) -> Row:
        return cells | {"familyName": cells["familyName"].replace('"', "")}


@breaks("TRN-TX-02")
class PutsLinesTogether(_Alters):
    """Makes blanks of the ends of lines inside a name."""

    def altered(self, cells: Row) -> Row:
        return cells | {"familyName": cells["familyName"].replace("\n", " ")}


@breaks("TRN-TX-05")
class CutsAtAHundred(_Alters):
    """Keeps a hundred letters of a name."""

    def altered(self, cells: Row) -> Row:
        return cells | {"familyName": cells["familyName"][:100]}


@breaks("TRN-TX-05")
class CutsTheLastLetter(_Alters):
    """Has room for 254 letters."""

    def altered(self, cells: Row) -> Row:
        return cells | {"familyName": cells["familyName"][:254]}


@breaks("TRN-TX-06", also=("DAT-FIL-001",))
class TakesGradesForNumbers(_Alters):
    """Keeps grade 09 as 9."""

    def altered(self, cells: Row) -> Row:
        return _named(cells, {"grades": cells.get("grades", "").lstrip("0")})


@breaks("TRN-TX-06", also=("DAT-FIL-001",))
class TakesLocalIdsForNumbers(_Alters):
    """Keeps a local id without the zeros in front."""

    def altered(self, cells: Row) -> Row:
        return _named(cells, {"identifier": cells.get("identifier", "").lstrip("0")})
