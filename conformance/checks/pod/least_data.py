"""Working with exactly what was granted: fewer fields, parts left out, placeholders."""

from __future__ import annotations

import random

from lxml import etree

from conformance import expect, trees
from conformance.checks.pod.doors import Draw
from conformance.checks.preparation import accepted, created, objects_in, prepared
from conformance.checks.readings import due
from conformance.problems import NotVerified
from conformance.readback import ReadBack
from conformance.sif import SifClient
from conformance.verifies import verifies

# What a reader of names, classes and grades is granted; the ids are what joins the records.
FEW = ("xStudent/@refId", "xStudent/name", "xStudent/localId", "xStudent/enrollment")
MASKED = {"xStudent/demographics/birthDate": "1582-10-15", "xStudent/localId": "ZZREDACTED"}


def pruned(student: etree._Element, *parts: str) -> etree._Element:
    """The student with these parts only, as a hub would send it."""
    for one in list(student):
        if trees.local(one) not in parts:
            student.remove(one)
    return student


@verifies("POD-VER-004")
def check_narrower_pod_is_taken(sif: SifClient, students: Draw) -> None:
    """A POD that grants names only replaces a wider one, and students with names only are taken."""
    narrow = sif.new_pod(fields=("xStudent/@refId", "xStudent/name"))
    accepted(sif.push_pod(narrow), "a POD that grants less is accepted")
    sif.use(narrow)
    student = students(1)[0]
    for one in list(student):
        if trees.local(one) != "name":
            student.remove(one)
    reply = accepted(sif.create(student), "a student with names only is accepted")
    for found in objects_in(reply):
        expect.same_facts(due(sif, student), found, reply)


@verifies("POD-MIN-008")
def check_students_with_few_fields_are_taken(sif: SifClient, students: Draw) -> None:
    """Students that lack one optional part each are accepted, whichever part it is."""
    for part in ("loginId", "localId", "email", "phoneNumber", "demographics", "languages"):
        student = students(1)[0]
        for one in [one for one in student if trees.local(one) == part]:
            student.remove(one)
        accepted(sif.create(student), f"a student without {part} is accepted")


@verifies("POD-MIN-008")
def check_any_part_may_be_absent(sif: SifClient, students: Draw, rng: random.Random) -> None:
    """Students from whom half of the optional parts were left out by chance are accepted."""
    for student in students(6):
        optional = [one for one in student if trees.local(one) != "name"]
        for one in rng.sample(optional, len(optional) // 2):
            student.remove(one)
        accepted(sif.create(student), "a student with half of its parts is accepted")


@verifies("POD-MIN-008")
def check_exactly_the_granted_fields_suffice(sif: SifClient, students: Draw) -> None:
    """Under a POD for names, ids and enrolment, students with just these are accepted."""
    narrow = sif.new_pod(fields=FEW)
    prepared(sif.push_pod(narrow))
    sif.use(narrow)
    for student in students(2):
        accepted(
            sif.create(pruned(student, "name", "localId", "enrollment")),
            "a student with exactly the granted fields is accepted",
        )


@verifies("POD-MIN-009")
def check_placeholder_is_not_taken_for_a_value(
    sif: SifClient, readback: ReadBack, student: etree._Element
) -> None:
    """Where the POD masks a field, the placeholder in it does not come out as a value."""
    pod = sif.new_pod(masked=tuple(MASKED))
    prepared(sif.push_pod(pod))
    sif.use(pod)
    for path, text in MASKED.items():
        found = trees.child(student, *path.split("/")[1:])
        if found is None:
            raise NotVerified(f"the student that was drawn has no {path}")
        found.text = text
    refid = created(sif, student)
    user, people = readback.user(refid), readback.demographic(refid)
    if not user:
        raise NotVerified("the student is not in the export, so nothing can be seen")
    shown = [*user.values(), *people.values()]
    for path, text in MASKED.items():
        there = any(text in one for one in shown)
        expect.true(not there, f"the placeholder for {path} is not exported", readback.last)
