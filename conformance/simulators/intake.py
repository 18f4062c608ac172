"""Second layer: what a request must look like before anyone reads its content."""

from __future__ import annotations

from dataclasses import replace

from lxml import etree

from conformance.simulators import documents
from conformance.simulators.answers import Answers
from conformance.simulators.message import Request
from conformance.simulators.problems import Refusal

_ACTION_WORDS = {
    "POST": ("CREATE", "QUERY"),
    "PUT": ("UPDATE", "DELETE"),
    "DELETE": ("DELETE",),
    "GET": ("QUERY",),
    "HEAD": ("HEAD", "QUERY"),
}
_OVERRIDES = {"PUT": ("DELETE", "UPDATE"), "POST": ("GET", "POST")}
_UNSUPPORTED = ("where", "order", "changesSinceMarker")


class Intake(Answers):
    """Formats, words and parameters (Base Architecture 4.3)."""

    def check_content_type(self, request: Request, *allowed: str) -> None:
        """Refuse bodies of another kind; a missing Content-Type means XML."""
        media, _, parameters = (request.header("Content-Type") or allowed[0]).partition(";")
        charset = parameters.lower().replace(" ", "").replace('"', "").partition("charset=")[2]
        if media.strip().lower() not in allowed:
            raise Refusal(415, f"Send the body as {' or '.join(allowed)}.")
        if charset not in ("", "utf-8"):
            raise Refusal(415, "Send the body in UTF-8.")

    def without_suffix(self, request: Request) -> Request:
        """The path without `.xml` or `.json`, which speak only where no header does."""
        stem, _, suffix = request.segments[-1].rpartition(".") if request.segments else ("", "", "")
        if not stem or suffix not in ("xml", "json"):
            return request
        headers = dict(request.headers)
        if headers.get("accept", "*/*").strip() == "*/*":
            headers["accept"] = f"application/{suffix}"
        return replace(request, segments=(*request.segments[:-1], stem), headers=headers)

    def check_accept(self, request: Request) -> None:
        """Refuse callers that cannot read XML."""
        ranges = (request.header("Accept") or "*/*").lower().split(",")
        known = ("*/*", "application/*", "application/xml", "text/*", "text/xml")
        if not any(media.partition(";")[0].strip() in known for media in ranges):
            raise Refusal(406, "Answers are application/xml only.")

    def check_words(self, request: Request) -> None:
        """Refuse unknown or contradictory words instead of guessing."""
        self._one_of(request, "messageType", ("REQUEST",))
        self._one_of(request, "requestAction", _ACTION_WORDS.get(request.method, ()))
        self._one_of(request, "methodOverride", _OVERRIDES.get(request.method, ()))
        self.check_request_type(request)

    def check_request_type(self, request: Request) -> None:
        """A Direct environment without queues answers immediate requests only."""
        self._one_of(request, "requestType", ("IMMEDIATE",))

    def _one_of(self, request: Request, name: str, allowed: tuple[str, ...]) -> None:
        word = request.says(name)
        if word and word not in allowed:
            raise Refusal(400, f"The header {name} is not one of: {', '.join(allowed) or 'none'}.")

    def check_service_type(self, request: Request, expected: str) -> None:
        """A service of another type is another service: nobody provides it here."""
        word = request.says("serviceType")
        self._one_of(
            request,
            "serviceType",
            ("OBJECT", "UTILITY", "FUNCTIONAL", "SERVICEPATH", "XQUERYTEMPLATE"),
        )
        if word and word != expected:
            raise Refusal(404, "No provider offers this service under that service type.")

    def check_query_parameters(self, request: Request) -> None:
        """Refuse qualifiers that would change the result if they were understood."""
        if any(name in request.query for name in _UNSUPPORTED):
            raise Refusal(400, f"These are not supported: {', '.join(_UNSUPPORTED)}.")
        if "zoneId" in request.query or "contextId" in request.query:
            raise Refusal(400, "Zone and context are matrix parameters of the last path segment.")

    def refuse_doctype(self, body: bytes) -> None:
        """Keep document types out."""
        documents.refuse_doctype(body)

    def refuse_other_charsets(self, body: bytes) -> None:
        """Keep other encodings out."""
        documents.refuse_other_charsets(body)

    def parse(self, body: bytes) -> etree._Element:
        """Turn bytes into a tree."""
        return documents.parse(body)

    def understands(self, element: etree._Element, name: str) -> bool:
        """Whether this is the named infrastructure element, of any 3.x."""
        return documents.is_infrastructure(element, name)

    def read_xml(self, request: Request) -> etree._Element:
        """Body as a tree; raises Refusal with 400 or 415."""
        self.check_content_type(request, "application/xml", "text/xml")
        self.refuse_other_charsets(request.body)
        self.refuse_doctype(request.body)
        return self.parse(request.body)
