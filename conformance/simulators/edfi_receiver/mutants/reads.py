"""Ed-Fi hosts that show or delete something else than what was asked for."""

# An override may ignore what it is given.
# ruff: noqa: ARG002

from __future__ import annotations

from collections.abc import Mapping

from conformance.simulators.edfi_receiver.answers import Refused
from conformance.simulators.edfi_receiver.host import EdfiHost
from conformance.simulators.edfi_receiver.mutants import breaks
from conformance.simulators.edfi_receiver.store import Stored
from conformance.simulators.message import Request, Response

STUDENTS, STAYS = "students", "studentSchoolAssociations"


@breaks("EDF-GET-001")
class ShowsNoId(EdfiHost):
    """A record by its id is shown without the id."""

    def read_one(self, name: str, number: str) -> Response:
        self.stored(name, number)
        shown = self.shown(name, number)
        return self.answer(
            200, {key: one for key, one in shown.items() if key != "id"}, self.tag(name, number)
        )


@breaks("EDF-GET-001")
class ShowsIdsInCapitals(EdfiHost):
    """A record by its id is shown with the id in other letters."""

    def read_one(self, name: str, number: str) -> Response:
        self.stored(name, number)
        shown = self.shown(name, number) | {"id": f"{{{number.upper()}}}"}
        return self.answer(200, shown, self.tag(name, number))


@breaks("EDF-GET-002", also=("EDF-DEL-001", "TRN-LC-02"))
class UnknownIdIsEmpty(EdfiHost):
    """An id nobody has is answered with an empty record."""

    def read_one(self, name: str, number: str) -> Response:
        if number not in self.held.get(name, {}):
            return self.answer(200, {})
        return super().read_one(name, number)


@breaks("EDF-GET-002")
class UnknownResourceIsEmpty(EdfiHost):
    """A resource nobody knows is an empty list."""

    def work(self, request: Request, name: str, number: str) -> Response:
        if name not in self.resources and not name.endswith("Descriptors"):
            return self.answer(200, [])
        return super().work(request, name, number)


@breaks("EDF-GET-003")
class FindsNobodyAsNotFound(EdfiHost):
    """A query for students that finds nothing is 404."""

    def read_many(self, request: Request, name: str) -> Response:
        answer = super().read_many(request, name)
        if name == STUDENTS and answer.body == b"[]" and "studentUniqueId" in request.query:
            raise Refused(404, "not-found", "There is no such item.")
        return answer


@breaks("EDF-GET-003", also=("TRN-LC-08", "TRN-PR-07"))
class FindsEverybody(EdfiHost):
    """A query for one student lists all of them."""

    def meets(self, name: str, number: str, wanted: Mapping[str, str]) -> bool:
        return name == STUDENTS or super().meets(name, number, wanted)


@breaks("EDF-GET-004", also=("TRN-PR-07",))
class LooksAtTheFirstCondition(EdfiHost):
    """Of several conditions the first one counts."""

    def meets(self, name: str, number: str, wanted: Mapping[str, str]) -> bool:
        first = dict(list(wanted.items())[:1]) if name == STAYS else wanted
        return super().meets(name, number, first)


@breaks("EDF-GET-004", also=("TRN-PR-07",))
class MeetsAnyCondition(EdfiHost):
    """One condition of several is enough."""

    def meets(self, name: str, number: str, wanted: Mapping[str, str]) -> bool:
        held = dict(self.flat(self.held[name][number].body))
        meeting = [self.same(held.get(key), value) for key, value in wanted.items()]
        return not meeting or (any(meeting) if name == STAYS else all(meeting))


@breaks("EDF-PAG-001")
class OffsetCountsPages(EdfiHost):
    """The offset is taken for the number of a page."""

    def cut(self, found: list[str], limit: int, offset: int) -> list[str]:
        return super().cut(found, limit, offset * limit)


@breaks("EDF-PAG-001")
class PagesOverlap(EdfiHost):
    """A page begins with the last record of the page before."""

    def cut(self, found: list[str], limit: int, offset: int) -> list[str]:
        return super().cut(found, limit, max(0, offset - 1))


@breaks("EDF-PAG-002")
class CountsThePage(EdfiHost):
    """Total-Count is the number of records on the page."""

    def counted(self, count: int, page: int) -> int:
        return page


@breaks("EDF-PAG-002")
class CountsNothing(EdfiHost):
    """totalCount is not answered."""

    def total(self, request: Request, count: int, page: int) -> tuple[tuple[str, str], ...]:
        return ()


@breaks("EDF-PAG-003")
class CutsLargePages(EdfiHost):
    """A limit above the largest gets the largest page."""

    def window(self, request: Request) -> tuple[int, int]:
        limit = self.number(request, "limit", self.usual_page)
        return min(limit, self.largest_page), self.number(request, "offset", 0)


@breaks("EDF-PAG-003")
class TakesAnyLimit(EdfiHost):
    """A limit that is no number from 0 is that of every day."""

    def number(self, request: Request, name: str, usual: int) -> int:
        told = request.query.get(name, "")
        return int(told) if told.isdecimal() else usual


@breaks("EDF-DEL-001", also=("TRN-LC-02",))
class DeletesNothing(EdfiHost):
    """DELETE answers success and keeps the record."""

    def forget(self, name: str, number: str) -> None:
        return


@breaks("EDF-DEL-001")
class ListsTheDeleted(EdfiHost):
    """What was deleted is still found by a query."""

    def delete(self, request: Request, name: str, number: str) -> Response:
        body = self.stored(name, number).body
        answer = super().delete(request, name, number)
        if name == "studentEducationOrganizationAssociations":
            self.ghosts = [*getattr(self, "ghosts", []), {"id": number, **body}]
        return answer

    def read_many(self, request: Request, name: str) -> Response:
        who = request.query.get("studentUniqueId")
        ghosts = [
            one
            for one in getattr(self, "ghosts", [])
            if one["studentReference"]["studentUniqueId"] == who
        ]
        if name == "studentEducationOrganizationAssociations" and ghosts:
            return self.answer(200, ghosts)
        return super().read_many(request, name)


@breaks("EDF-DEL-002")
class DeletesNobodyGladly(EdfiHost):
    """DELETE of an id nobody has is 204."""

    def delete(self, request: Request, name: str, number: str) -> Response:
        if number not in self.held.get(name, {}):
            return self.answer(204)
        return super().delete(request, name, number)


@breaks("EDF-DEL-002")
class DeleteOfNobodyIsGone(EdfiHost):
    """DELETE of an id nobody has is 410."""

    def delete(self, request: Request, name: str, number: str) -> Response:
        if number not in self.held.get(name, {}):
            raise Refused(410, "not-found", "There is no such item.")
        return super().delete(request, name, number)


@breaks("EDF-DEL-003")
class LeavesOrphans(EdfiHost):
    """A student with enrolments is deleted without them."""

    def refuse_needed(self, name: str, number: str) -> None:
        return


@breaks("EDF-DEL-003")
class DependentIsABadRequest(EdfiHost):
    """A delete that others forbid is 400."""

    def refuse_needed(self, name: str, number: str) -> None:
        if next(self.needed_by(name, number), None):
            raise Refused(400, "data-conflict:dependent-item-exists", "Another item depends.")


@breaks("TRN-LC-02")
class NeverDeletesStudents(EdfiHost):
    """A student is 409 whatever was deleted before."""

    def refuse_needed(self, name: str, number: str) -> None:
        if name == STUDENTS:
            kind = "data-conflict:dependent-item-exists"
            raise Refused(409, kind, "Another item depends on this one.")
        super().refuse_needed(name, number)


@breaks("EDF-TAG-001", also=("EDF-TAG-003",))
class TagNeverChanges(EdfiHost):
    """The tag is the same whatever happens to the record."""

    def etag(self, one: Stored) -> str:
        return "1"


@breaks("EDF-TAG-001", also=("EDF-TAG-002",))
class TagChangesByItself(EdfiHost):
    """The tag is another one each time it is told."""

    told = 0

    def etag(self, one: Stored) -> str:
        self.told += 1
        return str(self.told)


@breaks("EDF-TAG-002")
class NothingMatches(EdfiHost):
    """If-Match is always refused."""

    def match(self, request: Request, one: Stored) -> None:
        if request.header("If-Match") is not None:
            raise Refused(412, "optimistic-lock-failed", "The item was changed.")


@breaks("EDF-TAG-002")
class MatchChangesNothing(EdfiHost):
    """A PUT with If-Match answers success and leaves the record as it was."""

    def put(self, request: Request, name: str, number: str) -> Response:
        before = self.held.get(name, {}).get(number)
        answer = super().put(request, name, number)
        if request.header("If-Match") and before is not None:
            self.keep(name, number, before.body)
        return answer


@breaks("EDF-TAG-003")
class LooksAtNoState(EdfiHost):
    """If-Match is not looked at."""

    def match(self, request: Request, one: Stored) -> None:
        return


@breaks("EDF-TAG-003")
class DeletesWhateverTheState(EdfiHost):
    """If-Match of a DELETE is not looked at."""

    def match(self, request: Request, one: Stored) -> None:
        if request.method != "DELETE":
            super().match(request, one)
