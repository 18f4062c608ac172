"""Vendors that take students and turn them into something else."""

# An override may ignore what it is given.

from __future__ import annotations

import hashlib
from copy import deepcopy
from datetime import date, timedelta

from lxml import etree

from conformance.simulators.message import Request, Response
from conformance.simulators.mutants import breaks
from conformance.simulators.oneroster import COLUMNS, Row, write_table
from conformance.simulators.receiver import Receiver
from conformance.simulators.students import all_at, line_at, token_at


@breaks("TRN-ID-03", also=("DAT-FID-001", "TRN-ID-05", "TRN-LR-05", "TRN-PR-01"))
class LocalIdIsTheKey(Receiver):
    """Uses the student number as sourcedId."""

    def translate_student(self, student: etree._Element) -> tuple[Row, list[Row], Row]:
        user, roles, demographics = super().translate_student(student)
        key = {"sourcedId": token_at(student, "localId")}
        return user | key, roles, demographics | key


@breaks("TRN-ID-01", also=("DAT-UNI-001", "DAT-UNI-002", "INF-FMT-005", "NEG-061", "TRN-ID-01-S"))
class SpellingMakesAnother(Receiver):
    """Compares ids as strings, so that three spellings of one are three people."""

    def student_key(self, refid: str) -> str:
        return refid

    def sourced_id(self, refid: str) -> str:
        return refid


@breaks("TRN-ID-05", also=("TRN-TX-08",))
class MergesNamesakes(Receiver):
    """Takes two people of one name and birth date for one."""

    def export_rows(self, name: str) -> list[Row]:
        if name == "roles":
            return super().export_rows(name)
        seen: dict[tuple[str, str], str] = {}
        for student in self.all_students():
            who = (line_at(student, "name/familyName"), token_at(student, "demographics/birthDate"))
            seen.setdefault(who, self.sourced_id(student.get("refId", "")))
        return [row for row in super().export_rows(name) if row["sourcedId"] in seen.values()]


@breaks("TRN-ID-03", also=("DAT-FID-001", "TRN-ID-05", "TRN-LR-05", "TRN-PR-01"))
class HashesTheStudentNumber(Receiver):
    """Hands out the MD5 of the student number as identifier."""

    def sourced_id(self, refid: str) -> str:
        student = self.find_student(refid)
        if student is None:
            return super().sourced_id(refid)
        number = token_at(student, "localId") or refid
        return hashlib.md5(number.encode(), usedforsecurity=False).hexdigest()


@breaks("TRN-DT-03")
class BirthDateThroughUtc(Receiver):
    """Turns a birth date with a zone into an instant and back, and loses a day."""

    def day(self, text: str) -> str:
        shifted = text and date.fromisoformat(text[:10]) - timedelta(days=len(text) > 10)
        return str(shifted)


@breaks("TRN-LR-05", also=("DAT-FID-001", "TRN-DT-03", "TRN-DT-12"))
class DayBeforeMonth(Receiver):
    """Swaps day and month wherever that gives a date."""

    def birth_date(self, student: etree._Element) -> Row:
        day = super().birth_date(student)["birthDate"]
        swapped = f"{day[:4]}-{day[8:10]}-{day[5:7]}"
        return {"birthDate": swapped if day and day[8:10] <= "12" else day}


@breaks("TRN-CS-03", also=("DAT-FID-001", "TRN-LR-02"))
class DefaultsToMale(Receiver):
    """Fills a missing sex with male."""

    def sex(self, student: etree._Element) -> Row:
        return {"sex": super().sex(student)["sex"] or "male"}


@breaks("TRN-CS-05", also=("TRN-CS-06", "TRN-LR-02"))
class UnknownRaceIsFalse(Receiver):
    """Turns races that nobody told into false."""

    def race_flags(self, student: etree._Element) -> Row:
        columns = ("americanIndianOrAlaskaNative", "asian", "blackOrAfricanAmerican", "white")
        return dict.fromkeys(columns, "false") | super().race_flags(student)


@breaks("TRN-CS-05", also=("TRN-CS-06", "TRN-LR-02", "TRN-LR-05"))
class UnknownEthnicityIsFalse(Receiver):
    """Turns an ethnicity that nobody told into false."""

    def ethnicity(self, student: etree._Element) -> Row:
        told = super().ethnicity(student)["hispanicOrLatinoEthnicity"]
        return {"hispanicOrLatinoEthnicity": told or "false"}


@breaks("TRN-CS-05", also=("DAT-FID-001", "TRN-LR-05", "TRN-MV-08"))
class KeepsOneRace(Receiver):
    """Keeps the last race and forgets the others."""

    def races(self, student: etree._Element) -> list[str]:
        return super().races(student)[-1:]


@breaks("TRN-CS-06")
class TwoOrMoreMeansAll(Receiver):
    """Makes 'two or more races' all of them."""

    def race_flags(self, student: etree._Element) -> Row:
        flags = super().race_flags(student)
        if self.races(student) != ["DemographicRaceTwoOrMoreRaces"]:
            return flags
        columns = ("americanIndianOrAlaskaNative", "asian", "blackOrAfricanAmerican", "white")
        return flags | dict.fromkeys((*columns, "nativeHawaiianOrOtherPacificIslander"), "true")


@breaks("TRN-CS-07", also=("DAT-FID-001", "TRN-LR-05", "TRN-MV-07"))
class GradesAreNumbers(Receiver):
    """Reads grades as numbers: 09 becomes 9 and KG becomes 0."""

    def grades(self, student: etree._Element) -> Row:
        grades = super().grades(student)["grades"].split(",")
        return {"grades": ",".join("0" if grade == "KG" else grade.lstrip("0") for grade in grades)}


@breaks("TRN-MV-01", also=("DAT-FID-001", "TRN-LR-05"))
class LastEmailWins(Receiver):
    """Shows whichever e-mail address comes last."""

    def email(self, student: etree._Element) -> Row:
        mails = [*all_at(student, "email"), *all_at(student, "otherEmails/email")]
        return {"email": token_at(mails[-1], "emailAddress") if mails else ""}


@breaks("TRN-MV-02", also=("DAT-FID-001", "TRN-LR-05"))
class MobileIsThePhone(Receiver):
    """Shows the first number as telephone, whatever it is, and none for messages."""

    def phone(self, student: etree._Element) -> Row:
        found = super().phone(student)
        return {"sms": "", "phone": found["sms"] or found["phone"]}


@breaks("TRN-MV-07")
class FirstEnrollmentIsHome(Receiver):
    """Takes the enrollment that is written first for the one at the home school."""

    def enrollments(self, student: etree._Element) -> list[etree._Element]:
        paths = ("enrollment", "otherEnrollments/enrollment")
        return [each for path in paths for each in all_at(student, path)]


@breaks("TRN-ID-12")
class OneUserPerSchool(Receiver):
    """Makes one user for each school of a student."""

    def export_rows(self, name: str) -> list[Row]:
        rows = super().export_rows(name)
        if name != "users":
            return rows
        roles = super().export_rows("roles")
        counts = [sum(role["userSourcedId"] == row["sourcedId"] for role in roles) for row in rows]
        return [row for row, count in zip(rows, counts, strict=True) for _ in range(max(count, 1))]


@breaks("TRN-PR-09")
class SortsTheColumns(Receiver):
    """Writes the columns of the export in alphabetical order."""

    def export(self, request: Request, name: str) -> Response:
        super().export(request, name)
        table = write_table(tuple(sorted(COLUMNS[name])), self.export_rows(name))
        return Response(200, table, "text/csv; charset=utf-8")


@breaks("TRN-ID-09")
class NewNumberNewPerson(Receiver):
    """Makes a second person when a student number is corrected."""

    def change_student(self, refid: str, partial: etree._Element) -> None:
        before = self.find_student(refid)
        number = token_at(partial, "localId")
        if before is not None and number and number != token_at(before, "localId"):
            twin = deepcopy(before)
            twin.set("refId", self.new_id())
            self.store_student(twin)
        super().change_student(refid, partial)


@breaks("TRN-LC-01", also=("POD-END-004", "TRN-ID-10"))
class DeletedStayInTheExport(Receiver):
    """Forgets to take deleted students off the roster."""

    def remove_student(self, refid: str) -> None:
        student = self.find_student(refid)
        if student is not None:
            user, _, demographics = self.translate_student(student)
            for name, row in (("users", user), ("demographics", demographics)):
                self.state.rows.setdefault(name, {})[row["sourcedId"]] = row
        super().remove_student(refid)


@breaks("TRN-ID-02", also=("DAT-FID-001", "TRN-LR-05", "TRN-PR-01"))
class PutsIdsInBraces(Receiver):
    """Writes sourcedIds in braces, as its database does."""

    def sourced_id(self, refid: str) -> str:
        return f"{{{super().sourced_id(refid)}}}"
