"""Creating students, one and many (Base Architecture 3.2.1, 5.11 and 5.12)."""

from __future__ import annotations

from collections.abc import Callable

from lxml import etree

from conformance import expect, trees
from conformance.cases import Case
from conformance.checks.payloads import check_accepted, each
from conformance.checks.preparation import (
    MUST,
    accepted,
    control_holds,
    created,
    id_of,
    must_be_stored,
    must_be_unchanged,
    must_not_be_stored,
    objects_in,
    prepared,
)
from conformance.checks.readings import due
from conformance.problems import NotVerified
from conformance.sif import SifClient
from conformance.verifies import verifies

Draw = Callable[[int], list[etree._Element]]


@verifies("INF-CRE-001")
def check_single_create_returns_the_new_object(sif: SifClient, student: etree._Element) -> None:
    """A student is accepted with 201 and comes back whole, with its id."""
    reply = sif.create(student)
    expect.status(reply, 201)
    root = expect.xml(reply, sif.model.student)
    expect.true(bool(trees.refid(root)), "the new object has its id", reply)
    expect.same_facts(due(sif, student), root, reply)


@verifies("INF-CRE-005")
def check_assigned_id_is_kept(sif: SifClient, student: etree._Element) -> None:
    """The id in the answer to the create is the id under which the student is found."""
    reply = prepared(sif.create(student))
    found = objects_in(reply)
    expect.true(bool(found and trees.refid(found[0])), "the answer tells the id", reply)
    refid = trees.refid(found[0])
    kept = must_be_stored(sif, refid, reply)
    expect.same_id(trees.refid(kept), refid, "id of the stored student", reply)


@verifies("INF-CRE-006")
def check_suggested_id_is_taken_if_it_is_a_must(sif: SifClient, student: etree._Element) -> None:
    """With mustUseAdvisory the new student has the suggested id."""
    reply = accepted(sif.create(student, headers=MUST), "a new id that is a must can be used")
    expect.same_id(id_of(reply, student), trees.refid(student), "assigned id", reply)


@verifies("INF-CRE-006", negative=True)
def check_unusable_must_id_is_refused(sif: SifClient, students: Draw) -> None:
    """With mustUseAdvisory and an id that is taken the create is 404 or 409 and changes nothing."""
    first, second = students(2)
    refid = created(sif, first, headers=MUST)
    before = must_be_stored(sif, refid)
    second.set(trees.key_of(second), refid)
    reply = sif.create(second, headers=MUST)
    expect.status(reply, 404, 409)
    must_be_unchanged(sif, refid, before, reply)


@verifies("INF-CRE-007", negative=True)
def check_creating_an_existing_student_is_a_conflict(sif: SifClient, students: Draw) -> None:
    """A create with an id that exists is 409 and leaves the student alone; a new id is accepted."""
    first, second, third = students(3)
    refid = created(sif, first, headers=MUST)
    before = must_be_stored(sif, refid)
    second.set(trees.key_of(second), refid)
    reply = sif.create(second)
    if reply.ok:
        expect.true(
            trees.folded(id_of(reply, second)) != trees.folded(refid),
            "an accepted student with a taken id gets another id",
            reply,
        )
    else:
        expect.status(reply, 409)
    must_be_unchanged(sif, refid, before, reply)
    control = sif.create(third)
    control_holds(control, "a new student is accepted")


@each("accept", "INF-TRN-015")
@verifies("INF-TRN-015")
def check_all_of_xml_is_understood(
    shared_sif: SifClient, student: etree._Element, case: Case
) -> None:
    """Comments, CDATA, references, instructions and quotes are read as XML 1.0 means them."""
    check_accepted(shared_sif, case, student)


@each("accept", "TRN-PR-16")
@verifies("TRN-PR-16")
def check_prefixes_change_nothing(
    shared_sif: SifClient, student: etree._Element, case: Case
) -> None:
    """A prefix instead of a default namespace is read the same way."""
    check_accepted(shared_sif, case, student)


@each("accept", "NEG-035")
@verifies("NEG-035")
def check_charset_parameter_does_no_harm(
    shared_sif: SifClient, student: etree._Element, case: Case
) -> None:
    """A charset on the media type, in capitals or quotes, is accepted and the letters are kept."""
    check_accepted(shared_sif, case, student)


@verifies("NEG-038", negative=True)
def check_missing_namespace_is_not_swallowed(sif: SifClient, students: Draw) -> None:
    """Without a namespace the student is refused and not stored, or stored with all its values."""
    bare, control = students(2)
    body = trees.tostring(bare).replace(f' xmlns="{trees.namespace(bare)}"'.encode(), b"")
    reply = sif.request("POST", sif.single, body=body, headers=MUST)
    if reply.ok:
        kept = must_be_stored(sif, trees.refid(bare), reply)
        expect.same_facts(due(sif, bare), kept, reply)
        sif.delete(trees.refid(bare))
    else:
        expect.status(reply, 400)
        must_not_be_stored(sif, trees.refid(bare), reply)
    created(sif, control)


@each("accept", "INF-TRN-006")
@verifies("INF-TRN-006")
def check_letters_come_back_as_they_were(
    shared_sif: SifClient, student: etree._Element, case: Case
) -> None:
    """Letters of one to four bytes, joined and wide ones, come back as the letters they are."""
    check_accepted(shared_sif, case, student)


@verifies("INF-TRN-006")
def check_letters_of_any_script_are_kept(sif: SifClient, student: etree._Element) -> None:
    """Letters of many scripts and beyond 16 bits come back as they were sent."""
    path = sif.model.family
    name = trees.child(student, *path)
    assert name is not None
    name.text = "Ż-Ẽ-Đ-ñ-Ж-ع-ह-한-劉-\U00020bb7"
    reply = prepared(sif.get(created(sif, student)))
    expect.true(_is_utf8(reply.body), "the answer is UTF-8", reply)
    for kept in objects_in(reply):
        expect.equal(trees.text(kept, *path), name.text, path[-1], reply)


def _is_utf8(body: bytes) -> bool:
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


@verifies("INF-CRE-006", negative=True)
def check_must_id_that_is_missing_is_refused(sif: SifClient, students: Draw) -> None:
    """mustUseAdvisory without a suggested id is 404 or 400; with one the student is created."""
    without, control = students(2)
    del without.attrib[trees.key_of(without)]
    reply = sif.create(without, headers=MUST)
    expect.status(reply, 400, 404)
    expect.equal(len(objects_in(reply)), 0, "students in the refusal", reply)
    control_holds(sif.create(control, headers=MUST), "with a suggested id the student is created")


@verifies("INF-HDR-008", negative=True)
def check_advisory_flag_works_from_the_query(sif: SifClient, students: Draw) -> None:
    """mustUseAdvisory as a query parameter is obeyed: without an id the create is refused."""
    without, control = students(2)
    del without.attrib[trees.key_of(without)]
    if sif.create(without, headers=MUST).ok:
        raise NotVerified("the flag is not obeyed as a header either; that is judged elsewhere")
    expect.status(sif.create(without, query=MUST), 400, 404)
    control_holds(sif.create(control, query=MUST), "with a suggested id the student is created")
