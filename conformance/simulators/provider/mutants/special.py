"""Providers that misbehave as a whole: silent, saying yes to everything, cut off, garbled."""

# An override may ignore what it is given.
# ruff: noqa: ARG002

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from conformance.simulators.message import Request, Response
from conformance.simulators.provider.mutants import breaks
from conformance.simulators.provider.provider import Provider

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

PATIENCE = 1.0  # seconds; longer than the suite waits for a special mutant


@breaks(special=True)
class SaysNothing(Provider):
    """Accepts the connection and says nothing for a second."""

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        time.sleep(PATIENCE)
        return super().__call__(environ, start_response)


@breaks(special=True)
class SaysYesToAll(Provider):
    """Answers everything below the connector with 200 and nothing."""

    def route_connector(self, request: Request, path: tuple[str, ...]) -> Response:
        return Response(200)


@breaks(special=True)
class ServesWebPages(Provider):
    """Answers everything below the connector with a web page."""

    def route_connector(self, request: Request, path: tuple[str, ...]) -> Response:
        return Response(200, b"<!doctype html><html><body>Welcome</body></html>", "text/html")


@breaks(special=True)
class CutsBodies(Provider):
    """Cuts every list in the middle."""

    def finish(self, request: Request, response: Response) -> Response:
        answer = super().finish(request, response)
        if "xStudents" not in request.segments or answer.status != 200:
            return answer
        return replace(answer, body=answer.body[: len(answer.body) // 2])


@breaks(special=True)
class NestsWithoutEnd(Provider):
    """Answers lists with elements a thousand deep."""

    def route_connector(self, request: Request, path: tuple[str, ...]) -> Response:
        self.authenticate_session(request)
        return Response(200, b"<a>" * 1000 + b"</a>" * 1000)
