"""Vendors that let the wrong callers in, or keep the right ones out."""

# An override may ignore what it is given.

from __future__ import annotations

from dataclasses import replace

from conformance.simulators import tokens
from conformance.simulators.message import Request
from conformance.simulators.mutants import breaks
from conformance.simulators.problems import Refusal
from conformance.simulators.receiver import Receiver
from conformance.simulators.store import Session
from conformance.simulators.tokens import Credentials


@breaks("INF-AUT-001")
class ServesAnyone(Receiver):
    """Serves callers without any credentials out of the first session it finds."""

    def authenticate_session(self, request: Request) -> Session:
        known = "authorization" in request.headers or "access_token" in request.query
        if not known and self.state.sessions:
            return next(iter(self.state.sessions.values()))
        return super().authenticate_session(request)


@breaks("INF-ENV-004", also=("INF-AUT-004", "NEG-006"))
class IgnoresTheSecret(Receiver):
    """Looks up the user and never compares the secret."""

    def check_secret(self, credentials: Credentials) -> None:
        if credentials.method == tokens.HMAC:
            self.check_timestamp(credentials.timestamp)


@breaks("INF-AUT-004", also=("INF-ENV-004", "NEG-006"))
class SignsOnlyTheUser(Receiver):
    """Takes any HMAC whose user is known and whose timestamp is fresh."""

    def check_secret(self, credentials: Credentials) -> None:
        if credentials.method == tokens.BASIC:
            super().check_secret(credentials)
        else:
            self.check_timestamp(credentials.timestamp)


@breaks("INF-AUT-004")
class RewritesTheTimestamp(Receiver):
    """Recomputes the MAC over its own spelling of the instant instead of the text sent."""

    def check_timestamp(self, timestamp: str | None) -> str:
        instant = tokens.read_instant(super().check_timestamp(timestamp))
        return instant.isoformat(timespec="milliseconds").replace("+00:00", "Z")


@breaks("INF-AUT-005")
class NeedsNoTimestamp(Receiver):
    """Trusts an HMAC without a timestamp."""

    def check_secret(self, credentials: Credentials) -> None:
        if credentials.method == tokens.BASIC or credentials.timestamp is not None:
            super().check_secret(credentials)


@breaks("INF-AUT-006")
class AcceptsOldTimestamps(Receiver):
    """Never looks how old a timestamp is, so that a token can be replayed for ever."""

    def check_timestamp(self, timestamp: str | None) -> str:
        if timestamp is None:
            raise Refusal(401, "SIF_HMACSHA256 needs a timestamp.")
        tokens.read_instant(timestamp)
        return timestamp


@breaks("INF-AUT-009", also=("NEG-009",))
class ApplicationKeyOpensServices(Receiver):
    """Lets the application key open the services that only a session token should."""

    def find_session(self, token: str) -> Session | None:
        mine = (session for session in self.state.sessions.values() if session.key == token)
        return super().find_session(token) or next(mine, None)


@breaks("INF-AUT-012", also=("NEG-010",))
class IgnoresQueryCredentials(Receiver):
    """Knows the Authorization header only."""

    def credentials(self, request: Request) -> Credentials:
        return super().credentials(replace(request, query={}))


@breaks("INF-AUT-013")
class QueryBeatsHeader(Receiver):
    """Prefers the token in the query to the one in the header."""

    def credentials(self, request: Request) -> Credentials:
        if "access_token" not in request.query:
            return super().credentials(request)
        headers = {k: v for k, v in request.headers.items() if k != "authorization"}
        return super().credentials(replace(request, headers=headers))


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
class BadTokenIs403(Receiver):
    """Answers bad credentials with 403 instead of 401."""

    def error_status(self, refusal: Refusal) -> int:
        return 403 if refusal.status == 401 else refusal.status

    def error_code(self, status: int) -> int:
        return 403 if status == 401 else status


@breaks("INF-AUT-022")
class WantsExactScheme(Receiver):
    """Compares the name of the scheme letter by letter."""

    def credentials(self, request: Request) -> Credentials:
        scheme = (request.header("Authorization") or tokens.BASIC).partition(" ")[0]
        if scheme not in (tokens.BASIC, tokens.HMAC):
            raise Refusal(401, "The scheme is unknown.")
        return super().credentials(request)


@breaks("INF-AUT-023", also=("NEG-005", "NEG-007"))
class BreaksOnMangledTokens(Receiver):
    """Falls over a token that is not base64."""

    def credentials(self, request: Request) -> Credentials:
        try:
            return super().credentials(request)
        except Refusal as refusal:
            if request.header("Authorization") is None:
                raise
            raise Refusal(500, "Something went wrong.") from refusal


@breaks("INF-AUT-025")
class TokenTellsTheSecret(Receiver):
    """Builds the session token out of key and secret, as the specification's example does."""

    def new_token(self) -> str:
        return tokens.basic_token(f"{self.key}-{self.new_id()}", self.secret).partition(" ")[2]
