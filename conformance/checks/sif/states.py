"""What outlives one answer: kept results, tags of a state, markers of changes (5.4 and 5.10)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from lxml import etree

from conformance import expect, trees
from conformance.checks.preparation import (
    accepted,
    all_created,
    control_holds,
    created,
    offered,
    one_page,
    only,
    partial,
    prepared,
)
from conformance.checks.sif.paging import MOST_PAGES, ids_of, page, size_for
from conformance.problems import NotVerified
from conformance.reply import Reply
from conformance.sif import SifClient
from conformance.verifies import verifies

Draw = Callable[[int], list[etree._Element]]
WHOLE = {"queryIntention": "ALL"}
SINCE = "changesSinceMarker"


def kept_page(sif: SifClient, number: int, size: int, key: str = "") -> Reply:
    """A page of the result that is kept under a navigationId, or of one to be kept."""
    paging = {"navigationPage": str(number), "navigationPageSize": str(size)}
    lines = {"navigationId": key} if key else {}
    return sif.request("GET", sif.collection, headers=WHOLE | paging | lines)


@verifies("INF-PAG-010")
def check_kept_result_is_not_touched_by_a_create(sif: SifClient, students: Draw) -> None:
    """Under a navigationId the pages hold each student once, and none that came after page 1."""
    *first, late = students(4)
    refids = [trees.folded(one) for one in all_created(sif, first)]
    size = size_for(sif)
    reply = prepared(kept_page(sif, 1, size))
    key = reply.headers.get("navigationId")
    expect.true(bool(key), "a navigationId is given", reply)
    refid = trees.folded(created(sif, late))
    found = ids_of(reply)
    for number in range(2, MOST_PAGES):
        reply = kept_page(sif, number, size, key)
        if reply.status == 204 or not ids_of(reply):
            break
        expect.header(reply, "navigationId", key)
        found += ids_of(reply)
    times = Counter(found)
    expect.equal([times[one] for one in refids], [1] * len(refids), "times of each", reply)
    expect.equal(times[refid], 0, "times of the student that came later", reply)
    expect.equal(max(times.values()), 1, "most times of a student", reply)


@verifies("INF-PAG-010", negative=True)
def check_navigation_id_nobody_gave_is_refused(sif: SifClient, student: etree._Element) -> None:
    """A navigationId that was never given is refused without students; without it they come."""
    created(sif, student)
    reply = kept_page(sif, 1, 2, "no-such-result")
    expect.status(reply, 400, 404)
    expect.equal(ids_of(reply), [], "students in the refusal", reply)
    control_holds(page(sif, 1, 2), "without navigationId the page is served")


@verifies("INF-PAG-011")
def check_only_a_whole_reading_gets_a_navigation_id(sif: SifClient, students: Draw) -> None:
    """ALL gets a navigationId, ONE-OFF and NO-CACHING get none."""
    all_created(sif, students(2))
    kept = prepared(kept_page(sif, 1, 1))
    expect.true("navigationId" in kept.headers, "ALL gets a navigationId", kept)
    for word in ("ONE-OFF", "NO-CACHING"):
        expect.absent(one_page(sif, headers={"queryIntention": word}), "navigationId")


# -- tags ----------------------------------------------------------------------------------------


def tag_of(sif: SifClient) -> str:
    """The ETag of the collection as it stands."""
    reply = prepared(one_page(sif))
    expect.true(bool(reply.headers.get("ETag")), "a collection has an ETag", reply)
    return reply.headers.get("ETag")


def told_back(sif: SifClient, tag: str) -> Reply:
    """A page for a reader who has the state of this tag."""
    return one_page(sif, headers={"ETag": tag, "If-None-Match": tag})


def is_new(sif: SifClient, before: str, cause: str) -> str:
    """A Finding if the tag is still this one; gives the new one."""
    reply = told_back(sif, before)
    expect.status(reply, 200, 204)
    expect.true(reply.headers.get("ETag") != before, f"another tag after {cause}", reply)
    return tag_of(sif)


@verifies("INF-QRY-008")
def check_tag_is_another_after_each_change(sif: SifClient, student: etree._Element) -> None:
    """After a create, an update and a delete the tag is another, and the old one is no 304."""
    before = tag_of(sif)
    refid = created(sif, student)
    tag = is_new(sif, before, "a create")
    if offered(sif, "update"):
        change = partial(student, only(student, sif.model.given, "Quorin"))
        prepared(sif.update(refid, change))
        tag = is_new(sif, tag, "an update")
    if offered(sif, "delete"):
        prepared(sif.delete(refid))
        is_new(sif, tag, "a delete")


@verifies("INF-QRY-007")
def check_tag_of_the_present_state_is_304(sif: SifClient, student: etree._Element) -> None:
    """The tag of the collection as it stands is answered with 304 and no body."""
    created(sif, student)
    for _ in range(5):
        tag = tag_of(sif)
        reply = told_back(sif, tag)
        # Others may have written in between.
        if reply.status == 304 or tag_of(sif) == tag:
            expect.status(reply, 304)
            expect.no_body(reply)
            return
    raise NotVerified("the data changes while the suite looks")


# -- changes -------------------------------------------------------------------------------------


@verifies("INF-HED-004")
def check_head_tells_where_changes_begin(sif: SifClient, students: Draw) -> None:
    """HEAD of the list tells a marker; since then a new student has come, an old one has not."""
    old, new = students(2)
    first = trees.folded(created(sif, old))
    paging = {"navigationPage": "1", "navigationPageSize": "1"} if offered(sif, "paging") else {}
    head = accepted(sif.request("HEAD", sif.collection, headers=paging), "HEAD is served")
    marker = head.headers.get(SINCE)
    expect.true(bool(marker), "HEAD tells a changesSinceMarker", head)
    second = trees.folded(created(sif, new))
    reply = sif.request("GET", sif.collection, query={SINCE: marker})
    expect.status(reply, 200)
    found = ids_of(reply)
    expect.equal((second in found, first in found), (True, False), "new and old", reply)
