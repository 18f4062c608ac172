"""Reading page by page (Base Architecture 3.2.1, 5.4.2)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from math import ceil

import pytest
from lxml import etree

from conformance import expect, trees
from conformance.checks.preparation import all_created, created, objects_in
from conformance.problems import NotApplicable, NotVerified
from conformance.reply import Reply
from conformance.sif import SifClient
from conformance.verifies import verifies

Draw = Callable[[int], list[etree._Element]]
MOST_PAGES = 400


def page(sif: SifClient, number: object, size: object, *, by: str = "header") -> Reply:
    """One page; the parameters travel as headers or in the query."""
    paging = {"navigationPage": str(number), "navigationPageSize": str(size)}
    if by == "query":
        return sif.request("GET", "xStudents", query=paging)
    return sif.request("GET", "xStudents", headers=paging)


def ids_of(reply: Reply) -> list[str]:
    """Folded ids of the students on a page."""
    return [trees.folded(trees.refid(one)) for one in objects_in(reply)]


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
    """Page 1 begins with the first student of the whole list, page 2 goes on behind it."""
    all_created(sif, students(3))
    whole = ids_of(page(sif, 1, 3))
    first, second = page(sif, 1, 1), page(sif, 2, 1)
    expect.equal(ids_of(first), whole[:1], "student on page 1 of one", first)
    expect.equal(ids_of(second), whole[1:2], "student on page 2 of one", second)


@verifies("INF-PAG-003", "NEG-019", negative=True)
def check_page_behind_the_last_is_204(sif: SifClient, students: Draw) -> None:
    """A page far behind the last one is 204 without a body; the first one is served."""
    all_created(sif, students(2))
    reply = page(sif, 999_999, 2)
    expect.status(reply, 204)
    expect.no_body(reply)
    expect.status(page(sif, 1, 2), 200)


@verifies("INF-PAG-004")
def check_page_tells_number_and_real_size(sif: SifClient, students: Draw) -> None:
    """Each page names its number and how many students are on it, the short last page too."""
    all_created(sif, students(3))
    for number, reply in enumerate(walk(sif, 2), 1):
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


@verifies("INF-PAG-007", "INF-PAG-008")
def check_total_and_last_page_are_right(sif: SifClient, students: Draw) -> None:
    """Where total and last page are told, they fit the pages that can be read."""
    all_created(sif, students(3))
    pages = walk(sif, 2)
    total = sum(len(ids_of(reply)) for reply in pages)
    for reply in pages:
        if "navigationCount" in reply.headers:
            expect.header(reply, "navigationCount", str(total))
        if "navigationLastPage" in reply.headers:
            expect.true("navigationCount" in reply.headers, "the last page comes with the total",
                        reply)  # fmt: skip
            expect.header(reply, "navigationLastPage", str(ceil(total / 2)))


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
    expect.status(page(sif, 1, 1), 200)


@verifies("INF-PAG-015")
def check_pages_hold_each_student_once(sif: SifClient, students: Draw) -> None:
    """Walking all pages finds each student exactly once, and walking again the same order."""
    refids = all_created(sif, students(5))
    first = [one for reply in walk(sif, 2) for one in ids_of(reply)]
    counts = Counter(first)
    for refid in refids:
        expect.equal(counts[trees.folded(refid)], 1, "times a student is on the pages")
    again = [one for reply in walk(sif, 2) for one in ids_of(reply)]
    expect.equal(again == first, True, "same order on the second walk")


@verifies("INF-HDR-008", "NEG-021")
def check_paging_works_from_header_and_query(sif: SifClient, students: Draw) -> None:
    """The same page comes back whether it was asked for in headers or in the query."""
    all_created(sif, students(3))
    for number in (1, 2):
        header, query = page(sif, number, 1), page(sif, number, 1, by="query")
        expect.status(query, 200)
        expect.equal(len(ids_of(query)), 1, "students on a page asked for in the query", query)
        expect.equal(ids_of(header), ids_of(query), "students of header and query page", header)


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
    expect.status(page(sif, 1, 1), 200)


@verifies("INF-HDR-001", negative=True)
def check_query_names_count_case(sif: SifClient, students: Draw) -> None:
    """Query parameters in capitals are not the paging parameters: ignored or refused."""
    refids = [trees.folded(refid) for refid in all_created(sif, students(3))]
    query = {"NAVIGATIONPAGE": "1", "NAVIGATIONPAGESIZE": "1"}
    reply = sif.request("GET", "xStudents", query=query)
    if reply.status == 413:
        raise NotApplicable("the target holds more students than it gives without paging")
    if reply.ok:
        missing = set(refids) - set(ids_of(reply))
        expect.equal(len(missing), 0, "students left out by a parameter in capitals", reply)
    else:
        expect.status(reply, 400)
    control = page(sif, 1, 1, by="query")
    expect.equal(len(ids_of(control)), 1, "students on a page asked for properly", control)
