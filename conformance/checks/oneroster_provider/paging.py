"""Pages of a collection (OneRoster 1.2 rostering, REST binding; 1.1, section 3.4.1)."""

from __future__ import annotations

import re
from urllib.parse import parse_qs

import pytest

from conformance import expect
from conformance.checks.oneroster_provider.judged import reads, refused, same_ids
from conformance.oneroster_offer import Roster, ids, items
from conformance.problems import NotApplicable, NotVerified
from conformance.reply import Reply
from conformance.verifies import verifies

_LINK = re.compile(r"<([^<>]*)>\s*;\s*rel=\"?(\w+)\"?")
MOST_PAGES = 60
USUAL_LIMIT = 100


def links(reply: Reply) -> dict[str, str]:
    """The addresses of other pages by their relation."""
    return {name: url for url, name in _LINK.findall(", ".join(reply.headers.all("Link")))}


def page(roster: Roster, limit: int, offset: int = 0, name: str = "users") -> Reply:
    """One page of a collection."""
    reply = roster.get(name, limit=str(limit), offset=str(offset))
    expect.status(reply, 200)
    return reply


def step(roster: Roster, wished: int, name: str) -> int:
    """A size of pages that walks a collection in at most MOST_PAGES."""
    return max(wished, -(-len(roster.whole(name)) // MOST_PAGES))


@pytest.mark.parametrize("wished", [1, 7])
@pytest.mark.parametrize("name", ["orgs", "users"])
@verifies("TRN-PR-01")
def check_pages_hold_everything_once(roster: Roster, name: str, wished: int) -> None:
    """Read page by page a collection is whole, each object on one page, each page full."""
    wanted, limit = ids(roster.whole(name)), step(roster, wished, name)
    seen: list[str] = []
    while True:
        reply = page(roster, limit, len(seen), name)
        found = ids(items(reply))
        expect.true(len(found) <= limit, f"a page has at most {limit}", reply, str(len(found)))
        seen += found
        if len(found) < limit or len(seen) > len(wanted):
            break
    same_ids(seen, wanted, f"all pages of {name}", reply)


@verifies("ORS-PAG-001")
def check_page_without_limit_holds_100_at_most(roster: Roster) -> None:
    """Without limit the page is that of limit=100, from the first object on."""
    large = [name for name in roster.collections if len(roster.objects(name)) > USUAL_LIMIT]
    if not large:
        raise NotApplicable(f"no collection holds more than {USUAL_LIMIT} objects")
    reply = roster.get(large[0])
    expect.status(reply, 200)
    asked = page(roster, USUAL_LIMIT, 0, large[0])
    found, wanted = ids(items(reply)), ids(items(asked))
    expect.equal(len(found), len(wanted), "objects without limit", reply)
    expect.true(found == wanted, "they are those of limit=100", reply)


@verifies("ORS-PAG-002")
def check_roster_count_is_that_of_all_pages(roster: Roster) -> None:
    """X-Total-Count on first, middle and last page is the number of all objects."""
    total = len(roster.whole("users"))
    for offset in sorted({0, total // 2, max(0, total - 1)}):
        reply = page(roster, 2, offset)
        expect.header(reply, "X-Total-Count", str(total))


@verifies("ORS-PAG-003")
def check_links_lead_to_their_pages(roster: Roster) -> None:
    """Link names first, previous, next and last page, and each address leads there."""
    every = list(roster.whole("users"))
    if len(every) < 5:
        raise NotVerified("fewer than five users, so no middle page")
    size = max(1, len(every) // 4)
    reply = page(roster, size, size)
    told = links(reply)
    expect.true({"first", "prev", "next", "last"} <= {*told}, "Link has first, prev, next, last",
                reply, ", ".join(sorted(told)) or "none")  # fmt: skip
    last = (len(every) - 1) // size * size
    wanted = {"first": 0, "prev": 0, "next": 2 * size, "last": last}
    for name, offset in wanted.items():
        there = roster.follow(told[name], "users")
        expect.status(there, 200)
        plain = page(roster, size, offset)
        expect.equal(ids(items(there)), ids(items(plain)), f"the page called {name}", there)
    expect.true("next" not in links(there), "the last page names no next one", there)


@verifies("ORS-PAG-003")
def check_walk_by_next_ends_with_everything(roster: Roster) -> None:
    """Whoever follows next from the first page on has every object once."""
    wanted = ids(roster.whole("users"))
    reply = page(roster, step(roster, 9, "users"))
    seen = ids(items(reply))
    for _ in range(MOST_PAGES):
        following = links(reply).get("next")
        if following is None:
            break
        reply = roster.follow(following, "users")
        expect.status(reply, 200)
        seen += ids(items(reply))
    same_ids(seen, wanted, "the pages by next", reply)


@verifies("ORS-PAG-004")
def check_pages_behind_the_end_are_empty(roster: Roster) -> None:
    """An offset behind the last object is an empty page, no error and no other page."""
    total = len(roster.whole("users"))
    reply = page(roster, 10, total + 5)
    expect.equal(len(items(reply)), 0, "objects behind the end", reply)
    expect.true("next" not in links(reply), "there is no next page", reply)


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=-1", "limit=many", "limit=1.5", "offset=-1", "offset=first"]
)
@verifies("ORS-PAG-005", negative=True)
def check_pages_that_cannot_be_are_refused(roster: Roster, query: str) -> None:
    """A limit below 1, an offset below 0 or a word is refused, not replaced by another."""
    reads(roster, "users")
    refused(roster.ask("GET", "users", query), 400, 422)


@verifies("ORS-PAG-006")
def check_links_keep_what_was_asked(roster: Roster) -> None:
    """The next page of a filtered list is filtered and selected alike."""
    status = {"filter": "status='active'", "fields": "sourcedId"}
    reply = roster.get("users", limit="2", **status)
    expect.status(reply, 200)
    told = links(reply)
    if "next" not in told:
        raise NotVerified("there is no next page of active users")
    query = told["next"].partition("?")[2]
    asked = {key: values[0] for key, values in parse_qs(query).items()}
    kept = {key: asked.get(key) for key in status}
    expect.equal(kept, status, "filter and fields of the next page", reply)
    there = roster.follow(told["next"], "users")
    expect.equal({key for one in items(there) for key in one}, {"sourcedId"}, "members", there)
