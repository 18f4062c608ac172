"""The conforming hub: a WSGI application, assembled from layers, for the role `broker`.

Every behaviour is one method, so that a mutant is this class with one method changed.
"""

from __future__ import annotations

from conformance.simulators.gate import MARKER
from conformance.simulators.hub import oneroster
from conformance.simulators.hub.access import Pass
from conformance.simulators.hub.operator import Operated
from conformance.simulators.hub.reads import Objects
from conformance.simulators.message import Request, Response
from conformance.simulators.problems import Refusal
from conformance.simulators.secured import Secured
from conformance.simulators.served import Served


class SimulatedHub(Served, Secured, Operated):
    """A hub that keeps the privacy rules."""

    def finish(self, request: Request, response: Response) -> Response:
        """Add the headers of every answer, but for those that the answer has already."""
        given = {name.lower() for name, _ in response.headers}
        headers = self.response_headers(request, response)
        return response.adding(*(one for one in headers if one[0].lower() not in given))

    def route(self, request: Request) -> Response:
        """Find the service of a path below the base URL."""
        base = tuple(self.base.strip("/").split("/"))
        if request.segments[: len(base)] != base:
            raise Refusal(404, "Nothing is offered under this path.")
        match request.segments[len(base) :]:
            case ("operator",):
                return self.operate(request)
            case ("environments", *rest):
                return self.route_environments(request, tuple(rest))
            case path:
                return self.route_vendor(request, self.authenticate_session(request).key, path)

    def route_environments(self, request: Request, path: tuple[str, ...]) -> Response:
        """The environments service."""
        match request.method, path:
            case "POST", ("environment",):
                return self.create_environment(request)
            case "GET", (refid,):
                return self.read_environment(request, refid)
            case "DELETE", (refid,):
                return self.delete_environment(request, refid)
        raise Refusal(405, "This operation is not supported here.")

    def route_vendor(self, request: Request, vendor: str, path: tuple[str, ...]) -> Response:
        """What a vendor with a session may ask for."""
        match path:
            case (self.connector, "pods", *rest):
                return self.route_pods(request, vendor, tuple(rest))
            case (self.connector, collection, *rest):
                self.check_words(request)
                return self.route_objects(request, vendor, collection, tuple(rest))
            case ("privacy", "pods", refid, "acknowledgements"):
                return self.receive_receipt(request, vendor, refid)
            case ("privacy", "markers"):
                return self.give_marker(vendor)
            case ("ims", "oneroster", "rostering", "v1p2", "users"):
                return self.read_users(request, vendor)
        return self.route_queues(request, vendor, path)

    def route_queues(self, request: Request, vendor: str, path: tuple[str, ...]) -> Response:
        """Queues and subscriptions."""
        match request.method, path:
            case "POST", ("queues", "queue"):
                return self.create_queue(vendor)
            case "GET", ("queues", refid, "messages"):
                return self.read_messages(request, vendor, refid)
            case "DELETE", ("queues", refid):
                return self.delete_queue(vendor, refid)
            case "POST", ("subscriptions", "subscription"):
                return self.create_subscription(request, vendor)
        raise Refusal(404, "Nothing is offered under this path.")

    def route_objects(
        self, request: Request, vendor: str, collection: str, rest: tuple[str, ...]
    ) -> Response:
        """The services of the data model."""
        override = request.says("methodOverride")
        match request.method, rest:
            case "GET" | "HEAD", ():
                return self.read_list(request, vendor, collection)
            case "GET" | "HEAD", (refid,):
                return self.read_one(request, vendor, collection, refid)
            case "GET", (refid, inner):
                return self.read_path(request, vendor, (collection, refid, inner))
            case "POST", () if override == "GET":
                return self.read_example(request, vendor, collection)
            case "PUT", () if override == "DELETE":
                return self.delete_many(request, vendor, collection)
            case "PUT", (refid,):
                return self.update_one(request, vendor, collection, refid)
            case "DELETE", (refid,):
                return self.delete_one(request, vendor, collection, refid)
        raise Refusal(405, "This operation is not supported here.")

    def read_users(self, request: Request, vendor: str) -> Response:
        """GET of the OneRoster face."""
        through = self.admit(request, vendor, "oneroster")
        body = oneroster.users(self.users_source(through))
        answer = Response(200, body, "application/json")
        return answer.adding((MARKER, through.paper.token))

    def users_source(self, through: Pass) -> Objects:
        """What the OneRoster face is made from."""
        return self.seen(through, "xStudents")
