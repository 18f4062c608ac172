"""Collections and single objects (OneRoster 1.2 rostering, REST binding; 1.1, section 3)."""

from __future__ import annotations

import pytest

from conformance import expect
from conformance.checks.oneroster_provider.judged import reads, refused, says
from conformance.oneroster_kinds import VIEWS, kind_of
from conformance.oneroster_offer import Body, Roster, document, ids, inner, single
from conformance.problems import NotApplicable
from conformance.verifies import verifies

Everything = pytest.mark.parametrize("name", list(VIEWS))


@Everything
@verifies("ORS-OBJ-001")
def check_collections_are_json_under_their_name(roster: Roster, name: str) -> None:
    """A collection is a JSON object whose one list bears the name of the kind."""
    roster.offered(name)
    reply = roster.get(name, limit="1")
    expect.status(reply, 200)
    expect.content_type(reply, "application/json")
    told, wanted = document(reply), kind_of(name).collection
    allowed = [wanted] if roster.is_1_2 else [wanted, name]
    lists = [key for key, value in told.items() if isinstance(value, list)]
    expect.true(len(lists) == 1 and lists[0] in allowed, f"the list is called {wanted}", reply,
                ", ".join(lists) or "no list")  # fmt: skip


@Everything
@verifies("ORS-OBJ-002")
def check_one_object_is_that_of_the_collection(roster: Roster, name: str) -> None:
    """An object read by its id has every member and value that it has in the collection."""
    found = roster.objects(name)
    for listed in (*found[:1], *found[-1:]):
        path = f"{name}/{listed.get('sourcedId')}"
        reply = roster.get(path)
        expect.status(reply, 200)
        one = single(reply)
        differ = sorted(key for key in {*one, *listed} if one.get(key) != listed.get(key))
        expect.true(not differ, "both tell the same", reply, f"differ: {', '.join(differ)}")


@Everything
@verifies("ORS-OBJ-001")
def check_one_object_stands_under_its_name(roster: Roster, name: str) -> None:
    """The answer for one object has one member, called as the kind of object is."""
    path = f"{name}/{ids(roster.some(name))[0]}"
    reply = roster.get(path)
    expect.status(reply, 200)
    wanted, told = kind_of(name).one, document(reply)
    expect.true(wanted in told, f"the object is called {wanted}", reply, ", ".join(told))


@Everything
@verifies("ORS-OBJ-003", negative=True)
def check_unknown_ids_are_404(roster: Roster, name: str) -> None:
    """An id that nobody has is answered with 404 in each collection; a known one is served."""
    roster.offered(name)
    known = roster.get(f"{name}/{ids(roster.some(name))[0]}")
    expect.status(known, 200)
    reply = roster.get(f"{name}/no-such-{roster.rng.getrandbits(64):x}")
    refused(reply, 404)
    says(roster, reply, "unknownobject")


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("classes", "courses"),
        ("users", "orgs"),
        ("students", "teachers"),
        ("schools", "orgs"),
        ("terms", "gradingPeriods"),
        ("enrollments", "users"),
    ],
)
@verifies("ORS-OBJ-004", negative=True)
def check_ids_of_another_collection_are_404(roster: Roster, name: str, other: str) -> None:
    """The id of an object that the collection does not hold is 404 there."""
    held = {*ids(roster.whole(name))}
    strangers = [one for one in ids(roster.objects(other)) if one not in held]
    if not strangers:
        raise NotApplicable(f"every one of {other} is one of {name}")
    reads(roster, name)
    refused(roster.get(f"{name}/{strangers[0]}"), 404)


@pytest.mark.parametrize("path", ["shoes", "users/{}/shoes", "shoes/{}"])
@verifies("ORS-OBJ-004", negative=True)
def check_paths_that_do_not_exist_are_404(roster: Roster, path: str) -> None:
    """A collection that OneRoster does not know is 404."""
    reads(roster)
    one = ids(roster.some("users"))[0] if "users" in path else f"{roster.rng.getrandbits(64):x}"
    refused(roster.get(path.format(one)), 404)


@pytest.mark.parametrize("verb", ["POST", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize("name", ["users", "enrollments"])
@verifies("ORS-OBJ-005", negative=True)
def check_rosters_cannot_be_changed(roster: Roster, verb: str, name: str) -> None:
    """A method that changes rosters is refused, and nothing is there afterwards."""
    reads(roster, name)
    made_up = f"suite-{roster.rng.getrandbits(64):x}"
    path = name if verb == "POST" else f"{name}/{made_up}"
    kind = kind_of(name)
    body = f'{{"{kind.one}":{{"sourcedId":"{made_up}","status":"active"}}}}'.encode()
    url = roster.url(path)
    proof = roster.proof(verb, url, path)
    reply = roster.send(verb, url, proof, None if verb == "DELETE" else body, named=path)
    there = roster.get(f"{name}/{made_up}")
    if there.ok and not roster.config.keep:
        roster.ask("DELETE", f"{name}/{made_up}")
    expect.one_of(reply.status, (400, 403, 404, 405, 422, 501), "status", reply)
    expect.status(there, 404)


VIEWS_OF = [name for name, (_, member, _) in VIEWS.items() if member]


@pytest.mark.parametrize("name", VIEWS_OF)
@verifies("ORS-OBJ-006")
def check_views_hold_just_their_kind(roster: Roster, name: str) -> None:
    """Schools, terms, grading periods, students and teachers are those of the whole collection."""
    kind, (_, member, word) = kind_of(name), VIEWS[name]
    every = roster.whole(kind.collection)
    reply, found, _ = roster.read(name)
    all_roles = {str(one.get("sourcedId")): roles(one) for one in every}
    if member == "role":
        due = [one for one, told in all_roles.items() if told[:1] == [word]]
        allowed = {one for one, told in all_roles.items() if word in told}
    else:
        due = [str(one.get("sourcedId")) for one in every if one.get(member) == word]
        allowed = {*due}
    missing = [one for one in due if one not in ids(found)]
    beyond = [one for one in ids(found) if one not in allowed]
    told = f"{len(missing)} lacking, {len(beyond)} too many"
    expect.true(not missing and not beyond, f"{name} are those of {kind.collection}", reply, told)


def roles(user: Body) -> list[str]:
    """The roles of a user, the primary one first; one in 1.1."""
    told = inner(user, "roles")
    told.sort(key=lambda one: one.get("roleType") != "primary")
    return [str(one.get("role")) for one in told] or [str(user.get("role"))]
