"""References: where they point, and that what they name is there (OneRoster 1.2, GUIDRef)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest

from conformance import expect
from conformance import oneroster_kinds as kinds
from conformance.checks.oneroster_provider.values import fine
from conformance.oneroster_offer import Body, Roster, ids, inner, points, single
from conformance.verifies import verifies

Wholes = pytest.mark.parametrize("name", kinds.WHOLE[:-1])
AT_MOST = 12


def links(kind: kinds.Kind, body: Body) -> Iterator[tuple[str, str, object]]:
    """The references of an object: member, kind that it points to, reference."""
    for member, to in kind.links.items():
        value = body.get(member)
        for one in value if isinstance(value, list) else [value] * (value is not None):
            yield member, to, one
    for role in inner(body, "roles"):
        yield "roles/org", "org", role.get("org")


def there(roster: Roster, name: str) -> set[str]:
    """The ids of a collection."""
    return {*ids(roster.whole(name))}


@Wholes
@verifies("ORS-REF-001")
def check_references_say_what_they_point_to(roster: Roster, name: str) -> None:
    """A reference has an address, an id and the type of what it points to."""
    kind = kinds.kind_of(name)
    reply, found, _ = roster.read(name)
    wrong = []
    for body in found:
        for member, to, one in links(kind, body):
            told = one if isinstance(one, Mapping) else {}
            whole = {key for key in ("href", "sourcedId", "type") if isinstance(told.get(key), str)}
            wrong += [member] * (len(whole) < 3 or told.get("type") != to)
    fine(reply, wrong, f"references of {name} are complete")


@Wholes
@verifies("ORS-REF-002")
def check_what_references_name_is_offered(roster: Roster, name: str) -> None:
    """What an active object points to stands in its collection."""
    kind = kinds.kind_of(name)
    reply, found, _ = roster.read(name)
    wrong = []
    for body in found:
        if body.get("status") != "active":
            continue
        for member, to, one in links(kind, body):
            collection = kinds.KINDS[to].collection
            known = there(roster, collection) if collection in roster.collections else None
            told = str(one.get("sourcedId")) if isinstance(one, Mapping) else ""
            wrong += [member] * (known is not None and told not in known)
    fine(reply, wrong, f"{name} point to what is offered")


@Wholes
@verifies("ORS-REF-003")
def check_addresses_of_references_lead_there(roster: Roster, name: str) -> None:
    """The address in a reference is that of this service, and leads to the object named."""
    kind = kinds.kind_of(name)
    _, found, _ = roster.read(name)
    chosen = {
        (member, to): (one, body)
        for body in found
        if body.get("status") == "active"
        for member, to, one in links(kind, body)
        if isinstance(one, Mapping)
    }
    for (_, to), (one, _) in list(chosen.items())[:AT_MOST]:
        reply = roster.follow(str(one.get("href")), kinds.KINDS[to].collection)
        expect.status(reply, 200)
        expect.equal(single(reply).get("sourcedId"), one.get("sourcedId"), "the id there", reply)


@verifies("ORS-REF-002")
def check_demographics_are_of_users(roster: Roster) -> None:
    """The id of demographics is that of the user they are of."""
    reply, found, _ = roster.read("demographics")
    strangers = {*ids(found)} - there(roster, "users")
    expect.equal(len(strangers), 0, "demographics of nobody", reply)


@verifies("ORS-REF-004")
def check_enrollments_are_at_the_school_of_the_class(roster: Roster) -> None:
    """The school of an enrollment is that of its class."""
    reply, found, _ = roster.read("enrollments")
    schools = {str(one.get("sourcedId")): points(one, "school") for one in roster.whole("classes")}
    wrong = [
        "school"
        for one in found
        for chosen in points(one, "class")
        if schools.get(chosen, points(one, "school")) != points(one, "school")
    ]
    fine(reply, wrong, "an enrollment is at the school of its class")


@verifies("ORS-REF-004")
def check_enrolled_students_are_students(roster: Roster) -> None:
    """Who is enrolled as a student is among the students."""
    reply, found, _ = roster.read("enrollments")
    known = there(roster, "students")
    wrong = [
        "user"
        for one in found
        if one.get("role") == "student" and one.get("status") == "active"
        for user in points(one, "user")
        if user not in known
    ]
    fine(reply, wrong, "who is enrolled as a student is one")


@verifies("ORS-REF-004")
def check_orgs_hang_together(roster: Roster) -> None:
    """No org stands above itself, and a school has an org above it that is no school."""
    reply, found, _ = roster.read("orgs")
    above = {str(one.get("sourcedId")): points(one, "parent")[:1] for one in found}
    wrong = []
    for start in above:
        seen, at = {start}, above[start]
        while at and at[0] not in seen:
            seen.add(at[0])
            at = above.get(at[0], [])
        wrong += ["parent"] * bool(at)
    fine(reply, wrong, "no org stands above itself")


@pytest.mark.parametrize("name", ["enrollments", "academicSessions"])
@verifies("ORS-REF-004")
def check_days_lie_in_order(roster: Roster, name: str) -> None:
    """A stay ends after it begins, and a session lies within the one it is a part of."""
    reply, found, _ = roster.read(name)
    by_id = {str(one.get("sourcedId")): one for one in found}
    wrong = []
    for one in found:
        begin, end = str(one.get("beginDate") or ""), str(one.get("endDate") or "")
        wrong += ["endDate"] * bool(begin and end and end <= begin)
        above = points(one, "parent")
        parent = by_id.get(above[0]) if above else None
        if parent is not None:
            wrong += ["startDate"] * (str(one.get("startDate")) < str(parent.get("startDate")))
            wrong += ["endDate"] * (end > str(parent.get("endDate")))
    fine(reply, wrong, f"days of {name} lie in order")
