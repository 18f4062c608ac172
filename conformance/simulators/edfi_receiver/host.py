"""The conforming Ed-Fi host: a WSGI application, assembled from layers, for `edfi-receiver`.

Every behaviour is one method, so that a mutant is this class with one method changed.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, ClassVar

from conformance.simulators.edfi_receiver.answers import Refused
from conformance.simulators.edfi_receiver.door import Door
from conformance.simulators.message import Request, Response, read_request, send
from conformance.simulators.problems import Refusal

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

_DATA = ("data", "v3", "ed-fi")


class EdfiHost(Door):
    """A vendor's Ed-Fi API that takes what a hub upserts."""

    breaks: ClassVar[tuple[str, ...]] = ()
    also: ClassVar[tuple[str, ...]] = ()
    special: ClassVar[bool] = False
    base = "/api"
    party = ""

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        method = environ["REQUEST_METHOD"]
        try:
            request = read_request(environ)
            response = self.respond(request)
        except Refusal as refusal:
            response = self.refusal(Refused(refusal.status, "bad-request", refusal.message))
        return send(response, method, start_response)

    def respond(self, request: Request) -> Response:
        """The answer to a request, good or bad."""
        try:
            return self.finished(request, self.route(request))
        except Refused as refused:
            return self.finished(request, self.refusal(refused))

    def finished(self, request: Request, response: Response) -> Response:
        """The last look at an answer."""
        del request
        return response

    def route(self, request: Request) -> Response:
        """Find what an address below the root means."""
        path = request.segments[1:]
        match request.method, path:
            case "GET", ():
                return self.root(request)
            case "POST", ("oauth", "token"):
                return self.token(request)
        self.authenticate(request)
        if request.method == "GET" and path == ("metadata", "data", "v3", "dependencies"):
            return self.dependencies()
        if path[:3] != _DATA or not 4 <= len(path) <= 5:
            raise Refused(404, "not-found", "There is nothing at this address.")
        return self.work(request, path[3], path[4] if len(path) == 5 else "")

    def work(self, request: Request, name: str, number: str) -> Response:
        """What is asked of one resource."""
        if name.endswith("Descriptors") and request.method == "GET":
            return self.read_codes(request, name)
        if name not in self.resources:
            raise Refused(404, "not-found", "There is no such resource.")
        self.authorise(name)
        with self.lock:
            return self.act(request, name, number)

    def act(self, request: Request, name: str, number: str) -> Response:
        """One operation; what has no id cannot be replaced or deleted."""
        match request.method, bool(number):
            case "GET", True:
                return self.read_one(name, number)
            case "GET", False:
                return self.read_many(request, name)
            case "POST", False:
                return self.post(request, name)
            case "PUT", True:
                return self.put(request, name, number)
            case "DELETE", True:
                return self.delete(request, name, number)
        return self.not_allowed(request, name, number)

    def not_allowed(self, request: Request, name: str, number: str) -> Response:
        """The refusal of a method that the address does not have."""
        del request, name, number
        raise Refused(405, "method-not-allowed", "The address does not take this method.")
