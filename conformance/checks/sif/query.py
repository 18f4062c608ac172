"""Reading students (Base Architecture 3.2.1, 5.2 to 5.10 and 5.15)."""

from __future__ import annotations

import uuid
from collections.abc import Callable

import pytest
from lxml import etree

from conformance import expect, trees
from conformance.checks.preparation import (
    MUST,
    accepted,
    all_created,
    came_with,
    control_holds,
    created,
    holds,
    must_be_stored,
    must_be_unchanged,
    must_not_be_stored,
    objects_in,
    one_page,
    prepared,
    xml_only,
)
from conformance.checks.readings import due
from conformance.problems import NotApplicable, NotVerified
from conformance.reply import Reply
from conformance.sif import SifClient
from conformance.verifies import verifies

Draw = Callable[[int], list[etree._Element]]
DELAYED = {"requestType": "DELAYED", "requestId": "r-1", "queueId": str(uuid.uuid4())}


def ids_in(reply: Reply) -> list[str]:
    """Folded ids of the students in an answer, in their order."""
    return [trees.folded(trees.refid(one)) for one in objects_in(reply)]


def query(sif: SifClient, **parameters: str) -> Reply:
    """GET the collection with query parameters."""
    return sif.request("GET", sif.collection, query=parameters)


@verifies("INF-QRY-001")
def check_query_by_id_returns_the_student(sif: SifClient, students: Draw) -> None:
    """GET by id is 200 with that student, whole, and no other."""
    sent = students(2)
    refids = all_created(sif, sent)
    for student, refid in zip(sent, refids, strict=True):
        reply = sif.get(refid)
        expect.status(reply, 200)
        found = objects_in(reply)
        expect.equal(len(found), 1, "number of students in the answer", reply)
        expect.same_id(trees.refid(found[0]), refid, "id of the student", reply)
        expect.same_facts(due(sif, student), found[0], reply)


@verifies("INF-QRY-002", "NEG-014", negative=True)
def check_unknown_id_is_404(sif: SifClient, student: etree._Element) -> None:
    """GET of an id that does not exist is 404, not an empty success; an existing one is served."""
    refid = created(sif, student)
    reply = sif.get(str(uuid.uuid4()).upper())
    expect.status(reply, 404)
    control = sif.get(refid)
    control_holds(control, "an existing student is served")


@verifies("INF-QRY-003")
def check_collection_returns_all_students(sif: SifClient, students: Draw) -> None:
    """GET of the collection without paging is 200 and holds every student once."""
    refids = all_created(sif, students(4))
    reply = sif.query()
    if reply.status == 413:
        raise NotApplicable("the target holds more students than it gives without paging")
    expect.status(reply, 200)
    found = ids_in(reply)
    for refid in refids:
        expect.equal(found.count(trees.folded(refid)), 1, "times a new student is listed", reply)


@pytest.mark.parametrize("where", ["header", "query"])
@verifies("INF-QRY-004", negative=True)
def check_one_student_cannot_be_paged(sif: SifClient, student: etree._Element, where: str) -> None:
    """Paging parameters on a single student are 405; without them it is served."""
    if where == "query":
        came_with(sif, "3.1", "paging in the query")
    refid = created(sif, student)
    paging = {"navigationPage": "1", "navigationPageSize": "5"}
    reply = sif.get(refid, headers=paging) if where == "header" else sif.get(refid, query=paging)
    expect.status(reply, 405)
    control_holds(sif.get(refid), "without paging the student is served")


@verifies("INF-QRY-005", negative=True)
def check_service_path_that_is_not_offered_is_refused(
    sif: SifClient, student: etree._Element
) -> None:
    """A query along a path that is not offered is refused, not answered with something else."""
    refid = created(sif, student)
    headers = {"serviceType": "SERVICEPATH"}
    reply = sif.request("GET", f"{sif.collection}/{refid}/xUnicorns", headers=headers)
    expect.true(reply.status >= 400, "the query is refused", reply, str(reply.status))
    expect.equal(ids_in(reply), [], "students in the refusal", reply)
    control_holds(sif.get(refid), "the student itself is served")


def denied(sif: SifClient) -> str:
    """A service that exists and may not be read, by the target file or the environment."""
    listed = trees.every(sif.environment.element, "service") if sif.environment else []
    rejected = [
        one.get("name") or ""
        for one in listed
        for right in trees.every(one, "right")
        if (right.get("type"), (right.text or "").strip()) == ("QUERY", "REJECTED")
    ]
    name = sif.config.offer.denied or next(iter(rejected), "")
    if not name:
        raise NotApplicable("nothing is named that exists and may not be read ([offer] denied)")
    return name


@pytest.mark.parametrize("way", ["list", "page", "one"])
@verifies("INF-QRY-006", negative=True)
def check_reading_without_the_right_is_403(sif: SifClient, way: str) -> None:
    """A service without the right to read is 403, whichever way it is asked for."""
    name = denied(sif)
    paging = {"navigationPage": "1", "navigationPageSize": "1"} if way == "page" else {}
    path = f"{name}/{str(uuid.uuid4()).upper()}" if way == "one" else name
    reply = sif.request("GET", path, headers=paging)
    expect.status(reply, 403)
    expect.equal(len(objects_in(reply, name.removesuffix("s"))), 0, "objects in the refusal", reply)
    control_holds(one_page(sif), "what is granted is served")


SERVICEPATH = {"serviceType": "SERVICEPATH"}


@verifies("NEG-054", negative=True)
def check_path_without_its_type_is_no_shorter_query(sif: SifClient, students: Draw) -> None:
    """A path to what is not offered, without serviceType, gives neither its parent nor the list."""
    refid, _ = all_created(sif, students(2))
    reply = sif.request("GET", f"{sif.collection}/{refid}/xUnicorns")
    expect.equal(ids_in(reply), [], "students in the answer", reply)
    expect.true(reply.status >= 400, "the query is refused", reply, str(reply.status))
    control_holds(sif.get(refid), "the student itself is served")


@pytest.mark.parametrize("headers", [{}, SERVICEPATH], ids=["bare", "typed"])
@verifies("NEG-055", negative=True)
def check_end_of_a_path_is_not_taken_for_an_id(
    sif: SifClient, students: Draw, headers: dict[str, str]
) -> None:
    """The id of a student at the end of a longer path does not give that student."""
    one, other = all_created(sif, students(2))
    for start in (f"{sif.collection}/{one}", f"xUnicorns/{one}/{sif.collection}"):
        reply = sif.request("GET", f"{start}/{other}", headers=headers)
        expect.true(not holds(reply, other), "it is not the student of the last part", reply)
    control_holds(sif.get(other), "by its own address the student is served")


@verifies("INF-QRY-009")
def check_reading_changes_nothing(sif: SifClient, student: etree._Element) -> None:
    """After reading by id and in the list the student is what it was."""
    refid = created(sif, student)
    before = must_be_stored(sif, refid)
    reply = sif.query()
    sif.get(refid)
    must_be_unchanged(sif, refid, before, reply)


@verifies("INF-QRY-010", "INF-FMT-007")
def check_answers_are_bare_objects_and_collections(sif: SifClient, student: etree._Element) -> None:
    """By id the root is xStudent, in the list it is xStudents around xStudent, nothing else."""
    refid = created(sif, student)
    expect.xml(sif.get(refid), sif.model.student)
    listed = one_page(sif)
    names = {trees.local(one) for one in expect.xml(listed, sif.collection)}
    expect.equal(names, {sif.model.student}, "children of the collection", listed)


@verifies("INF-FMT-003")
def check_students_keep_their_namespace(sif: SifClient, student: etree._Element) -> None:
    """Every element of a student comes back in the data model namespace it was sent in."""
    xml_only(sif)
    kept = must_be_stored(sif, created(sif, student))
    spaces = sorted({trees.namespace(one) for one in kept.iter()})
    expect.equal(spaces, [trees.namespace(student)], "namespaces of the stored student")


@verifies("INF-QRY-011", negative=True)
def check_single_create_cannot_be_delayed(sif: SifClient, student: etree._Element) -> None:
    """A DELAYED create of one student is 400 and not done; an immediate one is."""
    reply = sif.create(student, headers={**DELAYED, **MUST})
    expect.status(reply, 400)
    must_not_be_stored(sif, trees.refid(student), reply)
    created(sif, student)


@verifies("INF-QRY-011", negative=True)
def check_single_query_cannot_be_delayed(sif: SifClient, student: etree._Element) -> None:
    """A DELAYED query for one student is 400; an immediate one is served."""
    refid = created(sif, student)
    reply = sif.get(refid, headers=DELAYED)
    expect.status(reply, 400)
    expect.equal(ids_in(reply), [], "students in the refusal", reply)
    control_holds(sif.get(refid), "an immediate query is served")


@verifies("INF-DLY-004", negative=True)
def check_delayed_query_without_queues_is_refused(sif: SifClient) -> None:
    """Where there are no queues a DELAYED list query is refused; an immediate one is served."""
    if sif.environment is not None and "queues" in sif.environment.services:
        raise NotApplicable("the target offers queues")
    reply = sif.request("GET", sif.collection, headers=DELAYED)
    expect.status(reply, 400, 404)
    control = one_page(sif)
    control_holds(control, "an immediate query is served")


@verifies("INF-WHR-005", "NEG-062", negative=True)
def check_condition_is_never_dropped(sif: SifClient, students: Draw) -> None:
    """A where clause is obeyed or refused with 400; students that do not match never appear."""
    sent = students(2)
    one, two = all_created(sif, sent)
    key = trees.key_of(sent[0])
    reply = query(sif, where=f'[@{key}="{one}"]')
    if reply.ok:
        expect.equal(ids_in(reply), [trees.folded(one)], "students that match", reply)
    else:
        expect.status(reply, 400)
    nonsense = query(sif, where="[no such thing")
    expect.status(nonsense, 400)
    expect.equal(ids_in(nonsense), [], "students in the refusal", nonsense)
    must_be_stored(sif, two)


@verifies("INF-ORD-002", negative=True)
def check_unknown_order_is_refused(sif: SifClient, student: etree._Element) -> None:
    """An order by a field that does not exist is 400, never ignored; without order it is served."""
    created(sif, student)
    reply = query(sif, order="[shoeSize=ascending]")
    expect.status(reply, 400)
    expect.equal(ids_in(reply), [], "students in the refusal", reply)
    control = one_page(sif)
    control_holds(control, "without an order it is served")


@pytest.mark.parametrize("path", ["xStudents", "xStudents/xStudent"])
@verifies("INF-QBE-006", "NEG-027", negative=True)
def check_query_by_example_creates_nothing(sif: SifClient, students: Draw, path: str) -> None:
    """POST with methodOverride GET is a query or refused with 400; it never creates a student."""
    example, control = students(2)
    headers = {"methodOverride": "GET", **MUST}
    place = sif.single if "/" in path else sif.collection
    reply = sif.request("POST", place, body=example, headers=headers)
    must_not_be_stored(sif, trees.refid(example), reply)
    expect.status(reply, 200, 204, 400, 404, 405)
    created(sif, control)


@verifies("INF-CHG-002", negative=True)
def check_changes_since_without_support_is_refused(sif: SifClient) -> None:
    """A changes-since query with a made-up marker is refused; it is not the whole list."""
    reply = query(sif, changesSinceMarker="no-such-marker")
    expect.status(reply, 400, 404, 410)
    expect.equal(ids_in(reply), [], "students in the refusal", reply)
    control = one_page(sif)
    control_holds(control, "without the marker it is served")


@pytest.mark.parametrize("change", [str.lower, str.upper], ids=["small", "capital"])
@verifies("INF-FMT-005", "NEG-061")
def check_id_in_other_case_is_the_same_student(
    sif: SifClient, student: etree._Element, change: Callable[[str], str]
) -> None:
    """An id in small or in capital letters finds the same student."""
    refid = created(sif, student)
    reply = sif.get(change(refid))
    expect.true(holds(reply, refid), "the student is found", reply, str(reply.status))


@verifies("INF-HED-001")
def check_head_is_understood_where_get_is(sif: SifClient, student: etree._Element) -> None:
    """HEAD of a student and of the list is served without a body."""
    refid = created(sif, student)
    for path in (f"{sif.collection}/{refid}", sif.collection):
        control_holds(sif.request("GET", path), "GET is served")
        head = accepted(sif.request("HEAD", path), "HEAD is served like GET")
        expect.no_body(head)


@verifies("INF-HED-005")
def check_head_has_the_status_of_get(sif: SifClient, student: etree._Element) -> None:
    """HEAD of a student, and of an id that does not exist, has the status of GET."""
    refid = created(sif, student)
    for path in (f"{sif.collection}/{refid}", f"{sif.collection}/{str(uuid.uuid4()).upper()}"):
        head, get = sif.request("HEAD", path), sif.request("GET", path)
        if head.status in (405, 501):
            raise NotVerified("HEAD is not understood at all; that is judged elsewhere")
        expect.equal(head.status, get.status, "status of HEAD", head)


@verifies("INF-HED-003")
def check_head_names_its_action(sif: SifClient, student: etree._Element) -> None:
    """The answer to HEAD says responseAction HEAD."""
    refid = created(sif, student)
    reply = prepared(sif.request("HEAD", f"{sif.collection}/{refid}"))
    expect.header(reply, "responseAction", "HEAD")


@verifies("INF-HED-002", negative=True)
def check_head_is_served_or_refused(sif: SifClient, student: etree._Element) -> None:
    """HEAD is answered like GET or with 405; GET is served."""
    refid = created(sif, student)
    expect.status(sif.request("HEAD", f"{sif.collection}/{refid}"), 200, 204, 405)
    control_holds(sif.get(refid), "GET is served")
