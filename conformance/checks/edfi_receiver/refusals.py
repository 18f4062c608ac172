"""What an Ed-Fi host refuses: missing, of a wrong type, too long, unknown, pointing nowhere."""

from __future__ import annotations

import json

import pytest

from conformance import edfi_expect, expect
from conformance.checks.edfi_receiver.steps import (
    comes_back,
    control_holds,
    course_in_terms,
    put_down,
    refuses,
    seen,
    taken,
)
from conformance.edfi import EdfiClient
from conformance.edfi_bodies import Bodies
from conformance.edfi_expect import prepared
from conformance.edfi_shapes import KNOWN, STAYS, STUDENTS, Body
from conformance.plugin_edfi_receiver import enrolled
from conformance.verifies import verifies

LONGEST_NAME = 75
UNKNOWN = "sckMadeUpMember"


@pytest.fixture
def two_stays(host: EdfiClient, bodies: Bodies) -> tuple[Body, Body]:
    """Enrolments of two new students, not sent yet."""
    students = [bodies.student(), bodies.student()]
    for student in students:
        put_down(host, STUDENTS, student)
    return bodies.stay(students[0]), bodies.stay(students[1])


@verifies("EDF-VAL-001", negative=True)
@pytest.mark.parametrize("member", ["firstName", "lastSurname", "birthDate", "studentUniqueId"])
def check_student_without_a_required_member_is_refused(
    host: EdfiClient, bodies: Bodies, member: str
) -> None:
    """A student without name, birth date or id is 400 and not stored; with it the record is new."""
    good = bodies.student()
    wrong = {name: value for name, value in good.items() if name != member}
    refuses(host, STUDENTS, wrong, good, bodies.student(), 400)


@verifies("EDF-VAL-001", negative=True)
@pytest.mark.parametrize("member", ["entryDate", "schoolReference", "entryGradeLevelDescriptor"])
def check_enrolment_without_a_required_member_is_refused(
    host: EdfiClient, two_stays: tuple[Body, Body], member: str
) -> None:
    """An enrolment without day, school or grade is 400 and not stored; with it, it is new."""
    good, fresh = two_stays
    wrong = {name: value for name, value in good.items() if name != member}
    refuses(host, STAYS, wrong, good, fresh, 400)


@verifies("EDF-VAL-002", negative=True)
@pytest.mark.parametrize("case", ["object for text", "text for truth", "text for number"])
def check_value_of_a_wrong_type_is_refused(
    host: EdfiClient, bodies: Bodies, two_stays: tuple[Body, Body], case: str
) -> None:
    """An object for a name, a word for a truth value or for a number is 400 and not stored."""
    good, fresh = two_stays
    if case == "object for text":
        student = bodies.student()
        wrong = student | {"firstName": {"value": "Kim"}}
        refuses(host, STUDENTS, wrong, student, bodies.student(), 400)
        return
    wrong = {
        "text for truth": good | {"primarySchool": "maybe"},
        "text for number": good | {"schoolReference": {"schoolId": "many"}},
    }[case]
    refuses(host, STAYS, wrong, good, fresh, 400)


@verifies("EDF-VAL-003", negative=True)
def check_name_over_the_limit_is_refused_whole(host: EdfiClient, bodies: Bodies) -> None:
    """A name of 76 characters is 400, not cut; one of 75 comes back whole."""
    good = bodies.student(firstName="M" * (LONGEST_NAME - 1) + "n")
    wrong = good | {"firstName": str(good["firstName"]) + "o"}
    refuses(host, STUDENTS, wrong, good, bodies.student(), 400)
    number = put_down(host, STUDENTS, good)
    prepared(host.post(STAYS, bodies.stay(good)))
    comes_back(host, STUDENTS, number, good, "firstName")


@verifies("EDF-VAL-004", negative=True)
@pytest.mark.parametrize(
    "day", ["2011-02-30", "31/12/2011", "2011-12-31T08:00:00Z"], ids=["none", "other form", "time"]
)
def check_day_that_is_none_is_refused(host: EdfiClient, bodies: Bodies, day: str) -> None:
    """The 30th of February, another notation and a day with a time are 400, and not stored."""
    good = bodies.student()
    refuses(host, STUDENTS, good | {"birthDate": day}, good, bodies.student(), 400)


@verifies("EDF-VAL-005", negative=True)
def check_key_with_blanks_at_its_ends_is_refused(host: EdfiClient, bodies: Bodies) -> None:
    """A unique id with a blank before or after is 400; without it the record is new."""
    good = bodies.student()
    for spelled in (f" {good['studentUniqueId']}", f"{good['studentUniqueId']} "):
        reply = host.post(STUDENTS, good | {"studentUniqueId": spelled})
        edfi_expect.refused(reply, 400)
    control_holds(host.post(STUDENTS, good))


@verifies("EDF-VAL-006", negative=True)
@pytest.mark.parametrize("case", ["broken", "empty", "list"])
def check_body_that_is_no_record_is_refused(host: EdfiClient, bodies: Bodies, case: str) -> None:
    """Half a document, no document and a list are 400; the whole document is taken as new."""
    good = bodies.student()
    whole = json.dumps(good).encode()
    wrong = {"broken": whole[: len(whole) // 2], "empty": b"", "list": b"[" + whole + b"]"}[case]
    refuses(host, STUDENTS, wrong, good, bodies.student(), 400)


@verifies("EDF-VAL-007")
def check_unknown_member_is_ignored_and_shows_nowhere(host: EdfiClient, bodies: Bodies) -> None:
    """A member that the standard lacks is no fault; it does not come back, the rest does."""
    pupil = enrolled(host, bodies)
    more: Body = pupil.body | {UNKNOWN: "kept?", "firstName": "Beside"}
    taken(host.post(STUDENTS, more), "a record with an unknown member")
    shown, reply = seen(host, STUDENTS, pupil.number)
    expect.true(UNKNOWN not in shown, "an unknown member does not come back", reply)
    expect.equal(shown.get("firstName"), "Beside", "a member beside it", reply)


@verifies("EDF-VAL-008", negative=True)
def check_number_out_of_range_is_refused(host: EdfiClient, two_stays: tuple[Body, Body]) -> None:
    """A school number of thirty digits is 400 and no server error; the right one is taken."""
    good, fresh = two_stays
    wrong = good | {"schoolReference": {"schoolId": int("9" * 30)}}
    refuses(host, STAYS, wrong, good, fresh, 400)


@verifies("EDF-VAL-009", negative=True)
def check_record_with_one_wrong_item_is_refused_whole(host: EdfiClient, bodies: Bodies) -> None:
    """Of two races one is no code: the record is 400, and not stored without it."""
    good, fresh = (bodies.known(enrolled(host, bodies).body) for _ in range(2))
    races = bodies.races("Asian")
    code = str(races[0]["raceDescriptor"]).partition("#")[0]
    wrong = good | {"races": [*races, {"raceDescriptor": f"{code}#Made-up"}]}
    refuses(host, KNOWN, wrong, good, fresh, 400)


@verifies("EDF-REF-001", negative=True)
@pytest.mark.parametrize("missing", ["student", "school"])
def check_reference_to_nothing_is_refused(
    host: EdfiClient, bodies: Bodies, two_stays: tuple[Body, Body], missing: str
) -> None:
    """A student or school that is not there is 409 (or 400; 403 for a school), not stored."""
    good, fresh = two_stays
    pointers: dict[str, Body] = {
        "student": {"studentReference": {"studentUniqueId": bodies.mark()}},
        "school": {"schoolReference": {"schoolId": 999_999_937}},
    }
    nobody = pointers[missing]
    # Who may write to one school only is told that before the host looks whether there is another.
    codes = (409, 400) if missing == "student" else (409, 400, 403)
    refuses(host, STAYS, good | nobody, good, fresh, *codes)


@verifies("EDF-REF-002", negative=True)
def check_references_that_disagree_are_refused(host: EdfiClient, bodies: Bodies) -> None:
    """An offering whose references name two schools is 400 or 409; one that agrees is taken."""
    _, sessions, _ = course_in_terms(host, bodies, 1)
    other = bodies.course()
    put_down(host, "courses", other)
    good = bodies.offering(other, sessions[0])
    away = bodies.second_school or 999_999_937
    wrong = good | {"schoolReference": {"schoolId": away}}
    reply = host.post("courseOfferings", wrong)
    control_holds(host.post("courseOfferings", good))
    edfi_expect.refused(reply, 400, 409, *(() if bodies.second_school else (403,)))
