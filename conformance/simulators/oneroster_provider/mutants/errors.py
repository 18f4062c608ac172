"""Providers whose refusals say too little, or too much."""

from __future__ import annotations

from typing import Any

from conformance.simulators.message import Response
from conformance.simulators.oneroster_provider import queries
from conformance.simulators.oneroster_provider.district import Bodies
from conformance.simulators.oneroster_provider.mutants import breaks
from conformance.simulators.oneroster_provider.provider import RosterProvider
from conformance.simulators.oneroster_provider.reads import Call
from conformance.simulators.problems import Refusal


@breaks("ORS-ERR-001")
class ErrorsAreWarnings(RosterProvider):
    """Calls its errors warnings."""

    def error_payload(self, call: Call, refusal: Refusal) -> dict[str, Any]:
        told = super().error_payload(call, refusal)
        return told | ({"imsx_severity": "warning"} if call.version == "1.2" else {})


@breaks(
    "ORS-ERR-001",
    also=("ORS-OBJ-003", "ORS-FLT-005", "ORS-FLD-001", "ORS-SCP-001"),
)
class ErrorsHaveNoBody(RosterProvider):
    """Refuses without a word."""

    def refused(self, call: Call, refusal: Refusal) -> Response:
        answer = super().refused(call, refusal)
        return Response(answer.status, b"", answer.content_type, answer.headers)


@breaks("ORS-ERR-001")
class NobodyIsForbidden(RosterProvider):
    """Answers 401 with the code of 403."""

    def minor(self, refusal: Refusal) -> str:
        return "forbidden" if refusal.status == 401 else super().minor(refusal)


@breaks("ORS-ERR-002")
class OlderErrorsAreSuccess(RosterProvider):
    """Calls an error of 1.1 a success."""

    def error_payload(self, call: Call, refusal: Refusal) -> dict[str, Any]:
        told = super().error_payload(call, refusal)
        if call.version == "1.1":
            told["statusInfoSet"][0]["imsx_codeMajor"] = "success"
        return told


@breaks("ORS-ERR-003")
class RepeatsTheFilter(RosterProvider):
    """Repeats the filter in the error."""

    def description(self, call: Call, refusal: Refusal) -> str:
        return f"{refusal.message} {call.request.query.get('filter', '')}"


@breaks("ORS-ERR-003")
class RepeatsThePath(RosterProvider):
    """Repeats the path in the error."""

    def description(self, call: Call, refusal: Refusal) -> str:
        return f"{refusal.message} {'/'.join(call.path)}"


@breaks("ORS-ERR-004")
class BreaksOnLongFilters(RosterProvider):
    """Breaks on a filter that is longer than it thought of."""

    def filtered(self, call: Call, found: Bodies) -> Bodies:
        if len(call.request.query.get("filter", "")) > 1000:
            raise Refusal(500, "A defect of ours.", "internal_server_error")
        return super().filtered(call, found)


@breaks("ORS-ERR-004")
class BreaksOnHugeNumbers(RosterProvider):
    """Breaks on a number that its database cannot hold."""

    def offset(self, call: Call) -> int:
        if len(call.request.query.get("offset", "")) > 18:
            raise Refusal(500, "A defect of ours.", "internal_server_error")
        return super().offset(call)


@breaks("ORS-ERR-004")
class BreaksOnStatements(RosterProvider):
    """Breaks on a quote in a value."""

    def meets(self, test: queries.Predicate, body: dict[str, Any]) -> bool:
        if "'" in test.value:
            raise Refusal(500, "A defect of ours.", "internal_server_error")
        return super().meets(test, body)
