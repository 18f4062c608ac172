"""Vendors that damage names and numbers, or lose track of a student's life."""

# An override may ignore what it is given.

from __future__ import annotations

import unicodedata
from copy import deepcopy
from functools import cached_property

from lxml import etree

from conformance.simulators.grammar import is_nil
from conformance.simulators.mutants import breaks
from conformance.simulators.oneroster import Row
from conformance.simulators.receiver import Receiver
from conformance.simulators.students import all_at, line_at, token_at


@breaks("TRN-TX-01", also=("DAT-FID-001", "TRN-LR-05", "TRN-TX-05"))
class FoldsNamesToAscii(Receiver):
    """Strips accents from names and drops the letters that remain foreign."""

    def names(self, student: etree._Element) -> Row:
        return {column: _ascii(text) for column, text in super().names(student).items()}


@breaks("TRN-TX-01", also=("DAT-FID-001", "TRN-LR-05", "TRN-TX-05"))
class MojibakeNames(Receiver):
    """Writes UTF-8 through a Latin-1 column."""

    def names(self, student: etree._Element) -> Row:
        names = super().names(student)
        return {column: text.encode().decode("latin-1") for column, text in names.items()}


def _ascii(text: str) -> str:
    return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()


@breaks("TRN-TX-02", also=("TRN-TX-01",))
class CommasBecomeBlanks(Receiver):
    """Replaces commas and quotes in names, because its CSV cannot hold them."""

    def names(self, student: etree._Element) -> Row:
        table = str.maketrans(',"', "  ")
        return {column: text.translate(table) for column, text in super().names(student).items()}


@breaks("TRN-TX-04", also=("TRN-TX-01",))
class CollapsesBlanks(Receiver):
    """Collapses blanks inside names."""

    def names(self, student: etree._Element) -> Row:
        return {column: " ".join(text.split()) for column, text in super().names(student).items()}


@breaks("TRN-TX-05")
class CutsNamesAt50(Receiver):
    """Has fifty characters for a name."""

    def names(self, student: etree._Element) -> Row:
        return {column: text[:50] for column, text in super().names(student).items()}


@breaks("TRN-TX-06", also=("DAT-FID-001", "TRN-ID-09", "TRN-LC-03", "TRN-LR-05"))
class StudentNumbersAreNumbers(Receiver):
    """Keeps student numbers in an integer column."""

    def identifiers(self, student: etree._Element) -> Row:
        found = super().identifiers(student)
        return {column: text.replace(":0", ":").lstrip("0") for column, text in found.items()}


@breaks("TRN-TX-11", also=("DAT-FID-001", "TRN-LC-04", "TRN-LR-02", "TRN-LR-05"))
class WritesNone(Receiver):
    """Writes the word None where nothing is known."""

    def names(self, student: etree._Element) -> Row:
        return {column: text or "None" for column, text in super().names(student).items()}


@breaks("TRN-LC-04", also=("TRN-LC-04-S", "TRN-TX-11-S"))
class NilLeavesTheValue(Receiver):
    """Skips nil elements of an update, so that nothing can be cleared."""

    def merge(self, stored: etree._Element, partial: etree._Element) -> etree._Element:
        told = deepcopy(partial)
        for parent in list(told.iter()):
            for child in [child for child in parent if is_nil(child)]:
                parent.remove(child)
        return super().merge(stored, told)


@breaks("TRN-LC-08")
class RecreatedStaysDeleted(Receiver):
    """Never shows a student again whose id was once deleted."""

    @cached_property
    def gone(self) -> set[str]:
        return set()

    def remove_student(self, refid: str) -> None:
        super().remove_student(refid)
        self.gone.add(self.sourced_id(refid))

    def export_rows(self, name: str) -> list[Row]:
        return [row for row in super().export_rows(name) if row["sourcedId"] not in self.gone]


@breaks("TRN-LC-11", also=("DAT-FID-001", "TRN-LR-05"))
class WithdrawalDeletes(Receiver):
    """Drops a student from the roster as soon as there is a last day."""

    def export_rows(self, name: str) -> list[Row]:
        left = {
            self.sourced_id(student.get("refId", ""))
            for student in self.all_students()
            if token_at(student, "enrollment/exitDate")
        }
        return [row for row in super().export_rows(name) if row["sourcedId"] not in left]


@breaks("TRN-GU-06")
class ShowsFormerNames(Receiver):
    """Shows a previous legal name in the column for the preferred one."""

    def names(self, student: etree._Element) -> Row:
        former = [
            line_at(name, "familyName")
            for name in all_at(student, "otherNames/name")
            if token_at(name, "type") == "PreviousLegalName"
        ]
        names = super().names(student)
        return names | {"preferredFamilyName": (former or [names["preferredFamilyName"]])[0]}


@breaks("TRN-LR-05", also=("DAT-FID-001", "TRN-LC-04"))
class DropsMiddleNames(Receiver):
    """Accepts middle names and shows none."""

    def names(self, student: etree._Element) -> Row:
        return super().names(student) | {"middleName": ""}


@breaks("TRN-LR-02")
class InventsEmails(Receiver):
    """Makes up an e-mail address for students who have none."""

    def email(self, student: etree._Element) -> Row:
        made_up = f"{token_at(student, 'localId')}@students.example.org"
        return {"email": super().email(student)["email"] or made_up}


@breaks("TRN-LR-08", also=("TRN-MV-08", "TRN-PR-07"))
class EveryUpdateTouchesTheLogin(Receiver):
    """Renames the login of a student with every update."""

    def translated(self, student: etree._Element) -> tuple[Row, list[Row], Row]:
        # Here a row changes with an update that says nothing new.
        return self.translate_student(student)

    @cached_property
    def touched(self) -> set[str]:
        return set()

    def change_student(self, refid: str, partial: etree._Element) -> None:
        super().change_student(refid, partial)
        self.touched.add(self.student_key(refid))

    def username(self, student: etree._Element) -> Row:
        again = self.student_key(student.get("refId", "")) in self.touched
        return {"username": super().username(student)["username"] + ("-1" if again else "")}


@breaks("TRN-LC-03", also=("INF-UPD-003", "TRN-LC-03-S", "TRN-LC-04-S", "TRN-LR-08"))
class UpdateClearsTelephones(Receiver):
    """Forgets telephone numbers with every update that does not repeat them."""

    def merge(self, stored: etree._Element, partial: etree._Element) -> etree._Element:
        result = super().merge(stored, partial)
        for name in ("phoneNumber", "otherPhoneNumbers"):
            for phone in result.findall(f"{{*}}{name}"):
                if partial.find(phone.tag) is None:
                    result.remove(phone)
        return result


@breaks(
    "TRN-LC-07",
    also=("DAT-UNI-001", "DAT-UNI-002", "INF-CRE-006", "INF-CRE-007", "INF-FMT-005", "TRN-LC-07-S"),
)
class RepeatedCreatesAddUp(Receiver):
    """Files a student that is created again as one more person."""

    def add_student(self, student: etree._Element, must: bool) -> etree._Element:
        known = self.find_student(student.get("refId", ""))
        if known is not None:
            student = deepcopy(student)
            student.set("refId", self.new_id())
        return super().add_student(student, must)
