"""The gate: no data without the marker of the POD in force, nothing kept of what was refused."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest
from lxml import etree

from conformance import expect, pods, trees
from conformance.checks.preparation import (
    MUST,
    accepted,
    all_created,
    control_holds,
    created,
    must_be_unchanged,
    must_not_be_stored,
    objects_in,
    offered,
    one_page,
    prepared,
    renamed,
    renew,
    stored,
)
from conformance.problems import NotApplicable, NotVerified
from conformance.readback import ReadBack
from conformance.reply import Reply
from conformance.sif import SifClient
from conformance.verifies import verifies

Draw = Callable[[int], list[etree._Element]]
Door = Callable[[SifClient, etree._Element, str, "str | None"], Reply]


def by_create(sif: SifClient, student: etree._Element, _: str, marker: str | None) -> Reply:
    """Create one student."""
    return sif.create(student, marker=marker)


def by_create_many(sif: SifClient, student: etree._Element, _: str, marker: str | None) -> Reply:
    """Create a list of one student."""
    return sif.create_many([student], marker=marker)


def by_update(sif: SifClient, student: etree._Element, known: str, marker: str | None) -> Reply:
    """Update a student that is there."""
    return sif.update(known, renamed(student, known, "Qvexmuggle"), marker=marker)


def by_update_many(
    sif: SifClient, student: etree._Element, known: str, marker: str | None
) -> Reply:
    """Update a list of one student that is there."""
    return sif.update_many([renamed(student, known, "Qvexmuggle")], marker=marker)


def by_get(sif: SifClient, _: etree._Element, known: str, marker: str | None) -> Reply:
    """Read a student that is there."""
    return sif.get(known, marker=marker)


def by_list(sif: SifClient, _: etree._Element, _known: str, marker: str | None) -> Reply:
    """Read the list."""
    return one_page(sif, marker=marker)


DOORS: tuple[Door, ...] = (by_create, by_create_many, by_update, by_update_many, by_get, by_list)
NEEDS = {"by_create": "create", "by_create_many": "create", "by_update": "update",
         "by_update_many": "update", "by_get": "query", "by_list": "query"}  # fmt: skip
every_door = pytest.mark.parametrize("door", DOORS, ids=lambda one: one.__name__)


def shut(sif: SifClient, students: Draw, door: Door, marker: str | None, *codes: int) -> Reply:
    """Knock with this marker and expect one of these codes; with the right marker it opens."""
    needed = NEEDS[door.__name__]
    if not offered(sif, needed):
        raise NotApplicable(f"the target does not declare {needed}")
    known, fresh = students(2)
    refid = created(sif, known)
    reply = door(sif, fresh, refid, marker)
    expect.status(reply, *codes)
    expect.equal(len(objects_in(reply)), 0, "students in the refusal", reply)
    assert sif.pod is not None
    control = door(sif, fresh, refid, sif.pod.token)
    control_holds(control, "with the marker in force it is done")
    return reply


def expect_sub_code(reply: Reply, sub_code: str) -> None:
    """The sub code stands in the error, as an element or at the start of the description."""
    told = [
        (one.text or "").split(" ")[0].strip()
        for name in ("subCode", "description")
        for one in objects_in(reply, name)
    ]
    expect.true(
        sub_code in told, f"the error names {sub_code}", reply, ", ".join(told) or "nothing"
    )


def retired(sif: SifClient) -> str:
    """The token of a POD that was acknowledged and then replaced."""
    old = sif.pod
    assert old is not None
    fresh = sif.new_pod()
    if not sif.push_pod(fresh).ok:
        raise NotVerified("the POD could not be replaced, so there is no outdated marker")
    sif.use(fresh)
    return old.token


def ended(sif: SifClient) -> str:
    """Declare the POD in force expired, so that none is; gives its token."""
    pod = sif.pod
    assert pod is not None
    terms = sif.new_pod(refid=pod.refid, token=pod.token, status="Expired")
    if not sif.push_pod(terms).ok:
        raise NotVerified("the end of the POD was not taken")
    sif.use(None)
    return pod.token


@every_door
@verifies("POD-GATE-002", negative=True)
def check_missing_marker_is_refused(sif: SifClient, students: Draw, door: Door) -> None:
    """Without a marker, create, update and query are 403 with 403-01; with it they are done."""
    expect_sub_code(shut(sif, students, door, None, 403), "403-01")


@every_door
@verifies("POD-GATE-003", negative=True)
def check_outdated_marker_is_refused(sif: SifClient, students: Draw, door: Door) -> None:
    """With the token of a replaced POD, the list is 410 with 410-20, other messages 410 or 403."""
    codes = (410,) if door is by_list else (410, 403)
    reply = shut(sif, students, door, retired(sif), *codes)
    if door is by_list:
        expect_sub_code(reply, "410-20")


@verifies("POD-GATE-003", negative=True)
def check_marker_of_an_expired_pod_is_refused(sif: SifClient, students: Draw) -> None:
    """After the POD was declared expired its token is 410 for the list; before it was served."""
    served = by_list(sif, students(1)[0], "", sif.pod.token if sif.pod else None)
    control_holds(served, "before the end the list is served")
    reply = by_list(sif, students(1)[0], "", ended(sif))
    expect.status(reply, 410)
    expect_sub_code(reply, "410-20")


@every_door
@verifies("POD-GATE-004", negative=True)
def check_unknown_marker_is_refused(
    sif: SifClient, students: Draw, rng: random.Random, door: Door
) -> None:
    """With a token that nobody issued, create, update and query are refused with 4xx."""
    shut(sif, students, door, pods.fresh_token(rng), 400, 401, 403, 404, 410)


@pytest.mark.parametrize("form", ["capitals", "quoted", "shortened", "empty"])
@verifies("POD-GATE-004", negative=True)
def check_altered_marker_is_refused(sif: SifClient, students: Draw, form: str) -> None:
    """The token in other case, in quotes, without its end, or empty is not the token."""
    assert sif.pod is not None
    token = sif.pod.token
    altered = {"capitals": token.swapcase(), "quoted": f'"{token}"', "shortened": token[:-1],
               "empty": ""}[form]  # fmt: skip
    shut(sif, students, by_create, altered, 400, 401, 403, 404, 410)


@pytest.mark.parametrize("marker", ["missing", "unknown"])
@verifies("POD-GATE-007", negative=True)
def check_refusal_at_the_gate_is_a_proper_error(
    sif: SifClient, students: Draw, rng: random.Random, marker: str
) -> None:
    """The refusal is an error in the infrastructure namespace with code, scope and message."""
    token = None if marker == "missing" else pods.fresh_token(rng)
    known, fresh = students(2)
    created(sif, known)
    expect.error(refused(sif.create(fresh, marker=token)))


def refused(reply: Reply) -> Reply:
    """The answer, which must be a refusal for its error to be judged."""
    if reply.status < 400:
        raise NotVerified(f"{reply.request} was not refused, so there is no error to judge")
    return reply


@verifies("POD-GATE-008", negative=True)
def check_refusal_at_the_gate_holds_no_data(sif: SifClient, students: Draw) -> None:
    """The refusal of a student without marker repeats no value of the student."""
    known, fresh = students(2)
    created(sif, known)
    reply = refused(sif.create(fresh, marker=None))
    for path, value in trees.leaves(fresh):
        personal = any(part in path for part in ("/name/", "/email/", "/localId", "/birthDate"))
        if personal and len(value) > 4:
            expect.true(value.encode() not in reply.body, f"{path} is not repeated", reply)


@pytest.mark.parametrize("marker", ["missing", "unknown", "outdated"])
@verifies("POD-GATE-016", negative=True)
def check_nothing_of_a_refused_student_is_kept(
    sif: SifClient, students: Draw, rng: random.Random, marker: str
) -> None:
    """A student refused at the gate is not stored, alone or in a list; an accepted one is."""
    token = None
    if marker != "missing":
        token = pods.fresh_token(rng) if marker == "unknown" else retired(sif)
    alone, listed, known = students(3)
    for reply, one in (
        (sif.create(alone, marker=token, headers=MUST), alone),
        (sif.create_many([listed], marker=token, headers=MUST), listed),
    ):
        must_not_be_stored(sif, trees.refid(one), refused(reply))
    created(sif, known)


@verifies("POD-GATE-016", negative=True)
def check_refused_update_changes_nothing(sif: SifClient, student: etree._Element) -> None:
    """An update refused at the gate leaves the student as it was; with the marker it works."""
    refid = created(sif, student)
    before = stored(sif, refid)
    reply = refused(sif.update(refid, renamed(student, refid, "Qvexmuggle"), marker=None))
    must_be_unchanged(sif, refid, before, reply)
    control = sif.update(refid, renamed(student, refid, "Qvexmuggle"))
    control_holds(control, "with the marker it is done")


@verifies("POD-GATE-010")
def check_single_delete_needs_no_marker(sif: SifClient, student: etree._Element) -> None:
    """A student can be deleted without a marker."""
    refid = created(sif, student)
    accepted(sif.delete(refid, marker=None), "a delete without marker is done")


@verifies("POD-GATE-011")
def check_delete_of_many_needs_no_marker(sif: SifClient, students: Draw) -> None:
    """A list of students can be deleted without a marker."""
    refids = all_created(sif, students(2))
    reply = accepted(sif.delete_many(refids, marker=None), "a delete of many is done")
    codes = {one.get("statusCode", "")[:1] for one in objects_in(reply, "delete")}
    expect.equal(codes, {"2"}, "first digit of the results", reply)


@verifies("POD-MIN-008")
def check_students_with_few_fields_are_taken(sif: SifClient, students: Draw) -> None:
    """Students that lack one optional part each are accepted, whichever part it is."""
    for part in ("loginId", "localId", "email", "phoneNumber", "demographics", "languages"):
        student = students(1)[0]
        for one in [one for one in student if trees.local(one) == part]:
            student.remove(one)
        accepted(sif.create(student), f"a student without {part} is accepted")


@verifies("POD-END-004")
def check_deleted_student_shows_up_nowhere(sif: SifClient, student: etree._Element) -> None:
    """After the deletion neither the student nor the list shows anything of it."""
    refid = created(sif, student)
    mark = (trees.text(student, "loginId") or trees.text(student, "localId")).encode()
    if mark not in sif.query().body:
        raise NotVerified("the student is not in the list before the deletion either")
    prepared(sif.delete(refid))
    expect.true(mark not in sif.query().body, "the list shows nothing of the deleted student")
    if offered(sif, "readback"):
        readback = ReadBack(sif.wire, sif.config)
        readback.settle()
        for path in (sif.config.readback.users, sif.config.readback.demographics):
            seen = readback.fetch(path)
            expect.true(mark not in seen.body, "the export shows nothing of it", seen)


@verifies("POD-GATE-002", negative=True)
def check_override_update_is_behind_the_gate(sif: SifClient, student: etree._Element) -> None:
    """PUT with methodOverride UPDATE and no marker is 403 like a plain PUT; with it, it is done."""
    refid = created(sif, student)
    before = stored(sif, refid)
    headers = {"methodOverride": "UPDATE"}
    reply = sif.update_many([renamed(student, refid, "Qvexmuggle")], headers=headers, marker=None)
    expect.status(reply, 403)
    must_be_unchanged(sif, refid, before, reply)
    control = sif.update_many([renamed(student, refid, "Qvexmuggle")], headers=headers)
    control_holds(control, "with the marker it is done")


@verifies("POD-ACK-006", negative=True)
def check_without_a_pod_no_marker_opens(sif: SifClient, students: Draw, rng: random.Random) -> None:
    """While no POD is in force a made-up marker is refused; under a new POD data is taken."""
    ended(sif)
    first, second = students(2)
    reply = sif.create(first, marker=pods.fresh_token(rng))
    expect.equal(reply.status // 100, 4, "first digit of the status", reply)
    renew(sif)
    created(sif, second)


@verifies("POD-ACK-007", negative=True)
def check_pod_of_another_zone_opens_nothing_here(
    sif: SifClient, students: Draw, rng: random.Random
) -> None:
    """The token of a POD for another zone is refused here, and the own one goes on working."""
    assert sif.pod is not None
    first, second = students(2)
    foreign = sif.new_pod(zone=f"elsewhere-{rng.getrandbits(32):x}")
    sif.push_pod(foreign)
    reply = sif.create(first, marker=foreign.token)
    expect.equal(reply.status // 100, 4, "first digit of the status", reply)
    accepted(sif.create(second), "under the POD of the own zone data is taken as before")
