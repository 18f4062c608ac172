"""Vendors that break a rule of sessions and messages in another way than the first mutant of it."""

from __future__ import annotations

from dataclasses import replace
from email.utils import format_datetime
from typing import ClassVar

from lxml import etree

from conformance.simulators.environments import Asked
from conformance.simulators.message import Request, Response
from conformance.simulators.mutants import breaks
from conformance.simulators.problems import Refusal
from conformance.simulators.receiver import Receiver
from conformance.simulators.store import Session
from conformance.simulators.tokens import Credentials


@breaks("INF-AUT-012", also=("NEG-010",))
class RefusesCredentialsInTheQuery(Receiver):
    """Says that credentials in an address are unsafe."""

    def credentials(self, request: Request) -> Credentials:
        if request.header("Authorization") is None and "access_token" in request.query:
            raise Refusal(400, "Send the header Authorization.")
        return super().credentials(request)


@breaks(
    "INF-AUT-015",
    also=(
        "INF-AUT-009", "INF-AUT-013", "INF-AUT-023", "INF-ENV-014", "NEG-007", "NEG-009",
        "NEG-058", "NEG-065",
    ),
)  # fmt: skip
class UnknownSessionIsNotFound(Receiver):
    """Answers a token that it has not issued with 404."""

    def authenticate_session(self, request: Request) -> Session:
        if self.find_session(self.credentials(request).user) is None:
            raise Refusal(404, "There is no such session.")
        return super().authenticate_session(request)


@breaks("INF-AUT-022")
class SmallLettersOpenNoSession(Receiver):
    """Takes the scheme in small letters from an application, and not with a session token."""

    def authenticate_session(self, request: Request) -> Session:
        if (request.header("Authorization") or "").startswith(("basic ", "sif_hmacsha256 ")):
            raise Refusal(401, "The scheme is not known.")
        return super().authenticate_session(request)


@breaks("INF-ENV-002", also=("INF-ENV-001",))
class PromisesAnEnvironment(Receiver):
    """Answers a create of an environment with 202."""

    def environment_status(self) -> int:
        return 202


@breaks("INF-ENV-005")
class AcceptsAnyTransport(Receiver):
    """Promises a transport that it has never heard of."""

    def check_transport(self, transport: str) -> None:  # noqa: ARG002
        return None


@breaks("INF-ENV-011", also=("INF-ENV-026",))
class EnvironmentsAreWriteOnly(Receiver):
    """Does not show an environment again."""

    def read_environment(self, request: Request, refid: str) -> Response:
        self.find_environment(request, refid)
        raise Refusal(405, "Keep the environment that you got.")


@breaks("INF-ENV-020")
class FingerprintIsTheKey(Receiver):
    """Uses the application key as fingerprint."""

    def fingerprint(self, environment_id: str) -> str:  # noqa: ARG002
        return self.key


@breaks("INF-ENV-022", also=("INF-ENV-001", "INF-ENV-002"))
class NamesNoMethod(Receiver):
    """Does not tell which method an environment uses."""

    def told_back(self) -> tuple[str, ...]:
        return tuple(name for name in super().told_back() if name != "authenticationMethod")


@breaks("INF-ENV-023", also=("INF-ENV-009",))
class NeedsADataModel(Receiver):
    """Refuses an environment without a data model."""

    def check_data_model(self, namespace: str) -> None:
        if not namespace:
            raise Refusal(400, "dataModelNamespace is missing.")
        super().check_data_model(namespace)


@breaks("INF-ENV-024", also=("NEG-001",))
class DefaultZoneHasNoId(Receiver):
    """Describes the default zone and does not say which one it is."""

    def default_zone(self) -> list[etree._Element]:
        zones = super().default_zone()
        for zone in zones:
            zone.set("id", "")
        return zones


@breaks("INF-ENV-028")
class TakesTheMethodOfTheBody(Receiver):
    """Accepts any method in the body that it would accept in the header."""

    known: ClassVar[tuple[str, ...]] = ("basic", "sif_hmacsha256")

    def check_environment_method(self, asked: str, used: str) -> None:
        if asked.lower() not in self.known:
            super().check_environment_method(asked, used)


@breaks("NEG-004", also=("INF-FMT-019",))
class EmptyUserIsAUser(Receiver):
    """Tells an empty userToken from a missing one."""

    def read_asked(self, request: Request) -> Asked:
        asked = super().read_asked(request)
        if b"userToken" in request.body:
            asked["userToken"] = asked["userToken"] or "(empty)"
        return asked


@breaks("NEG-041", also=("INF-ENV-027",))
class ServicesComeLast(Receiver):
    """Writes the infrastructure services behind the zones."""

    def environment_element(
        self, request: Request, asked: Asked, method: str, refid: str, token: str
    ) -> etree._Element:
        element = super().environment_element(request, asked, method, refid, token)
        services = element.find("{*}infrastructureServices")
        if services is not None:
            element.append(services)
        return element


@breaks("INF-ERR-002", also=("POD-GATE-007",))
class ErrorCodeIsTheClass(Receiver):
    """Rounds the code in an error to the hundred."""

    def error_code(self, status: int) -> int:
        return status // 100 * 100


@breaks("INF-ERR-003")
class ErrorsAreEssays(Receiver):
    """Explains an error in more than 1024 characters."""

    def error_message(self, refusal: Refusal) -> str:
        return f"{refusal.message} " * 60


@breaks("INF-FMT-004", also=("INF-ERR-006", "INF-HDR-003"))
class IdsAreNumbered(Receiver):
    """Numbers messages and objects, and fills the number up to the length of a UUID."""

    count = 0

    def new_id(self) -> str:
        self.count += 1
        return f"00000000-0000-0000-0000-{self.count:012d}"


@breaks("INF-FMT-017", also=("INF-HDR-003",))
class TimestampsOfHttp(Receiver):
    """Stamps answers as HTTP writes dates."""

    def timestamp_header(self) -> str:
        return format_datetime(self.now(), usegmt=True)


@breaks("INF-HDR-004", also=("NEG-030",))
class ActionFollowsTheMethod(Receiver):
    """Names the action after the method of HTTP, whatever stands in for it."""

    def response_headers(self, request: Request, response: Response) -> tuple[tuple[str, str], ...]:
        headers = super().response_headers(request, response)
        action = ("responseAction", "UPDATE" if request.method == "PUT" else "")
        return tuple(action if one[0] == action[0] and action[1] else one for one in headers)


@breaks("INF-HDR-005")
class ForgetsTheGenerator(Receiver):
    """Gives the request id back and not the generator id."""

    def echoed_headers(self, request: Request) -> tuple[tuple[str, str], ...]:
        return tuple(one for one in super().echoed_headers(request) if one[0] == "requestId")


@breaks("INF-DLY-004", also=("INF-QRY-011",))
class DelayedIsImmediate(Receiver):
    """Takes a delayed request for an immediate one."""

    def check_request_type(self, request: Request) -> None:
        if request.says("requestType") != "DELAYED":
            super().check_request_type(request)


@breaks("INF-STA-001", also=("INF-CRE-008", "TRN-CS-01-S", "TRN-CS-03-S", "TRN-LR-07-S"))
class BadContentIs418(Receiver):
    """Answers invalid students with a status that it found funny."""

    def validate(self, student: etree._Element, *, partial: bool = False) -> None:
        try:
            super().validate(student, partial=partial)
        except Refusal as refusal:
            raise Refusal(418, refusal.message) from refusal


@breaks("INF-STA-003", also=("INF-DEL-001",))
class DeletesSayMoreThan204(Receiver):
    """Answers a delete with 204 and a body."""

    def deleted(self) -> Response:
        return Response(204, b"<deleted/>")


@breaks("INF-TRN-003")
class ClosesAfterReading(Receiver):
    """Hangs up after each answer to a query."""

    def response_headers(self, request: Request, response: Response) -> tuple[tuple[str, str], ...]:
        headers = super().response_headers(request, response)
        return (*headers, ("Connection", "close")) if request.method == "GET" else headers


@breaks("INF-TRN-008", also=("NEG-037",))
class PacksUnlessForbidden(Receiver):
    """Sends gzip to whoever does not refuse it."""

    def may_pack(self, request: Request) -> bool:
        return "gzip;q=0" not in (request.header("Accept-Encoding") or "").replace(" ", "")


@breaks("NEG-031")
class StrangeIntentionsMakeItBusy(Receiver):
    """Says that it is busy when a queryIntention is new to it."""

    def read_all(self, request: Request) -> Response:
        if request.says("queryIntention") not in ("", "ALL", "ONE-OFF", "NO-CACHING"):
            raise Refusal(503, "Try again later.")
        return super().read_all(request)


@breaks("NEG-029")
class ObeysTheCousinOfPuts(Receiver):
    """Lets X-HTTP-Method-Override make a delete of a PUT or POST."""

    def answer(self, request: Request) -> Response:
        word = request.header("X-HTTP-Method-Override") or ""
        if word.upper() == "DELETE" and request.method in ("PUT", "POST"):
            return super().answer(replace(request, method="DELETE", body=b""))
        return super().answer(request)
