"""Ed-Fi hosts that open to the wrong ones, or tell the way wrongly."""

# An override may ignore what it is given.
# ruff: noqa: ARG002

from __future__ import annotations

from typing import Any

from conformance.simulators.edfi_receiver.answers import FORBIDDEN, UNAUTHENTICATED, Refused
from conformance.simulators.edfi_receiver.host import EdfiHost
from conformance.simulators.edfi_receiver.mutants import breaks
from conformance.simulators.edfi_receiver.resources import Body
from conformance.simulators.message import Request, Response


@breaks("EDF-ROO-001")
class NamesNoModel(EdfiHost):
    """The root document leaves out the data models."""

    def root_document(self, start: str) -> dict[str, Any]:
        return super().root_document(start) | {"dataModels": []}


@breaks("EDF-ROO-001")
class NamesAnOlderModel(EdfiHost):
    """The root document tells data standard 3."""

    def version(self) -> str:
        return "3.3.1-b"


@breaks("EDF-ROO-002")
class NamesAnotherHost(EdfiHost):
    """The root document sends secrets elsewhere."""

    def urls(self, start: str) -> dict[str, str]:
        return super().urls("http://elsewhere.example/api")


@breaks("EDF-ROO-002")
class NamesAnotherScheme(EdfiHost):
    """The root document names https where http is spoken."""

    def urls(self, start: str) -> dict[str, str]:
        return super().urls(start.replace("http://", "https://"))


@breaks("EDF-AUT-001")
class TokenIsAMac(EdfiHost):
    """The token has another type than the one it is used as."""

    def granted(self) -> dict[str, Any]:
        return super().granted() | {"token_type": "mac"}


@breaks("EDF-AUT-001")
class TokenLastsForever(EdfiHost):
    """The answer tells no lifetime."""

    def granted(self) -> dict[str, Any]:
        return {name: one for name, one in super().granted().items() if name != "expires_in"}


@breaks("EDF-AUT-002")
class KnowsEverySecret(EdfiHost):
    """Looks at the key only."""

    def knows(self, key: str, secret: str) -> bool:
        return key == self.key


@breaks("EDF-AUT-002")
class StrangersAreForbidden(EdfiHost):
    """Answers wrong credentials with 403."""

    def no_client(self) -> Response:
        return self.answer(403, {"error": "access_denied"})


@breaks("EDF-AUT-003")
class TakesAnyGrant(EdfiHost):
    """Gives a token whatever the grant type."""

    def form(self, request: Request) -> dict[str, str]:
        return {"grant_type": "client_credentials"}


@breaks("EDF-AUT-003")
class UnknownGrantBreaks(EdfiHost):
    """An unknown grant type is a server error."""

    def token(self, request: Request) -> Response:
        answer = super().token(request)
        return self.answer(500, {"error": "server_error"}) if answer.status == 400 else answer


@breaks("EDF-AUT-004", also=("EDF-AUT-005", "EDF-AUT-006"))
class IsOpenToEverybody(EdfiHost):
    """Any bearer token opens the data."""

    def admits(self, token: str) -> bool:
        return True


@breaks("EDF-AUT-004", also=("EDF-AUT-006",))
class NoTokenIsFine(EdfiHost):
    """Who brings no token at all is let in."""

    def authenticate(self, request: Request) -> None:
        if request.header("Authorization"):
            super().authenticate(request)


@breaks("EDF-AUT-005")
class TokensNeverExpire(EdfiHost):
    """A token that was given once is good for ever."""

    def admits(self, token: str) -> bool:
        return token in self.tokens


@breaks("EDF-AUT-005")
class ExpiredTokensAreForbidden(EdfiHost):
    """An expired token is 403."""

    def authenticate(self, request: Request) -> None:
        if self.expired in (request.header("Authorization") or ""):
            raise Refused(403, UNAUTHENTICATED, "The token has expired.")
        super().authenticate(request)


@breaks("EDF-AUT-006")
class WritesNeedNoToken(EdfiHost):
    """A POST is taken from anybody."""

    def authenticate(self, request: Request) -> None:
        if request.method != "POST":
            super().authenticate(request)


@breaks("EDF-AUT-006")
class WritingStrangersAreForbidden(EdfiHost):
    """A POST without a good token is 403."""

    def authenticate(self, request: Request) -> None:
        try:
            super().authenticate(request)
        except Refused as refused:
            status = 403 if request.method == "POST" else refused.status
            raise Refused(status, refused.kind, refused.detail) from None


@breaks("EDF-CLM-001")
class HasClaimToEverything(EdfiHost):
    """Looks at no claim set."""

    def authorise(self, name: str) -> None:
        return


@breaks("EDF-CLM-001")
class MayNotBeSeenIsNotFound(EdfiHost):
    """A resource without a claim is 404."""

    def authorise(self, name: str) -> None:
        if name in self.denied:
            raise Refused(404, FORBIDDEN, "There is no such resource.")


@breaks("EDF-ORD-001")
class OrderLeavesOutStudents(EdfiHost):
    """The order of loads does not have students."""

    def groups(self) -> list[dict[str, Any]]:
        return [one for one in super().groups() if one["resource"] != "/ed-fi/students"]


@breaks(
    "EDF-ORD-001",
    also=(
        "TRN-PR-06",
        "EDF-ORD-002",
    ),
)
class OrderIsInWords(EdfiHost):
    """The order of loads is told as text."""

    def groups(self) -> list[dict[str, Any]]:
        return [one | {"order": str(one["order"])} for one in super().groups()]


@breaks("EDF-ORD-002", also=("TRN-PR-06",))
class OrderIsFlat(EdfiHost):
    """Everything is in the first group."""

    def groups(self) -> list[dict[str, Any]]:
        return [one | {"order": 1} for one in super().groups()]


@breaks("EDF-ORD-002", also=("TRN-PR-06",))
class OrderIsBackwards(EdfiHost):
    """The order is that of deletions."""

    def groups(self) -> list[dict[str, Any]]:
        return [one | {"order": 100 - one["order"]} for one in super().groups()]


@breaks("EDF-DSC-001")
class CodesHaveNoNamespace(EdfiHost):
    """The codes are listed without their namespace."""

    def code(self, uri: str) -> Body:
        return {name: one for name, one in super().code(uri).items() if name != "namespace"}


@breaks("EDF-DSC-001")
class CodesAreNotListed(EdfiHost):
    """The lists of codes are empty."""

    def read_codes(self, request: Request, name: str) -> Response:
        return self.answer(200, [])


@breaks(
    "EDF-DSC-002",
    also=(
        "TRN-CS-13",
        "EDF-VAL-009",
    ),
)
class TakesEveryCode(EdfiHost):
    """Stores codes that it does not have."""

    def knows_code(self, value: Any) -> bool:
        return True


@breaks("EDF-DSC-002", also=("TRN-CS-13",))
class TakesBareWords(EdfiHost):
    """A word without namespace is good enough."""

    def knows_code(self, value: Any) -> bool:
        return any(uri.endswith(f"#{value}") for uri in self.descriptors) or super().knows_code(
            value
        )


@breaks("EDF-DSC-002", also=("TRN-CS-13",))
class TakesOtherNamespaces(EdfiHost):
    """Looks at the word only."""

    def knows_code(self, value: Any) -> bool:
        word = str(value).partition("#")[2]
        return bool(word) and any(uri.endswith(f"#{word}") for uri in self.descriptors)


GRADE = "entryGradeLevelDescriptor"


@breaks("EDF-DSC-003", also=("TRN-CS-13",))
class ShowsTheWordOfACode(EdfiHost):
    """Shows a code without its namespace."""

    def values(self, name: str, body: Body) -> Body:
        return body | ({GRADE: body[GRADE].partition("#")[2]} if GRADE in body else {})


@breaks("EDF-DSC-003", also=("TRN-CS-13",))
class EscapesTheBlankOfACode(EdfiHost):
    """Shows a code with %20 in it."""

    def values(self, name: str, body: Body) -> Body:
        return body | ({GRADE: body[GRADE].replace(" ", "%20")} if GRADE in body else {})
