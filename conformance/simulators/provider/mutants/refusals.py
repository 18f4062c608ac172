"""Providers whose errors are no errors of SIF."""

# An override may ignore what it is given.
# ruff: noqa: ARG002

from __future__ import annotations

from lxml import etree

from conformance.simulators.message import Request, Response
from conformance.simulators.problems import Refusal
from conformance.simulators.provider.mutants import breaks
from conformance.simulators.provider.provider import Provider


@breaks("INF-ERR-001", "NEG-057", also=("INF-FMT-010",))
class RefusesWithAPage(Provider):
    """Refuses with a web page."""

    def error_body(self, refusal: Refusal, scope: str) -> Response:
        page = f"<html><body>{refusal.status}</body></html>".encode()
        return Response(self.error_status(refusal), page, "text/html")


@breaks("INF-ERR-001", also=("NEG-057",))
class CallsErrorsResponses(Provider):
    """Marks an error as a response."""

    def message_type(self, response: Response) -> str:
        return "RESPONSE"


@breaks("INF-ERR-002")
class CallsEveryError500(Provider):
    """Writes 500 into every error."""

    def error_code(self, status: int) -> int:
        return 500


@breaks("INF-ERR-003")
class RefusesWithoutWords(Provider):
    """Leaves the message of its errors empty."""

    def error_message(self, refusal: Refusal) -> str:
        return ""


@breaks("INF-ERR-004")
class ErrsInItsOwnNamespace(Provider):
    """Writes errors in a namespace of its own."""

    def error_element(self, refusal: Refusal, scope: str) -> etree._Element:
        element = super().error_element(refusal, scope)
        for one in element.iter():
            one.tag = f"{{http://vendor.example/errors}}{etree.QName(one).localname}"
        return element


@breaks("INF-ERR-006")
class ErrsWithoutAnId(Provider):
    """Gives its errors no id."""

    def error_element(self, refusal: Refusal, scope: str) -> etree._Element:
        element = super().error_element(refusal, scope)
        del element.attrib["id"]
        return element


@breaks("INF-ERR-005")
class QuotesTheQuery(Provider):
    """Repeats the condition that it did not understand."""

    def refused(self, request: Request, refusal: Refusal) -> Response:
        where = request.query.get("where")
        if where is None:
            return super().refused(request, refusal)
        return super().refused(request, Refusal(refusal.status, f"Not understood: {where[:900]}"))
