"""Providers that are careless with tokens and signatures."""

# An override may ignore what it is given.
# ruff: noqa: ARG002

from __future__ import annotations

import json
from dataclasses import replace

from conformance.simulators.message import Request, Response
from conformance.simulators.oneroster_provider.mutants import breaks
from conformance.simulators.oneroster_provider.provider import RosterProvider
from conformance.simulators.oneroster_provider.reads import Call
from conformance.simulators.problems import Refusal


def retold(response: Response, **changes: object) -> Response:
    """The same JSON answer with these members changed; None leaves one out."""
    told = json.loads(response.body) | changes
    kept = {name: value for name, value in told.items() if value is not None}
    return replace(response, body=json.dumps(kept).encode())


@breaks("ORS-TOK-001")
class GivesMacTokens(RosterProvider):
    """Calls its tokens MAC tokens."""

    def token_document(self, scopes: frozenset[str], asked: str) -> Response:
        return retold(super().token_document(scopes, asked), token_type="mac")  # noqa: S106


@breaks("ORS-TOK-001")
class TellsTheLifeAsText(RosterProvider):
    """Writes the seconds of a token as a text."""

    def token_document(self, scopes: frozenset[str], asked: str) -> Response:
        return retold(super().token_document(scopes, asked), expires_in="an hour")


@breaks("ORS-TOK-001")
class LetsTokensBeStored(RosterProvider):
    """Does not say that a token must not be stored."""

    def token_document(self, scopes: frozenset[str], asked: str) -> Response:
        return replace(super().token_document(scopes, asked), headers=())


@breaks("ORS-TOK-002")
class AsksForNoSecret(RosterProvider):
    """Gives a token to whoever knows the client id."""

    def is_client(self, name: str, secret: str) -> bool:
        return name == self.key


@breaks("ORS-TOK-002")
class GivesTokensToNobody(RosterProvider):
    """Gives a token without any credentials."""

    def check_client(self, request: Request) -> None:
        if request.header("Authorization"):
            super().check_client(request)


@breaks("ORS-TOK-002")
class CallsStrangersUnauthorized(RosterProvider):
    """Has its own word for a client that it does not know."""

    def token_refused(self, refusal: Refusal) -> Response:
        answer = super().token_refused(refusal)
        return retold(answer, error="unauthorized") if refusal.status == 401 else answer


@breaks("ORS-TOK-003")
class GrantsAnything(RosterProvider):
    """Does not look at the grant type."""

    def check_grant_type(self, kind: str) -> None:
        """Whatever it is."""


@breaks("ORS-TOK-003")
class RefusesGrantsWithoutACode(RosterProvider):
    """Refuses other grants with 401 and no code."""

    def check_grant_type(self, kind: str) -> None:
        try:
            super().check_grant_type(kind)
        except Refusal as refusal:
            raise Refusal(401, refusal.message, "") from refusal


@breaks("ORS-TOK-003")
class GivesTokensToGet(RosterProvider):
    """Answers GET of the token address with a token."""

    def at_token_address(self, request: Request) -> Response:
        if request.method == "GET":
            request = replace(request, body=b"grant_type=client_credentials")
        return self.give_token(request)


@breaks("ORS-TOK-004")
class GrantsEveryScope(RosterProvider):
    """Grants scopes that do not exist."""

    def granted(self, asked: str) -> frozenset[str]:
        try:
            return super().granted(asked)
        except Refusal:
            return frozenset()


@breaks("ORS-TOK-004")
class StumblesOverScopes(RosterProvider):
    """Answers a scope that it does not know with a server error."""

    def granted(self, asked: str) -> frozenset[str]:
        try:
            return super().granted(asked)
        except Refusal as refusal:
            raise Refusal(500, refusal.message, "server_error") from refusal


@breaks("ORS-ACC-001", also=("ORS-ACC-003", "ORS-ERR-001"))
class ReadsOrgsToEverybody(RosterProvider):
    """Takes orgs for public."""

    def scopes_of(self, request: Request, version: str) -> frozenset[str]:
        if "orgs" in request.segments and not request.header("Authorization"):
            return frozenset(("roster.readonly",))
        return super().scopes_of(request, version)


@breaks("ORS-ACC-001")
class ReadsPartsToEverybody(RosterProvider):
    """Forgets to guard what stands below a school."""

    def scopes_of(self, request: Request, version: str) -> frozenset[str]:
        if "schools" in request.segments and not request.header("Authorization"):
            return frozenset(("roster.readonly",))
        return super().scopes_of(request, version)


@breaks("ORS-ACC-002")
class TakesAnyToken(RosterProvider):
    """Takes every text for a token."""

    def scopes_of(self, request: Request, version: str) -> frozenset[str]:
        try:
            return super().scopes_of(request, version)
        except Refusal:
            if (request.header("Authorization") or "").startswith("Bearer "):
                return frozenset(("roster.readonly", "roster-demographics.readonly"))
            raise


@breaks("ORS-ACC-002")
class TakesTheLogin(RosterProvider):
    """Reads rosters to client id and secret."""

    def scopes_of(self, request: Request, version: str) -> frozenset[str]:
        if (request.header("Authorization") or "").startswith("Basic "):
            self.check_client(request)
            return frozenset(("roster.readonly",))
        return super().scopes_of(request, version)


@breaks("ORS-ACC-002")
class TakesAnotherScheme(RosterProvider):
    """Takes a token under another scheme."""

    def scopes_of(self, request: Request, version: str) -> frozenset[str]:
        scheme, _, token = (request.header("Authorization") or "").partition(" ")
        if scheme == "Token" and token in self.state.tokens:
            return self.state.tokens[token]
        return super().scopes_of(request, version)


@breaks("ORS-ACC-003")
class HidesTheScheme(RosterProvider):
    """Answers 401 without a challenge."""

    def challenge(self, status: int) -> tuple[tuple[str, str], ...]:
        return ()


@breaks("ORS-ACC-003")
class AsksForBasic(RosterProvider):
    """Challenges for Basic, which it does not take."""

    def challenge(self, status: int) -> tuple[tuple[str, str], ...]:
        return (("WWW-Authenticate", 'Basic realm="rosters"'),) if status == 401 else ()


@breaks("ORS-SCP-001")
class CoreReadsDemographics(RosterProvider):
    """Lets the core scope read demographics."""

    def allowed(self, path: tuple[str, ...], scopes: frozenset[str]) -> bool:
        return super().allowed(path, scopes) or "roster-core.readonly" in scopes


@breaks("ORS-SCP-001")
class RosterReadsDemographics(RosterProvider):
    """Lets the scope of rosters read demographics."""

    def allowed(self, path: tuple[str, ...], scopes: frozenset[str]) -> bool:
        return super().allowed(path, scopes) or "roster.readonly" in scopes


@breaks("ORS-SCP-001", "ORS-SCP-002")
class HidesWhatIsNotAllowed(RosterProvider):
    """Answers 404 where a scope is missing."""

    def check_scope(self, call: Call, scopes: frozenset[str]) -> None:
        if not self.allowed(call.path, scopes):
            raise self.no_such_path()


@breaks("ORS-SCP-002")
class DemographicsReadUsers(RosterProvider):
    """Lets the scope of demographics read users."""

    def allowed(self, path: tuple[str, ...], scopes: frozenset[str]) -> bool:
        own = "roster-demographics.readonly" in scopes
        return super().allowed(path, scopes) or (own and path[:1] == ("users",))


@breaks("ORS-SIG-001")
class TakesNoSignature(RosterProvider):
    """Refuses every signed request."""

    def check_signature(self, request: Request, told: dict[str, str]) -> None:
        raise self.unknown_caller()


@breaks("ORS-SIG-001")
class SortsParametersWrongly(RosterProvider):
    """Makes its own text of a query with more than two parameters."""

    def is_signed(self, request: Request, parts: dict[str, str]) -> bool:
        return len(request.query) < 4 and super().is_signed(request, parts)


@breaks("ORS-SIG-002")
class SignsWithoutTheQuery(RosterProvider):
    """Does not notice that a query was changed."""

    def is_signed(self, request: Request, parts: dict[str, str]) -> bool:
        if super().is_signed(request, parts):
            return True
        other = dict(request.query) | {"limit": "2"}
        return super().is_signed(replace(request, query=other), parts)


@breaks("ORS-SIG-002")
class TakesPlainSignatures(RosterProvider):
    """Takes PLAINTEXT without looking at the secret."""

    def is_signed(self, request: Request, parts: dict[str, str]) -> bool:
        plain = parts.get("oauth_signature_method") == "PLAINTEXT"
        return plain or super().is_signed(request, parts)


@breaks("ORS-SIG-003")
class ForgetsNonces(RosterProvider):
    """Takes a signed request as often as it comes."""

    def check_nonce(self, nonce: str, moment: str) -> None:
        """Not looked at."""


@breaks("ORS-SIG-003")
class RemembersTheLastNonceByTime(RosterProvider):
    """Refuses a used nonce with 400 and serves it when it comes at once."""

    def check_nonce(self, nonce: str, moment: str) -> None:
        if (nonce, moment) in self.state.nonces:
            raise Refusal(400, "Used.", "invaliddata")
        super().check_nonce(nonce, moment)


@breaks("ORS-SIG-004")
class ForgetsTheClock(RosterProvider):
    """Takes signatures of any day."""

    def check_time(self, told: str) -> None:
        """Not looked at."""
