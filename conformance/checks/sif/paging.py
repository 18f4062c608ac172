"""Reading page by page (Base Architecture 3.2.1, 5.4.2)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest
from lxml import etree

from conformance import expect, trees
from conformance.checks.preparation import all_created, control_holds, created, objects_in
from conformance.problems import NotApplicable, NotVerified
from conformance.reply import Reply
from conformance.sif import SifClient
from conformance.verifies import verifies

Draw = Callable[[int], list[etree._Element]]
MOST_PAGES = 100


def page(sif: SifClient, number: object, size: object, *, by: str = "header") -> Reply:
    """One page; the parameters travel as headers or in the query."""
    paging = {"navigationPage": str(number), "navigationPageSize": str(size)}
    if by == "query":
        return sif.request("GET", sif.collection, query=paging)
    return sif.request("GET", sif.collection, headers=paging)


def ids_of(reply: Reply) -> list[str]:
    """Folded ids of the students on a page."""
    return [trees.folded(trees.refid(one)) for one in objects_in(reply)]


def size_for(sif: SifClient) -> int:
    """A page size that makes a handful of pages: small for few students, larger for many."""
    counted = page(sif, 1, 1).headers.get("navigationCount")
    total = int(counted) if counted.isdecimal() else len(ids_of(sif.query()))
    return max(2, total // 20)


def walk(sif: SifClient, size: int) -> list[Reply]:
    """All pages up to the first one without students."""
    pages: list[Reply] = []
    for number in range(1, MOST_PAGES):
        reply = page(sif, number, size)
        if not reply.ok:
            raise NotVerified(f"page {number} answered {reply.status} (exchange {reply.exchange})")
        if not ids_of(reply):
            return pages
        pages.append(reply)
    raise NotVerified(f"after {MOST_PAGES} pages there was no end")


@verifies("INF-PAG-001")
def check_pages_are_no_larger_than_asked(sif: SifClient, students: Draw) -> None:
    """With five students, pages of one, two and three hold one, two and three of them."""
    all_created(sif, students(5))
    for size in (1, 2, 3):
        reply = page(sif, 1, size)
        expect.status(reply, 200)
        expect.equal(len(ids_of(reply)), size, f"students on a page of {size}", reply)


@verifies("INF-PAG-002")
def check_first_page_is_number_one(sif: SifClient, students: Draw) -> None:
    """With all students on one page it is page 1 that holds them, and with two it is page 2."""
    all_created(sif, students(3))
    total = len(ids_of(sif.query()))
    if not 2 < total < 900:
        raise NotVerified("the number of students cannot be told without paging")
    whole, last = page(sif, 1, total), page(sif, 2, total - 1)
    expect.equal(len(ids_of(whole)), total, "students on the only page", whole)
    expect.equal(len(ids_of(last)), 1, "students on the second of two pages", last)


@verifies("INF-PAG-003", "NEG-019", negative=True)
def check_page_behind_the_last_is_204(sif: SifClient, students: Draw) -> None:
    """A page far behind the last one is 204 without a body; the first one is served."""
    all_created(sif, students(2))
    reply = page(sif, 999_999, 2)
    expect.status(reply, 204)
    expect.no_body(reply)
    control_holds(page(sif, 1, 2), "the first page is served")


@verifies("INF-PAG-004")
def check_page_tells_number_and_real_size(sif: SifClient, students: Draw) -> None:
    """Each page names its number and how many students are on it, the short last page too."""
    all_created(sif, students(3))
    for number, reply in enumerate(walk(sif, size_for(sif)), 1):
        expect.header(reply, "navigationPage", str(number))
        expect.header(reply, "navigationPageSize", str(len(ids_of(reply))))


@verifies("INF-PAG-004")
def check_last_page_tells_its_remainder(sif: SifClient, students: Draw) -> None:
    """A page larger than the set tells the number of students in it, not the number asked for."""
    all_created(sif, students(3))
    reply = page(sif, 1, 900)
    if reply.status == 413:
        raise NotApplicable("pages of 900 are too large for the target")
    expect.header(reply, "navigationPageSize", str(len(ids_of(reply))))


@verifies("INF-PAG-005")
def check_page_of_size_zero_holds_nothing(sif: SifClient, student: etree._Element) -> None:
    """A page of size 0 is 200 or 204 and holds no students."""
    created(sif, student)
    reply = page(sif, 1, 0)
    expect.status(reply, 200, 204)
    expect.equal(ids_of(reply), [], "students on a page of size 0", reply)


@verifies("INF-PAG-007")
def check_last_page_comes_with_the_total(sif: SifClient, students: Draw) -> None:
    """The total, where it is told, is right; the last page is never told without it."""
    all_created(sif, students(3))
    size = size_for(sif)
    pages = walk(sif, size)
    total = sum(len(ids_of(reply)) for reply in pages)
    for reply in pages:
        if "navigationCount" in reply.headers:
            expect.header(reply, "navigationCount", str(total))
        else:
            expect.absent(reply, "navigationLastPage")


@verifies("INF-PAG-008")
def check_last_page_follows_from_the_total(sif: SifClient, students: Draw) -> None:
    """The last page, where it is told, is the number of pages that can be read."""
    all_created(sif, students(3))
    pages = walk(sif, size_for(sif))
    told = [reply for reply in pages if "navigationLastPage" in reply.headers]
    if not told:
        raise NotApplicable("the target does not tell the last page")
    for reply in told:
        expect.header(reply, "navigationLastPage", str(len(pages)))


@pytest.mark.parametrize("number", ["0", "-1", "abc", "1.5"])
@verifies("INF-PAG-012", "NEG-018", negative=True)
def check_impossible_page_numbers_are_refused(
    sif: SifClient, student: etree._Element, number: str
) -> None:
    """Page 0, -1, abc and 1.5 are 400 and hold no students; page 1 is served."""
    created(sif, student)
    reply = page(sif, number, 1)
    expect.status(reply, 400)
    expect.equal(ids_of(reply), [], "students in the refusal", reply)
    control_holds(page(sif, 1, 1), "page 1 of size 1 is served")


@verifies("INF-PAG-015")
def check_pages_hold_each_student_once(sif: SifClient, students: Draw) -> None:
    """Walking all pages finds each student exactly once, and walking again the same order."""
    refids = all_created(sif, students(5))
    size = size_for(sif)
    first = [one for reply in walk(sif, size) for one in ids_of(reply)]
    counts = Counter(first)
    for refid in refids:
        expect.equal(counts[trees.folded(refid)], 1, "times a student is on the pages")
    again = [one for reply in walk(sif, size) for one in ids_of(reply)]
    expect.equal(again == first, True, "same order on the second walk")


@verifies("INF-HDR-008", "NEG-021")
def check_paging_works_from_header_and_query(sif: SifClient, students: Draw) -> None:
    """Page and size asked for in the query give a page as large as asked for in headers."""
    all_created(sif, students(3))
    for number, size in ((1, 1), (1, 2), (999_999, 2)):
        header, query = page(sif, number, size), page(sif, number, size, by="query")
        if not header.ok or len(ids_of(header)) > size:
            raise NotVerified("paging does not work from headers either; that is judged elsewhere")
        expect.equal(len(ids_of(query)), len(ids_of(header)), "students on the page", query)


@pytest.mark.parametrize("size", ["-1", "abc", "2.5"])
@verifies("INF-PAG-012", "NEG-018", negative=True)
def check_impossible_page_sizes_are_refused(
    sif: SifClient, student: etree._Element, size: str
) -> None:
    """A page size of -1, abc or 2.5 is 400 and holds no students; a size of 1 is served."""
    created(sif, student)
    reply = page(sif, 1, size)
    expect.status(reply, 400)
    expect.equal(ids_of(reply), [], "students in the refusal", reply)
    control_holds(page(sif, 1, 1), "page 1 of size 1 is served")


@verifies("INF-HDR-001", negative=True)
def check_query_names_count_case(sif: SifClient, students: Draw) -> None:
    """Query parameters in capitals are not the paging parameters: ignored or refused."""
    all_created(sif, students(3))
    query = {"NAVIGATIONPAGE": "1", "NAVIGATIONPAGESIZE": "1"}
    plain, reply = sif.query(), sif.request("GET", sif.collection, query=query)
    if not plain.ok:
        raise NotVerified("the list cannot be read without paging, so nothing can be compared")
    if reply.ok:
        expect.equal(len(ids_of(reply)), len(ids_of(plain)), "students in the list", reply)
    else:
        expect.status(reply, 400)


@verifies("INF-PAG-006", "NEG-020", negative=True)
def check_page_beyond_the_declared_limit_is_413(sif: SifClient, student: etree._Element) -> None:
    """One student more than the declared limit of a page is 413, not cut down."""
    largest = sif.config.offer.largest_page
    if not largest:
        raise NotApplicable("the target file names no [offer] largest_page")
    created(sif, student)
    reply = page(sif, 1, largest + 1)
    expect.status(reply, 413)
    expect.equal(ids_of(reply), [], "students in the refusal", reply)
    control_holds(page(sif, 1, largest), "a page of the largest size is served")
