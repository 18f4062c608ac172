"""OneRoster in, OneRoster out: what a student object cannot say comes in a bundle.

Terms, classes, teachers and staff roles are put as a delta and looked for in the export.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime

from lxml import etree

from conformance import expect, trees
from conformance.checks.parts import fresh_id
from conformance.checks.pod.bundles import put
from conformance.checks.preparation import accepted
from conformance.checks.translation.bundles_in import token
from conformance.problems import NotVerified
from conformance.readback import ReadBack
from conformance.sif import SifClient
from conformance.verifies import verifies
from fixtures.writers.oneroster import csv_files
from fixtures.writers.oneroster.rows import Row

Tables = Mapping[str, list[Row]]
STAFF_ROLES = ("principal", "counselor", "aide", "proctor", "siteAdministrator", "ext:librarian")


def new() -> str:
    """An id as OneRoster files usually write them."""
    return fresh_id().lower()


@contextmanager
def taken(sif: SifClient, tables: Tables) -> Iterator[None]:
    """PUT these rows as a delta; they are deleted in the same way afterwards."""
    now = datetime.now(UTC)
    reply = put(sif, csv_files.delta(tables, now), token(sif))
    try:
        accepted(reply, "a delta is taken")
        yield
    finally:
        gone = {name: [csv_files.deleted(row) for row in rows] for name, rows in tables.items()}
        put(sif, csv_files.delta(gone, now), token(sif))


def shown(
    readback: ReadBack, name: str, ids: set[str], column: str = "sourcedId"
) -> list[dict[str, str]]:
    """The rows of these ids, waited for; NotVerified if there is none."""
    keys = {trees.folded(one) for one in ids}
    found: list[dict[str, str]] = []

    def look() -> dict[str, str]:
        every = readback.table(name)
        found[:] = [row for row in every if trees.folded(row.get(column, "")) in keys]
        return {"done": "yes"} if len(found) >= len(ids) else {}

    readback.wait(look)
    if not found:
        raise NotVerified(f"no row of {name} is shown, so nothing can be compared")
    return found


def term(refid: str, title: str) -> Row:
    """A term of the school year."""
    return {
        "sourcedId": refid,
        "title": title,
        "type": "term",
        "startDate": "2026-08-31",
        "endDate": "2027-01-23",
        "schoolYear": "2027",
    }


def section(refid: str, terms: tuple[str, ...]) -> Row:
    """A class in these terms."""
    return {
        "sourcedId": refid,
        "title": "Qvex 101",
        "courseSourcedId": new(),
        "classType": "scheduled",
        "schoolSourcedId": new(),
        "termSourcedIds": ",".join(terms),
    }


@verifies("TRN-ID-08")
def check_renamed_term_keeps_its_id(sif: SifClient, readback: ReadBack) -> None:
    """A term with a new title is the same one row with the same id."""
    refid = new()
    with taken(sif, {"academicSessions": [term(refid, "S1")]}):
        shown(readback, "academicSessions", {refid})
        renamed = {"academicSessions": [term(refid, "SEM1")]}
        accepted(put(sif, csv_files.delta(renamed, datetime.now(UTC)), token(sif)), "is taken")
        rows = readback.table("academicSessions")
        found = [row.get("title") for row in rows if row.get("sourcedId") == refid]
        expect.equal(found, ["SEM1"], "titles of the term", readback.last)


@verifies("TRN-CS-09")
def check_staff_roles_are_no_teachers(
    sif: SifClient, readback: ReadBack, student: etree._Element
) -> None:
    """Principal, counselor, aide, proctor and librarian keep their role; none becomes a teacher."""
    people = {new(): role for role in STAFF_ROLES}
    name = trees.text(student, "name", "familyName")
    users = [_user(one, role, name) for one, role in people.items()]
    roles: list[Row] = [
        {
            "sourcedId": new(),
            "userSourcedId": one,
            "roleType": "primary",
            "role": role,
            "orgSourcedId": new(),
        }
        for one, role in people.items()
    ]
    readback.must_see("roles")
    with taken(sif, {"users": users, "roles": roles}):
        found = shown(readback, "roles", set(people), "userSourcedId")
        seen = {trees.folded(row["userSourcedId"]): row.get("role") for row in found}
        told = {trees.folded(one): role for one, role in people.items()}
        expect.equal(seen, told, "roles of the staff", readback.last)


def _user(refid: str, role: str, name: str) -> Row:
    login = f"{role.replace(':', '.')}.{refid[:8]}"
    return {
        "sourcedId": refid,
        "enabledUser": "true",
        "username": login,
        "givenName": "Qvexwren",
        "familyName": name,
    }


@verifies("TRN-MV-03")
def check_twelve_teachers_are_twelve(sif: SifClient, readback: ReadBack) -> None:
    """A class with twelve teachers shows all of them, one of them primary."""
    lesson, term_id, school = new(), new(), new()
    teachers = [new() for _ in range(12)]
    rows: list[Row] = [
        {
            "sourcedId": new(),
            "classSourcedId": lesson,
            "schoolSourcedId": school,
            "userSourcedId": one,
            "role": "teacher",
            "primary": str(one == teachers[0]).lower(),
        }
        for one in teachers
    ]
    with taken(sif, {"classes": [section(lesson, (term_id,))], "enrollments": rows}):
        found = shown(readback, "enrollments", set(teachers), "userSourcedId")
        expect.equal(len(found), 12, "teachers of the class", readback.last)
        first = [row.get("userSourcedId") for row in found if row.get("primary") == "true"]
        expect.equal(first, [teachers[0]], "the primary teacher", readback.last)


@verifies("TRN-MV-05")
def check_class_of_two_terms_is_one_class(sif: SifClient, readback: ReadBack) -> None:
    """A class that runs in two terms is one row with both of them."""
    lesson, terms = new(), (new(), new())
    with taken(sif, {"classes": [section(lesson, terms)]}):
        found = shown(readback, "classes", {lesson})
        expect.equal(len(found), 1, "rows of the class", readback.last)
        told = {trees.folded(one.strip()) for one in found[0].get("termSourcedIds", "").split(",")}
        expect.equal(
            told, {trees.folded(one) for one in terms}, "terms of the class", readback.last
        )
