"""Vendors that break a rule of objects and queries in another way than the first mutant of it."""

from __future__ import annotations

import re
from copy import deepcopy
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from lxml import etree

from conformance.simulators.message import Request, Response
from conformance.simulators.mutants import breaks
from conformance.simulators.objects import Done
from conformance.simulators.problems import Refusal
from conformance.simulators.receiver import Receiver

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment


def without(request: Request, *names: str) -> Request:
    """The request without these query parameters."""
    kept = {name: value for name, value in request.query.items() if name not in names}
    return replace(request, query=kept)


@breaks(
    "INF-BLK-003",
    also=("INF-BLK-001", "INF-BLK-002", "INF-BLK-007", "INF-CRE-004", "INF-CRE-007", "NEG-012"),
)
class ReportsTheLastTwice(Receiver):
    """Reports on the last object twice."""

    def many_response(self, verb: str, done: Any) -> etree._Element:
        rows = list(done)
        return super().many_response(verb, [*rows, *rows[-1:]])


@breaks("INF-BLK-004", also=("INF-BLK-001", "INF-FMT-001"))
class ResultsTellTheCollection(Receiver):
    """Puts an empty student into each result."""

    def item_result(self, verb: str, done: Done) -> etree._Element:
        result = super().item_result(verb, done)
        result.append(etree.Element("{http://www.sifassociation.org/datamodel/na/4.x}xStudent"))
        return result


@breaks(
    "INF-BLK-006",
    also=(
        "INF-BLK-002",
        "INF-BLK-007",
        "INF-CRE-003",
        "INF-CRE-007",
        "INF-DEL-002",
        "INF-UPD-004",
        "NEG-012",
    ),
)
class RefusedItemsAre999(Receiver):
    """Gives an item that was refused a status that is none."""

    def item_result(self, verb: str, done: Done) -> etree._Element:
        result = super().item_result(verb, done)
        if done.refusal:
            result.set("statusCode", "999")
        return result


@breaks("INF-CHG-002")
class IgnoresChangesSince(Receiver):
    """Answers a query for changes with everything."""

    def check_query_parameters(self, request: Request) -> None:
        super().check_query_parameters(without(request, "changesSinceMarker"))


@breaks("INF-ORD-002")
class IgnoresOrders(Receiver):
    """Answers a query with an order in an order of its own."""

    def check_query_parameters(self, request: Request) -> None:
        super().check_query_parameters(without(request, "order"))


@breaks("INF-WHR-005", also=("NEG-062",))
class IgnoresWhere(Receiver):
    """Answers a query with a condition as if it had none, and refuses orders."""

    def check_query_parameters(self, request: Request) -> None:
        super().check_query_parameters(without(request, "where"))


@breaks("INF-CRE-002", also=("INF-BLK-002", "NEG-011"))
class CreateManyAnswers202(Receiver):
    """Answers a create of many with 202."""

    def create_many_status(self) -> int:
        return 202


@breaks(
    "INF-CRE-005",
    also=(
        "INF-CRE-001",
        "INF-FMT-008",
    ),
)
class KeepsTheIdToItself(Receiver):
    """Answers a create without the id."""

    def created(self, student: etree._Element) -> Response:
        shown = deepcopy(student)
        shown.attrib.pop("refId", "")
        return super().created(shown)


@breaks("INF-FMT-003")
class AnswersInModelFive(Receiver):
    """Shows students in a namespace that is still to come."""

    def shown(self, student: etree._Element) -> bytes:
        return super().shown(student).replace(b"/datamodel/na/4.x", b"/datamodel/na/5.0")


@breaks("INF-HED-001", also=("INF-HED-002", "INF-HED-005"))
class HeadIsUnknown(Receiver):
    """Answers HEAD with 404."""

    def route_students(self, request: Request, path: list[str]) -> Response:
        if request.method == "HEAD":
            raise Refusal(404, "There is nothing here.")
        return super().route_students(request, path)


@breaks("INF-HED-005")
class HeadOfTheMissingIs204(Receiver):
    """Answers HEAD of an unknown id with 204."""

    def route_students(self, request: Request, path: list[str]) -> Response:
        if request.method == "HEAD" and path and self.find_student(path[0]) is None:
            return Response(204)
        return super().route_students(request, path)


@breaks("INF-PAG-012", also=("NEG-018",))
class TakesPageZero(Receiver):
    """Takes the page 0 for the first one."""

    def page_parameter(self, request: Request, name: str, least: int) -> int | None:
        value = super().page_parameter(request, name, 0)
        return least if value == 0 else value


@breaks("INF-QBE-006", also=("NEG-027",))
class StoresTheExampleItRefuses(Receiver):
    """Refuses a query by example once it has stored the example."""

    def route_students(self, request: Request, path: list[str]) -> Response:
        if request.method == "POST" and request.says("methodOverride") == "GET":
            plain = {name: one for name, one in request.headers.items() if name[:6] != "method"}
            super().route_students(replace(request, headers=plain), path)
        return super().route_students(request, path)


@breaks("INF-QRY-002", also=("INF-URL-004", "NEG-014"))
class MissingIsABadRequest(Receiver):
    """Answers an unknown id with 400 when it is read."""

    def read_one(self, request: Request, refid: str) -> Response:
        if self.find_student(refid) is None:
            raise Refusal(400, "There is no student with this id.")
        return super().read_one(request, refid)


@breaks("INF-QRY-003")
class ListsWithoutTheLatest(Receiver):
    """Leaves the student who came last off the unpaged list."""

    def unpaged(self, students: list[etree._Element]) -> Response:
        return super().unpaged(students[:-1])


@breaks("INF-QRY-005")
class AnswersPathsWithNothing(Receiver):
    """Answers a service path with 204."""

    def route_connector(self, request: Request, path: tuple[str, ...]) -> Response:
        if path[:1] == ("xStudents",) and len(path) > 2:
            self.authenticate_session(request)
            return Response(204)
        return super().route_connector(request, path)


@breaks("INF-QRY-009")
class ListingChangesAStudent(Receiver):
    """Clears the local id of every student that was listed."""

    def unpaged(self, students: list[etree._Element]) -> Response:
        answer = super().unpaged(students)
        for student in students:
            for local in student.findall("{*}localId"):
                student.remove(local)
        return answer


@breaks("INF-URL-001")
class AlsoAnswersToSmallLetters(Receiver):
    """Finds the collection under its name in small letters too."""

    def route_connector(self, request: Request, path: tuple[str, ...]) -> Response:
        small = path[:1] == ("xstudents",)
        return super().route_connector(request, ("xStudents", *path[1:]) if small else path)


@breaks("INF-URL-003")
class AnswersToTheSingular(Receiver):
    """Serves the collection under the name of its object too."""

    def route_connector(self, request: Request, path: tuple[str, ...]) -> Response:
        single = path[:1] == ("xStudent",)
        return super().route_connector(request, ("xStudents", *path[1:]) if single else path)


@breaks("INF-URL-007")
class DecodesDigitsOnly(Receiver):
    """Undoes the percent-encoding of digits and leaves that of letters."""

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Any:
        path, mark, query = environ["RAW_URI"].partition("?")
        moved = {"RAW_URI": f"{re.sub('%(?=4[1-6])', '%25', path)}{mark}{query}"}
        return super().__call__({**environ, **moved}, start_response)


@breaks("INF-ZON-003", also=("INF-ZON-002",))
class NamedZonesHideTheOthers(Receiver):
    """Shows what came without a zone only to who names none."""

    @cached_property
    def homeless(self) -> set[str]:
        return set()

    def check_place(self, request: Request) -> None:
        super().check_place(request)
        self.named = "zoneId" in dict(request.matrix)

    def store_student(self, student: etree._Element) -> None:
        super().store_student(student)
        if not self.named:
            self.homeless.add(self.student_key(student.get("refId", "")))

    def find_student(self, refid: str) -> etree._Element | None:
        hidden = self.named and self.student_key(refid) in self.homeless
        return None if hidden else super().find_student(refid)


@breaks("NEG-015", also=("INF-ZON-004",))
class NoProviderIs500(Receiver):
    """Falls over a service that nobody provides."""

    def no_provider(self) -> Refusal:
        return Refusal(500, "Something went wrong.")


@breaks("NEG-021", also=("INF-HDR-008",))
class PageSizeOnlyFromHeaders(Receiver):
    """Overlooks the size of a page in the query."""

    def page_parameter(self, request: Request, name: str, least: int) -> int | None:
        if name == "navigationPageSize" and name in request.query:
            return super().page_parameter(without(request, name), name, least) or 100
        return super().page_parameter(request, name, least)
