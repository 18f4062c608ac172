"""Ed-Fi hosts that misbehave so widely that no exact list is claimed."""

# An override may ignore what it is given.
# ruff: noqa: ARG002

from __future__ import annotations

from conformance.simulators.edfi_receiver.host import EdfiHost
from conformance.simulators.edfi_receiver.mutants import breaks
from conformance.simulators.message import Request, Response


@breaks(special=True)
class SaysYesToEverything(EdfiHost):
    """Answers 200 with an empty object, whatever is asked."""

    def respond(self, request: Request) -> Response:
        path = request.segments[1:]
        if path[:2] == ("oauth", "token") or not path:
            return super().respond(request)
        return self.answer(200, {})


@breaks(special=True)
class AnswersInPages(EdfiHost):
    """Answers every request with a web page."""

    def respond(self, request: Request) -> Response:
        return Response(200, b"<!doctype html><html><body>Welcome</body></html>", "text/html")


@breaks(special=True)
class EchoesWhatItGets(EdfiHost):
    """Answers data requests with the body that came."""

    def respond(self, request: Request) -> Response:
        path = request.segments[1:]
        if path[:1] != ("data",):
            return super().respond(request)
        return Response(200, request.body or b"[]", "application/json")


@breaks(special=True)
class AlwaysBreaks(EdfiHost):
    """Answers 500 to everything behind the token."""

    def respond(self, request: Request) -> Response:
        path = request.segments[1:]
        if path[:2] == ("oauth", "token") or not path:
            return super().respond(request)
        return self.answer(500, {"message": "An unexpected problem."})
