"""SIF in, SIF read back: one person is one person, two are two."""

from __future__ import annotations

import random
from collections.abc import Callable

from lxml import etree

from conformance import expect, trees
from conformance.checks.parts import contact, contacts, enrolled, part, put, told
from conformance.checks.preparation import (
    MUST,
    accepted,
    all_created,
    created,
    element,
    partial,
    prepared,
    stored,
)
from conformance.checks.readings import read, same, sent_and_same, twin
from conformance.sif import SifClient
from conformance.verifies import verifies

Draw = Callable[[int], list[etree._Element]]
ENROLLMENTS = tuple(
    f"xStudent/{place}/{name}"
    for place in ("enrollment", "otherEnrollments/enrollment")
    for name in ("schoolRefId", "studentSchoolAssociationRefId", "membershipType")
)


@verifies("TRN-ID-01-S")
def check_three_spellings_read_one_student(
    sif: SifClient, student: etree._Element, rng: random.Random
) -> None:
    """What is updated under the small and the hyphenless spelling reads back under the first."""
    refid = created(sif, student)
    for spelling in (refid.lower(), refid.replace("-", "")):
        part(student, "name", "givenName").text = name = f"Q{rng.getrandbits(40):x}"
        update = partial(student, told("name", givenName=name))
        update.set("refId", spelling)
        accepted(sif.update(spelling, update), "an update under another spelling is accepted")
        same(sif, student, "xStudent/name")
        expect.same_id(trees.refid(read(sif, spelling)), refid, "the id under this spelling")


@verifies("TRN-ID-05-S")
def check_alike_people_read_as_they_were_sent(
    sif: SifClient, edge: Callable[[str], etree._Element]
) -> None:
    """Twins, and a namesake whose id differs in one digit, read back each with its own values."""
    first, second = edge("twin-first"), edge("twin-second")
    namesake = edge("twin-first")
    refid = trees.refid(first)
    namesake.set("refId", refid[:-1] + ("0" if refid[-1] != "0" else "1"))
    put(namesake, element("localId", "000099"))
    people = (first, second, namesake)
    for one in people:
        created(sif, one, headers=MUST)
    for one in people:
        same(sif, one, "xStudent/@refId", "xStudent/name", "xStudent/localId")


@verifies("TRN-ID-09-S")
def check_corrected_number_is_read_and_nothing_else_moved(
    sif: SifClient, student: etree._Element, rng: random.Random
) -> None:
    """After a new local id the student has that number and all it had before."""
    refid = created(sif, student)
    number = f"00{rng.randint(10**6, 10**7)}"
    put(student, element("localId", number))
    prepared(sif.update(refid, partial(student, element("localId", number))))
    same(sif, student, "xStudent/localId", "xStudent/otherIds", *ENROLLMENTS)


@verifies("TRN-ID-10-S")
def check_merged_student_has_all_enrolments(sif: SifClient, students: Draw) -> None:
    """B is deleted and A updated with B's enrolment: A has both, B is gone."""
    one, other = students(2)
    put(other, enrolled(other, "Concurrent", "10"))
    kept, gone = all_created(sif, (one, other))
    put(one, element("otherEnrollments", twin(part(other, "enrollment"))))
    prepared(sif.update(kept, partial(one, twin(part(one, "otherEnrollments")))))
    prepared(sif.delete(gone))
    same(sif, one, *ENROLLMENTS)
    expect.true(stored(sif, gone) is None, "the second of the two is gone")


@verifies("TRN-ID-11-S")
def check_teacher_who_is_a_parent_stays_two(sif: SifClient, student: etree._Element) -> None:
    """A home room teacher and a contact of one name keep their own ids."""
    parent = contact(student, 1, "Mother")
    teacher = told(
        "homeRoomTeacher",
        refId=trees.refid(contact(student, 2, "Aunt")),
        givenName="Wren1",
        familyName="Qvexkin1",
    )
    home = enrolled(student, "Home", "05")
    trees.child(home, "gradeLevel").addprevious(teacher)  # type: ignore[union-attr]
    put(student, home, contacts(parent))
    sent_and_same(sif, student, "xStudent/enrollment/homeRoomTeacher", "xStudent/studentContacts")


@verifies("TRN-ID-12-S")
def check_student_of_two_schools_reads_with_both(
    sif: SifClient, edge: Callable[[str], etree._Element]
) -> None:
    """A student of two schools is one student with both enrolments, each with its school."""
    sent_and_same(sif, edge("two-schools"), *ENROLLMENTS)
