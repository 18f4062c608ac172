"""What has changed since (Base Architecture 3.2.1, 5.10)."""

from __future__ import annotations

import pytest

from conformance import expect, trees
from conformance.checks.preparation import control_holds, prepared
from conformance.checks.provider.objects import refused_without_data
from conformance.offer import Offer, ids, members
from conformance.problems import NotApplicable, NotVerified
from conformance.reply import Reply
from conformance.verifies import verifies

MARKER = "changesSinceMarker"


def since(offer: Offer, marker: str, **query: str) -> Reply:
    """The changes since a marker."""
    return offer.listed(query={MARKER: marker, **query})


def marker_now(offer: Offer) -> str:
    """The marker that HEAD tells; that it does is judged by a check of its own."""
    reply = offer.head()
    if not reply.headers.get(MARKER):
        raise NotVerified(f"HEAD tells no changesSinceMarker (exchange {reply.exchange})")
    return reply.headers.get(MARKER)


def earlier(offer: Offer) -> str:
    """A marker of before some changes, as the target file tells it."""
    if not offer.config.offer.earlier:
        raise NotApplicable("the target file names no [offer] earlier marker")
    return offer.config.offer.earlier


@verifies("INF-CHG-003", "INF-HED-004")
def check_head_hands_out_the_first_marker(offer: Offer) -> None:
    """HEAD of the collection tells a marker, and with it the changes can be read."""
    told = offer.head()
    expect.true(bool(told.headers.get(MARKER)), "HEAD tells a changesSinceMarker", told)
    reply = since(offer, marker_now(offer))
    expect.status(reply, 200, 204)


@verifies("INF-CHG-008")
def check_no_change_since_is_204_with_a_marker(offer: Offer) -> None:
    """Since the present nothing has changed: 204 and a marker to go on with."""
    reply = since(offer, marker_now(offer))
    if reply.status == 200:
        raise NotApplicable("the data changes while the suite looks")
    expect.status(reply, 204)
    expect.true(bool(reply.headers.get(MARKER)), "the answer tells the next marker", reply)


@verifies("INF-CHG-004", "NEG-024")
def check_marker_comes_with_the_first_page_only(offer: Offer) -> None:
    """Unpaged changes and page 1 tell a marker since which nothing is new, page 2 tells none."""
    query = {MARKER: earlier(offer)}
    whole = prepared(since(offer, earlier(offer)))
    first, second = (offer.page(number, 1, query=query) for number in (1, 2))
    for reply in (whole, first):
        told = reply.headers.get(MARKER)
        expect.true(bool(told), "the answer tells the next marker", reply)
        left = since(offer, told)
        expect.equal(ids(left), [], "objects that changed since the next marker", left)
    expect.absent(second, MARKER)


@verifies("INF-CHG-001", "INF-CHG-007", "NEG-025")
def check_changes_are_whole_objects_and_ids_of_the_gone(offer: Offer) -> None:
    """What was changed comes whole, as by its id; what is gone comes with its id alone."""
    reply = since(offer, earlier(offer))
    expect.status(reply, 200)
    expect.xml(reply, offer.name)
    for one in members(reply):
        present = offer.get(trees.refid(one))
        if present.status == 200:
            expect.same_facts(present.object, one, reply, ids=True)
        else:
            facts = [path for path, _ in trees.leaves(one)]
            expect.equal(len(facts), 1, "facts of an object that is gone", reply)


@verifies("INF-CHG-006")
def check_changes_in_pages_are_kept(offer: Offer) -> None:
    """The first page of changes gives a navigationId, and under it the second page is another."""
    query = {MARKER: earlier(offer)}
    first = prepared(offer.page(1, 1, query=query))
    key = first.headers.get("navigationId")
    expect.true(bool(key), "a navigationId is given", first)
    second = offer.page(2, 1, query=query, headers={"navigationId": key})
    expect.status(second, 200, 204)
    expect.equal(set(ids(first)) & set(ids(second)), set(), "objects on both pages", second)


@verifies("INF-CHG-005")
def check_condition_on_changes_is_ignored(offer: Offer) -> None:
    """where and order on a changes-since query change nothing and are not refused."""
    marker = earlier(offer)
    plain = prepared(since(offer, marker))
    more = since(offer, marker, where='[localId="none"]', order="[localId=descending]")
    expect.status(more, 200)
    expect.equal(sorted(ids(more)), sorted(ids(plain)), "objects that changed", more)


@verifies("INF-CHG-009", negative=True)
def check_expired_marker_is_410(offer: Offer) -> None:
    """A marker that is too old is 410 (before 3.4 also 400); the present one is served."""
    expired = offer.config.offer.expired
    if not expired:
        raise NotApplicable("the target file names no [offer] expired marker")
    control_holds(since(offer, marker_now(offer)), "the present marker is served")
    late = offer.config.endpoint.infrastructure.split(".")[:2] >= ["3", "4"]
    refused_without_data(since(offer, expired), *((410,) if late else (400, 410)))


@pytest.mark.parametrize("marker", ["no-such-marker", "", "-1", "' or 1=1"])
@verifies("INF-CHG-002", negative=True)
def check_made_up_marker_is_refused(offer: Offer, marker: str) -> None:
    """A changes-since query with a made-up marker is refused; it is not the whole list."""
    control_holds(offer.page(1, 1), "without the marker the list is served")
    refused_without_data(since(offer, marker), 400, 404, 410)
