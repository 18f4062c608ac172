"""Codes: sex, race, ethnicity and grade, and the days and countries beside them."""

from __future__ import annotations

import random
from collections.abc import Callable
from itertools import combinations

import pytest
from lxml import etree

from conformance import expect, trees
from conformance.checks.exports import ABSENT, kept, sent_and_kept
from conformance.checks.preparation import all_created, element
from conformance.fidelity import FLAGS, TWO_OR_MORE
from conformance.problems import NotVerified
from conformance.readback import ReadBack
from conformance.sif import SifClient
from conformance.verifies import verifies

Draw = Callable[[int], list[etree._Element]]
Edge = Callable[[str], etree._Element]
RACE_COLUMNS = tuple(f"demographics.{column}" for column in FLAGS.values())
RACE_FIELDS = (*RACE_COLUMNS, "demographics.demographicRaceTwoOrMoreRaces",
               "demographics.hispanicOrLatinoEthnicity")  # fmt: skip
GRADES = ("IT", "PR", "PK", "TK", "KG", "01", "05", "09", "10", "12", "13", "PS", "UG", "Other")


def set_demographics(student: etree._Element, *children: etree._Element) -> None:
    """Replace the demographics of a student; the children in the order of the schema."""
    old = trees.child(student, "demographics")
    assert old is not None
    student.replace(old, element("demographics", *children))


def races(*names: str) -> etree._Element:
    """The list of races."""
    return element("races", *(element("race", element("race", name)) for name in names))


@pytest.mark.parametrize("sex", ["Male", "Female", "absent", "nil"])
@verifies("TRN-CS-03")
def check_sex_is_never_guessed(
    sif: SifClient, readback: ReadBack, student: etree._Element, sex: str
) -> None:
    """Male and female arrive as such; where nothing was said the column says nothing."""
    children = {"absent": [], "nil": [element("sex", nil=True)]}.get(sex, [element("sex", sex)])
    set_demographics(student, *children)
    readback.must_see("demographics.sex")
    refid = all_created(sif, [student])[0]
    row = readback.demographic(refid)
    if not row:
        raise NotVerified(ABSENT)
    stated = sex in ("Male", "Female")
    allowed = (sex.lower(),) if stated else ("", "unspecified")
    expect.one_of(row.get("sex", ""), allowed, "demographics.sex", readback.last)


@verifies("TRN-CS-05")
def check_race_and_ethnicity_arrive_as_a_set(
    sif: SifClient, readback: ReadBack, students: Draw, rng: random.Random
) -> None:
    """Sets of no, one, two and more races, with each answer on ethnicity, arrive unchanged."""
    sets = [chosen for size in range(6) for chosen in combinations(FLAGS, size)]
    rng.shuffle(sets)
    chosen = [(), *(tuple(FLAGS)[n : n + 1] for n in range(5)), *sets[:6]]
    sent = students(len(chosen))
    for place, (student, names) in enumerate(zip(sent, chosen, strict=True)):
        told = ("true", "false", "")[place % 3]
        ethnicity = [element("hispanicLatinoEthnicity", told)] if told else []
        set_demographics(student, races(*names), *ethnicity)
    for student, refid in zip(sent, all_created(sif, sent), strict=True):
        kept(readback, student, refid, RACE_FIELDS)


@verifies("TRN-CS-05")
def check_unknown_ethnicity_is_not_false(sif: SifClient, readback: ReadBack, edge: Edge) -> None:
    """Where nothing is known of the ethnicity the column is blank."""
    sent_and_kept(sif, readback, edge("unknown-ethnicity"), RACE_FIELDS)


@verifies("TRN-CS-06")
def check_two_or_more_alone_names_no_race(
    sif: SifClient, readback: ReadBack, student: etree._Element
) -> None:
    """Only "two or more races" is known: that flag is true and the five others are blank."""
    set_demographics(student, races(TWO_OR_MORE))
    sent_and_kept(sif, readback, student, RACE_FIELDS)


@verifies("TRN-CS-07")
def check_grades_keep_their_code(sif: SifClient, readback: ReadBack, students: Draw) -> None:
    """Every grade from infant to ungraded arrives with its code, 09 with its zero."""
    sent = students(len(GRADES))
    for student, grade in zip(sent, GRADES, strict=True):
        found = trees.child(student, "enrollment", "gradeLevel")
        assert found is not None
        found.text = grade
        for one in [one for one in student if trees.local(one) == "otherEnrollments"]:
            student.remove(one)
    for student, refid in zip(sent, all_created(sif, sent), strict=True):
        kept(readback, student, refid, ("users.grades",))


@pytest.mark.parametrize(
    "day", ["2014-03-09Z", "2014-03-09-05:00", "2014-03-09+14:00", "2016-02-29"]
)
@verifies("TRN-DT-03")
def check_birth_date_stays_the_day_it_says(
    sif: SifClient, readback: ReadBack, student: etree._Element, day: str
) -> None:
    """A birth date with Z, with an offset to the west or to the east stays the same day."""
    set_demographics(student, element("birthDate", day))
    sent_and_kept(sif, readback, student, ("demographics.birthDate",))
