"""The conforming vendor: a WSGI application, assembled from layers.

Every behaviour is one method, so that a mutant is this class with one method changed. The layers
(`answers`, `intake`, `access`, `environments`, `gate`, `duties`, `translation`, `objects`,
`later`, `queries`, `bundles`, `windows`, `notations`) stand on each other because a mutant must be
able to reach all of them.
"""

from __future__ import annotations

from conformance.simulators.applications import Applications
from conformance.simulators.message import Request, Response
from conformance.simulators.notations import Notations
from conformance.simulators.oneroster import COLUMNS
from conformance.simulators.problems import Refusal
from conformance.simulators.secured import Secured
from conformance.simulators.served import Served


class Receiver(Served, Applications, Secured, Notations):
    """A vendor in the role `receiver`: what the hub pushes to."""

    def begin(self) -> None:
        """A request is for the default zone until it names another."""
        self.state.place = (self.zone, "DEFAULT")

    def route(self, request: Request) -> Response:
        """Find the service of a path below the base URL."""
        request = self.without_suffix(request)
        base = tuple(self.base.strip("/").split("/"))
        if request.segments[: len(base)] != base:
            raise Refusal(404, "Nothing is offered under this path.")
        path = request.segments[len(base) :]
        connector = tuple(self.connector.split("/"))
        if path[: len(connector)] == connector:
            return self.route_connector(request, path[len(connector) :])
        match path:
            case ("environments", *rest):
                return self.route_environments(request, rest)
            case ("files", name) if name.endswith(".zip") and request.method == "PUT":
                return self.receive_file(request, name)
            case ("privacy" | "operator", *_):
                return self.route_duties(request, path)
            case ("export", name) if name.endswith(".csv") and name[:-4] in COLUMNS:
                return self.export(request, name[:-4])
            case ("oneroster" | "ed-fi" | "export", *_) if request.method == "GET":
                return self.show(request, path)
        self.authenticate_anyone(request)
        raise Refusal(404, "Nothing is offered under this path.")

    def route_environments(self, request: Request, path: list[str]) -> Response:
        """The environments service."""
        match request.method, path:
            case "POST", ["environment"]:
                return self.create_environment(request)
            case "GET" | "HEAD", [refid]:
                return self.read_environment(request, refid)
            case "DELETE", [refid]:
                return self.delete_environment(request, refid)
        self.authenticate_anyone(request)
        raise self.unsupported()

    def route_connector(self, request: Request, path: tuple[str, ...]) -> Response:
        """What stands below the requestsConnector."""
        self.authenticate_session(request)
        match path:
            case ("pods", *_):
                return self.route_pods(request, path[1:])
            case (name, *_) if name in self.denied:
                raise self.not_granted()
            case ("xStudents", *rest) if len(rest) < 2:
                self.check_place(request)
                return self.gated(request, rest)
        raise self.no_provider()

    def not_granted(self) -> Refusal:
        """The refusal of what exists and may not be read."""
        return Refusal(403, "The application has no right to read this service.")

    def no_provider(self) -> Refusal:
        """The refusal for a zone, context or service that nobody serves."""
        return Refusal(404, "No provider serves this zone, context and service.")

    def check_place(self, request: Request) -> None:
        """Refuse zones and contexts that are not served or are told twice."""
        told = list(request.matrix)
        for name in ("zoneId", "contextId"):
            self.refuse_second_statement(request, name)
            told += [(name, value)] if (value := request.header(name)) else []
            values = {value for key, value in told if key == name}
            if len(values) > 1:
                raise Refusal(400, f"{name} is given twice with different values.")
            if values - ({self.zone, self.second_zone} if name == "zoneId" else {"DEFAULT"}):
                raise self.no_provider()
            if name == "zoneId" and values:
                self.state.place = (values.pop(), "DEFAULT")

    def route_pods(self, request: Request, path: tuple[str, ...]) -> Response:
        """The pods service: it takes PODs and is not behind the gate."""
        self.check_words(request)
        self.check_accept(request)
        if path == ("pod",) and request.method == "POST":
            return self.receive_pod(request)
        raise self.unsupported()

    def gated(self, request: Request, path: list[str]) -> Response:
        """Let a message about students pass the gate or refuse it."""
        refusal = self.check_marker(request)
        if refusal is not None:
            if self.refused_is_stored():
                self.route_students(request, path)
            return refusal
        try:
            answer = self.in_notation(request, self.route_students(request, path))
        except Refusal as error:
            answer = self.refused(request, error)
        return answer.adding(*self.response_marker(request))

    def route_students(self, request: Request, path: list[str]) -> Response:
        """The service xStudents."""
        self.check_service_type(request, "OBJECT")
        self.check_words(request)
        self.check_accept(request)
        self.check_query_parameters(request)
        override = request.says("methodOverride")
        match request.method, path:
            case "POST", ["xStudent"]:
                self.refuse_example(override)
                return self.create_student(request)
            case "POST", []:
                self.refuse_example(override)
                return self.create_students(request)
            case "PUT", []:
                many = self.delete_students if override == "DELETE" else self.update_students
                return many(request)
            case "PUT", [refid] if override != "DELETE":
                return self.update_student(request, refid)
            case "DELETE", [refid]:
                return self.delete_student(request, refid)
            case "GET" | "HEAD", []:
                return self.read_all(request)
            case "GET" | "HEAD", [refid]:
                return self.read_one(request, refid)
        raise self.unsupported()

    def refuse_example(self, override: str) -> None:
        """Query by example is not offered, and must not be taken for a create."""
        if override == "GET":
            raise Refusal(400, "Query by example is not supported.")

    def unsupported(self) -> Refusal:
        """The refusal for an operation that does not exist."""
        return Refusal(405, "This operation is not supported here.")
