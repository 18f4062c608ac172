"""Providers that show the wrong objects, or show them wrongly."""

# An override may ignore what it is given.
# ruff: noqa: ARG002

from __future__ import annotations

import json
from typing import Any

from conformance.simulators.message import Response
from conformance.simulators.oneroster_provider.district import Bodies, Body, points
from conformance.simulators.oneroster_provider.mutants import breaks
from conformance.simulators.oneroster_provider.provider import RosterProvider
from conformance.simulators.oneroster_provider.reads import KINDS, Call
from conformance.simulators.problems import Refusal


@breaks("ORS-OBJ-001")
class CallsListsAsTheyAreAsked(RosterProvider):
    """Calls the list of students students, where 1.2 says users."""

    def collection_name(self, name: str) -> str:
        return name


@breaks("ORS-OBJ-001")
class WrapsAnswersInData(RosterProvider):
    """Puts every answer into data."""

    def document(self, name: str, told: Any) -> Response:
        return super().document("data", told)


@breaks("ORS-OBJ-001")
class AnswersText(RosterProvider):
    """Calls its JSON plain text."""

    def document(self, name: str, told: Any) -> Response:
        body = json.dumps({name: told}).encode()
        return Response(200, body, "text/plain")


@breaks("ORS-OBJ-001")
class NamesOneObjectAsTheList(RosterProvider):
    """Answers one object under the name of the list."""

    def one(self, call: Call, name: str, sourced_id: str) -> Response:
        body = self.shown(call, name, self.find(name, sourced_id))
        return self.document(KINDS[name][0] + "Item", self.selected(call, [body])[0])


@breaks("ORS-OBJ-002")
class ShortensLists(RosterProvider):
    """Leaves the metadata of changes out of single objects."""

    def one(self, call: Call, name: str, sourced_id: str) -> Response:
        body = self.shown(call, name, self.find(name, sourced_id))
        short = {key: value for key, value in body.items() if key != "dateLastModified"}
        return self.document(KINDS[name][1], self.selected(call, [short])[0])


@breaks("ORS-OBJ-002")
class RenamesInSingles(RosterProvider):
    """Tells another title of one class than of it in the list."""

    def one(self, call: Call, name: str, sourced_id: str) -> Response:
        body = self.shown(call, name, self.find(name, sourced_id))
        if "title" in body:
            body = body | {"title": body["title"].upper() + "!"}
        return self.document(KINDS[name][1], self.selected(call, [body])[0])


@breaks("ORS-OBJ-003", also=("ORS-OBJ-004", "ORS-OBJ-005", "ORS-ERR-001"))
class UnknownIsEmpty(RosterProvider):
    """Answers an empty object where there is none."""

    def one(self, call: Call, name: str, sourced_id: str) -> Response:
        if call.version == "1.1" or sourced_id in self.known_ids(name):
            return super().one(call, name, sourced_id)
        return self.document(KINDS[name][1], {})


@breaks("ORS-OBJ-003")
class PartsOfNobodyAreEmpty(RosterProvider):
    """Answers an empty list for a part of nobody."""

    def below(self, parent: str, sourced_id: str, name: str) -> Bodies:
        try:
            return super().below(parent, sourced_id, name)
        except Refusal:
            if sourced_id in self.known_ids(parent):
                raise
            return []


@breaks("ORS-OBJ-004")
class FindsEveryIdAnywhere(RosterProvider):
    """Looks an id up in the whole collection, whichever view was asked."""

    def find(self, name: str, sourced_id: str) -> Body:
        return super().find(KINDS[name][0], sourced_id)


@breaks("ORS-OBJ-004")
class UnknownPathsAreEmpty(RosterProvider):
    """Answers an empty list at a path that nobody knows."""

    def route(self, call: Call) -> Response:
        try:
            return super().route(call)
        except Refusal as refusal:
            if refusal.status == 404 and call.path[0] not in KINDS:
                return self.document("shoes", [])
            raise


@breaks("ORS-OBJ-005")
class StoresWhatIsPut(RosterProvider):
    """Takes users over the rostering service."""

    def __init__(self, *, secret: str | None = None) -> None:
        super().__init__(secret=secret)
        self.put: set[str] = set()

    def written(self, call: Call) -> Response:
        if call.request.method == "PUT" and len(call.path) == 2:
            self.put.add(call.path[1])
            return Response(201, b"{}", "application/json")
        return super().written(call)

    def find(self, name: str, sourced_id: str) -> Body:
        if sourced_id in self.put:
            return self.held[name][0] | {"sourcedId": sourced_id}
        return super().find(name, sourced_id)


@breaks("ORS-OBJ-005")
class SaysItDeletes(RosterProvider):
    """Answers 204 to every deletion."""

    def written(self, call: Call) -> Response:
        return Response(204) if call.request.method == "DELETE" else super().written(call)


@breaks("ORS-OBJ-006")
class SchoolsAreAllOrgs(RosterProvider):
    """Shows the district among the schools."""

    def objects(self, name: str) -> Bodies:
        return super().objects("orgs" if name == "schools" else name)


@breaks("ORS-OBJ-006")
class TeachersAreAllStaff(RosterProvider):
    """Shows counselors and aides among the teachers."""

    def objects(self, name: str) -> Bodies:
        if name != "teachers":
            return super().objects(name)
        kinds = ("teacher", "counselor", "aide")
        return [one for one in self.held["users"] if any(self.has_role(one, k) for k in kinds)]


@breaks("ORS-PRT-001")
class ForgetsTheSchoolOfClasses(RosterProvider):
    """Shows the classes of all schools below one."""

    def below(self, parent: str, sourced_id: str, name: str) -> Bodies:
        found = super().below(parent, sourced_id, name)
        return self.objects("classes") if (parent, name) == ("schools", "classes") else found


@breaks("ORS-PRT-001")
class LosesThePeriodsOfATerm(RosterProvider):
    """Shows no grading periods of a term."""

    def below(self, parent: str, sourced_id: str, name: str) -> Bodies:
        found = super().below(parent, sourced_id, name)
        return found[1:] if (parent, name) == ("terms", "gradingPeriods") else found


@breaks("ORS-PRT-002")
class LosesAStudentOfTheClass(RosterProvider):
    """Leaves the first student of a class out."""

    def members(self, sourced_id: str, role: str) -> Bodies:
        found = super().members(sourced_id, role)
        return found[1:] if role == "student" else found


@breaks("ORS-PRT-002")
class ShowsAllClassesOfTheSchool(RosterProvider):
    """Shows a user the classes of the school."""

    def classes_of_user(self, user: str) -> Bodies:
        found = super().classes_of_user(user)
        schools = {points(one, "school") for one in found}
        return [one for one in self.objects("classes") if points(one, "school") in schools]


@breaks("ORS-PRT-002")
class LosesTheSeatsBelowASchool(RosterProvider):
    """Shows only teachers among the enrollments of a class below its school."""

    def below_class(self, school: str, sourced_id: str, name: str) -> Bodies:
        found = super().below_class(school, sourced_id, name)
        if name == "enrollments":
            return [one for one in found if one["role"] == "teacher"]
        return found[:-1]


@breaks("ORS-PRT-003")
class ForgetsTheSchoolOfPeople(RosterProvider):
    """Shows the people of every school below one."""

    def people_at(self, school: str, role: str) -> Bodies:
        return super().people_at("", role)


@breaks("ORS-PRT-003")
class CutsThePeopleOfASchool(RosterProvider):
    """Shows all but one of the people of a school."""

    def people_at(self, school: str, role: str) -> Bodies:
        return super().people_at(school, role)[:-1]
