"""First layer of the vendor: how every answer looks, good or bad."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime

from lxml import etree

from conformance.simulators.documents import node, serialise
from conformance.simulators.message import XML, Request, Response
from conformance.simulators.problems import Refusal

_ACTIONS = {
    "POST": "CREATE",
    "PUT": "UPDATE",
    "PATCH": "UPDATE",
    "DELETE": "DELETE",
    "HEAD": "HEAD",
}
_SERVICES = ("environments", "pods", "xStudents", "files", "export")


class Answers:
    """Headers and error objects (Base Architecture 4.3.2 and 4.5.1)."""

    def now(self) -> datetime:
        """The vendor's clock."""
        return datetime.now(UTC)

    def today(self) -> date:
        """The vendor's day, for contract dates."""
        return self.now().date()

    def new_id(self) -> str:
        """Id for a message, an error, an environment or a student: UUID 4."""
        return str(uuid.uuid4())

    def timestamp_header(self) -> str:
        """Value of the response header `timestamp`."""
        return self.now().isoformat(timespec="milliseconds").replace("+00:00", "Z")

    def response_action(self, request: Request) -> str:
        """What the request effectively asked for."""
        override = request.says("methodOverride")
        if request.method == "PUT" and override == "DELETE":
            return "DELETE"
        if request.method == "POST" and override == "GET":
            return "QUERY"
        return _ACTIONS.get(request.method, "QUERY")

    def message_type(self, response: Response) -> str:
        """Value of the response header `messageType`."""
        return "ERROR" if response.status >= 400 else "RESPONSE"

    def echoed_headers(self, request: Request) -> tuple[tuple[str, str], ...]:
        """Headers given back as they came."""
        names = ("requestId", "generatorId")
        values = ((name, request.header(name)) for name in names)
        return tuple((name, value) for name, value in values if value is not None)

    def response_headers(self, request: Request, response: Response) -> tuple[tuple[str, str], ...]:
        """Headers that every answer carries."""
        return (
            ("timestamp", self.timestamp_header()),
            ("messageId", self.new_id()),
            ("messageType", self.message_type(response)),
            ("responseAction", self.response_action(request)),
            *self.echoed_headers(request),
        )

    def finish(self, request: Request, response: Response) -> Response:
        """Add the headers of every answer, and pack it for those who can unpack."""
        answer = response.adding(*self.response_headers(request, response))
        return answer.packed() if self.may_pack(request) else answer

    def may_pack(self, request: Request) -> bool:
        """Whether the caller listed gzip."""
        listed = (request.header("Accept-Encoding") or "").lower().replace(" ", "").split(",")
        ranges = (each.partition(";") for each in listed)
        return any(name == "gzip" and weight not in ("q=0", "q=0.0") for name, _, weight in ranges)

    def document(self, status: int, element: etree._Element) -> Response:
        """An answer whose body is XML."""
        return Response(status, serialise(element))

    def empty(self) -> Response:
        """204 without a body."""
        return Response(204)

    def error_code(self, status: int) -> int:
        """Value of the element `code`."""
        return status

    def error_message(self, refusal: Refusal) -> str:
        """Text for end users; it never repeats a value that was sent."""
        return refusal.message

    def error_description(self, refusal: Refusal) -> str:
        """Technical detail. Infrastructure 3.3 has no sub code element, so it starts here."""
        return refusal.subcode and f"{refusal.subcode} {refusal.message}"

    def error_scope(self, request: Request) -> str:
        """The operation attempted, without ids."""
        service = next((part for part in request.segments if part in _SERVICES), "request")
        return f"{self.response_action(request).capitalize()} {service}"

    def error_element(self, refusal: Refusal, scope: str) -> etree._Element:
        """The error object, alone or inside the result of one item."""
        parts = [
            node("code", str(self.error_code(refusal.status))),
            node("scope", scope[:80]),
            node("message", self.error_message(refusal)),
        ]
        if description := self.error_description(refusal):
            parts.append(node("description", description))
        return node("error", *parts, id=self.new_id())

    def error_body(self, refusal: Refusal, scope: str) -> Response:
        """The answer to a request that is refused as a whole."""
        answer = self.document(self.error_status(refusal), self.error_element(refusal, scope))
        return answer.adding(*self.error_headers(refusal))

    def error_headers(self, refusal: Refusal) -> tuple[tuple[str, str], ...]:
        """How to do better: RFC 9110 asks for the schemes with 401 and the formats with 415."""
        if refusal.status == 401:
            return (("WWW-Authenticate", 'Basic realm="SIF", SIF_HMACSHA256 realm="SIF"'),)
        return (("Accept", XML),) if refusal.status == 415 else ()

    def error_status(self, refusal: Refusal) -> int:
        """HTTP status of a refusal."""
        return refusal.status

    def refused(self, request: Request, refusal: Refusal) -> Response:
        """Answer a refusal."""
        return self.error_body(refusal, self.error_scope(request))

    def failed(self, request: Request) -> Response:
        """Answer a defect of our own without telling more."""
        return self.refused(request, Refusal(500, "The receiver failed; report the message id."))
