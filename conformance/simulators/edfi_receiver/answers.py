"""How a simulated Ed-Fi host answers: JSON, and problem details for a refusal (ODS/API 7)."""

from __future__ import annotations

import json
import uuid
from typing import Any

from conformance.simulators.message import Response
from conformance.simulators.problems import SimulatorError

JSON = "application/json; charset=utf-8"
BAD = "bad-request:data-validation-failed"
UNRESOLVED = "data-conflict:unresolved-reference"
DEPENDENT = "data-conflict:dependent-item-exists"
KEY_CHANGE = f"{BAD}:key-change-not-supported"
UNAUTHENTICATED = "security:authentication"
FORBIDDEN = "security:authorization:access-denied:resource"
STALE = "optimistic-lock-failed"


class Refused(SimulatorError):
    """A refusal: status, the end of the urn of its type, a sentence, and faults by place.

    Sentences and places name members and rules, never values: these may be personal data.
    """

    def __init__(
        self, status: int, kind: str, detail: str, places: dict[str, list[str]] | None = None
    ) -> None:
        super().__init__(detail)
        self.status, self.kind, self.detail, self.places = status, kind, detail, places


class Answers:
    """The form of every answer."""

    def answer(self, status: int, body: Any = None, *headers: tuple[str, str]) -> Response:
        """An answer with this JSON, or without a body for None."""
        content = b"" if body is None else self.encoded(body)
        return Response(status, content, JSON, headers)

    def encoded(self, body: Any) -> bytes:
        """JSON as UTF-8."""
        return json.dumps(body, ensure_ascii=False).encode()

    def refusal(self, refused: Refused) -> Response:
        """Problem details."""
        body = self.problem(refused)
        return Response(refused.status, self.encoded(body), self.problem_type())

    def problem_type(self) -> str:
        """The media type of problem details."""
        return "application/problem+json"

    def problem(self, refused: Refused) -> dict[str, Any]:
        """The members of problem details."""
        told: dict[str, Any] = {
            "detail": refused.detail,
            "type": f"urn:ed-fi:api:{refused.kind}",
            "title": refused.kind.rpartition(":")[2].replace("-", " ").title(),
            "status": refused.status,
            "correlationId": uuid.uuid4().hex,
        }
        if refused.places:
            told["validationErrors"] = refused.places
        return told
