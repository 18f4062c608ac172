"""Vendors that do not listen to headers and parameters, or listen to the wrong ones."""

# An override may ignore what it is given.
# ruff: noqa: ARG002

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from conformance.simulators import tokens
from conformance.simulators.environments import Asked
from conformance.simulators.message import Request, Response
from conformance.simulators.mutants import breaks
from conformance.simulators.problems import Refusal
from conformance.simulators.receiver import Receiver

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

_SPELLINGS = ("methodOverride", "mustUseAdvisory", "navigationPage", "requestId")


def _without(request: Request, *names: str) -> Request:
    kept = {name: value for name, value in request.headers.items() if name not in names}
    return replace(request, headers=kept)


@breaks("INF-HDR-001")
class HeadersInExactCase(Receiver):
    """Finds SIF headers only in the spelling of the specification."""

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Any:
        names = environ.get("simulator.header_names", ())
        lost = {f"HTTP_{name.upper()}" for name in _SPELLINGS if name not in names}
        heard = {key: value for key, value in environ.items() if key not in lost}
        return super().__call__(heard, start_response)


@breaks("INF-HDR-002")
class QueryPagesBeatHeaders(Receiver):
    """Prefers paging in the query to paging in headers."""

    def page_parameter(self, request: Request, name: str, least: int) -> int | None:
        told = _without(request, name.lower()) if name in request.query else request
        return super().page_parameter(told, name, least)


@breaks("NEG-021", also=("INF-HDR-008",))
class PagesOnlyFromHeaders(Receiver):
    """Overlooks paging in the query."""

    def page_parameter(self, request: Request, name: str, least: int) -> int | None:
        return super().page_parameter(replace(request, query={}), name, least)


@breaks("INF-HDR-006")
class NeedsEveryHeader(Receiver):
    """Refuses a message that does not say what type it is."""

    def check_words(self, request: Request) -> None:
        super().check_words(request)
        if not request.says("messageType"):
            raise Refusal(400, "The header messageType is missing.")


@breaks("INF-HDR-011")
class UnknownWordsAreDefaults(Receiver):
    """Takes a word that it does not know for the default."""

    def check_words(self, request: Request) -> None:
        super().check_words(_without(request, "messagetype", "methodoverride"))


@breaks("INF-HDR-012")
class IgnoresRequestAction(Receiver):
    """Does not notice a requestAction that contradicts the method."""

    def check_words(self, request: Request) -> None:
        super().check_words(_without(request, "requestaction"))


@breaks("INF-DLY-004", also=("INF-HDR-011", "INF-QRY-011"))
class DelaysForEver(Receiver):
    """Accepts delayed requests although it has no queues to answer through."""

    def check_request_type(self, request: Request) -> None:
        return None

    def route_students(self, request: Request, path: list[str]) -> Response:
        if request.says("requestType") == "DELAYED":
            return Response(202)
        return super().route_students(request, path)


@breaks("INF-QRY-011")
class DelaysSingleObjects(Receiver):
    """Answers a delayed query for one object at once, as if it had not been delayed."""

    def check_request_type(self, request: Request) -> None:
        single = request.method == "GET" and request.segments[-2:-1] == ("xStudents",)
        super().check_request_type(_without(request, "requesttype") if single else request)


@breaks("INF-UPD-007")
class RefusesOverrideUpdate(Receiver):
    """Refuses a PUT that says it is an update."""

    def check_words(self, request: Request) -> None:
        super().check_words(request)
        if request.says("methodOverride") == "UPDATE":
            raise Refusal(400, "The methodOverride is not supported.")


@breaks("NEG-029")
class ObeysTheHttpCousin(Receiver):
    """Lets X-HTTP-Method-Override change the method."""

    def answer(self, request: Request) -> Response:
        word = request.header("X-HTTP-Method-Override")
        headers = {**request.headers, "methodoverride": word} if word else request.headers
        return super().answer(replace(request, headers=headers))


@breaks("NEG-031")
class BreaksOnQueryIntention(Receiver):
    """Falls over a queryIntention that it has not heard of."""

    def read_all(self, request: Request) -> Response:
        if request.says("queryIntention") not in ("", "ALL", "ONE-OFF", "NO-CACHING"):
            raise Refusal(500, "Something went wrong.")
        return super().read_all(request)


@breaks("NEG-056", also=("INF-TRN-010",))
class RefusesStrangeHeaders(Receiver):
    """Refuses messages with headers of other vendors."""

    def check_words(self, request: Request) -> None:
        super().check_words(request)
        if {"idtype", "schoolyear"} & set(request.headers) or any(
            name.startswith("x-") for name in request.headers
        ):
            raise Refusal(400, "There is an unknown header.")


@breaks("INF-TRN-010")
class RefusesStrangeParameters(Receiver):
    """Refuses query parameters that it has not heard of."""

    def check_query_parameters(self, request: Request) -> None:
        super().check_query_parameters(request)
        known = {"navigationPage", "navigationPageSize", "mustUseAdvisory", "timestamp"}
        known |= {"applicationKey", "access_token", "authenticationMethod"}
        if set(request.query) - known:
            raise Refusal(400, "There is an unknown parameter.")


@breaks("INF-HED-001", also=("INF-HED-002",))
class KnowsNoHead(Receiver):
    """Answers HEAD with 501."""

    def route_students(self, request: Request, path: list[str]) -> Response:
        if request.method == "HEAD":
            raise Refusal(501, "HEAD is not implemented.")
        return super().route_students(request, path)


@breaks("INF-HED-003")
class HeadIsCalledQuery(Receiver):
    """Names the action of HEAD as QUERY."""

    def response_action(self, request: Request) -> str:
        return "QUERY" if request.method == "HEAD" else super().response_action(request)


@breaks("INF-HED-005")
class HeadIsAlwaysFine(Receiver):
    """Answers HEAD with 200, whatever GET would say."""

    def route_students(self, request: Request, path: list[str]) -> Response:
        if request.method == "HEAD":
            return Response(200)
        return super().route_students(request, path)


@breaks("INF-ENV-021")
class EchoesTheUserToken(Receiver):
    """Hands the user token back in the environment."""

    def told_back(self) -> tuple[str, ...]:
        return ("authenticationMethod", "instanceId", "userToken", "consumerName")


@breaks("INF-ENV-022")
class MethodInExactCase(Receiver):
    """Compares the method in the body letter by letter."""

    def check_environment_method(self, asked: str, used: str) -> None:
        if asked and asked != used:
            raise Refusal(400, "authenticationMethod differs from the method in use.")


@breaks("INF-ENV-023", also=("INF-ENV-009", "INF-FMT-002"))
class NeedsAVersion(Receiver):
    """Refuses an environment without a version of the infrastructure."""

    def check_infrastructure_version(self, version: str) -> None:
        if not version:
            raise Refusal(400, "supportedInfrastructureVersion is missing.")
        super().check_infrastructure_version(version)


@breaks("NEG-040")
class VersionMustMatchNamespace(Receiver):
    """Refuses a stated version that is not the one of the body's namespace."""

    def read_asked(self, request: Request) -> Asked:
        asked = super().read_asked(request)
        version = asked["supportedInfrastructureVersion"]
        if version and request.body and f"infrastructure/{version}".encode() not in request.body:
            raise Refusal(400, "The version does not match the namespace.")
        return asked


@breaks("NEG-005")
class BreaksOnEmptyKey(Receiver):
    """Falls over an empty application key."""

    def known_application(self, key: str) -> bool:
        if not key:
            raise ZeroDivisionError
        return super().known_application(key)


@breaks("INF-AUT-006")
class TrustsTheFuture(Receiver):
    """Accepts timestamps from the future, however far."""

    def check_timestamp(self, timestamp: str | None) -> str:
        if timestamp is not None and tokens.read_instant(timestamp) > self.now():
            return timestamp
        return super().check_timestamp(timestamp)


@breaks("INF-HDR-001")
class QueryNamesInAnyCase(Receiver):
    """Finds query parameters whatever the letter case of their names."""

    def read_all(self, request: Request) -> Response:
        names = {"navigationpage": "navigationPage", "navigationpagesize": "navigationPageSize"}
        query = {names.get(name.lower(), name): value for name, value in request.query.items()}
        return super().read_all(replace(request, query=query))
