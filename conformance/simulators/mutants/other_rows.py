"""Vendors that damage the rows they make of students in another way than the first mutant."""

from __future__ import annotations

import uuid
import zipfile
from collections import Counter
from copy import deepcopy
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from io import BytesIO

from lxml import etree

from conformance.simulators import oneroster
from conformance.simulators.bundles import Tables
from conformance.simulators.message import Request, Response
from conformance.simulators.mutants import breaks
from conformance.simulators.mutants.rosters import ShowsChangesLate
from conformance.simulators.oneroster import COLUMNS, Row, write_table
from conformance.simulators.problems import Malformed, Refusal
from conformance.simulators.receiver import Receiver
from conformance.simulators.store import Markers
from conformance.simulators.students import all_at, line_at, token_at


def far(day: str) -> bool:
    """Whether a day lies years ahead."""
    return int(day[:4] or 0) > datetime.now(UTC).year + 2


@breaks("TRN-CS-03", also=("DAT-FID-001", "TRN-LR-02"))
class MissingSexIsFemale(Receiver):
    """Counts everybody of whom nothing is told among the girls."""

    def sex(self, student: etree._Element) -> Row:
        return {"sex": super().sex(student)["sex"] or "female"}


@breaks("TRN-CS-07", also=("DAT-FID-001", "TRN-LR-05", "TRN-MV-07"))
class GradesAreOrdinals(Receiver):
    """Writes grades as people say them."""

    def grades(self, student: etree._Element) -> Row:
        grades = super().grades(student)["grades"].split(",")
        return {"grades": ",".join(f"{int(one)}th" if one.isdecimal() else one for one in grades)}


@breaks("TRN-CS-09")
class AidesAreTeachers(Receiver):
    """Knows no aides and makes them teachers."""

    def store_bundle(self, tables: Tables, delta: bool) -> None:
        for row in tables.get("roles", []):
            row["role"] = "teacher" if row["role"] == "aide" else row["role"]
        super().store_bundle(tables, delta)


@breaks("TRN-DT-01", also=("DAT-FID-001", "TRN-MV-10"))
class EndsTwoDaysLater(Receiver):
    """Adds the day after to what is the day after already."""

    def end_date(self, last: str) -> str:
        day = super().end_date(last)
        return day and str(date.fromisoformat(day) + timedelta(days=1))


@breaks("TRN-DT-11")
class FutureRoleHasNoFirstDay(Receiver):
    """Leaves the first day blank when it is years ahead."""

    def role(self, student: etree._Element, enrollment: etree._Element) -> Row:
        row = super().role(student, enrollment)
        return row | {"beginDate": ""} if far(row["beginDate"]) else row


@breaks("TRN-DT-12", also=("DAT-FID-001",))
class SortsDayAndMonth(Receiver):
    """Puts the smaller of day and month first."""

    def birth_date(self, student: etree._Element) -> Row:
        day = super().birth_date(student)["birthDate"]
        first, last = sorted((day[5:7], day[8:10]))
        return {"birthDate": f"{day[:4]}-{first}-{last}" if last <= "12" and day else day}


@breaks("TRN-GU-01", also=("TRN-MV-04",))
class ShowsTheLastGuardian(Receiver):
    """Shows the last contact of a household."""

    def agents(self, student: etree._Element) -> Row:
        return {"agentSourcedIds": super().agents(student)["agentSourcedIds"].rpartition(",")[2]}


@breaks("TRN-GU-02", also=("TRN-GU-03",))
class KnowsOneRestriction(Receiver):
    """Bars only whose restriction is one word that it knows."""

    def is_barred(self, contact: etree._Element) -> bool:
        texts = (
            token_at(one, "restrictions") for one in all_at(contact, "relationships/relationship")
        )
        return "none" in texts


@breaks("TRN-GU-06")
class FormerNamesInBrackets(Receiver):
    """Writes the former family name in brackets behind the preferred one."""

    def names(self, student: etree._Element) -> Row:
        names = super().names(student)
        for name in all_at(student, "otherNames/name"):
            if token_at(name, "type") == "PreviousLegalName":
                former = f"{names['preferredFamilyName']} ({line_at(name, 'familyName')})"
                return names | {"preferredFamilyName": former.strip()}
        return names


@breaks("TRN-ID-02", also=("DAT-FID-001", "TRN-LR-05", "TRN-PR-01"))
class PutsIdsIntoUrns(Receiver):
    """Writes sourcedIds as URNs."""

    def sourced_id(self, refid: str) -> str:
        return f"urn:uuid:{super().sourced_id(refid)}"


@breaks("TRN-ID-08")
class RenamedTermsGetNewIds(Receiver):
    """Makes the id of a term of its title when the title changes."""

    def store_bundle(self, tables: Tables, delta: bool) -> None:
        before = dict(self.state.rows.get("academicSessions", {}))
        super().store_bundle(tables, delta)
        kept = self.state.rows.get("academicSessions", {})
        for key, row in list(kept.items()):
            if key in before and before[key]["title"] != row["title"]:
                made = str(uuid.uuid5(uuid.NAMESPACE_URL, row["title"]))
                kept[made] = kept.pop(key) | {"sourcedId": made}


@breaks("TRN-ID-12", also=("TRN-ID-05",))
class SecondSchoolSecondUser(Receiver):
    """Makes another user with another id for the second school of a student."""

    def export_rows(self, name: str) -> list[Row]:
        rows = super().export_rows(name)
        if name != "users":
            return rows
        roles = super().export_rows("roles")
        counts = [sum(role["userSourcedId"] == row["sourcedId"] for role in roles) for row in rows]
        more = [row for row, count in zip(rows, counts, strict=True) if count > 1]
        return [*rows, *({**row, "sourcedId": f"{row['sourcedId']}-2"} for row in more)]


@breaks(
    "TRN-LC-06",
    also=(
        "TRN-LR-05",
        "TRN-MV-07",
    ),
)
class ShowsUnknownSchoolsAsTheDistrict(Receiver):
    """Puts a student into the district itself whose school no other student has."""

    def translated(self, student: etree._Element) -> tuple[Row, list[Row], Row]:
        # Here a row says something about the other students too.
        return self.translate_student(student)

    def organisation(self, student: etree._Element) -> Row:
        path = "enrollment/schoolRefId"
        school = token_at(student, path)
        known = sum(token_at(one, path) == school for one in self.all_students()) > 1
        lea = self.sourced_id(token_at(student, "enrollment/leaRefId"))
        return super().organisation(student) if known else {"primaryOrgSourcedId": lea}


@breaks("TRN-LC-08")
class RecreatedIsToBeDeleted(Receiver):
    """Shows a student again whose id was once deleted, still with the mark of a delete."""

    @cached_property
    def gone(self) -> set[str]:
        return set()

    def remove_student(self, refid: str) -> None:
        super().remove_student(refid)
        self.gone.add(self.sourced_id(refid))

    def export_rows(self, name: str) -> list[Row]:
        rows = super().export_rows(name)
        for row in rows if name == "users" else ():
            row["status"] = "tobedeleted" if row["sourcedId"] in self.gone else row["status"]
        return rows


@breaks("TRN-LC-12")
class KeepsTheRoleOfTheWrongDay(Receiver):
    """Keeps the role that a wrong entry date made beside the right one."""

    @cached_property
    def old(self) -> list[Row]:
        return []

    def change_student(self, refid: str, partial: etree._Element) -> None:
        stored = self.find_student(refid)
        before = [] if stored is None else self.roles(stored)
        super().change_student(refid, partial)
        after = self.roles(stored) if (stored := self.find_student(refid)) is not None else []
        pairs = zip(before, after, strict=False)
        self.old.extend(one for one, two in pairs if one["beginDate"] != two["beginDate"])

    def export_rows(self, name: str) -> list[Row]:
        return [*super().export_rows(name), *(map(dict, self.old) if name == "roles" else ())]


@breaks("TRN-LC-13-S")
class RestartDoublesTheLast(Receiver):
    """Reads the last student from disk twice, the second time under a new id."""

    def remembered(self) -> Markers:
        for students in self.state.districts.values():
            for key in list(students)[-1:]:
                copy = deepcopy(students[key])
                copy.set("refId", self.new_id().upper())
                students[self.student_key(copy.get("refId", ""))] = copy
        return super().remembered()


@breaks("TRN-LC-14")
class ShowsTheFifthChangeLate(ShowsChangesLate):
    """Shows a student who is changed often only from time to time."""

    @cached_property
    def counts(self) -> Counter[str]:
        return Counter()

    def change_student(self, refid: str, partial: etree._Element) -> None:
        super().change_student(refid, partial)
        key = self.student_key(refid)
        self.counts[key] += 1
        if self.counts[key] < 5:
            self.before.pop(key, None)


@breaks("TRN-MV-01")
class FirstEmailWins(Receiver):
    """Shows whichever e-mail address comes first."""

    def email(self, student: etree._Element) -> Row:
        mails = [*all_at(student, "email"), *all_at(student, "otherEmails/email")]
        return {"email": token_at(mails[0], "emailAddress") if mails else ""}


@breaks("TRN-MV-02", also=("DAT-FID-001", "TRN-LR-05"))
class SwapsPhoneAndMobile(Receiver):
    """Has the two columns of numbers the wrong way round."""

    def phone(self, student: etree._Element) -> Row:
        found = super().phone(student)
        return {"sms": found["phone"], "phone": found["sms"]}


@breaks("TRN-MV-03")
class EveryTeacherIsPrimary(Receiver):
    """Makes every teacher of a class the primary one."""

    def store_bundle(self, tables: Tables, delta: bool) -> None:
        for row in tables.get("enrollments", []):
            row["primary"] = "true" if row["role"] == "teacher" else row["primary"]
        super().store_bundle(tables, delta)


@breaks("TRN-MV-05")
class OneClassPerTerm(Receiver):
    """Makes a class of its own of each term."""

    def store_bundle(self, tables: Tables, delta: bool) -> None:
        rows: list[Row] = []
        for row in tables.get("classes", []):
            for place, term in enumerate(row["termSourcedIds"].split(",")):
                own = row["sourcedId"] + (f"-{place + 1}" if place else "")
                rows.append(row | {"sourcedId": own, "termSourcedIds": term})
        super().store_bundle(tables | ({"classes": rows} if rows else {}), delta)


@breaks("TRN-PR-09")
class PutsTheIdLast(Receiver):
    """Writes the id behind all other columns."""

    def export(self, request: Request, name: str) -> Response:
        super().export(request, name)
        columns = (*COLUMNS[name][1:], COLUMNS[name][0])
        return Response(
            200, write_table(columns, self.export_rows(name)), "text/csv; charset=utf-8"
        )


@breaks("TRN-PR-10")
class KeepsRowsOfWhatItRefuses(Receiver):
    """Refuses a malformed bundle once it has stored its users."""

    def read_bundle(self, body: bytes) -> tuple[Tables, bool]:
        try:
            return super().read_bundle(body)
        except Refusal:
            if zipfile.is_zipfile(BytesIO(body)):
                self.store_bundle({"users": _users(body)}, True)
            raise


def _users(body: bytes) -> list[Row]:
    """The users of a bundle, as far as they can be read."""
    found: list[Row] = []
    with zipfile.ZipFile(BytesIO(body)) as archive:
        data = archive.read("users.csv") if "users.csv" in archive.namelist() else b""
    head, *lines = data.split(b"\r\n")
    for line in lines:
        try:
            found += oneroster.read_table("users", head + b"\r\n" + line + b"\r\n")
        except Malformed:
            continue
    return found


@breaks("TRN-TX-06")
class LoginsAreNumbers(Receiver):
    """Keeps a login of digits in an integer column."""

    def username(self, student: etree._Element) -> Row:
        login = super().username(student)["username"]
        return {"username": login.lstrip("0") if login.isdecimal() else login}
