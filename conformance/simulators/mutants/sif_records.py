"""Vendors that keep values and lose what belongs together: people, lists, and their life."""

# An override may ignore what it is given.

from __future__ import annotations

from copy import deepcopy

from lxml import etree

from conformance.simulators.message import Response
from conformance.simulators.mutants import breaks
from conformance.simulators.mutants.sif_values import ReadsOtherwise, drop
from conformance.simulators.receiver import Receiver
from conformance.simulators.students import all_at, token_at

LINKS = "studentContacts/contactPersonRefId"
CONTACTS = "studentContacts/xContact"


def remove(one: etree._Element) -> None:
    """Take an element out of its parent."""
    one.getparent().remove(one)  # type: ignore[union-attr]


@breaks("TRN-ID-01-S", also=("TRN-ID-01",))
class ShowsTheSpellingOfTheRequest(Receiver):
    """Files an update under the spelling of its address, where the first is not changed."""

    def change_student(self, refid: str, partial: etree._Element) -> None:
        if refid == refid.upper() and "-" in refid:
            super().change_student(refid, partial)


@breaks("TRN-ID-05-S", also=("INF-CRE-003",))
class ReadsTwinsAsOne(Receiver):
    """Shows for a student the first one of that family name and birth date."""

    def found(self, student: etree._Element) -> Response:
        paths = ("name/familyName", "demographics/birthDate")
        own = [token_at(student, path) for path in paths]
        first = next(
            one for one in self.all_students() if [token_at(one, path) for path in paths] == own
        )
        shown = deepcopy(first)
        shown.set("refId", student.get("refId", ""))
        return super().found(shown)


@breaks("TRN-ID-09-S", also=("TRN-ID-09", "TRN-LC-03", "TRN-LC-07-S"))
class LocksTheLocalId(Receiver):
    """Takes a student number once and never again."""

    def merge(self, stored: etree._Element, partial: etree._Element) -> etree._Element:
        told = deepcopy(partial)
        drop(told, "localId")
        return super().merge(stored, told)


@breaks("TRN-ID-10-S", also=("TRN-ID-10",))
class DeletesEnrolmentsWithTheOther(Receiver):
    """Deletes with a student every enrolment that was once its own, wherever it stands now."""

    def remove_student(self, refid: str) -> None:
        student = self.find_student(refid)
        gone = set() if student is None else set(self._associations(student))
        super().remove_student(refid)
        for other in self.all_students():
            for one in list(all_at(other, "otherEnrollments/enrollment")):
                if token_at(one, "studentSchoolAssociationRefId") in gone:
                    remove(one)

    def _associations(self, student: etree._Element) -> list[str]:
        path = "studentSchoolAssociationRefId"
        return [value for one in all_at(student, "enrollment") if (value := token_at(one, path))]


@breaks("TRN-ID-11-S")
class JoinsAdultsByName(ReadsOtherwise):
    """Takes a teacher and a contact of one name for one person."""

    def _change(self, student: etree._Element) -> None:
        for teacher in all_at(student, "enrollment/homeRoomTeacher"):
            name = token_at(teacher, "familyName")
            for contact in all_at(student, CONTACTS):
                if name and token_at(contact, "name/familyName") == name:
                    contact.set("refId", token_at(teacher, "refId"))


@breaks(
    "TRN-ID-12-S", also=("DAT-FID-002", "TRN-ID-10-S", "TRN-LR-05-S", "TRN-MV-07-S", "TRN-MV-10-S")
)
class ReadsOneEnrolment(ReadsOtherwise):
    """Shows the first enrolment only."""

    def _change(self, student: etree._Element) -> None:
        drop(student, "otherEnrollments")


@breaks("TRN-MV-01-S", also=("DAT-FID-002", "INF-QRY-001", "TRN-LR-05-S", "TRN-PR-07-S"))
class ReadsOneEmail(ReadsOtherwise):
    """Has room for one e-mail address."""

    def _change(self, student: etree._Element) -> None:
        drop(student, "otherEmails")


@breaks("TRN-MV-02-S")
class CollapsesMobiles(ReadsOtherwise):
    """Keeps one number of each kind."""

    def _change(self, student: etree._Element) -> None:
        seen = set()
        for phone in list(all_at(student, "otherPhoneNumbers/phoneNumber")):
            kind = token_at(phone, "phoneNumberType")
            if kind in seen:
                remove(phone)
            seen.add(kind)


@breaks("TRN-MV-04-S")
class CutsListsAtFive(ReadsOtherwise):
    """Has five places for contacts."""

    def _change(self, student: etree._Element) -> None:
        for one in [*list(all_at(student, LINKS))[5:], *list(all_at(student, CONTACTS))[5:]]:
            remove(one)


@breaks("TRN-MV-07-S", also=("INF-CRE-009",))
class CallsTheFirstEnrolmentHome(ReadsOtherwise):
    """Shows whatever enrolment stands first as the one at the home school."""

    def _change(self, student: etree._Element) -> None:
        for kind in all_at(student, "enrollment/membershipType"):
            kind.text = "Home"


@breaks("TRN-MV-08-S")
class OrderIsAChange(Receiver):
    """Compares lists by place: what stands elsewhere than before is added, not recognised."""

    def merge(self, stored: etree._Element, partial: etree._Element) -> etree._Element:
        result = super().merge(stored, partial)
        for path in ("demographics/races", "otherEmails"):
            before = [etree.tostring(one) for one in next(all_at(stored, path), [])]
            for target in all_at(result, path):
                if before and [etree.tostring(one) for one in target] != before:
                    target.extend(etree.fromstring(one) for one in before)
        return result


@breaks("TRN-MV-10-S", also=("DAT-FID-002", "TRN-LR-05-S"))
class OneStayPerSchool(ReadsOtherwise):
    """Files enrolments by school, so that the second stay replaces the first."""

    def _change(self, student: etree._Element) -> None:
        schools = {token_at(student, "enrollment/schoolRefId")}
        for one in list(all_at(student, "otherEnrollments/enrollment")):
            school = token_at(one, "schoolRefId")
            if school in schools:
                remove(one)
            schools.add(school)
