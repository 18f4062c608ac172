"""Vendors that show enrolments, contacts and lists otherwise than they were sent."""

# An override may ignore what it is given.
# ruff: noqa: ARG002

from __future__ import annotations

import re
import time
import zipfile
from copy import deepcopy
from datetime import UTC, datetime
from functools import cached_property
from io import BytesIO

from lxml import etree

from conformance.simulators import oneroster
from conformance.simulators.bundles import Tables
from conformance.simulators.message import Request
from conformance.simulators.mutants import breaks
from conformance.simulators.mutants.sif_values import ChangesTexts
from conformance.simulators.oneroster import Row
from conformance.simulators.problems import Malformed, Refusal
from conformance.simulators.receiver import Receiver
from conformance.simulators.students import token_at

LATE_SECONDS = 0.8


@breaks("TRN-DT-01", also=("DAT-FID-001", "TRN-MV-10"))
class EndDateCopied(Receiver):
    """Copies the last day to where the day after belongs."""

    def end_date(self, last: str) -> str:
        return last


@breaks("TRN-DT-11")
class FutureRoleIsCurrent(Receiver):
    """Lets a role of a far future begin today."""

    def role(self, student: etree._Element, enrollment: etree._Element) -> Row:
        row = super().role(student, enrollment)
        today = datetime.now(UTC).date()
        far = int(row["beginDate"][:4] or 0) > today.year + 2
        return row | {"beginDate": today.isoformat() if far else row["beginDate"]}


@breaks("TRN-MV-10")
class RoleIdFromTheSchool(Receiver):
    """Has one role for each school of a student."""

    def role(self, student: etree._Element, enrollment: etree._Element) -> Row:
        row = super().role(student, enrollment)
        return row | {"sourcedId": f"{row['userSourcedId']}/{row['orgSourcedId']}"}


@breaks("TRN-LC-06", also=("TRN-LR-05", "TRN-MV-07"))
class WaitsForTheSchool(Receiver):
    """Shows no school that it knows from one student only."""

    def translated(self, student: etree._Element) -> tuple[Row, list[Row], Row]:
        # Here a row says something about the other students too.
        return self.translate_student(student)

    def organisation(self, student: etree._Element) -> Row:
        path = "enrollment/schoolRefId"
        school = token_at(student, path)
        known = sum(token_at(one, path) == school for one in self.all_students()) > 1
        return super().organisation(student) if known else {"primaryOrgSourcedId": ""}


@breaks("TRN-MV-04")
class CutsAgentsAtFive(Receiver):
    """Has five places for agents."""

    def agents(self, student: etree._Element) -> Row:
        told = super().agents(student)["agentSourcedIds"].split(",")
        return {"agentSourcedIds": ",".join(told[:5])}


@breaks("TRN-GU-01", also=("TRN-MV-04",))
class ShowsOneGuardian(Receiver):
    """Shows the first contact of a household."""

    def agents(self, student: etree._Element) -> Row:
        return {"agentSourcedIds": super().agents(student)["agentSourcedIds"].partition(",")[0]}


@breaks("TRN-GU-02", also=("TRN-GU-03",))
class LinksTheBarred(Receiver):
    """Links every contact, whatever it may not."""

    def is_barred(self, contact: etree._Element) -> bool:
        return False


@breaks("TRN-GU-03")
class AgentsOnlyGrow(Receiver):
    """Never takes a link away."""

    @cached_property
    def linked(self) -> dict[str, list[str]]:
        return {}

    def agents(self, student: etree._Element) -> Row:
        now = super().agents(student)["agentSourcedIds"].split(",")
        known = self.linked.setdefault(self.student_key(student.get("refId", "")), [])
        known += [one for one in now if one and one not in known]
        return {"agentSourcedIds": ",".join(known)}

    def store_student(self, student: etree._Element) -> None:
        super().store_student(student)
        self.agents(student)


@breaks("TRN-LC-14", also=("TRN-ID-01", "TRN-LR-08"))
class ShowsChangesLate(Receiver):
    """Renews its export some time after a change of a name."""

    def translated(self, student: etree._Element) -> tuple[Row, list[Row], Row]:
        # Here a row changes with time alone.
        return self.translate_student(student)

    @cached_property
    def before(self) -> dict[str, tuple[float, Row]]:
        return {}

    def change_student(self, refid: str, partial: etree._Element) -> None:
        student = self.find_student(refid)
        if student is not None and token_at(partial, "name/givenName"):
            names = self.names(student)
            self.before[self.student_key(refid)] = (time.monotonic(), names)
        super().change_student(refid, partial)

    def names(self, student: etree._Element) -> Row:
        since, names = self.before.get(self.student_key(student.get("refId", "")), (0.0, {}))
        late = time.monotonic() - since < LATE_SECONDS
        return deepcopy(names) if late and names else super().names(student)


@breaks("TRN-PR-10")
class ImportsTheRowsItCanRead(Receiver):
    """Takes the good rows of a bundle and says nothing of the bad ones."""

    def read_bundle(self, body: bytes) -> tuple[Tables, bool]:
        try:
            return super().read_bundle(body)
        except Refusal:
            with zipfile.ZipFile(BytesIO(body)) as archive:
                data = archive.read("users.csv") if "users.csv" in archive.namelist() else b""
            rows = [_row(line) for line in data.split(b"\r\n")]
            return {"users": [row for row in rows if row]}, True


def _row(line: bytes) -> Row:
    try:
        return next(iter(oneroster.read_table("users", line)), {})
    except Malformed:
        return {}


@breaks("TRN-TX-08")
class StumblesOverTheMarkInFiles(Receiver):
    """Takes the byte order mark for a part of the first column."""

    def read_bundle(self, body: bytes) -> tuple[Tables, bool]:
        with zipfile.ZipFile(BytesIO(body)) as archive:
            for name in archive.namelist():
                if archive.read(name).startswith(b"\xef\xbb\xbf"):
                    raise Refusal(400, "The first column is not known.")
        return super().read_bundle(body)


@breaks("TRN-PR-01")
class OffsetCountsPages(Receiver):
    """Counts the offset in pages."""

    def list_start(self, limit: int, offset: int) -> int:
        return offset * limit


@breaks("TRN-PR-01")
class CountsThePage(Receiver):
    """Tells the size of the page as the size of the result."""

    def list_count(self, count: int, shown: int) -> int:
        return shown


@breaks("TRN-PR-02")
class IgnoresTheFilter(Receiver):
    """Answers every filter with all rows."""

    def filtered(self, request: Request, rows: list[Row]) -> list[Row]:
        return rows


@breaks("TRN-PR-02")
class IgnoresTheOrder(Receiver):
    """Answers in the order of its table, whatever is asked."""

    def sorted_rows(self, request: Request, rows: list[Row]) -> list[Row]:
        return rows


@breaks("TRN-PR-01", "TRN-PR-02")
class GuessesWhatIsMeant(Receiver):
    """Leaves out what it does not understand of a query."""

    def list_number(self, request: Request, name: str, default: int, least: int) -> int:
        try:
            return super().list_number(request, name, default, least)
        except Refusal:
            return default

    def selected(self, request: Request, body: dict[str, object]) -> dict[str, object]:
        try:
            return super().selected(request, body)
        except Refusal:
            return body


@breaks(
    "DAT-FID-001",
    also=(
        "TRN-ID-01",
        "TRN-LR-05",
        "TRN-LR-08",
        "TRN-PR-02",
        "TRN-TX-01",
        "TRN-TX-02",
        "TRN-TX-03",
        "TRN-TX-04",
        "TRN-TX-05",
    ),
)
class ShowsNamesSwapped(Receiver):
    """Shows the given name as family name and the other way round."""

    def names(self, student: etree._Element) -> Row:
        names = super().names(student)
        swapped = {"givenName": names["familyName"], "familyName": names["givenName"]}
        return names | swapped


@breaks(
    "DAT-FID-001",
    also=(
        "TRN-ID-01",
        "TRN-LC-04",
        "TRN-LR-05",
        "TRN-PR-02",
        "TRN-TX-01",
        "TRN-TX-02",
        "TRN-TX-03",
        "TRN-TX-04",
        "TRN-TX-05",
    ),
)
class LowerCasesNames(Receiver):
    """Writes names in small letters."""

    def names(self, student: etree._Element) -> Row:
        return {column: text.lower() for column, text in super().names(student).items()}


@breaks("DAT-FID-002", also=("TRN-CS-01-S", "TRN-LR-05-S"))
class ReadsIdsInSmallLetters(ChangesTexts):
    """Writes the numbers of people in small letters."""

    elements = ("localId", "loginId", "id", "employerType")

    def _text(self, text: str) -> str:
        return text.lower()


@breaks("TRN-TX-01")
class DropsMarksOfLetters(Receiver):
    """Drops the marks that stand as letters of their own."""

    def names(self, student: etree._Element) -> Row:
        found = super().names(student)
        return {column: re.sub("[\u0300-\u036f]", "", text) for column, text in found.items()}


@breaks("TRN-ID-08")
class NewTitleNewTerm(Receiver):
    """Files terms by their title, so that a new one leaves the old one behind."""

    def store_bundle(self, tables: Tables, delta: bool) -> None:
        terms = tables.get("academicSessions", [])
        before = dict(self.state.rows.get("academicSessions", {}))
        super().store_bundle(tables, delta)
        kept = self.state.rows.setdefault("academicSessions", {})
        for row in terms:
            old = before.get(row["sourcedId"])
            if old is not None and row["status"] != "tobedeleted" and old["title"] != row["title"]:
                kept[f"{row['sourcedId']}/{old['title']}"] = old


@breaks("TRN-CS-09")
class StaffAreTeachers(Receiver):
    """Knows students and teachers and takes everybody else for a teacher."""

    def store_bundle(self, tables: Tables, delta: bool) -> None:
        for row in tables.get("roles", []):
            row["role"] = row["role"] if row["role"] == "student" else "teacher"
        super().store_bundle(tables, delta)


@breaks("TRN-MV-03")
class TenTeachersAtMost(Receiver):
    """Has ten columns for the teachers of a class."""

    def store_bundle(self, tables: Tables, delta: bool) -> None:
        counts: dict[str, int] = {}
        kept = []
        for row in tables.get("enrollments", []):
            lesson = row["classSourcedId"]
            counts[lesson] = counts.get(lesson, 0) + 1
            if counts[lesson] <= 10 or row["status"] == "tobedeleted":
                kept.append(row)
        changed = {"enrollments": kept} if "enrollments" in tables else {}
        super().store_bundle(tables | changed, delta)


@breaks("TRN-MV-05")
class OneTermPerClass(Receiver):
    """Keeps the first term of a class."""

    def store_bundle(self, tables: Tables, delta: bool) -> None:
        for row in tables.get("classes", []):
            row["termSourcedIds"] = row["termSourcedIds"].partition(",")[0]
        super().store_bundle(tables, delta)
