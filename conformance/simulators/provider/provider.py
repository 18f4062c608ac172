"""The conforming provider: a WSGI application, assembled from layers, for the role `provider`.

Every behaviour is one method, so that a mutant is this class with one method changed.
"""

from __future__ import annotations

from conformance.simulators.applications import Applications
from conformance.simulators.message import Request, Response
from conformance.simulators.problems import Refusal
from conformance.simulators.provider.reads import Reads
from conformance.simulators.secured import Secured
from conformance.simulators.served import Served


class Provider(Served, Applications, Secured, Reads):
    """A system that answers queries."""

    def route(self, request: Request) -> Response:
        """Find the service of a path below the base URL."""
        request = self.without_suffix(request)
        base = tuple(self.base.strip("/").split("/"))
        connector = tuple(self.connector.split("/"))
        path = request.segments[len(base) :]
        if request.segments[: len(base)] != base:
            raise Refusal(404, "Nothing is offered under this path.")
        if path[: len(connector)] == connector:
            return self.route_connector(request, path[len(connector) :])
        match request.method, path:
            case "POST", ("environments", "environment"):
                return self.create_environment(request)
            case "GET" | "HEAD", ("environments", refid):
                return self.read_environment(request, refid)
            case "DELETE", ("environments", refid):
                return self.delete_environment(request, refid)
        self.authenticate_anyone(request)
        raise self.unsupported()

    def unsupported(self) -> Refusal:
        """The refusal for an operation that is not offered."""
        return Refusal(405, "This operation is not supported here.")

    def route_connector(self, request: Request, path: tuple[str, ...]) -> Response:
        """What stands below the requestsConnector."""
        self.authenticate_session(request)
        self.check_place(request)
        if not path or path[0] not in self.held.objects:
            raise self.no_provider()
        self.check_words(request)
        for collection in path[::2]:
            self.check_right(collection)
        self.check_type(request, path)
        return self.route_objects(request, path)

    def check_request_type(self, request: Request) -> None:
        """Words of the header requestType; whether it can be met depends on the path."""
        self._one_of(request, "requestType", ("IMMEDIATE", "DELAYED"))

    def check_type(self, request: Request, path: tuple[str, ...]) -> None:
        """A service of another type is another service; a path may leave its type out."""
        kind = "SERVICEPATH" if len(path) > 2 else "OBJECT"
        if request.says("serviceType") != "OBJECT":
            self.check_service_type(request, kind)

    def route_objects(self, request: Request, path: tuple[str, ...]) -> Response:
        """Collections, single objects and service paths."""
        override = request.says("methodOverride")
        match request.method, path:
            case "GET", (collection,):
                return self.read_list(request, collection)
            case "HEAD", (collection,):
                return self.head_list(request, collection)
            case "GET" | "HEAD", (collection, refid) if refid != collection.removesuffix("s"):
                return self.read_one(request, collection, refid)
            case "GET" | "HEAD", (parent, refid, child):
                return self.read_path(request, parent, refid, child)
            case "POST", (collection,) if override == "GET":
                return self.read_example(request, collection)
        if request.method in ("GET", "HEAD") and len(path) > 3:
            raise self.no_provider()
        raise self.unsupported()
