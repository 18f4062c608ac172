"""Enrolments in the vendor's own form: one role for each stay, ends that are exclusive."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from lxml import etree

from conformance import expect, trees
from conformance.checks.exports import active, gone, rows, shown
from conformance.checks.parts import enrolled, part, put, take
from conformance.checks.preparation import all_created, created, element, partial, prepared
from conformance.checks.readings import twin
from conformance.problems import NotVerified
from conformance.readback import ReadBack
from conformance.sif import SifClient
from conformance.verifies import verifies

Draw = Callable[[int], list[etree._Element]]
Stay = tuple[str, str, str]


def stay(enrollment: etree._Element) -> Stay:
    """School, first day and first day after it, as OneRoster tells them."""
    last = trees.text(enrollment, "exitDate")
    after = str(datetime.fromisoformat(last).date() + timedelta(days=1)) if last else ""
    school = trees.folded(trees.text(enrollment, "schoolRefId"))
    return school, trees.text(enrollment, "entryDate"), after


def stays(readback: ReadBack, refid: str) -> list[Stay]:
    """The stays that the roles of a student show, in order; NotVerified without any role."""
    found = readback.roles_of(refid)
    if not found:
        raise NotVerified("the export shows no role of the student, so nothing can be compared")
    return sorted(
        (
            trees.folded(row.get("orgSourcedId", "")),
            row.get("beginDate", ""),
            row.get("endDate", ""),
        )
        for row in found
    )


def only_student(student: etree._Element, *enrollments: etree._Element) -> None:
    """Give a student these enrolments and no others."""
    take(student, "otherEnrollments")
    put(student, enrollments[0])
    if len(enrollments) > 1:
        put(student, element("otherEnrollments", *enrollments[1:]))


@verifies("TRN-DT-01")
def check_last_day_becomes_the_day_after(
    sif: SifClient, readback: ReadBack, students: Draw
) -> None:
    """A role ends on the day after the last day of school, also over the end of a month or year."""
    days = ("2027-06-18", "2027-02-28", "2026-12-31")
    people = students(len(days))
    for one, day in zip(people, days, strict=True):
        only_student(one, enrolled(one, "Home", "09", leaves=day))
    for one, refid in zip(people, all_created(sif, people), strict=True):
        expect.equal(
            stays(readback, refid),
            [stay(part(one, "enrollment"))],
            "days of the role",
            readback.last,
        )


@verifies("TRN-DT-11")
def check_future_enrolment_waits_for_its_day(
    sif: SifClient, readback: ReadBack, student: etree._Element
) -> None:
    """An enrolment of the future is shown with its own first day, or not yet; never as current."""
    later = f"{datetime.now(UTC).year + 3}-09-01"
    only_student(student, enrolled(student, "Home", "09", later))
    refid, _ = shown(sif, readback, student)
    found = [row.get("beginDate", "") for row in readback.roles_of(refid)]
    expect.true(set(found) <= {later}, "a future role begins on its own day", readback.last)


@verifies("TRN-MV-10")
def check_each_stay_is_a_role_of_its_own(
    sif: SifClient, readback: ReadBack, student: etree._Element
) -> None:
    """Who left a school and came back has two roles there, with ids of their own."""
    first = enrolled(student, "Home", "09", "2026-08-31", "2026-11-20")
    again = enrolled(student, "Home", "09", "2027-02-01")
    part(again, "schoolRefId").text = part(first, "schoolRefId").text
    only_student(student, again, first)
    refid = created(sif, student)
    expect.equal(stays(readback, refid), sorted([stay(first), stay(again)]), "days of the roles")
    ids = {row.get("sourcedId", "") for row in readback.roles_of(refid)}
    expect.equal(len(ids), 2, "different ids of the two roles", readback.last)


@verifies("TRN-ID-10")
def check_merge_moves_the_enrolments(sif: SifClient, readback: ReadBack, students: Draw) -> None:
    """B is deleted and A gets B's enrolment: A has both roles, no role points at B."""
    one, other = students(2)
    for person, kind in ((one, "Home"), (other, "Concurrent")):
        only_student(person, enrolled(person, kind, "10"))
    kept, left = all_created(sif, (one, other))
    put(one, element("otherEnrollments", twin(part(other, "enrollment"))))
    prepared(sif.update(kept, partial(one, twin(part(one, "otherEnrollments")))))
    prepared(sif.delete(left))
    gone(readback, left)
    wanted = sorted(stay(part(person, "enrollment")) for person in (one, other))
    expect.equal(stays(readback, kept), wanted, "schools and days of the roles", readback.last)
    expect.equal(readback.roles_of(left), [], "roles of who is gone", readback.last)


@verifies("TRN-LC-12")
def check_corrected_entry_moves_the_one_role(
    sif: SifClient, readback: ReadBack, student: etree._Element
) -> None:
    """A corrected entry date gives one role with the new day."""
    only_student(student, enrolled(student, "Home", "07", "2026-09-02"))
    refid, _ = shown(sif, readback, student)
    part(student, "enrollment", "entryDate").text = "2026-09-03"
    prepared(sif.update(refid, partial(student, twin(part(student, "enrollment")))))
    expect.equal(
        stays(readback, refid),
        [stay(part(student, "enrollment"))],
        "days of the role",
        readback.last,
    )


@verifies("TRN-LC-06")
def check_child_before_its_parents_arrives(
    sif: SifClient, readback: ReadBack, student: etree._Element
) -> None:
    """A student of a school that nobody sent yet is shown with that school, not dropped."""
    only_student(student, enrolled(student, "Home", "04"))
    refid, _ = shown(sif, readback, student)
    readback.must_see("users.primaryOrgSourcedId")
    school = trees.folded(part(student, "enrollment", "schoolRefId").text or "")
    seen = trees.folded(rows(readback, refid).user.get("primaryOrgSourcedId", ""))
    expect.true(seen == school, "the school of the student is shown", readback.last)


@verifies("TRN-PR-07")
def check_second_load_shows_the_same_people(
    sif: SifClient, readback: ReadBack, students: Draw
) -> None:
    """After a second full load without changes the rows are the same, one for each student."""
    people = students(3)
    refids = all_created(sif, people)
    before = [rows(readback, refid) for refid in refids]
    if not all(one.user for one in before):
        raise NotVerified("not every student is shown, so nothing can be compared")
    count = len(readback.users())
    prepared(sif.update_many(people))
    for was, refid in zip(before, refids, strict=True):
        now = rows(readback, refid)
        expect.true(active(now.user), "the student is still shown", readback.last)
        moved = [name for name, value in was.user.items() if now.user.get(name) != value]
        expect.equal(moved, [], "columns that the second load moved", readback.last)
    expect.equal(len(readback.users()), count, "number of people", readback.last)


@verifies("TRN-DT-12")
def check_day_and_month_of_birth_stay_apart(
    sif: SifClient, readback: ReadBack, students: Draw
) -> None:
    """3 April and 4 March are shown as two different days, each as it was sent."""
    readback.must_see("demographics.birthDate")
    people = students(2)
    for one, day in zip(people, ("2014-03-04", "2014-04-03"), strict=True):
        part(one, "demographics", "birthDate").text = day
    for one, refid in zip(people, all_created(sif, people), strict=True):
        row = readback.demographic(refid)
        if not row:
            raise NotVerified("the export shows no birth date, so nothing can be compared")
        expect.equal(
            row.get("birthDate", ""),
            part(one, "demographics", "birthDate").text,
            "demographics.birthDate",
            readback.last,
        )
