"""SIF in, SIF read back: days stay days, codes stay codes, and what is unknown stays unknown."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import combinations

import pytest
from lxml import etree

from conformance import expect, trees
from conformance.checks.parts import (
    DEMOGRAPHICS,
    ENROLLMENT,
    contact,
    contacts,
    part,
    put,
    races,
    relation,
    take,
    told,
)
from conformance.checks.preparation import MUST, all_created, control_holds, element, stored
from conformance.checks.readings import same, sent_and_same
from conformance.fidelity import FLAGS, TWO_OR_MORE
from conformance.sif import SifClient
from conformance.verifies import verifies

Draw = Callable[[int], list[etree._Element]]
RACES = ("xStudent/demographics/races", "xStudent/demographics/hispanicLatinoEthnicity")
GRADES = ("IT", "PR", "PK", "TK", "KG", "01", "05", "09", "10", "12", "13", "PS", "UG", "Other")
NAME_KINDS = ("Alias", "Nickname", "OtherName", "PreferredFamilyName", "PreferredGivenName")
ID_KINDS = ("District", "Family", "Institution", "Other", "PIN", "School", "State", "StateMigrant")
ADDRESS_KINDS = (
    "Mailing",
    "Physical",
    "Shipping",
    "Billing",
    "OnCampus",
    "OffCampus",
    "PermanentStudent",
    "FatherAddress",
    "MotherAddress",
    "GuardianAddress",
)
RELATIONS = (
    "Aunt",
    "Brother",
    "BrotherInlaw",
    "CourtAppointedGuardian",
    "DaughterInLaw",
    "Employer",
    "Father",
    "FathersCivilPartner",
    "Fiancee",
    "Friend",
    "Grandfather",
    "Grandmother",
    "Mother",
    "MothersSignificantOther",
    "Nephew",
    "Other",
    "Sister",
    "Unknown",
    "Uncle",
    "Ward",
    "Wife",
)
LANGUAGE_KINDS = ("Correspondence", "Dominant", "Home", "Native", "OtherLanguageProficiency")


def demographics(student: etree._Element, *told_of: etree._Element) -> None:
    """Replace single parts of the demographics."""
    put(part(student, "demographics"), *told_of, order=DEMOGRAPHICS)


@verifies("TRN-DT-01-S")
def check_last_day_reads_as_the_last_day(sif: SifClient, student: etree._Element) -> None:
    """An exit date is read back as the same day: SIF counts the last day in."""
    put(part(student, "enrollment"), element("exitDate", "2027-06-18"), order=ENROLLMENT)
    sent_and_same(sif, student, "xStudent/enrollment/exitDate")


@pytest.mark.parametrize(
    "day", ["2014-03-09Z", "2014-03-09-05:00", "2014-03-09+14:00", "2016-02-29"]
)
@verifies("TRN-DT-03-S")
def check_zone_moves_no_birth_date(sif: SifClient, student: etree._Element, day: str) -> None:
    """A birth date with a zone reads back as the day it names."""
    demographics(student, element("birthDate", day))
    sent_and_same(sif, student, "xStudent/demographics/birthDate")


@verifies("TRN-DT-11-S")
def check_future_entry_reads_as_it_was_sent(sif: SifClient, student: etree._Element) -> None:
    """An enrolment that begins in three years is there and begins on its own day."""
    later = f"{datetime.now(UTC).year + 3}-09-01"
    put(part(student, "enrollment"), element("entryDate", later), order=ENROLLMENT)
    sent_and_same(sif, student, "xStudent/enrollment/entryDate")


@verifies("TRN-DT-12-S")
def check_day_and_month_keep_their_places(sif: SifClient, students: Draw) -> None:
    """3 April and 4 March read back as two different days, each as it was sent."""
    people = students(2)
    for one, day in zip(people, ("2014-03-04", "2014-04-03"), strict=True):
        demographics(one, element("birthDate", day))
    all_created(sif, people)
    for one in people:
        same(sif, one, "xStudent/demographics/birthDate")


@pytest.mark.parametrize("sex", ["Male", "Female", "absent", "nil"])
@verifies("TRN-CS-03-S")
def check_unstated_sex_reads_as_unstated(sif: SifClient, student: etree._Element, sex: str) -> None:
    """A stated sex reads back as stated, an unstated one not at all."""
    take(part(student, "demographics"), "sex")
    if sex != "absent":
        nil = sex == "nil"
        demographics(student, element("sex", nil=True) if nil else element("sex", sex))
    sent_and_same(sif, student, "xStudent/demographics/sex")


@verifies("TRN-CS-05-S")
def check_races_read_as_the_set_that_was_sent(
    sif: SifClient, students: Draw, rng: random.Random
) -> None:
    """Sets of no, one, two and more races with each answer on ethnicity read back unchanged."""
    sets = [chosen for size in range(2, 6) for chosen in combinations(FLAGS, size)]
    rng.shuffle(sets)
    chosen: list[tuple[str, ...]] = [(), tuple(FLAGS)[:1], *sets[:4]]
    people = students(len(chosen))
    for place, (one, names) in enumerate(zip(people, chosen, strict=True)):
        take(part(one, "demographics"), "races", "hispanicLatinoEthnicity")
        answer = ("true", "false", "")[place % 3]
        demographics(
            one,
            *([races(*names)] if names else []),
            *([element("hispanicLatinoEthnicity", answer)] if answer else []),
        )
    all_created(sif, people)
    for one in people:
        same(sif, one, *RACES)


@verifies("TRN-CS-06-S")
def check_two_or_more_reads_without_parts(sif: SifClient, student: etree._Element) -> None:
    """Where only "two or more races" was sent, that alone is read back."""
    demographics(student, races(TWO_OR_MORE))
    sent_and_same(sif, student, "xStudent/demographics/races")


@verifies("TRN-CS-07-S")
def check_grades_read_with_their_code(sif: SifClient, students: Draw) -> None:
    """Every grade from infant to ungraded reads back with its code and both digits."""
    people = students(len(GRADES))
    for one, grade in zip(people, GRADES, strict=True):
        put(part(one, "enrollment"), element("gradeLevel", grade), order=ENROLLMENT)
    all_created(sif, people)
    for one in people:
        same(sif, one, "xStudent/enrollment/gradeLevel")


@verifies("TRN-CS-01-S")
def check_code_sets_come_back_value_by_value(sif: SifClient, student: etree._Element) -> None:
    """Kinds of names, ids, addresses, relationships and languages read back each as itself."""
    named = [told("name", type=kind, givenName=f"Qvex{kind}") for kind in NAME_KINDS]
    ids = [told("otherId", type=kind, id=f"00{kind}") for kind in ID_KINDS]
    places = [told("name", addressType=kind, line1=f"1 {kind} Way") for kind in ADDRESS_KINDS]
    kin = contact(student, 1, "Mother")
    kin.remove(kin[-1])
    kin.append(element("relationships", *(relation(student, code) for code in RELATIONS)))
    spoken = [told("language", type=kind, code="por") for kind in LANGUAGE_KINDS]
    put(
        student,
        element("otherNames", *named),
        element("otherIds", *ids),
        element("otherAddresses", *places),
        contacts(kin),
        element("languages", *spoken),
    )
    sent_and_same(
        sif,
        student,
        "xStudent/otherNames",
        "xStudent/otherIds",
        "xStudent/otherAddresses",
        "xStudent/studentContacts",
        "xStudent/languages",
    )


@verifies("TRN-CS-01-S", negative=True)
def check_unknown_code_becomes_no_other(sif: SifClient, students: Draw) -> None:
    """A relationship that the code set does not know is refused, or kept as it is; never mapped."""
    strange, plain = students(2)
    put(strange, contacts(contact(strange, 1, "SecondCousin")))
    put(plain, contacts(contact(plain, 1, "Other")))
    _refused_or_kept(sif, strange, plain, "xStudent/studentContacts")


@verifies("TRN-CS-03-S", negative=True)
def check_unknown_sex_is_not_guessed(sif: SifClient, students: Draw) -> None:
    """A sex that the code set does not know is refused, or kept as it is; never turned."""
    strange, plain = students(2)
    demographics(strange, element("sex", "X"))
    demographics(plain, element("sex", "Female"))
    _refused_or_kept(sif, strange, plain, "xStudent/demographics/sex")


def _refused_or_kept(
    sif: SifClient, strange: etree._Element, plain: etree._Element, path: str
) -> None:
    """The strange value is refused and nothing of it stored, or it reads back as it was sent."""
    control_holds(sif.create(plain, headers=MUST), "the same with a known code is accepted")
    reply = sif.create(strange, headers=MUST)
    if reply.ok:
        same(sif, strange, path)
        return
    expect.status(reply, 400, 422)
    expect.true(stored(sif, trees.refid(strange)) is None, "nothing of it is stored", reply)
