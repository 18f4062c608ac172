"""Creating many students with one request (Base Architecture 3.2.1, 5.11 and 5.12)."""

from __future__ import annotations

import re
from collections.abc import Callable
from copy import deepcopy

from lxml import etree

from conformance import data_models, expect, trees
from conformance.checks.preparation import (
    MUST,
    accepted,
    control_holds,
    created,
    element,
    must_be_stored,
    must_be_unchanged,
    must_not_be_stored,
    objects_in,
    offered,
    prepared,
)
from conformance.problems import NotVerified
from conformance.reply import Reply
from conformance.sif import SifClient
from conformance.verifies import verifies

Draw = Callable[[int], list[etree._Element]]


def results(reply: Reply, kind: str = "create") -> list[etree._Element]:
    """The result elements in an answer for many."""
    return trees.every(prepared(reply).object, kind)


def broken(student: etree._Element) -> etree._Element:
    """The student with an element that no schema has, so that it must be refused."""
    copy = deepcopy(student)
    copy.append(element("shoeSize", "37"))
    return copy


@verifies("INF-CRE-002", "NEG-011")
def check_create_of_many_is_answered_with_200(sif: SifClient, students: Draw) -> None:
    """A collection of two students is answered with 200 and a createResponse."""
    reply = sif.create_many(students(2))
    expect.status(reply, 200)
    expect.xml(reply, "createResponse")


@verifies("INF-BLK-001")
def check_collection_of_one_is_many_all_the_same(sif: SifClient, students: Draw) -> None:
    """A collection of one student gets a list with one result, not the student."""
    reply = prepared(sif.create_many(students(1)))
    expect.equal(len(objects_in(reply, "create")), 1, "number of results", reply)
    expect.equal(len(objects_in(reply)), 0, "students in the answer", reply)


@verifies("INF-CRE-003")
def check_results_of_many_have_their_own_status(sif: SifClient, students: Draw) -> None:
    """A good student gets 201 and its id, a bad one an error status, an error and no id."""
    good, bad = students(2)
    reply = sif.create_many([good, broken(bad)])
    told = {one.get("statusCode", ""): one for one in results(reply)}
    if len(told) != 2:
        raise NotVerified("there are not two results of two kinds; that is judged elsewhere")
    fine = told.get("201")
    expect.true(fine is not None, "the good student has 201", reply, ", ".join(sorted(told)))
    failed = next(one for code, one in told.items() if code != "201")
    _expect_kinds(reply, fine if fine is not None else failed, failed)


def _expect_kinds(reply: Reply, fine: etree._Element, failed: etree._Element) -> None:
    """An id and no error here, a 4xx with an error and no id there."""
    expect.true(bool(fine.get("id")), "the good student has an id", reply)
    expect.true(trees.child(fine, "error") is None, "the good student has no error", reply)
    code = failed.get("statusCode") or ""
    expect.true(code.startswith("4"), "the bad student has a 4xx", reply, code)
    expect.true(trees.child(failed, "error") is not None, "the bad student has an error", reply)
    expect.true(not failed.get("id"), "the bad student has no id", reply)


@verifies("INF-CRE-004", "NEG-012")
def check_suggested_ids_come_back(sif: SifClient, students: Draw) -> None:
    """Each result, of the good and of the bad student, names the id that was suggested."""
    good, bad = students(2)
    reply = sif.create_many([good, broken(bad)])
    told = sorted(trees.folded(one.get("advisoryId") or "") for one in results(reply))
    expected = sorted(trees.folded(trees.refid(one)) for one in (good, bad))
    expect.equal(told, expected, "advisory ids of the results", reply)


@verifies("INF-CRE-007", negative=True)
def check_existing_student_among_many_is_a_conflict(sif: SifClient, students: Draw) -> None:
    """Among many, the student that exists gets 409 and the new one 201."""
    first, second, third = students(3)
    refid = created(sif, first, headers=MUST)
    before = must_be_stored(sif, refid)
    second.set(trees.key_of(second), refid)
    reply = sif.create_many([second, third], headers=MUST)
    codes = sorted(one.get("statusCode", "") for one in results(reply))
    expect.one_of(codes, (["201", "409"], ["201", "404"]), "statuses of the results", reply)
    must_be_unchanged(sif, refid, before, reply)


@verifies("INF-BLK-002", "NEG-013", negative=True)
def check_bad_student_fails_alone(sif: SifClient, students: Draw) -> None:
    """Among three the bad one is refused and not stored, the other two are stored, overall 200."""
    one, bad, two = students(3)
    reply = sif.create_many([one, broken(bad), two], headers=MUST)
    accepted(reply, "the request as a whole succeeds")
    must_not_be_stored(sif, trees.refid(bad), reply)
    for good in (one, two):
        must_be_stored(sif, trees.refid(good), reply)


@verifies("INF-BLK-002", negative=True)
def check_many_that_all_fail_are_answered_with_200(sif: SifClient, students: Draw) -> None:
    """Two bad students are 200 with two refusals; a body that cannot be read fails as a whole."""
    reply = sif.create_many([broken(one) for one in students(2)])
    expect.status(reply, 200)
    codes = [one.get("statusCode", "")[:1] for one in results(reply)]
    expect.equal(codes, ["4", "4"], "first digits of the results", reply)
    control_holds(sif.create_many(students(1)), "a good student is accepted")
    unread = sif.request("POST", sif.collection, body=b"<xStudents>")
    expect.true(not unread.ok, "a body that cannot be read fails whole", unread, str(unread.status))


@verifies("INF-BLK-003", "NEG-012")
def check_each_student_has_one_result(sif: SifClient, students: Draw) -> None:
    """Twelve students have twelve results, no id twice and none unknown."""
    sent = students(12)
    reply = sif.create_many(sent)
    expected = sorted(trees.folded(trees.refid(one)) for one in sent)
    told = sorted(
        trees.folded(one.get("advisoryId") or one.get("id") or "") for one in results(reply)
    )
    expect.equal(told, expected, "ids of the results", reply)


@verifies("INF-BLK-004")
def check_results_carry_no_data(sif: SifClient, students: Draw) -> None:
    """The answer for many holds ids, statuses and errors only, nothing of the students."""
    sent = students(2)
    reply = prepared(sif.create_many([sent[0], broken(sent[1])]))
    names = {trees.local(one) for one in reply.object.iter()}
    allowed = {"createResponse", "creates", "create", "error", "code", "scope", "message",
               "description", "type", "subCode", "errorDetails", "errorDetail"}  # fmt: skip
    expect.equal(sorted(names - allowed), [], "elements that do not belong there", reply)
    for student in sent:
        for value in telling(student):
            expect.true(value.encode() not in reply.body, "no data of a student", reply)


def telling(student: etree._Element) -> list[str]:
    """Values of a student that stand out: names and addresses of five characters or more."""
    model = data_models.of_student(student)
    family, mail = (trees.text(student, *path) for path in (model.family, model.mail))
    return [value for value in (family, mail) if len(value) > 4]


@verifies("INF-BLK-006")
def check_results_have_a_legal_status(sif: SifClient, students: Draw) -> None:
    """Every statusCode, of creates and of updates, is three digits that start with 2, 4 or 5."""
    one, bad = students(2)
    reply = sif.create_many([one, broken(bad)])
    found = results(reply)
    if offered(sif, "update"):
        created(sif, bad)
        found += results(sif.update_many([bad]), "update")
    for result in found:
        code = result.get("statusCode") or ""
        legal = re.fullmatch("[245][0-9]{2}", code) is not None
        expect.true(legal, "statusCode is 2xx, 4xx or 5xx", reply, code)


@verifies("INF-BLK-007", "NEG-012")
def check_error_of_a_result_has_its_code(sif: SifClient, students: Draw) -> None:
    """The error inside a result repeats the status of the result and says what went wrong."""
    one, bad = students(2)
    reply = sif.create_many([one, broken(bad)])
    errors = [(result, trees.child(result, "error")) for result in results(reply)]
    found = [(result, error) for result, error in errors if error is not None]
    expect.equal(len(found), 1, "number of errors in the results", reply)
    for result, error in found:
        code = trees.text(error, "code")
        expect.equal(code, result.get("statusCode"), "code of the nested error", reply)
        for name in ("scope", "message"):
            expect.true(bool(trees.text(error, name)), f"the nested error has a {name}", reply)


@verifies("INF-CRE-008", negative=True)
def check_other_objects_in_the_collection_are_refused(sif: SifClient, students: Draw) -> None:
    """A list of another object at the address of students is refused whole or item by item."""
    one, control = students(2)
    own, other = sif.model.student.encode(), b"xStaff"
    other = other if own.startswith(b"x") else b"StaffPersonal"
    body = trees.tostring(trees.collection(sif.collection, [one])).replace(own, other)
    reply = sif.request("POST", sif.collection, body=body, headers=MUST)
    if reply.ok:
        codes = {result.get("statusCode", "")[:1] for result in results(reply)}
        expect.true(codes <= {"4"}, "no item of another object succeeds", reply)
    else:
        expect.status(reply, 400, 404)
    must_not_be_stored(sif, trees.refid(one), reply)
    created(sif, control)
