"""Vendors that get lost in paths, zones and contexts."""

# An override may ignore what it is given.
# ruff: noqa: ARG002

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from lxml import etree

from conformance.simulators.documents import NA4
from conformance.simulators.message import Request, Response
from conformance.simulators.mutants import breaks
from conformance.simulators.problems import Refusal
from conformance.simulators.receiver import Receiver
from conformance.simulators.store import Session

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment


@breaks(
    "INF-HDR-009",
    also=("INF-ZON-004", "INF-ZON-005", "INF-ZON-006", "NEG-064", "POD-ACK-007", "POD-GATE-005"),
)
class IgnoresMatrixParameters(Receiver):
    """Runs behind a framework that throws matrix parameters away."""

    def check_place(self, request: Request) -> None:
        return None


@breaks("INF-ZON-002")
class WantsTheZoneFirst(Receiver):
    """Finds the zone only if it stands before the context."""

    def check_place(self, request: Request) -> None:
        if request.matrix and request.matrix[0][0] == "contextId":
            raise self.no_provider()
        super().check_place(request)


@breaks("INF-ZON-003", also=("INF-ZON-002", "INF-ZON-010"))
class NoZoneIsAZoneOfItsOwn(Receiver):
    """Keeps what came without a zone apart from what came for the default zone."""

    drawer = ""

    def check_place(self, request: Request) -> None:
        super().check_place(request)
        self.drawer = dict(request.matrix).get("zoneId", "")

    def student_key(self, refid: str) -> str:
        return self.drawer + super().student_key(refid)


@breaks("INF-ZON-002", also=("INF-ZON-004", "INF-ZON-010"))
class ZoneNeedsAContext(Receiver):
    """Refuses requests that name a zone and leave the context to its default."""

    def check_place(self, request: Request) -> None:
        names = dict(request.matrix)
        if "zoneId" in names and "contextId" not in names:
            raise Refusal(400, "The context is missing.")
        super().check_place(request)


@breaks("INF-ZON-004", also=("INF-HDR-009", "INF-ZON-006", "NEG-064"))
class UnknownZoneIsTheDefault(Receiver):
    """Serves the default zone to whoever asks for one it does not know."""

    def check_place(self, request: Request) -> None:
        try:
            super().check_place(request)
        except Refusal as refusal:
            if refusal.status != 404:
                raise


@breaks("NEG-015", also=("INF-ZON-004",))
class NoProviderIs503(Receiver):
    """Says that a service nobody provides is busy."""

    def no_provider(self) -> Refusal:
        return Refusal(503, "No provider is available.")


@breaks("INF-ZON-005")
class TakesEitherOfTwoZones(Receiver):
    """Is content if one of two zones is its own."""

    def check_place(self, request: Request) -> None:
        values = {value for _, value in request.matrix}
        known = values & {self.zone, "DEFAULT"}
        if not known or len(request.matrix) == len(dict(request.matrix)):
            super().check_place(request)


@breaks("INF-ZON-006")
class ZonesInAnyCase(Receiver):
    """Compares zones without regard to letter case."""

    def check_place(self, request: Request) -> None:
        matrix = tuple((name, value.lower()) for name, value in request.matrix if name == "zoneId")
        rest = tuple(pair for pair in request.matrix if pair[0] != "zoneId")
        super().check_place(replace(request, matrix=matrix + rest))


@breaks("NEG-063")
class StripsEverythingBehindSemicolons(Receiver):
    """Drops zones at the wrong place of the path and works in the default zone."""

    def answer(self, request: Request) -> Response:
        plain = tuple(part.partition(";")[0] for part in request.segments)
        return super().answer(replace(request, segments=plain))


@breaks("NEG-063")
class IgnoresTheZoneInTheQuery(Receiver):
    """Takes a zone behind the question mark for noise."""

    def check_query_parameters(self, request: Request) -> None:
        rest = {k: v for k, v in request.query.items() if k not in ("zoneId", "contextId")}
        super().check_query_parameters(replace(request, query=rest))


@breaks("INF-URL-001")
class NamesInAnyCase(Receiver):
    """Finds a collection whatever the letter case of its name."""

    def answer(self, request: Request) -> Response:
        names = {"xstudents": "xStudents"}
        plain = tuple(names.get(part.lower(), part) for part in request.segments)
        return super().answer(replace(request, segments=plain))


@breaks("INF-QRY-010", also=("INF-FMT-007",))
class GuessesThePlural(Receiver):
    """Calls the collection in its answers what its list class is called."""

    def collection(self, students: Iterable[etree._Element]) -> etree._Element:
        root = super().collection(students)
        root.tag = f"{{{NA4}}}xStudentList"
        return root


@breaks("INF-URL-004")
class ShowsTheCreateAddress(Receiver):
    """Answers a GET of the address for single creates with the list."""

    def read_one(self, request: Request, refid: str) -> Response:
        if refid == "xStudent":
            return Response(200, b'<xStudents xmlns="%s"/>' % NA4.encode())
        return super().read_one(request, refid)


@breaks("INF-URL-006")
class TripsOverATrailingSlash(Receiver):
    """Does not find a path that ends with a slash."""

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Any:
        path, mark, query = environ["RAW_URI"].partition("?")
        slash = "-" if path.endswith("/") else ""
        moved = {"RAW_URI": f"{path}{slash}{mark}{query}"}
        return super().__call__({**environ, **moved}, start_response)


@breaks("INF-URL-007", also=("INF-ZON-002",))
class NeverDecodesPaths(Receiver):
    """Takes percent signs in a path literally."""

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Any:
        path, mark, query = environ["RAW_URI"].partition("?")
        moved = {"RAW_URI": f"{path.replace('%', '%25')}{mark}{query}"}
        return super().__call__({**environ, **moved}, start_response)


@breaks("INF-ENV-013")
class ListsAllEnvironments(Receiver):
    """Shows the collection of environments to every consumer."""

    def route_environments(self, request: Request, path: list[str]) -> Response:
        if request.method == "GET" and not path:
            self.authenticate_anyone(request)
            return Response(200, b"<environments/>")
        return super().route_environments(request, path)


@breaks("INF-ENV-026")
class ZoneSpoilsTheEnvironment(Receiver):
    """Refuses to create an environment for a request that names a zone."""

    def create_environment(self, request: Request) -> Response:
        if request.matrix or request.header("zoneId") or request.header("contextId"):
            raise Refusal(400, "Environments have no zone.")
        return super().create_environment(request)

    def find_environment(self, request: Request, refid: str) -> Session:
        if request.matrix or request.header("zoneId") or request.header("contextId"):
            raise Refusal(400, "Environments have no zone.")
        return super().find_environment(request, refid)


@breaks("INF-TRN-014", also=("INF-DEL-003", "INF-ENV-013", "INF-QRY-004", "NEG-016"))
class NodsAtUnsupportedOperations(Receiver):
    """Answers an operation that it does not have with 200."""

    def error_status(self, refusal: Refusal) -> int:
        return 200 if refusal.status == 405 else refusal.status


@breaks("INF-DEL-003", also=("NEG-016",))
class DeletesTheCollection(Receiver):
    """Empties the collection when it is deleted as a whole."""

    def route_students(self, request: Request, path: list[str]) -> Response:
        if request.method == "DELETE" and not path:
            self.state.students.clear()
            return self.empty()
        return super().route_students(request, path)


@breaks("NEG-016", also=("INF-DEL-003",))
class DeletingTheCollectionIs503(Receiver):
    """Answers a DELETE of the collection as if it were busy."""

    def route_students(self, request: Request, path: list[str]) -> Response:
        if request.method == "DELETE" and not path:
            raise Refusal(503, "The service is busy.")
        return super().route_students(request, path)


@breaks("INF-URL-003")
class AnswersToGuessedNames(Receiver):
    """Serves students under whatever name somebody might guess."""

    def route_connector(self, request: Request, path: tuple[str, ...]) -> Response:
        guessed = path[:1] in (("students",), ("xStudent",), ("xStudentss",))
        return super().route_connector(request, ("xStudents", *path[1:]) if guessed else path)


@breaks("INF-QRY-005")
class AnswersPathsWithTheirParent(Receiver):
    """Answers a service path with the student that it starts from."""

    def route_connector(self, request: Request, path: tuple[str, ...]) -> Response:
        below = path[:1] == ("xStudents",) and len(path) > 2
        plain = {name: each for name, each in request.headers.items() if name != "servicetype"}
        request = replace(request, headers=plain) if below else request
        return super().route_connector(request, path[:2] if below else path)


@breaks("INF-ENV-026")
class RefusesZonesOnEnvironments(Receiver):
    """Refuses a zone on a request for an environment."""

    def route_environments(self, request: Request, path: list[str]) -> Response:
        if request.matrix:
            raise Refusal(400, "Environments are in no zone.")
        return super().route_environments(request, path)
