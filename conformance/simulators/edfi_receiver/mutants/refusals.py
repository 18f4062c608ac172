"""Ed-Fi hosts that take what they should refuse, cut it, or refuse it in a wrong way."""

# An override may ignore what it is given.
# ruff: noqa: ARG002

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from conformance.simulators.edfi_receiver.answers import BAD, Refused
from conformance.simulators.edfi_receiver.host import EdfiHost
from conformance.simulators.edfi_receiver.mutants import breaks
from conformance.simulators.edfi_receiver.resources import Body, references
from conformance.simulators.message import Request, Response

STUDENTS, STAYS = "students", "studentSchoolAssociations"


@breaks("EDF-VAL-001")
class NamesMayBeMissing(EdfiHost):
    """Stores a student without a surname."""

    def missing(self, name: str, body: Body) -> Iterator[tuple[str, str]]:
        return (one for one in super().missing(name, body) if one[0] != "$.lastSurname")


@breaks("EDF-VAL-001")
class MissingGradeIsAServerError(EdfiHost):
    """An enrolment without a grade is 500."""

    def judge(self, name: str, body: Body) -> None:
        if name == STAYS and "entryGradeLevelDescriptor" not in body:
            raise Refused(500, "system", "An unexpected problem.")
        super().judge(name, body)


@breaks("EDF-VAL-002")
class TakesAnyType(EdfiHost):
    """Stores whatever stands at a member."""

    def is_kind(self, kind: str, value: Any) -> bool:
        return True


@breaks("EDF-VAL-002")
class WordsAreTruths(EdfiHost):
    """A word stands for a truth value."""

    def is_kind(self, kind: str, value: Any) -> bool:
        return kind == "flag" or super().is_kind(kind, value)


@breaks("EDF-VAL-003")
class TakesLongNames(EdfiHost):
    """Looks at no limit."""

    def is_too_long(self, value: str, limit: int) -> bool:
        return False


@breaks("EDF-VAL-003")
class CutsNamesOnTheSly(EdfiHost):
    """Cuts a name at 74 characters, also one that fits."""

    def recorded(self, name: str, body: Body) -> Body:
        kept = super().recorded(name, body)
        if name == STUDENTS:
            kept["firstName"] = kept["firstName"][:74]
        return kept


@breaks("EDF-VAL-004", also=("EDF-PUT-005",))
class TakesAnyDay(EdfiHost):
    """Stores days that there are none."""

    def is_day(self, value: Any) -> bool:
        return True


@breaks("EDF-VAL-004")
class DaysMayHaveATime(EdfiHost):
    """Takes a day with a time and forgets the time."""

    def is_day(self, value: Any) -> bool:
        return super().is_day(value.partition("T")[0] if isinstance(value, str) else value)


@breaks("EDF-VAL-005")
class KeysMayHaveBlanks(EdfiHost):
    """A key with a blank at its end is another key."""

    def has_blanks(self, value: Any) -> bool:
        return False


@breaks("EDF-VAL-005")
class TrimsKeys(EdfiHost):
    """A blank at the end of a unique id is taken away."""

    def judge(self, name: str, body: Body) -> None:
        if isinstance(body.get("studentUniqueId"), str):
            body["studentUniqueId"] = body["studentUniqueId"].strip()
        super().judge(name, body)


@breaks("EDF-VAL-006")
class BrokenBodyIsAServerError(EdfiHost):
    """Half a document is 500."""

    def read_body(self, data: bytes) -> Body:
        try:
            return super().read_body(data)
        except Refused as refused:
            if "JSON." in refused.detail:
                raise Refused(500, "system", "An unexpected problem.") from None
            raise


@breaks("EDF-VAL-006")
class TakesTheFirstOfAList(EdfiHost):
    """A list of records is taken for its first one."""

    def read_body(self, data: bytes) -> Body:
        if data.startswith(b"[") and data.endswith(b"]"):
            return super().read_body(data[1:-1])
        return super().read_body(data)


@breaks("EDF-VAL-007")
class RefusesUnknownMembers(EdfiHost):
    """A member that the standard lacks is 400."""

    def judge(self, name: str, body: Body) -> None:
        if "sckMadeUpMember" in body:
            raise Refused(400, BAD, "There is an unknown member.")
        super().judge(name, body)


@breaks("EDF-VAL-007")
class KeepsUnknownMembers(EdfiHost):
    """Stores and shows whatever it gets."""

    def recorded(self, name: str, body: Body) -> Body:
        return {member: value for member, value in body.items() if value is not None}


@breaks("EDF-VAL-008")
class LargeNumbersBreak(EdfiHost):
    """A number out of range is 500."""

    def is_number(self, member: str, value: Any) -> bool:
        if isinstance(value, int) and value > 2**63:
            raise Refused(500, "system", "An unexpected problem.")
        return super().is_number(member, value)


@breaks("EDF-VAL-008")
class LargeNumbersAreNotFound(EdfiHost):
    """A number out of range is looked up, and answered with 404."""

    def is_number(self, member: str, value: Any) -> bool:
        if isinstance(value, int) and value > 2**63:
            raise Refused(404, "not-found", "There is no such school.")
        return super().is_number(member, value)


@breaks("EDF-VAL-009")
class LeavesOutTheWrongItem(EdfiHost):
    """A race that is no code is left out, and the rest is stored."""

    def judge(self, name: str, body: Body) -> None:
        if "races" in body:
            body["races"] = [one for one in body["races"] if self.knows_code(*one.values())]
        super().judge(name, body)


@breaks("EDF-VAL-009")
class WrongItemIsAServerError(EdfiHost):
    """A race that is no code is 500."""

    def judge(self, name: str, body: Body) -> None:
        if not all(self.knows_code(*one.values()) for one in body.get("races", [])):
            raise Refused(500, "system", "An unexpected problem.")
        super().judge(name, body)


@breaks("EDF-REF-001")
class PointsToNothing(EdfiHost):
    """Stores an enrolment of nobody."""

    def resolve(self, body: Body) -> None:
        for reference, parts in references(body):
            if reference != "studentReference" and self.target(reference, parts) is None:
                super().resolve(body)


@breaks("EDF-REF-001")
class UnresolvedIsAServerError(EdfiHost):
    """A school that is not there is 500."""

    def resolve(self, body: Body) -> None:
        for reference, parts in references(body):
            if reference == "schoolReference" and self.target(reference, parts) is None:
                raise Refused(500, "system", "An unexpected problem.")
        super().resolve(body)


@breaks("EDF-REF-002")
class ReferencesMayDisagree(EdfiHost):
    """Two references of a record name two schools."""

    def unify(self, name: str, body: Body) -> None:
        return


@breaks("EDF-REF-002")
class DisagreementIsAServerError(EdfiHost):
    """Two schools in one record are 500."""

    def unify(self, name: str, body: Body) -> None:
        try:
            super().unify(name, body)
        except Refused:
            raise Refused(500, "system", "An unexpected problem.") from None


@breaks("EDF-ERR-001", also=("EDF-ERR-002", "EDF-ERR-003"))
class RefusesInHtml(EdfiHost):
    """A refusal is a web page."""

    def refusal(self, refused: Refused) -> Response:
        return Response(refused.status, b"<html><body>Sorry.</body></html>", "text/html")


@breaks("EDF-ERR-001", also=("EDF-ERR-002", "EDF-ERR-003"))
class RefusesWithoutWords(EdfiHost):
    """A refusal has no sentence."""

    def problem(self, refused: Refused) -> dict[str, Any]:
        return {key: one for key, one in super().problem(refused).items() if key != "detail"}


@breaks("EDF-ERR-002")
class AnyKindIsBlank(EdfiHost):
    """The type of a refusal says nothing."""

    def problem(self, refused: Refused) -> dict[str, Any]:
        return super().problem(refused) | {"type": "about:blank"}


@breaks("EDF-ERR-002")
class DetailsHaveAnotherStatus(EdfiHost):
    """The details tell another status than the answer."""

    def problem(self, refused: Refused) -> dict[str, Any]:
        return super().problem(refused) | {"status": 500}


@breaks("EDF-ERR-003")
class NamesNoPlace(EdfiHost):
    """A refusal does not say which member is at fault."""

    def problem(self, refused: Refused) -> dict[str, Any]:
        found = super().problem(refused)
        return {key: one for key, one in found.items() if key != "validationErrors"}


@breaks("EDF-PRV-001")
class RepeatsTheValue(EdfiHost):
    """A refusal quotes the name that is too long."""

    def fault(self, name: str, path: str, member: str, value: Any) -> str:
        found = super().fault(name, path, member, value)
        return f"{found} It was {value!r}." if found else found


@breaks("EDF-PRV-001")
class NamesTheStudent(EdfiHost):
    """A delete that is refused tells whose record it is."""

    def refuse_needed(self, name: str, number: str) -> None:
        try:
            super().refuse_needed(name, number)
        except Refused as refused:
            who = self.held[name][number].body.get("lastSurname", "")
            detail = f"{refused.detail} ({who})"
            raise Refused(refused.status, refused.kind, detail) from None


@breaks("EDF-PRV-002")
class UniqueIdIsTheId(EdfiHost):
    """A student stands at an address made of the unique id."""

    def upsert(self, name: str, known: str, body: Body) -> str:
        number = known or (body["studentUniqueId"] if name == STUDENTS else self.new_id())
        self.keep(name, number, body)
        return str(number)


@breaks("EDF-PRV-002")
class LocationTellsTheName(EdfiHost):
    """Location has the surname in its query."""

    def location(self, request: Request, name: str, number: str) -> str:
        place = super().location(request, name, number)
        who = self.held[name][number].body.get("lastSurname", "")
        return f"{place}?surname={who.encode('ascii', 'ignore').decode()}" if who else place
