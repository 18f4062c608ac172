"""The parameter filter (OneRoster 1.2 rostering, REST binding; 1.1, section 3.4.3)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from urllib.parse import quote, quote_plus

import pytest

from conformance import expect
from conformance.checks.oneroster_provider.judged import reads, refused, same_ids, says
from conformance.oneroster_offer import Body, Roster, ids, items, points
from conformance.problems import NotApplicable, NotVerified
from conformance.reply import Reply
from conformance.target_rostering import V1_2
from conformance.verifies import verifies

HOLDS: Mapping[str, Callable[[str, str], bool]] = {
    "=": lambda one, other: one == other,
    "!=": lambda one, other: one != other,
    ">": lambda one, other: one > other,
    ">=": lambda one, other: one >= other,
    "<": lambda one, other: one < other,
    "<=": lambda one, other: one <= other,
    "~": lambda one, other: other in one,
}


def filtered(roster: Roster, name: str, text: str) -> tuple[Reply, list[str]]:
    """The first answer to a filter, and the ids of all objects that it chooses."""
    reply, found = roster.every(name, filter=text)
    return reply, ids(found)


def pivot(found: Sequence[Body], field: str) -> str:
    """A value in the middle of those that stand there; one with a quote in it is left out."""
    told = sorted(str(one[field]) for one in found if one.get(field) and "'" not in str(one[field]))
    if not told:
        raise NotVerified(f"no object has a value of {field} to filter by")
    return told[len(told) // 2]


def meeting(found: Sequence[Body], field: str, sign: str, value: str) -> list[str]:
    """The ids of those that meet a predicate by our own reckoning."""
    return ids([one for one in found if HOLDS[sign](str(one.get(field) or ""), value)])


@pytest.mark.parametrize("sign", list(HOLDS))
@pytest.mark.parametrize(
    ("name", "field"), [("users", "sourcedId"), ("classes", "dateLastModified"), ("orgs", "type")]
)
@verifies("ORS-FLT-007")
def check_predicates_choose_what_meets_them(
    roster: Roster, name: str, field: str, sign: str
) -> None:
    """Each predicate gives just the objects that meet it, and no other."""
    found = roster.whole(name)
    value = pivot(found, field)
    if sign == "~" and field == "dateLastModified":
        raise NotApplicable("a part of a moment is not looked for")
    told = value[1:-1] if sign == "~" else value
    reply, chosen = filtered(roster, name, f"{field}{sign}'{told}'")
    expect.status(reply, 200)
    same_ids(chosen, meeting(found, field, sign, told), f"{name} by {sign}", reply)


@pytest.mark.parametrize("word", ["AND", "OR"])
@verifies("ORS-FLT-007")
def check_two_predicates_are_joined(roster: Roster, word: str) -> None:
    """AND gives what meets both predicates, OR what meets one of them."""
    found = roster.whole("users")
    low, high = sorted(ids(found))[len(found) // 3], sorted(ids(found))[2 * len(found) // 3]
    signs = (">=", "<=") if word == "AND" else ("<", ">")
    text = f"sourcedId{signs[0]}'{low}' {word} sourcedId{signs[1]}'{high}'"
    one, other = (
        {*meeting(found, "sourcedId", sign, value)}
        for sign, value in zip(signs, (low, high), strict=True)
    )
    reply, chosen = filtered(roster, "users", text)
    expect.status(reply, 200)
    wanted = one & other if word == "AND" else one | other
    same_ids(chosen, sorted(wanted), f"users by {word}", reply)


@verifies("ORS-FLT-001", negative=True)
def check_filter_is_never_ignored(roster: Roster) -> None:
    """A filter that nothing meets brings nothing, or is refused: never everything."""
    reads(roster, "users")
    reply, found = filtered(roster, "users", f"sourcedId='no-such-{roster.rng.getrandbits(64):x}'")
    if roster.declared("filter"):
        expect.status(reply, 200)
    elif reply.status != 200:
        expect.one_of(reply.status, (400, 403, 404, 422, 501), "status", reply)
    expect.equal(len(found), 0, "users that meet a filter nobody meets", reply)


@verifies("ORS-FLT-002")
def check_count_and_pages_are_those_of_the_filter(roster: Roster) -> None:
    """X-Total-Count and pages of a filtered list count only what meets the filter."""
    found = roster.whole("users")
    value = sorted(ids(found))[len(found) // 2]
    wanted = meeting(found, "sourcedId", "<", value)
    reply = roster.get("users", filter=f"sourcedId<'{value}'", limit="2", offset="1")
    expect.status(reply, 200)
    expect.equal(len(items(reply)), min(2, max(0, len(wanted) - 1)), "objects of the page", reply)
    if "X-Total-Count" in reply.headers:
        expect.header(reply, "X-Total-Count", str(len(wanted)))


@pytest.mark.parametrize(
    ("name", "member"), [("enrollments", "class"), ("classes", "school"), ("enrollments", "user")]
)
@verifies("ORS-FLT-003")
def check_filter_reaches_into_references(roster: Roster, name: str, member: str) -> None:
    """A dotted path filters by the id that a reference holds."""
    found = roster.whole(name)
    linked = [one for body in found for one in points(body, member)]
    if not linked:
        raise NotVerified(f"no object of {name} has a {member}")
    value = linked[len(linked) // 2]
    reply, chosen = filtered(roster, name, f"{member}.sourcedId='{value}'")
    expect.status(reply, 200)
    wanted = ids([one for one in found if value in points(one, member)])
    same_ids(chosen, wanted, f"{name} by their {member}", reply)


@verifies("ORS-FLT-004")
def check_filter_is_read_as_it_was_packed(roster: Roster) -> None:
    """Blanks written %20 and +, and quotes packed or plain, make the same filter."""
    found = roster.whole("orgs")
    value = sorted(ids(found))[len(found) // 2]
    text = f"sourcedId>='{value}' AND status='active'"
    limit = f"&limit={roster.told.page}"
    wanted = roster.ask("GET", "orgs", f"filter={quote(text, safe='')}{limit}")
    expect.status(wanted, 200)
    for packed in (quote_plus(text, safe=""), quote(text, safe="'")):
        reply = roster.ask("GET", "orgs", f"filter={packed}{limit}")
        expect.status(reply, 200)
        same_ids(ids(items(reply)), ids(items(wanted)), "orgs by a packed filter", reply)


@pytest.mark.parametrize("name", ["users", "orgs"])
@verifies("ORS-FLT-005", negative=True)
def check_unknown_fields_of_filters_are_refused(roster: Roster, name: str) -> None:
    """A field that does not exist is refused with 400 and invalid_filter_field."""
    roster.only_in(V1_2)
    reads(roster, name)
    reply, _ = filtered(roster, name, "shoeSize='9'")
    refused(reply, 400)
    says(roster, reply, "invalid_filter_field")


@pytest.mark.parametrize(
    "text",
    ["status", "status=", "status LIKE 'active'", "status='active' AND", "status='active",
     "='active'"],
    ids=["no sign", "no value", "other sign", "open end", "open quote", "no field"],
)  # fmt: skip
@verifies("ORS-FLT-006", negative=True)
def check_filters_that_cannot_be_read_are_refused(roster: Roster, text: str) -> None:
    """A filter outside the grammar is refused with 400; a good one is served."""
    good, _ = filtered(roster, "users", "status='active'")
    expect.status(good, 200)
    refused(filtered(roster, "users", text)[0], 400)
