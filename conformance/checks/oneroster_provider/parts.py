"""What belongs to another object (OneRoster 1.2 rostering, REST binding; 1.1, section 3.2)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

import pytest

from conformance import expect
from conformance.checks.oneroster_provider.judged import reads, refused, same_ids, says
from conformance.oneroster_kinds import kind_of
from conformance.oneroster_offer import Body, Roster, document, ids, inner, points
from conformance.problems import NotApplicable, NotVerified
from conformance.reply import Reply
from conformance.verifies import verifies

PATHS = (
    "schools/{}/classes",
    "schools/{}/courses",
    "schools/{}/enrollments",
    "courses/{}/classes",
    "terms/{}/classes",
    "terms/{}/gradingPeriods",
)
MEMBERS = ("classes/{}/students", "classes/{}/teachers")
OTHERS = (
    "students/{}/classes",
    "teachers/{}/classes",
    "users/{}/classes",
    "schools/{}/students",
    "schools/{}/teachers",
    "schools/{}/terms",
)
_LINK = {
    "schools/{}/classes": "school",
    "schools/{}/courses": "org",
    "schools/{}/enrollments": "school",
    "courses/{}/classes": "course",
    "terms/{}/classes": "terms",
    "terms/{}/gradingPeriods": "parent",
}


def part(roster: Roster, path: str) -> tuple[Reply, list[str]]:
    """The first answer for a part, and the ids of all its objects."""
    reply, found = roster.every(path)
    expect.status(reply, 200)
    return reply, ids(found)


def choose(roster: Roster, path: str) -> tuple[str, Sequence[Body]]:
    """A parent to ask for, the one with most objects, and what must be there."""
    parent, _, child = path.split("/")
    roster.offered(parent, child)
    link = _LINK[path]
    every = roster.whole(child)
    by_parent = {
        one: [body for body in every if one in points(body, link)]
        for one in ids(roster.some(parent))
    }
    best = max(by_parent, key=lambda one: (len(by_parent[one]), one))
    if not by_parent[best]:
        raise NotApplicable(f"no object of {child} belongs to one of {parent}")
    return best, by_parent[best]


@pytest.mark.parametrize("path", PATHS)
@verifies("ORS-PRT-001")
def check_parts_are_what_points_to_the_parent(roster: Roster, path: str) -> None:
    """A part of a collection holds just the objects that point to its parent."""
    parent, wanted = choose(roster, path)
    reply, found = part(roster, path.format(parent))
    active = [one for one in wanted if one.get("status") == "active"]
    expect.equal(len({*found} - {*ids(wanted)}), 0, "objects of another parent", reply)
    missing = {*ids(active)} - {*found}
    expect.equal(len(missing), 0, "objects of the parent that are lacking", reply)


def now_seated(seat: Body) -> bool:
    """Whether a seat is one today, a day of doubt left out."""
    today = datetime.now(UTC).date()
    early, late = (today - timedelta(days=1)).isoformat(), (today + timedelta(days=1)).isoformat()
    begins, ends = str(seat.get("beginDate") or ""), str(seat.get("endDate") or "")
    return (not begins or begins < early) and (not ends or ends > late)


@pytest.mark.parametrize("path", MEMBERS)
@verifies("ORS-PRT-002")
def check_members_of_a_class_are_those_enrolled(roster: Roster, path: str) -> None:
    """Students and teachers of a class are the users who are enrolled in that role."""
    name = path.rpartition("/")[2]
    roster.offered("classes", name)
    role = name.removesuffix("s")
    seats = [one for one in roster.whole("enrollments") if one.get("role") == role]
    classes = [one for seat in seats if now_seated(seat) for one in points(seat, "class")]
    if not classes:
        raise NotVerified(f"no class with a {role}")
    chosen = classes[len(classes) // 2]
    reply, found = part(roster, path.format(chosen))
    own = [seat for seat in seats if chosen in points(seat, "class")]
    due = {
        one
        for seat in own
        if now_seated(seat) and seat.get("status") == "active"
        for one in points(seat, "user")
    }
    may = {one for seat in own for one in points(seat, "user")}
    expect.equal(len(due - {*found}), 0, f"{name} that are lacking", reply)
    expect.equal(len({*found} - may), 0, f"{name} of another class", reply)


@pytest.mark.parametrize("who", ["students", "teachers", "users"])
@verifies("ORS-PRT-002")
def check_classes_of_a_user_are_those_of_the_enrollments(roster: Roster, who: str) -> None:
    """The classes of a user are those that the enrollments of the user name."""
    roster.offered(who, "classes")
    held = {*ids(roster.objects(who))}
    seats = [one for one in roster.whole("enrollments") if held & {*points(one, "user")}]
    role = who.removesuffix("s")
    fitting = [one for one in seats if who == "users" or one.get("role") == role]
    if not fitting:
        raise NotVerified(f"no enrollment of one of {who}")
    user = points(fitting[0], "user")[0]
    own = [one for one in seats if user in points(one, "user")]
    reply, found = part(roster, f"{who}/{user}/classes")
    due = {
        each
        for one in own
        if now_seated(one) and one.get("status") == "active"
        for each in points(one, "class")
    }
    may = {each for one in own for each in points(one, "class")}
    expect.equal(len(due - {*found}), 0, "classes that are lacking", reply)
    expect.equal(len({*found} - may), 0, "classes of others", reply)


@pytest.mark.parametrize("name", ["students", "teachers"])
@verifies("ORS-PRT-003")
def check_people_of_a_school_have_their_role_there(roster: Roster, name: str) -> None:
    """Students and teachers of a school are those with that role at it."""
    roster.offered("schools", name)
    every = roster.whole(name)
    role = name.removesuffix("s") if roster.is_1_2 else ""
    counts = {
        one: [body for body in every if one in orgs_of(body, role)]
        for one in ids(roster.some("schools"))
    }
    school = max(counts, key=lambda one: (len(counts[one]), one))
    reply, found = part(roster, f"schools/{school}/{name}")
    same_ids(found, ids(counts[school]), f"{name} of the school", reply)


def orgs_of(user: Body, role: str = "") -> list[str]:
    """The orgs of a user; with a role those at which it has that role."""
    told = inner(user, "roles")
    if not told:
        return points(user, "orgs")
    return [org for one in told if role in ("", one.get("role")) for org in points(one, "org")]


@pytest.mark.parametrize("name", ["enrollments", "students", "teachers"])
@verifies("ORS-PRT-002")
def check_class_of_a_school_is_read_alike(roster: Roster, name: str) -> None:
    """Below its school, a class has the members that it has by itself."""
    roster.offered("schools", "classes", name)
    seats = roster.some("enrollments")
    wanted = name.removesuffix("s") if name != "enrollments" else ""
    seat = next((one for one in seats if wanted in ("", one.get("role"))), None)
    if seat is None:
        raise NotVerified(f"no enrollment of {name}")
    schools, classes = points(seat, "school"), points(seat, "class")
    if not (schools and classes):
        raise NotVerified("an enrollment names no school or no class")
    school, chosen = schools[0], classes[0]
    reply, found = part(roster, f"schools/{school}/classes/{chosen}/{name}")
    if wanted:
        same_ids(found, part(roster, f"classes/{chosen}/{name}")[1], f"{name} of it", reply)
        return
    every = [one for one in roster.whole("enrollments") if chosen in points(one, "class")]
    due = {str(one.get("sourcedId")) for one in every if one.get("status") == "active"}
    expect.equal(len({*found} - {*ids(every)}), 0, "seats of other classes", reply)
    expect.equal(len(due - {*found}), 0, "seats that are lacking", reply)


@pytest.mark.parametrize("path", [*PATHS, *MEMBERS, *OTHERS])
@verifies("ORS-OBJ-003", negative=True)
def check_parts_of_nobody_are_404(roster: Roster, path: str) -> None:
    """A part of a parent that does not exist is 404, not an empty list."""
    parent, _, child = path.split("/")
    roster.offered(parent, child)
    reads(roster, parent)
    reply = roster.get(path.format(f"no-such-{roster.rng.getrandbits(64):x}"))
    refused(reply, 404)
    says(roster, reply, "unknownobject")


@pytest.mark.parametrize("path", [*PATHS, *MEMBERS, *OTHERS])
@verifies("ORS-OBJ-001")
def check_parts_bear_the_name_of_their_kind(roster: Roster, path: str) -> None:
    """The list of a part is called as the collection that it is a part of."""
    parent, _, child = path.split("/")
    roster.offered(parent, child)
    reply, _ = part(roster, path.format(ids(roster.some(parent))[0]))
    wanted: Callable[[str], str] = lambda name: kind_of(name).collection  # noqa: E731
    allowed = [wanted(child)] if roster.is_1_2 else [wanted(child), child]
    lists = [key for key, value in document(reply).items() if isinstance(value, list)]
    expect.true(lists[:1] != [] and lists[0] in allowed, f"the list is called {allowed[0]}", reply,
                ", ".join(lists) or "no list")  # fmt: skip
