"""The synthetic school that the suite's own OneRoster face serves.

Objects in the form of the 1.2 REST binding; `older` makes those of 1.1 of them.
Source: 1EdTech OneRoster 1.2 and 1.1, rostering, REST binding.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from conformance.target_roster import COLLECTIONS

Body = dict[str, Any]
PUPILS = 6
# The first object of a collection is newer by this (seconds) than all others, so that who takes
# the first page for all there is does not come by the others later.
TICK = 0.002
# Awkward and legal: a value of each kind that products are known to spoil.
ODD_GIVEN = ("Zoë", "Jean-Luc", "Ngọc Ánh", "O’Neil", "李小龍", "Ma. Åse")
GRADES = ("09", "KG", "10", "PS", "11", "08")
KINDS = {
    "academicSessions": "academicSession", "orgs": "org", "courses": "course",
    "classes": "class", "users": "user", "enrollments": "enrollment",
    "demographics": "demographics",
}  # fmt: skip
_OLD_ROLES = {
    "districtAdministrator": "administrator", "siteAdministrator": "administrator",
    "systemAdministrator": "administrator", "principal": "administrator", "counselor": "aide",
}  # fmt: skip


def stamp(moment: float) -> str:
    """A moment, in seconds of the epoch, as OneRoster writes it: UTC with milliseconds."""
    text = datetime.fromtimestamp(moment, UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")


class Roster:
    """The objects by collection and sourcedId; the ids hang on the seed and stay for a run.

    `people` chooses who the persons behind the ids are; `extra` are more pupils, each with one
    enrollment; `moment` is when all of it changed last.
    """

    def __init__(self, seed: int, people: int, moment: float, extra: int = 0) -> None:
        self._seed = seed
        self._moment = moment
        self.objects: dict[str, dict[str, Body]] = {name: {} for name in COLLECTIONS}
        self._places()
        self._persons(people, PUPILS + extra)

    def all(self, collection: str) -> list[Body]:
        """The objects of a collection in the order in which they are told."""
        return list(self.objects[collection].values())

    def one(self, collection: str, number: int) -> Body:
        """The object of a number, from 0."""
        return self.all(collection)[number]

    def change(self, collection: str, number: int, moment: float, **members: Any) -> Body:
        """Change members of an object at a moment; returns it."""
        found = self.one(collection, number)
        found.update(members, dateLastModified=stamp(moment))
        return found

    def values(self) -> Iterator[str]:
        """What is personal in it, to be kept out of every file."""
        for user in self.all("users"):
            for name in ("givenName", "familyName", "middleName", "identifier", "email"):
                yield user[name]
        for one in self.all("demographics"):
            yield one["birthDate"]

    def _id(self, collection: str, number: int) -> str:
        drawn = random.Random(f"{self._seed}:{collection}:{number}")  # noqa: S311
        return str(UUID(int=drawn.getrandbits(128), version=4))

    def _add(self, collection: str, number: int, **members: Any) -> Body:
        own = self._id(collection, number)
        return self._put(collection, own, members)

    def _put(self, collection: str, own: str, members: Body) -> Body:
        changed = stamp(self._moment - (TICK if self.objects[collection] else 0.0))
        made = {"sourcedId": own, "status": "active", "dateLastModified": changed} | members
        self.objects[collection][own] = made
        return made

    def _link(self, collection: str, number: int) -> Body:
        own = self._id(collection, number)
        return {"href": f"{collection}/{own}", "sourcedId": own, "type": KINDS[collection]}

    def _places(self) -> None:
        years = {"startDate": "2026-08-17", "endDate": "2027-06-19", "schoolYear": "2027"}
        self._add("academicSessions", 0, title="School year", type="schoolYear", **years)
        parent = {"parent": self._link("academicSessions", 0)}
        term = years | {"endDate": "2027-01-16"}
        self._add("academicSessions", 1, title="Autumn", type="term", **term, **parent)
        self._add("orgs", 0, name="District 7", type="district", identifier="0007")
        for number, name in ((1, "Örebro High School"), (2, "Saint Mary's")):
            told = {"name": name, "type": "school", "identifier": f"00{number}0"}
            self._add("orgs", number, **told, parent=self._link("orgs", 0))
        self._add("courses", 0, title="Algebra", courseCode="0101", org=self._link("orgs", 0))
        for number, title in ((0, "Algebra, period 1"), (1, "Algebra “honors”")):
            self._add(
                "classes", number, title=title, classCode=f"01-{number}", classType="scheduled",
                course=self._link("courses", 0), school=self._link("orgs", 1 + number),
                terms=[self._link("academicSessions", 1)],
            )  # fmt: skip

    def _persons(self, people: int, pupils: int) -> None:
        from fixtures import generate

        for number in range(pupils + 1):
            drawn = generate.student(self._seed, 60_000 + 2_000 * people + number)
            name = drawn.name
            assert name is not None
            told = {
                "enabledUser": "false" if number == 3 else "true",
                "username": f"user.{people}.{number:04}",
                "givenName": ODD_GIVEN[number % len(ODD_GIVEN)] if number else name.given,
                "middleName": f"{(name.middle or 'Q')} {people}",
                "familyName": name.family,
                "identifier": f"000{people}{number:03}",
                "email": f"p{people}.{number}@school.example",
                "grades": [GRADES[number % len(GRADES)]] if number else [],
                "roles": self._roles(number),
                "userIds": [{"type": "LDAP", "identifier": f"00{number}"}],
            }
            self._add("users", number, **told)
            self._seat(number)
            born = str(drawn.birth_date or "2012-02-29")
            more = {"sex": (drawn.sex or "unspecified").lower()}
            self._put("demographics", self._id("users", number), {"birthDate": born} | more)

    def _roles(self, number: int) -> list[Body]:
        role = "student" if number else "teacher"
        made = [{"roleType": "primary", "role": role, "org": self._link("orgs", 1)}]
        if number == 4:  # two schools at once
            made.append({"roleType": "secondary", "role": role, "org": self._link("orgs", 2)})
        return made

    def _seat(self, number: int) -> None:
        role = {"role": "student"} if number else {"role": "teacher", "primary": "true"}
        dates = {"beginDate": "2026-08-17", "endDate": "2027-01-16"}
        place = {"class": self._link("classes", 0), "school": self._link("orgs", 1)}
        self._add("enrollments", number, user=self._link("users", number), **place, **role, **dates)


def older(collection: str, body: Body) -> Body:
    """The object as OneRoster 1.1 has it: one role, and the orgs of all roles, inside the user."""
    if collection != "users":
        return body
    made = {name: value for name, value in body.items() if name != "roles"}
    first = next((one for one in body["roles"] if one["roleType"] == "primary"), body["roles"][0])
    made["role"] = _OLD_ROLES.get(first["role"], first["role"])
    made["orgs"] = list({one["org"]["sourcedId"]: one["org"] for one in body["roles"]}.values())
    return made
