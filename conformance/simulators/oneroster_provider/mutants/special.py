"""Providers that misbehave so widely that no exact list is claimed."""

# An override may ignore what it is given.
# ruff: noqa: ARG002

from __future__ import annotations

from conformance.simulators.message import Request, Response
from conformance.simulators.oneroster_provider.mutants import breaks
from conformance.simulators.oneroster_provider.provider import RosterProvider


@breaks(special=True)
class IsAWebPage(RosterProvider):
    """Answers everything with a web page."""

    def answer(self, request: Request) -> Response:
        return Response(200, b"<!DOCTYPE html><title>Welcome</title>", "text/html")


@breaks(special=True)
class SaysYesToAll(RosterProvider):
    """Answers everything with an empty object."""

    def answer(self, request: Request) -> Response:
        return Response(200, b"{}", "application/json")


@breaks(special=True)
class IsBusy(RosterProvider):
    """Answers everything with 503, and not how long."""

    def answer(self, request: Request) -> Response:
        return Response(503, b"", "application/json")


@breaks(special=True)
class WritesBrokenJson(RosterProvider):
    """Cuts every answer in half."""

    def answer(self, request: Request) -> Response:
        whole = super().answer(request)
        half = whole.body[: len(whole.body) // 2]
        return Response(whole.status, half, whole.content_type, whole.headers)
