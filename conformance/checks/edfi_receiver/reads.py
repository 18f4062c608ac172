"""GET by id and by query, and the pages of an answer (Ed-Fi ODS/API)."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from conformance import edfi_expect, expect
from conformance.checks.edfi_receiver.steps import control_holds, put_down, seen
from conformance.edfi import EdfiClient, documents
from conformance.edfi_bodies import Bodies
from conformance.edfi_expect import prepared
from conformance.edfi_shapes import KNOWN, STAYS, STUDENTS
from conformance.plugin_edfi_receiver import Pupil, enrolled
from conformance.verifies import verifies

NOBODY = "0f0e0d0c0b0a09080706050403020100"
STAYED = 5


@pytest.fixture
def student_of_many_stays(host: EdfiClient, bodies: Bodies) -> tuple[str, list[str]]:
    """A student with STAYED enrolments, each of a month: the unique id, and the ids of these."""
    student = bodies.student()
    put_down(host, STUDENTS, student)
    numbers = []
    for month in range(1, STAYED + 1):
        stay = bodies.stay(
            student, entryDate=bodies.day(month, 1), exitWithdrawDate=bodies.day(month, 20)
        )
        numbers.append(put_down(host, STAYS, stay))
    return str(student["studentUniqueId"]), numbers


def ids(found: Sequence[object]) -> list[str]:
    """The ids of documents, in their order."""
    return [str(one.get("id", "")) for one in found if isinstance(one, dict)]


@verifies("EDF-GET-001")
def check_record_is_shown_under_its_id(host: EdfiClient, pupil: Pupil) -> None:
    """GET by id shows the record with this id; another record is not shown there."""
    for name, number, body in (
        (STUDENTS, pupil.number, pupil.body),
        (STAYS, pupil.stay_number, pupil.stay),
    ):
        shown, reply = seen(host, name, number)
        expect.equal(shown.get("id"), number, "the id in the document", reply)
        key = "studentUniqueId" if name == STUDENTS else "entryDate"
        expect.equal(shown.get(key), body[key], f"{key} of the document", reply)


@verifies("EDF-GET-002", negative=True)
@pytest.mark.parametrize("case", ["unknown id", "unknown resource"])
def check_edfi_record_that_is_not_there_is_404(host: EdfiClient, pupil: Pupil, case: str) -> None:
    """An id nobody has, and a resource nobody knows, are 404; what is there is served."""
    control_holds(host.get(STUDENTS, pupil.number))
    name, number = (STUDENTS, NOBODY) if case == "unknown id" else ("madeUpForThisCheck", "")
    expect.status(host.get(name, number), 404)


@verifies("EDF-GET-003")
def check_query_by_key_finds_the_one_record(host: EdfiClient, bodies: Bodies) -> None:
    """Asked for by its key, one student of two is found, and nobody where the key is unknown."""
    one, other = enrolled(host, bodies), enrolled(host, bodies)
    for pupil in (one, other):
        query = {"studentUniqueId": pupil.body["studentUniqueId"]}
        reply = host.get(STUDENTS, query=query)
        expect.equal(ids(edfi_expect.listed(reply)), [pupil.number], "the ids found", reply)
    reply = host.get(STUDENTS, query={"studentUniqueId": bodies.mark()})
    expect.equal(edfi_expect.listed(reply), [], "records of a key nobody has", reply)


@verifies("EDF-GET-004")
def check_conditions_of_a_query_hold_together(
    host: EdfiClient, bodies: Bodies, student_of_many_stays: tuple[str, list[str]]
) -> None:
    """Two conditions find what meets both: one of five enrolments, and none on another day."""
    who, numbers = student_of_many_stays
    query = {"studentUniqueId": who, "entryDate": bodies.day(3, 1)}
    reply = host.get(STAYS, query=query)
    expect.equal(ids(edfi_expect.listed(reply)), [numbers[2]], "the ids found", reply)
    reply = host.get(STAYS, query=query | {"entryDate": bodies.day(3, 2)})
    expect.equal(edfi_expect.listed(reply), [], "enrolments of another day", reply)


@verifies("EDF-PAG-001")
def check_edfi_pages_go_through_all_records_once(
    host: EdfiClient, student_of_many_stays: tuple[str, list[str]]
) -> None:
    """limit and offset give two, two and one of five records, none twice, and then nothing."""
    who, numbers = student_of_many_stays
    sizes, found = [], []
    for offset in (0, 2, 4, 6):
        reply = host.get(STAYS, query={"studentUniqueId": who, "limit": 2, "offset": offset})
        page = ids(edfi_expect.listed(reply))
        sizes.append(len(page))
        found += page
    expect.equal(sizes, [2, 2, 1, 0], "records on the pages", reply)
    expect.equal(sorted(found), sorted(numbers), "the ids of all pages", reply)


@verifies("EDF-PAG-002")
def check_total_count_is_that_of_all_pages(
    host: EdfiClient, student_of_many_stays: tuple[str, list[str]]
) -> None:
    """With totalCount=true the header Total-Count tells all five, on a page of two as well."""
    who, _ = student_of_many_stays
    for offset in (0, 4):
        query = {"studentUniqueId": who, "limit": 2, "offset": offset, "totalCount": "true"}
        reply = prepared(host.get(STAYS, query=query))
        expect.header(reply, "Total-Count", str(STAYED))


@verifies("EDF-PAG-003", negative=True)
@pytest.mark.parametrize("case", ["limit too large", "limit below 0", "limit of letters"])
def check_page_out_of_bounds_is_refused(host: EdfiClient, case: str) -> None:
    """A limit above the largest, below zero, or of letters is 400; the largest is served."""
    largest = host.config.edfi.largest_page
    wrong = {
        "limit too large": largest + 1,
        "limit below 0": -1,
        "limit of letters": "many",
    }[case]
    control_holds(host.get(KNOWN, query={"limit": largest}))
    expect.status(host.get(KNOWN, query={"limit": wrong}), 400)


@verifies("TRN-LC-08")
def check_record_that_was_deleted_can_come_again(
    host: EdfiClient, bodies: Bodies, pupil: Pupil
) -> None:
    """A student who was deleted and created again is new (201) and there once, with new values."""
    prepared(host.delete(STAYS, pupil.stay_number))
    prepared(host.delete(STUDENTS, pupil.number))
    again = pupil.body | {"firstName": "Again"}
    reply = host.post(STUDENTS, again)
    fresh = prepared(host.post(STUDENTS, bodies.student()))
    expect.equal(reply.status, fresh.status, "the status of a record that is new again", reply)
    prepared(host.post(STAYS, pupil.stay))
    reply = prepared(host.get(STUDENTS, query={"studentUniqueId": again["studentUniqueId"]}))
    found = documents(reply)
    expect.equal([one.get("firstName") for one in found], ["Again"], "the student", reply)
