"""The parameters sort, orderBy and fields (OneRoster 1.2 rostering; 1.1, sections 3.4.2, 3.4.4)."""

from __future__ import annotations

import pytest

from conformance import expect
from conformance.checks.oneroster_provider.judged import reads, refused, says
from conformance.oneroster_offer import Roster, ids, items, single
from conformance.target_rostering import V1_2
from conformance.verifies import verifies


@pytest.mark.parametrize("order", ["asc", "desc", ""])
@pytest.mark.parametrize(
    ("name", "field"),
    [("users", "sourcedId"), ("classes", "dateLastModified"), ("academicSessions", "startDate")],
)
@verifies("ORS-SRT-003")
def check_sorted_lists_are_in_order(roster: Roster, name: str, field: str, order: str) -> None:
    """Sorted up, down, and without a word up, the values come in that order."""
    query = {"sort": field} | ({"orderBy": order} if order else {})
    found = roster.whole(name)
    reply, told = roster.every(name, **query)
    expect.status(reply, 200)
    values = [str(one.get(field)) for one in told]
    expect.equal(len(values), len(found), f"sorted {name}", reply)
    in_order = values == sorted(values, reverse=order == "desc")
    word = "down" if order == "desc" else "up"
    expect.true(in_order, f"{name} are sorted {word} by {field}", reply)


@pytest.mark.parametrize("word", ["sideways", "ASCENDING"])
@verifies("ORS-SRT-001", negative=True)
def check_other_words_for_the_order_are_refused(roster: Roster, word: str) -> None:
    """orderBy is asc or desc; another word is refused, the right one served."""
    good = roster.get("users", sort="sourcedId", orderBy="desc", limit="1")
    expect.status(good, 200)
    refused(roster.get("users", sort="sourcedId", orderBy=word, limit="1"), 400, 422)


@verifies("ORS-SRT-002", negative=True)
def check_sorting_by_what_is_not_there_is_refused(roster: Roster) -> None:
    """A field that does not exist cannot be sorted by."""
    roster.only_in(V1_2)
    reads(roster, "users")
    refused(roster.get("users", sort="shoeSize", limit="1"), 400, 422)


@pytest.mark.parametrize("where", ["list", "single"])
@verifies("ORS-FLD-002")
def check_only_chosen_fields_are_told(roster: Roster, where: str) -> None:
    """With fields only these members are told, with the values that they have without."""
    listed = roster.some("users")[0]
    names = {"sourcedId", "givenName", "enabledUser"}
    path = "users" if where == "list" else f"users/{listed['sourcedId']}"
    reply = roster.get(path, fields=",".join(sorted(names)), **({} if where != "list" else
                                                              {"limit": "5"}))  # fmt: skip
    expect.status(reply, 200)
    found = items(reply) if where == "list" else [single(reply)]
    told = {name for one in found for name in one}
    expect.equal(sorted(told), sorted(names), "members of the users", reply)
    same = {str(one.get("sourcedId")): one for one in roster.objects("users")}
    kept = all(
        value == same.get(str(one.get("sourcedId")), {}).get(name)
        for one in found
        for name, value in one.items()
    )
    expect.true(kept, "the values are those without a selection", reply)


@pytest.mark.parametrize("where", ["list", "single"])
@verifies("ORS-FLD-001", negative=True)
def check_unknown_fields_are_not_selected(roster: Roster, where: str) -> None:
    """A field that does not exist is refused with 400 and invalid_selection_field."""
    roster.only_in(V1_2)
    reads(roster, "users")
    path = "users" if where == "list" else f"users/{ids(roster.some('users'))[0]}"
    reply = roster.get(path, fields="sourcedId,shoeSize")
    refused(reply, 400)
    says(roster, reply, "invalid_selection_field")
