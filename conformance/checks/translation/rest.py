"""OneRoster 1.2 REST of a vendor: whole when paged, and what it is asked for when filtered."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping
from urllib.parse import quote

import pytest
from lxml import etree

from conformance import auth, expect, trees
from conformance.checks.parts import part
from conformance.checks.preparation import all_created
from conformance.problems import NotVerified
from conformance.readback_forms import objects
from conformance.reply import Reply, read_json
from conformance.sif import SifClient
from conformance.verifies import verifies

Draw = Callable[[int], list[etree._Element]]
_LINK = re.compile(r'<([^<>]*)>\s*;\s*rel="?(\w+)"?')
MOST_PAGES = 200


def asked(sif: SifClient, address: str) -> Reply:
    """GET users of the service, or a whole address, signed Basic with the application key."""
    who = sif.config.credentials
    headers = auth.sign(auth.BASIC, who.key, sif.config.secret).headers
    base = sif.config.url(sif.config.readback.rest).rstrip("/")
    url = address if "://" in address else f"{base}/users{address}"
    return sif.wire.send("GET", url, headers | {"Accept": "application/json"}, named="users")


def listed(reply: Reply) -> list[Mapping[str, object]]:
    """The users of a page."""
    if reply.status != 200:
        raise NotVerified(f"{reply.request} answered {reply.status} (exchange {reply.exchange})")
    return objects(reply, "users")


def links(reply: Reply) -> dict[str, str]:
    """The addresses of other pages by their relation."""
    return {name: url for url, name in _LINK.findall(", ".join(reply.headers.all("Link")))}


@pytest.mark.parametrize("limit", [1, 3])
@verifies("TRN-PR-01")
def check_paged_users_are_whole(sif: SifClient, students: Draw, limit: int) -> None:
    """Walked by its links, the collection holds every user once, as many as it says."""
    wanted = {trees.folded(one) for one in all_created(sif, students(5))}
    reply = asked(sif, f"?limit={limit}&offset=0")
    told = reply.headers.get("X-Total-Count", "")
    if told.isdecimal() and int(told) > limit * MOST_PAGES:
        # An end point that holds many users is walked in larger steps.
        limit = -(-int(told) // MOST_PAGES)
        reply = asked(sif, f"?limit={limit}&offset=0")
    seen = [str(one.get("sourcedId", "")) for one in listed(reply)]
    total = reply.headers.get("X-Total-Count")
    last = links(reply).get("last", "")
    for _ in range(MOST_PAGES):
        following = links(reply).get("next")
        if following is None:
            break
        expect.true(len(seen) % limit == 0, "a page before the last is full", reply, str(len(seen)))
        reply = asked(sif, following)
        seen += [str(one.get("sourcedId", "")) for one in listed(reply)]
    expect.equal(total, str(len(seen)), "header X-Total-Count", reply)
    expect.equal(len(set(seen)), len(seen), "different users on all pages", reply)
    expect.true(wanted <= {trees.folded(one) for one in seen}, "every student is on a page", reply)
    expect.true(bool(last), "the first page names the last one", reply)
    expect.equal(
        [one.get("sourcedId") for one in listed(asked(sif, last))],
        seen[-((len(seen) - 1) % limit + 1) :],
        "users of the page called last",
        reply,
    )


@verifies("TRN-PR-01")
def check_default_page_starts_at_the_first_user(sif: SifClient, students: Draw) -> None:
    """Without limit and offset the answer begins as the first page does."""
    all_created(sif, students(2))
    plain, first = asked(sif, ""), asked(sif, "?limit=1&offset=0")
    start = [one.get("sourcedId") for one in listed(plain)][:1]
    expect.equal(start, [one.get("sourcedId") for one in listed(first)], "the first user", plain)


@pytest.mark.parametrize("query", ["limit=-1", "limit=many", "offset=-1"])
@verifies("TRN-PR-01", negative=True)
def check_bad_pages_are_refused(sif: SifClient, students: Draw, query: str) -> None:
    """A limit or offset that is no count is refused, not replaced by another one."""
    all_created(sif, students(1))
    if not listed(asked(sif, "?limit=1&offset=0")):
        raise NotVerified("the collection is empty, so nothing is proven")
    expect.status(asked(sif, f"?{query}"), 400)


def named(sif: SifClient, students: Draw, rng: random.Random) -> list[str]:
    """Three students with given names of their own, in the order of the names."""
    people = students(3)
    start = f"Q{rng.getrandbits(40):x}"
    names = [f"{start}{letter}" for letter in "abc"]
    for one, name in zip(people, names, strict=True):
        part(one, "name", "givenName").text = name
    all_created(sif, people[::-1])
    return names


@verifies("TRN-PR-02")
def check_filters_hold(sif: SifClient, students: Draw, rng: random.Random) -> None:
    """Equality, part of a text, comparison, AND and OR give the users they describe."""
    one, two, three = named(sif, students, rng)
    cases = {
        f"givenName='{one}'": [one],
        f"givenName~'{one[:-1]}'": [one, two, three],
        f"givenName>='{two}' AND givenName<='{three}'": [two, three],
        f"givenName='{one}' OR givenName='{three}'": [one, three],
        f"givenName~'{one[:-1]}' AND givenName!='{two}'": [one, three],
    }
    for told, wanted in cases.items():
        reply = asked(sif, f"?filter={quote(told)}&sort=givenName")
        found = [str(user.get("givenName", "")) for user in listed(reply)]
        expect.equal(sorted(found), wanted, "given names of the filter", reply)


@verifies("TRN-PR-02")
def check_order_and_fields_are_as_asked(sif: SifClient, students: Draw, rng: random.Random) -> None:
    """Sorted up and down, and with two fields only, the users come as they were asked for."""
    names = named(sif, students, rng)
    told = quote(f"givenName~'{names[0][:-1]}'")
    for order, wanted in (("asc", names), ("desc", names[::-1])):
        reply = asked(sif, f"?filter={told}&sort=givenName&orderBy={order}")
        found = [user.get("givenName") for user in listed(reply)]
        expect.equal(found, wanted, "given names in order", reply)
    reply = asked(sif, f"?filter={told}&fields=sourcedId,givenName")
    told_of = {name for user in listed(reply) for name in user}
    expect.equal(told_of, {"sourcedId", "givenName"}, "fields of the users", reply)


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("filter=shoeSize%3D'9'", "invalid_filter_field"),
        ("fields=shoeSize", "invalid_selection_field"),
    ],
    ids=["filter", "fields"],
)
@verifies("TRN-PR-02", negative=True)
def check_unknown_fields_are_refused(sif: SifClient, students: Draw, query: str, code: str) -> None:
    """A filter or selection by a field that does not exist is refused with its code."""
    all_created(sif, students(1))
    if not listed(asked(sif, "?limit=1")):
        raise NotVerified("the collection is empty, so nothing is proven")
    reply = asked(sif, f"?{query}")
    expect.status(reply, 400)
    try:
        said = read_json(reply.body)["imsx_CodeMinor"]["imsx_codeMinorField"]
        codes = [one.get("imsx_codeMinorFieldValue") for one in said]
    except (ValueError, KeyError, TypeError, AttributeError):
        codes = []
    expect.true(code in codes, f"the refusal says {code}", reply, ", ".join(map(str, codes)))
