"""The rows that a run delivers: a small school that stays, and people who come with each check.

Rows are those of OneRoster 1.2. Ids come from the random source of the caller; what is personal
comes from the drawn students, so that it is recognised wherever it appears.
"""

from __future__ import annotations

import random
import uuid
from collections.abc import Iterable

from lxml import etree

from conformance import trees
from conformance.parcels import Row, Tables

ORDER = (
    "orgs", "academicSessions", "courses", "users", "roles", "demographics", "classes",
    "enrollments",
)  # fmt: skip
YEAR = "2027"
FIRST_DAY, DAY_AFTER = "2026-08-31", "2027-06-19"


def new_id(rng: random.Random) -> str:
    """An id as OneRoster files usually write them."""
    return str(uuid.UUID(int=rng.getrandbits(128), version=4))


class School:
    """One school with a term, a course, a class and its teacher, without students."""

    def __init__(self, rng: random.Random, teacher: etree._Element) -> None:
        self.org, self.term, self.course, self.lesson = (new_id(rng) for _ in range(4))
        self.teacher = new_id(rng)
        person = _user(self.teacher, teacher, "")
        self.tables: Tables = {
            "orgs": [_org(self.org)],
            "academicSessions": [_term(self.term)],
            "courses": [_course(self.course, self.org)],
            "users": [person],
            "roles": [self._role(self.teacher, "teacher", rng)],
            "demographics": [],
            "classes": [self._lesson()],
            "enrollments": [self._place(self.teacher, "teacher", rng) | {"primary": "true"}],
        }

    def person(
        self, student: etree._Element, rng: random.Random, refid: str = "", **cells: str
    ) -> Tables:
        """The rows of one student of the school; `cells` replace those of users."""
        refid = refid or new_id(rng)
        user = _user(refid, student, trees.text(student, "localId")) | cells
        return {
            "users": [user],
            "roles": [self._role(refid, "student", rng)],
            "demographics": [{"sourcedId": refid, "birthDate": birth(student)}],
            "enrollments": [self._place(refid, "student", rng)],
        }

    def _role(self, user: str, role: str, rng: random.Random) -> Row:
        return {
            "sourcedId": new_id(rng),
            "userSourcedId": user,
            "roleType": "primary",
            "role": role,
            "beginDate": FIRST_DAY,
            "orgSourcedId": self.org,
        }

    def _place(self, user: str, role: str, rng: random.Random) -> Row:
        return {
            "sourcedId": new_id(rng),
            "classSourcedId": self.lesson,
            "schoolSourcedId": self.org,
            "userSourcedId": user,
            "role": role,
            "beginDate": FIRST_DAY,
            "endDate": DAY_AFTER,
        }

    def _lesson(self) -> Row:
        return {
            "sourcedId": self.lesson,
            "title": "Qvex 101, first half",
            "courseSourcedId": self.course,
            "classCode": "0101",
            "classType": "scheduled",
            "schoolSourcedId": self.org,
            "termSourcedIds": self.term,
        }


def joined(*parts: Tables) -> Tables:
    """All rows of several sets, in the order of references."""
    return {name: [row for part in parts for row in part.get(name, [])] for name in ORDER}


def gone(tables: Tables) -> Tables:
    """The same rows, each marked as to be deleted; children first."""
    marked = {
        name: [row | {"status": "tobedeleted"} for row in tables.get(name, [])] for name in ORDER
    }
    return {name: marked[name] for name in reversed(ORDER) if marked[name]}


def names_in(tables: Iterable[Row]) -> set[str]:
    """What names a person in rows of users: names, logins, local ids."""
    columns = ("givenName", "familyName", "username", "identifier")
    return {value for row in tables for column in columns if (value := row.get(column, ""))}


def birth(student: etree._Element) -> str:
    """The day of birth without a zone, or a day of its own where the student has none."""
    return trees.text(student, "demographics", "birthDate")[:10] or "2014-03-09"


def _user(refid: str, student: etree._Element, local: str) -> Row:
    given = trees.text(student, "name", "givenName")
    return {
        "sourcedId": refid,
        "enabledUser": "true",
        "username": f"u{refid[:13]}",
        "givenName": given,
        "familyName": trees.text(student, "name", "familyName") or given,
        "identifier": local,
        "grades": "09" if local else "",
    }


def _org(refid: str) -> Row:
    return {"sourcedId": refid, "name": "Qvex School", "type": "school", "identifier": "0042"}


def _term(refid: str) -> Row:
    return {
        "sourcedId": refid,
        "title": "School year 2026/27",
        "type": "schoolYear",
        "startDate": FIRST_DAY,
        "endDate": DAY_AFTER,
        "schoolYear": YEAR,
    }


def _course(refid: str, org: str) -> Row:
    return {"sourcedId": refid, "title": "Qvex", "courseCode": "0101", "orgSourcedId": org}
