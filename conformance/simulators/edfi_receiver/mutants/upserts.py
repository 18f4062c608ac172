"""Ed-Fi hosts that create twice, merge, move ids, or lose what was sent."""

# An override may ignore what it is given.
# ruff: noqa: ARG002

from __future__ import annotations

import copy
import time

from conformance.simulators.edfi_receiver.answers import BAD, Refused
from conformance.simulators.edfi_receiver.host import EdfiHost
from conformance.simulators.edfi_receiver.mutants import breaks
from conformance.simulators.edfi_receiver.resources import Body
from conformance.simulators.edfi_receiver.store import Stored
from conformance.simulators.message import Request, Response

STUDENTS, STAYS = "students", "studentSchoolAssociations"


@breaks("EDF-UPS-001")
class CreateAnswers200(EdfiHost):
    """A new record is answered like a known one."""

    def status_for(self, known: bool) -> int:
        return 200


@breaks("EDF-UPS-001")
class LocationIsMissing(EdfiHost):
    """Tells no place of a new record."""

    def posted(self, known: bool, headers: tuple[tuple[str, str], ...]) -> Response:
        return self.answer(self.status_for(known), None)


@breaks("EDF-UPS-002")
class UpsertAnswers201(EdfiHost):
    """A known key is answered like a new one."""

    def status_for(self, known: bool) -> int:
        return 201


@breaks(
    "EDF-UPS-002",
    also=("EDF-UPS-003", "EDF-VAL-007", "EDF-UPS-005", "TRN-LC-07", "TRN-PR-07"),
)
class MakesTwins(EdfiHost):
    """Each POST makes a record of its own."""

    def find(self, name: str, body: Body) -> str:
        return ""


@breaks("EDF-UPS-002", also=("TRN-PR-07",))
class GivesNewIds(EdfiHost):
    """A known record gets another id with each POST."""

    def upsert(self, name: str, known: str, body: Body) -> str:
        if known:
            self.forget(name, known)
        return super().upsert(name, "", body)


@breaks("EDF-UPS-003")
class MergesRecords(EdfiHost):
    """What a later record leaves out stays."""

    def keep(self, name: str, number: str, body: Body) -> Stored:
        old = self.held.get(name, {}).get(number)
        return super().keep(name, number, (old.body if old else {}) | body)


@breaks("EDF-UPS-003", also=("EDF-VAL-007",))
class KeepsTheFirst(EdfiHost):
    """A POST of a known key changes nothing."""

    def upsert(self, name: str, known: str, body: Body) -> str:
        return known or super().upsert(name, known, body)


@breaks("EDF-UPS-004")
class TakesAChosenId(EdfiHost):
    """An id in the body of a POST is no fault."""

    def refuse_own_id(self, body: Body) -> None:
        body.pop("id", None)


@breaks("EDF-UPS-004")
class ChosenIdIsAConflict(EdfiHost):
    """An id in the body of a POST is 409."""

    def refuse_own_id(self, body: Body) -> None:
        if "id" in body:
            raise Refused(409, "data-conflict", "The id is taken.")


@breaks("EDF-UPS-005")
class LosesRaces(EdfiHost):
    """Looks for the key, waits, then stores: two at once are two records."""

    def work(self, request: Request, name: str, number: str) -> Response:
        if request.method != "POST" or name != STUDENTS or number:
            return super().work(request, name, number)
        body = self.read_body(request.body)
        self.refuse_own_id(body)
        self.judge(name, body)
        known = self.find(name, body)
        time.sleep(0.1)
        with self.lock:
            number = self.upsert(name, known, body)
        headers = (("Location", self.location(request, name, number)),)
        return self.posted(bool(known), headers)


@breaks("EDF-UPS-005")
class BreaksUnderRaces(EdfiHost):
    """A second request for students at the same time is a server error."""

    busy = 0

    def work(self, request: Request, name: str, number: str) -> Response:
        if request.method != "POST" or name != STUDENTS or number:
            return super().work(request, name, number)
        self.busy += 1
        try:
            if self.busy > 1:
                return self.answer(500, {"message": "A lock could not be taken."})
            time.sleep(0.1)
            return super().work(request, name, number)
        finally:
            self.busy -= 1


@breaks("EDF-PUT-001", also=("EDF-TAG-002",))
class PutAnswers201(EdfiHost):
    """A replaced record is answered like a new one."""

    def put(self, request: Request, name: str, number: str) -> Response:
        answer = super().put(request, name, number)
        return self.answer(201, None, *answer.headers)


@breaks(
    "EDF-PUT-001",
    also=("EDF-UPS-003", "EDF-TAG-001", "EDF-TAG-002", "EDF-TAG-003", "EDF-VLE-005"),
)
class PutDoesNothing(EdfiHost):
    """PUT answers success and leaves the record as it was."""

    def replace(self, name: str, number: str, body: Body) -> None:
        return


@breaks("EDF-PUT-002")
class PutCreates(EdfiHost):
    """PUT to an id nobody has makes a record."""

    def put(self, request: Request, name: str, number: str) -> Response:
        if number not in self.held.get(name, {}):
            body = self.read_body(request.body)
            self.keep(name, number, {key: one for key, one in body.items() if key != "id"})
            return self.answer(201)
        return super().put(request, name, number)


@breaks("EDF-PUT-002")
class PutToNobodyIsAConflict(EdfiHost):
    """PUT to an id nobody has is 409."""

    def put(self, request: Request, name: str, number: str) -> Response:
        if number not in self.held.get(name, {}):
            raise Refused(409, "data-conflict", "There is no such item.")
        return super().put(request, name, number)


@breaks("EDF-PUT-003")
class KeyMayChange(EdfiHost):
    """PUT gives a student another unique id."""

    def rekey(self, name: str, number: str, body: Body) -> None:
        self.keep(name, number, body)


@breaks("EDF-PUT-003")
class KeyChangeIsIgnored(EdfiHost):
    """PUT with another key stores the rest and answers success."""

    def rekey(self, name: str, number: str, body: Body) -> None:
        old = self.held[name][number].body
        self.keep(name, number, body | self.resource(name).identity(old))


@breaks("EDF-PUT-004")
class IdOfTheBodyIsIgnored(EdfiHost):
    """PUT does not look at the id in the body."""

    def refuse_other_id(self, body: Body, number: str) -> None:
        return


@breaks("EDF-PUT-005")
class StoresBeforeItJudges(EdfiHost):
    """A PUT that is refused has changed the record all the same."""

    def put(self, request: Request, name: str, number: str) -> Response:
        try:
            return super().put(request, name, number)
        except Refused as refused:
            held = self.held.get(name, {}).get(number)
            if held is not None and refused.places and name == STUDENTS:
                self.keep(name, number, held.body | {"lastSurname": "Half"})
            raise


@breaks("EDF-PUT-005")
class RepairsAReplacement(EdfiHost):
    """A PUT with a faulty day is taken without the day."""

    def put(self, request: Request, name: str, number: str) -> Response:
        body = self.read_body(request.body)
        if name == STUDENTS and not self.is_day(body.get("birthDate")):
            old = self.stored(name, number).body
            self.keep(name, number, body | {"birthDate": old["birthDate"]})
            return self.answer(204)
        return super().put(request, name, number)


@breaks("EDF-MET-001")
class PostReplacesARecord(EdfiHost):
    """POST to one record is taken for PUT."""

    def not_allowed(self, request: Request, name: str, number: str) -> Response:
        if request.method == "POST":
            return self.put(request, name, number)
        return super().not_allowed(request, name, number)


@breaks("EDF-MET-001")
class WrongMethodIsNotFound(EdfiHost):
    """A method at the wrong address is 404."""

    def not_allowed(self, request: Request, name: str, number: str) -> Response:
        raise Refused(404, "not-found", "There is nothing at this address.")


MANY = 16


@breaks("EDF-LOD-001")
class HoldsFifteenStudents(EdfiHost):
    """With the sixteenth student the first one is forgotten."""

    def keep(self, name: str, number: str, body: Body) -> Stored:
        made = super().keep(name, number, body)
        if name == STUDENTS and len(self.held[name]) >= MANY:
            self.forget(name, next(iter(self.held[name])))
        return made


@breaks("EDF-LOD-001")
class MixesUpManyStudents(EdfiHost):
    """From the sixteenth student on, everybody is called like the first."""

    def recorded(self, name: str, body: Body) -> Body:
        kept = super().recorded(name, body)
        held = list(self.held.get(name, {}).values())
        if name == STUDENTS and len(held) >= MANY:
            kept["firstName"] = held[0].body["firstName"]
        return kept


@breaks("TRN-LC-07", also=("TRN-MV-08",))
class AppendsItems(EdfiHost):
    """The items of a list are added to those that are there."""

    def keep(self, name: str, number: str, body: Body) -> Stored:
        old = self.held.get(name, {}).get(number)
        body = copy.deepcopy(body)
        if old is not None and "races" in body:
            body["races"] = [*old.body.get("races", []), *body["races"]]
        return super().keep(name, number, body)


@breaks("TRN-MV-08")
class OtherOrderIsMore(EdfiHost):
    """A list in another order is taken for another list."""

    def keep(self, name: str, number: str, body: Body) -> Stored:
        old = self.held.get(name, {}).get(number)
        before = old.body.get("races", []) if old else []
        races = body.get("races", [])
        if before and races != before:
            body = body | {"races": [*before, *races]}
        return super().keep(name, number, body)


@breaks("TRN-MV-08")
class MembersHaveAnOrder(EdfiHost):
    """What the district knows must begin with the student."""

    def judge(self, name: str, body: Body) -> None:
        known = "studentEducationOrganizationAssociations"
        if name == known and next(iter(body), "") != "studentReference":
            raise Refused(400, BAD, "The first member is not the student.")
        super().judge(name, body)


@breaks("TRN-LC-08")
class DeletedKeysAreLocked(EdfiHost):
    """The key of a deleted student cannot be used again."""

    def forget(self, name: str, number: str) -> None:
        if name == STUDENTS:
            self.locked = {*getattr(self, "locked", ()), self.natural(name, self.body_of(number))}
        super().forget(name, number)

    def body_of(self, number: str) -> Body:
        """The student of an id."""
        return self.held[STUDENTS][number].body

    def judge(self, name: str, body: Body) -> None:
        super().judge(name, body)
        if name == STUDENTS and self.natural(name, body) in getattr(self, "locked", ()):
            raise Refused(409, "data-conflict:non-unique-identity", "The key was used before.")


@breaks("TRN-LC-08")
class BringsBackTheDeleted(EdfiHost):
    """A student who comes again is shown as before the deletion."""

    def forget(self, name: str, number: str) -> None:
        if name == STUDENTS:
            body = self.held[name][number].body
            self.gone = {**getattr(self, "gone", {}), self.natural(name, body): body}
        super().forget(name, number)

    def upsert(self, name: str, known: str, body: Body) -> str:
        before = getattr(self, "gone", {}).get(self.natural(name, body))
        return super().upsert(name, known, before if before and not known else body)


@breaks("TRN-ID-12", also=("EDF-VLE-006", "EDF-GET-004", "EDF-PAG-001", "EDF-PAG-002"))
class OneEnrolmentPerPerson(EdfiHost):
    """A second enrolment takes the place of the first."""

    def natural(self, name: str, body: Body) -> frozenset[tuple[str, str]]:
        found = super().natural(name, body)
        return frozenset(one for one in found if name != STAYS or one[0] == "studentUniqueId")


@breaks("TRN-ID-12")
class PersonPerSchool(EdfiHost):
    """A student of two schools is listed twice."""

    def listed(self, name: str) -> list[str]:
        found = super().listed(name)
        if name != STUDENTS:
            return found
        return [one for one in found for _ in range(max(1, len(self.schools_of(one))))]

    def schools_of(self, number: str) -> set[int]:
        """The schools that a student is enrolled at."""
        who = self.held[STUDENTS][number].body["studentUniqueId"]
        return {
            one.body["schoolReference"]["schoolId"]
            for one in self.held.get(STAYS, {}).values()
            if one.body["studentReference"]["studentUniqueId"] == who
        }
