"""Providers that let the wrong readers in, or keep the right ones out."""

from __future__ import annotations

from dataclasses import replace

from conformance.simulators import tokens
from conformance.simulators.message import Request
from conformance.simulators.problems import Refusal
from conformance.simulators.provider.mutants import breaks
from conformance.simulators.provider.provider import Provider
from conformance.simulators.store import Session
from conformance.simulators.tokens import Credentials


@breaks("INF-AUT-001")
class ReadsToAnyone(Provider):
    """Serves callers without any credentials out of the first session it finds."""

    def authenticate_session(self, request: Request) -> Session:
        known = "authorization" in request.headers or "access_token" in request.query
        if not known and self.state.sessions:
            return next(iter(self.state.sessions.values()))
        return super().authenticate_session(request)


@breaks(
    "INF-ENV-004",
    also=(
        "INF-AUT-004",
        "NEG-006",
    ),
)
class NeverComparesSecrets(Provider):
    """Looks up who asks and takes any proof that has a fresh timestamp."""

    def check_secret(self, credentials: Credentials) -> None:
        if credentials.method == tokens.HMAC:
            self.check_timestamp(credentials.timestamp)


@breaks("INF-AUT-004", also=("NEG-006",))
class ComparesHalfTheMac(Provider):
    """Looks at the timestamp of a session's MAC and at the secret of an application's only."""

    def check_secret(self, credentials: Credentials) -> None:
        if self.find_session(credentials.user) is None:
            super().check_secret(credentials)
        elif credentials.method == tokens.HMAC:
            self.check_timestamp(credentials.timestamp)


@breaks("INF-AUT-004")
class SpellsTheTimestampAnew(Provider):
    """Recomputes the MAC over its own spelling of the instant instead of the text sent."""

    def check_timestamp(self, timestamp: str | None) -> str:
        instant = tokens.read_instant(super().check_timestamp(timestamp))
        return instant.isoformat(timespec="milliseconds").replace("+00:00", "Z")


@breaks("INF-AUT-005")
class TrustsAMacWithoutTime(Provider):
    """Trusts a MAC that comes without its timestamp."""

    def check_secret(self, credentials: Credentials) -> None:
        if credentials.method == tokens.BASIC or credentials.timestamp is not None:
            super().check_secret(credentials)


@breaks("NEG-006", also=("INF-AUT-006",))
class TakesAnyWordForATime(Provider):
    """Verifies the MAC and never reads the timestamp that it covers."""

    def check_timestamp(self, timestamp: str | None) -> str:
        if timestamp is None:
            raise Refusal(401, "SIF_HMACSHA256 needs a timestamp.")
        return timestamp


@breaks("INF-AUT-006")
class TakesOldTokens(Provider):
    """Never looks how old a timestamp is, so that a token can be replayed for ever."""

    def check_timestamp(self, timestamp: str | None) -> str:
        if timestamp is None:
            raise Refusal(401, "SIF_HMACSHA256 needs a timestamp.")
        tokens.read_instant(timestamp)
        return timestamp


@breaks("INF-AUT-009", also=("NEG-009",))
class KeyReadsToo(Provider):
    """Lets the application key read what only a session token should."""

    def find_session(self, token: str) -> Session | None:
        mine = (session for session in self.state.sessions.values() if session.key == token)
        return super().find_session(token) or next(mine, None)


@breaks("INF-AUT-012", also=("NEG-010",))
class KnowsHeadersOnly(Provider):
    """Overlooks credentials in the query."""

    def credentials(self, request: Request) -> Credentials:
        return super().credentials(replace(request, query={}))


@breaks("INF-AUT-013")
class BelievesTheQueryFirst(Provider):
    """Prefers the token in the query to the one in the header."""

    def credentials(self, request: Request) -> Credentials:
        if "access_token" not in request.query:
            return super().credentials(request)
        headers = {k: v for k, v in request.headers.items() if k != "authorization"}
        return super().credentials(replace(request, headers=headers))


@breaks("INF-AUT-013")
class TriesTheQueryToo(Provider):
    """Tries the credentials of the query when those of the header fail."""

    def authenticate_session(self, request: Request) -> Session:
        try:
            return super().authenticate_session(request)
        except Refusal:
            if "access_token" not in request.query:
                raise
            headers = {k: v for k, v in request.headers.items() if k != "authorization"}
            return super().authenticate_session(replace(request, headers=headers))


@breaks(
    "INF-AUT-015",
    also=(
        "INF-AUT-001",
        "INF-AUT-004",
        "INF-AUT-005",
        "INF-AUT-006",
        "INF-AUT-009",
        "INF-AUT-013",
        "INF-AUT-023",
        "INF-ENV-004",
        "INF-ENV-014",
        "NEG-006",
        "NEG-007",
        "NEG-009",
        "NEG-058",
        "NEG-065",
    ),
)
class CallsABadTokenForbidden(Provider):
    """Answers bad credentials with 403 instead of 401."""

    def error_status(self, refusal: Refusal) -> int:
        return 403 if refusal.status == 401 else refusal.status

    def error_code(self, status: int) -> int:
        return 403 if status == 401 else status


@breaks("INF-AUT-022")
class ReadsTheSchemeLetterByLetter(Provider):
    """Compares the name of the scheme with its letter case."""

    def credentials(self, request: Request) -> Credentials:
        scheme = (request.header("Authorization") or tokens.BASIC).partition(" ")[0]
        if scheme not in (tokens.BASIC, tokens.HMAC):
            raise Refusal(401, "The scheme is unknown.")
        return super().credentials(request)


@breaks(
    "INF-AUT-023",
    also=(
        "NEG-005",
        "NEG-007",
    ),
)
class FallsOverMangledTokens(Provider):
    """Answers 500 to a token that is not base64."""

    def credentials(self, request: Request) -> Credentials:
        try:
            return super().credentials(request)
        except Refusal as refusal:
            if request.header("Authorization") is None:
                raise
            raise Refusal(500, "Something went wrong.") from refusal


@breaks("INF-AUT-025")
class WrapsTheSecretIntoTheToken(Provider):
    """Builds the session token out of key and secret."""

    def new_token(self) -> str:
        return tokens.basic_token(f"{self.key}-{self.new_id()}", self.secret).partition(" ")[2]
