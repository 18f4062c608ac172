"""Reading page by page (Base Architecture 3.2.1, 5.4.2)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest

from conformance import expect, trees
from conformance.checks.preparation import control_holds
from conformance.checks.provider.objects import refused_without_data
from conformance.offer import Offer, ids
from conformance.problems import NotApplicable, NotVerified
from conformance.reply import Reply
from conformance.verifies import verifies

MOST_PAGES = 60


def size_for(offer: Offer) -> int:
    """A page size that makes a handful of pages, the last one not full where that is possible."""
    offer.some(3)
    total = len(offer.objects())
    size = max(2, -(-total // 5))
    size = size + 1 if total % size == 0 and size + 1 < total else size
    largest = offer.config.offer.largest_page
    return min(size, largest) if largest else size


def walk(offer: Offer, size: int) -> list[Reply]:
    """All pages up to the first one without objects."""
    pages: list[Reply] = []
    for number in range(1, MOST_PAGES):
        reply = offer.page(number, size)
        if not reply.ok:
            raise NotVerified(f"page {number} answered {reply.status} (exchange {reply.exchange})")
        if not ids(reply):
            return pages
        pages.append(reply)
    raise NotApplicable(f"after {MOST_PAGES} pages of {size} there was no end")


@verifies("INF-PAG-001")
def check_offered_pages_are_as_large_as_asked(offer: Offer) -> None:
    """Pages of one, two and three hold one, two and three objects."""
    offer.some(3)
    for size in (1, 2, 3):
        reply = offer.page(1, size)
        expect.status(reply, 200)
        expect.equal(len(ids(reply)), size, f"objects on a page of {size}", reply)


@verifies("INF-PAG-002")
def check_offered_pages_count_from_one(offer: Offer) -> None:
    """Pages 1 and 2 of one object each hold the two objects of page 1 of two, in this order."""
    offer.some(2)
    both = offer.page(1, 2)
    single = [*ids(offer.page(1, 1)), *ids(offer.page(2, 1))]
    expect.equal(single, ids(both), "objects of the pages 1 and 2", both)


@verifies("INF-PAG-003", "NEG-019", negative=True)
def check_offered_page_behind_the_last_is_204(offer: Offer) -> None:
    """A page far behind the last one is 204 without a body; the first one is served."""
    control_holds(offer.page(1, 2), "the first page is served")
    reply = offer.page(999_999, 2)
    expect.status(reply, 204)
    expect.no_body(reply)


@verifies("INF-PAG-004")
def check_offered_page_tells_its_number_and_size(offer: Offer) -> None:
    """Each page names its number and how many objects are on it, the short last one too."""
    for number, reply in enumerate(walk(offer, size_for(offer)), 1):
        expect.header(reply, "navigationPage", str(number))
        expect.header(reply, "navigationPageSize", str(len(ids(reply))))


@verifies("INF-PAG-005")
def check_offered_page_of_size_zero_is_empty(offer: Offer) -> None:
    """A page of size 0 is 200 or 204 and holds no objects."""
    reply = offer.page(1, 0)
    expect.status(reply, 200, 204)
    expect.equal(ids(reply), [], "objects on a page of size 0", reply)


@verifies("INF-PAG-006", "NEG-020", negative=True)
def check_page_beyond_the_limit_is_413(offer: Offer) -> None:
    """One object more than the declared limit of a page is 413, not cut down."""
    largest = offer.config.offer.largest_page
    if not largest:
        raise NotApplicable("the target file names no [offer] largest_page")
    control_holds(offer.page(1, largest), "a page of the largest size is served")
    refused_without_data(offer.page(1, largest + 1), 413)


@verifies("INF-PAG-007")
def check_offered_total_is_right(offer: Offer) -> None:
    """The total, where it is told, is right; the last page is never told without it."""
    pages = walk(offer, size_for(offer))
    total = sum(len(ids(reply)) for reply in pages)
    for reply in pages:
        if "navigationCount" in reply.headers:
            expect.header(reply, "navigationCount", str(total))
        else:
            expect.absent(reply, "navigationLastPage")


@verifies("INF-PAG-008")
def check_offered_last_page_is_the_last(offer: Offer) -> None:
    """The last page, where it is told, is the number of pages that can be read."""
    pages = walk(offer, size_for(offer))
    told = [reply for reply in pages if "navigationLastPage" in reply.headers]
    if not told:
        raise NotApplicable("the provider does not tell the last page")
    for reply in told:
        expect.header(reply, "navigationLastPage", str(len(pages)))


@verifies("INF-PAG-010")
def check_kept_result_stays_the_same(offer: Offer) -> None:
    """With queryIntention ALL a navigationId is given, and under it pages hold each object once."""
    if not offer.declared("result"):
        raise NotApplicable("the provider does not say that it keeps results")
    size = size_for(offer)
    first = offer.page(1, size, headers={"queryIntention": "ALL"})
    key = first.headers.get("navigationId")
    expect.true(bool(key), "a navigationId is given", first)
    headers = {"queryIntention": "ALL", "navigationId": key}
    found = ids(first)
    for number in range(2, -(-len(offer.objects()) // size) + 1):
        reply = offer.page(number, size, headers=headers)
        expect.header(reply, "navigationId", key)
        found += ids(reply)
    known = Counter(trees.folded(trees.refid(one)) for one in offer.objects())
    expect.true(known <= Counter(found), "the pages hold every object", first)
    expect.equal(len(found), len(set(found)), "number of different objects", first)


@verifies("INF-PAG-010", negative=True)
def check_unknown_navigation_id_is_refused(offer: Offer) -> None:
    """A navigationId that nobody gave is refused; without it the page is served."""
    control_holds(offer.page(1, 2), "without navigationId the page is served")
    reply = offer.page(1, 2, headers={"navigationId": "no-such-result"})
    refused_without_data(reply, 400, 404)


@verifies("INF-PAG-011")
def check_intention_decides_on_a_navigation_id(offer: Offer) -> None:
    """ALL gets a navigationId, ONE-OFF and NO-CACHING get none."""
    kept = offer.page(1, 2, headers={"queryIntention": "ALL"})
    expect.true("navigationId" in kept.headers, "ALL gets a navigationId", kept)
    for word in ("ONE-OFF", "NO-CACHING"):
        expect.absent(offer.page(1, 2, headers={"queryIntention": word}), "navigationId")


@pytest.mark.parametrize("number", ["0", "-1", "abc", "1.5"])
@verifies("INF-PAG-012", "NEG-018", negative=True)
def check_impossible_number_of_a_page_is_refused(offer: Offer, number: str) -> None:
    """Page 0, -1, abc and 1.5 are 400 and hold no objects; page 1 is served."""
    control_holds(offer.page(1, 1), "page 1 of size 1 is served")
    refused_without_data(offer.page(number, 1), 400)


@pytest.mark.parametrize("size", ["-1", "abc", "2.5"])
@verifies("INF-PAG-012", "NEG-018", negative=True)
def check_impossible_size_of_a_page_is_refused(offer: Offer, size: str) -> None:
    """A page size of -1, abc or 2.5 is 400 and holds no objects; a size of 1 is served."""
    control_holds(offer.page(1, 1), "page 1 of size 1 is served")
    refused_without_data(offer.page(1, size), 400)


@verifies("INF-PAG-015")
def check_offered_pages_hold_each_object_once(offer: Offer) -> None:
    """Walking all pages finds each object exactly once, and walking again the same order."""
    size = size_for(offer)
    first = [one for reply in walk(offer, size) for one in ids(reply)]
    doubled = sorted(one for one, times in Counter(first).items() if times > 1)
    expect.equal(doubled, [], "objects that stand on two pages")
    again = [one for reply in walk(offer, size) for one in ids(reply)]
    expect.equal(again == first, True, "same order on the second walk")


@verifies("INF-HDR-008", "NEG-021")
def check_pages_are_asked_for_in_header_or_query(offer: Offer) -> None:
    """Page and size asked for in the query give the page that headers give."""
    for number, size in ((1, 2), (2, 1), (999_999, 2)):
        header = offer.page(number, size)
        paging = {"navigationPage": str(number), "navigationPageSize": str(size)}
        query = offer.listed(query=paging)
        if not header.ok or len(ids(header)) > size:
            raise NotVerified("paging does not work from headers either; that is judged elsewhere")
        expect.equal(ids(query), ids(header), "objects on the page", query)


@verifies("INF-HDR-002")
def check_paging_header_beats_the_query(offer: Offer) -> None:
    """If header and query ask for pages of different size, the header is obeyed."""
    offer.some(2)
    for size, other in ((1, 2), (2, 1)):
        reply = offer.page(1, size, query={"navigationPageSize": str(other)})
        expect.status(reply, 200)
        expect.equal(len(ids(reply)), size, "objects on the page", reply)


@pytest.mark.parametrize("change", [str.upper, str.lower, str.swapcase])
@verifies("INF-HDR-001")
def check_paging_headers_work_in_any_case(offer: Offer, change: Callable[[str], str]) -> None:
    """Paging headers work in capitals and in small letters."""
    for number, expected in ((1, 1), (999_999, 0)):
        names = {"navigationPage": str(number), "navigationPageSize": "1"}
        if len(ids(offer.page(number, 1))) != expected:
            raise NotVerified("paging does not work in the usual spelling either")
        reply = offer.listed(headers={change(name): value for name, value in names.items()})
        expect.equal(len(ids(reply)), expected, "objects on the page", reply)


@verifies("INF-HDR-001", negative=True)
def check_paging_names_of_the_query_count_case(offer: Offer) -> None:
    """Paging parameters in capitals in the query are others: ignored or refused."""
    offer.some(2)
    plain = offer.listed()
    if plain.status == 413:
        raise NotApplicable("the provider offers more objects than it gives without paging")
    if not plain.ok:
        raise NotVerified("the list cannot be read without paging, so nothing can be compared")
    reply = offer.listed(query={"NAVIGATIONPAGE": "1", "NAVIGATIONPAGESIZE": "1"})
    if reply.ok:
        expect.equal(len(ids(reply)), len(ids(plain)), "objects in the list", reply)
    else:
        expect.status(reply, 400)
