"""Parts of a student that a check puts in place of what was drawn."""

from __future__ import annotations

import uuid

from lxml import etree

from conformance import trees
from conformance.checks.preparation import element

ORDER = (
    "name", "otherNames", "localId", "loginId", "stateProvinceId", "otherIds", "address",
    "otherAddresses", "phoneNumber", "otherPhoneNumbers", "email", "otherEmails", "demographics",
    "enrollment", "otherEnrollments", "academicSummary", "studentContacts", "languages",
)  # fmt: skip
NAME_ORDER = ("type", "prefix", "familyName", "givenName", "middleName", "suffix")
DEMOGRAPHICS = (
    "races", "hispanicLatinoEthnicity", "sex", "birthDate", "countryOfBirth",
    "usCitizenshipStatus",
)  # fmt: skip
ENROLLMENT = (
    "leaRefId", "schoolRefId", "studentSchoolAssociationRefId", "responsibleSchoolType",
    "membershipType", "entryDate", "exitDate", "exitOrWithdrawalType", "homeRoomNumber",
    "homeRoomTeacher", "gradeLevel", "projectedGraduationYear", "counselor",
)  # fmt: skip


def put(parent: etree._Element, *made: etree._Element, order: tuple[str, ...] = ORDER) -> None:
    """Put children at their place, each in place of one of its name."""
    for one in made:
        name = trees.local(one)
        take(parent, name)
        later = order[order.index(name) + 1 :]
        places = (at for at, child in enumerate(parent) if trees.local(child) in later)
        parent.insert(next(places, len(parent)), one)


def take(parent: etree._Element, *names: str) -> None:
    """Remove the children of these names."""
    for one in [child for child in parent if trees.local(child) in names]:
        parent.remove(one)


def part(student: etree._Element, *names: str) -> etree._Element:
    """The part that every drawn student has at this place."""
    found = trees.child(student, *names)
    assert found is not None
    return found


def told(name: str, **values: str) -> etree._Element:
    """An element with one child for each value, in the order they are given."""
    return element(name, *(element(key, value) for key, value in values.items()))


def races(*names: str) -> etree._Element:
    """The list of races."""
    return element("races", *(told("race", race=name) for name in names))


def fresh_id() -> str:
    """An id that nobody had before, in capitals with hyphens."""
    return str(uuid.uuid4()).upper()


def enrolled(
    student: etree._Element, kind: str, grade: str, entry: str = "2026-08-31", leaves: str = ""
) -> etree._Element:
    """An enrolment at a school of its own, in the district of the student."""
    values = {
        "leaRefId": trees.text(student, "enrollment", "leaRefId"),
        "schoolRefId": fresh_id(),
        "studentSchoolAssociationRefId": fresh_id(),
        "membershipType": kind,
        "entryDate": entry,
        "exitDate": leaves,
        "gradeLevel": grade,
    }
    return told("enrollment", **{name: value for name, value in values.items() if value})


def contact(student: etree._Element, place: int, code: str, **more: str) -> etree._Element:
    """A contact with one relationship to the student; `more` are further values of that."""
    made = element("xContact")
    made.set("refId", fresh_id())
    made.append(told("name", familyName=f"Qvexkin{place}", givenName=f"Wren{place}"))
    made.append(told("email", emailType="Home", emailAddress=f"kin{place}@mail.example"))
    made.append(
        element("relationships", relation(student, code, contactSequence=str(place), **more))
    )
    return made


RELATION = (
    "studentRefId", "relationshipCode", "restrictions", "livesWith", "primaryContactIndicator",
    "emergencyContactIndicator", "financialResponsibilityIndicator", "custodialIndicator",
    "communicationsIndicator", "contactSequence",
)  # fmt: skip


def relation(student: etree._Element, code: str, **more: str) -> etree._Element:
    """A relationship of a contact to a student."""
    values = {"studentRefId": trees.refid(student), "relationshipCode": code, **more}
    return told("relationship", **{name: values[name] for name in RELATION if name in values})


def contacts(*made: etree._Element) -> etree._Element:
    """The contacts of a student: links to all of them, then what is known of each."""
    links = [element("contactPersonRefId", trees.refid(one)) for one in made]
    return element("studentContacts", *links, *made)
