"""Providers whose answers look wrong: headers, errors, codes, transport."""

# An override may ignore what it is given.
# ruff: noqa: ARG002

from __future__ import annotations

import uuid
from dataclasses import replace

from conformance.simulators.documents import node
from conformance.simulators.message import Request, Response
from conformance.simulators.problems import Refusal
from conformance.simulators.provider.mutants import breaks
from conformance.simulators.provider.provider import Provider


def without(response: Response, name: str) -> Response:
    """The same answer without a header."""
    kept = tuple(pair for pair in response.headers if pair[0].lower() != name.lower())
    return replace(response, headers=kept)


@breaks(
    "INF-HDR-003",
    also=(
        "INF-ERR-001",
        "NEG-057",
    ),
)
class ForgetsTheMessageType(Provider):
    """Does not say whether an answer is a response or an error."""

    def finish(self, request: Request, response: Response) -> Response:
        return without(super().finish(request, response), "messageType")


@breaks("INF-HDR-003", also=("INF-FMT-017",))
class WritesLocalTimes(Provider):
    """Writes the time without a zone."""

    def timestamp_header(self) -> str:
        return super().timestamp_header().rstrip("Z")


@breaks("INF-HDR-003")
class GivesEveryMessageOneId(Provider):
    """Gives all its messages the same id."""

    message_id = str(uuid.uuid4())

    def finish(self, request: Request, response: Response) -> Response:
        answer = without(super().finish(request, response), "messageId")
        return answer.adding(("messageId", self.message_id))


@breaks("INF-FMT-017")
class LivesInThePast(Provider):
    """Has a clock that stopped in the year 2000."""

    def timestamp_header(self) -> str:
        return "2000-01-01T00:00:00.000Z"


@breaks("INF-HDR-004", "NEG-030")
class AnswersReadingWithGet(Provider):
    """Repeats the HTTP method where the action belongs."""

    def response_action(self, request: Request) -> str:
        action = super().response_action(request)
        return request.method if action == "QUERY" and request.method == "GET" else action


@breaks("INF-HED-003")
class CallsHeadAQuery(Provider):
    """Says of an answer to HEAD that it answers a query."""

    def response_action(self, request: Request) -> str:
        return "QUERY" if request.method == "HEAD" else super().response_action(request)


@breaks("INF-QBE-005")
class CallsAnExampleACreate(Provider):
    """Says of the answer to an example that something was created."""

    def response_action(self, request: Request) -> str:
        return "CREATE" if request.method == "POST" else super().response_action(request)


@breaks("INF-HDR-005")
class ForgetsRequestIds(Provider):
    """Does not give the id of the request back."""

    def echoed_headers(self, request: Request) -> tuple[tuple[str, str], ...]:
        return ()


@breaks("INF-HDR-006", also=("INF-FMT-008",))
class WantsAnAcceptHeader(Provider):
    """Refuses callers that do not say what they can read."""

    def notation_of(self, request: Request) -> str:
        if request.header("Accept") is None:
            raise Refusal(406, "Say what you can read.")
        return super().notation_of(request)


@breaks("INF-HDR-006")
class StumblesOverDefaults(Provider):
    """Refuses a query that says what is meant anyway."""

    def check_words(self, request: Request) -> None:
        if request.says("requestAction") == "QUERY":
            raise Refusal(400, "The action goes without saying.")
        super().check_words(request)


@breaks("INF-HDR-011")
class ForgivesUnknownWords(Provider):
    """Takes a word that it does not know for the default."""

    def _one_of(self, request: Request, name: str, allowed: tuple[str, ...]) -> None:
        if name == "requestAction":
            super()._one_of(request, name, allowed)


@breaks("INF-HDR-012")
class OverlooksTheAction(Provider):
    """Does not notice that header and method ask for different things."""

    def _one_of(self, request: Request, name: str, allowed: tuple[str, ...]) -> None:
        if name != "requestAction":
            super()._one_of(request, name, allowed)


@breaks("INF-TRN-010", "NEG-056")
class RefusesStrangeHeaders(Provider):
    """Refuses headers of other vendors."""

    def check_words(self, request: Request) -> None:
        if request.header("SchoolYear"):
            raise Refusal(400, "A header is not known.")
        super().check_words(request)


@breaks("INF-TRN-010", also=("NEG-056",))
class RefusesStrangeParameters(Provider):
    """Refuses query parameters that it has never heard of."""

    def check_words(self, request: Request) -> None:
        if "sampleFlag" in request.query:
            raise Refusal(400, "A query parameter is not known.")
        super().check_words(request)


@breaks("NEG-031")
class FallsOverIntentions(Provider):
    """Falls over an intention that it does not know."""

    def check_words(self, request: Request) -> None:
        if request.says("queryIntention") == "NO-CACHE":
            raise Refusal(500, "Something went wrong.")
        super().check_words(request)


@breaks("INF-TRN-008", "NEG-037")
class CompressesUnasked(Provider):
    """Compresses every answer, asked or not."""

    def may_pack(self, request: Request) -> bool:
        return True


@breaks("INF-TRN-003")
class HangsUp(Provider):
    """Closes the connection after each answer."""

    def finish(self, request: Request, response: Response) -> Response:
        return super().finish(request, response).adding(("Connection", "close"))


@breaks("INF-TRN-006")
class SaysLatin1(Provider):
    """Says that its UTF-8 is something else."""

    def finish(self, request: Request, response: Response) -> Response:
        answer = super().finish(request, response)
        if answer.content_type == "application/xml" and answer.status == 200:
            answer = replace(answer, content_type="application/xml; charset=ISO-8859-1")
        return answer


@breaks(
    "INF-FMT-010",
    also=(
        "INF-FMT-009",
        "INF-URL-005",
    ),
)
class CallsXmlText(Provider):
    """Labels XML as plain text."""

    def finish(self, request: Request, response: Response) -> Response:
        answer = super().finish(request, response)
        xml = answer.content_type == "application/xml"
        return replace(answer, content_type="text/plain") if xml else answer


@breaks("INF-FMT-008")
class PrefersJson(Provider):
    """Answers JSON to callers that state no format."""

    def notation_of(self, request: Request) -> str:
        return super().notation_of(request) if request.header("Accept") else "pesc"


@breaks(
    "INF-STA-001",
    also=(
        "INF-QRY-002",
        "INF-SVP-006",
        "NEG-014",
    ),
)
class RefusesWithATeapot(Provider):
    """Uses a status that the standard does not know."""

    def not_found(self) -> Refusal:
        return Refusal(418, "There is no object with this id.")


@breaks("INF-STA-001")
class BreaksOnOddIds(Provider):
    """Falls over an id that holds a letter no id has."""

    def read_one(self, request: Request, collection: str, refid: str) -> Response:
        if not refid.replace("-", "").isalnum():
            raise Refusal(500, "Something went wrong.")
        return super().read_one(request, collection, refid)


@breaks("NEG-029")
class ObeysTheHttpOverride(Provider):
    """Turns a GET into whatever X-HTTP-Method-Override says."""

    def route_objects(self, request: Request, path: tuple[str, ...]) -> Response:
        override = request.says("X-HTTP-Method-Override")
        return super().route_objects(replace(request, method=override or request.method), path)


@breaks("INF-QRY-007")
class NeverSays304(Provider):
    """Tells a tag and then has no use for it."""

    def unchanged(self, request: Request, collection: str) -> bool:
        return False


@breaks("INF-QRY-008")
class AlwaysSays304(Provider):
    """Takes any tag for the present one."""

    def unchanged(self, request: Request, collection: str) -> bool:
        return request.header("ETag") is not None


@breaks("INF-FMT-012")
class AnswersXmlToAll(Provider):
    """Answers XML to callers that cannot read it."""

    def notation_of(self, request: Request) -> str:
        try:
            return super().notation_of(request)
        except Refusal:
            return ""


@breaks(
    "INF-FMT-012",
    also=(
        "INF-FMT-013",
        "INF-FMT-014",
        "INF-FMT-021",
        "INF-FMT-022",
        "NEG-032",
        "NEG-033",
        "NEG-034",
    ),
)
class CallsXmlJson(Provider):
    """Answers XML under the name of JSON."""

    def notation_of(self, request: Request) -> str:
        return ""

    def finish(self, request: Request, response: Response) -> Response:
        answer = super().finish(request, response)
        asked = (request.header("Accept") or "").startswith("application/json")
        return replace(answer, content_type="application/json") if asked else answer


@breaks("INF-TRN-014", also=("INF-SVP-002",))
class AcceptsAnyChange(Provider):
    """Says of every change that it was done."""

    def unsupported(self) -> Refusal:
        return Refusal(204, "")

    def refused(self, request: Request, refusal: Refusal) -> Response:
        if refusal.status != 204:
            return super().refused(request, refusal)
        if request.method in ("GET", "HEAD") or "environments" in request.segments:
            return super().refused(request, Refusal(405, "This is not supported here."))
        return Response(200, self.document(200, node("deleteResponse")).body)


@breaks("INF-TRN-014")
class FallsOverPatch(Provider):
    """Falls over a method that it does not know."""

    def route_objects(self, request: Request, path: tuple[str, ...]) -> Response:
        if request.method == "PATCH":
            raise Refusal(501, "Not implemented.")
        return super().route_objects(request, path)
