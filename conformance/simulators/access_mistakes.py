"""Mistakes about who asks that a product of any role can make.

Each one is a layer above `Access`; mutants of receivers and of providers put it before their own
conforming product.
"""

from __future__ import annotations

from dataclasses import replace

from conformance.simulators import tokens
from conformance.simulators.access import Access
from conformance.simulators.message import Request
from conformance.simulators.problems import Refusal
from conformance.simulators.store import Session
from conformance.simulators.tokens import Credentials


class ServesWithoutCredentials(Access):
    """Serves callers without any credentials out of the first session it finds."""

    def authenticate_session(self, request: Request) -> Session:
        known = "authorization" in request.headers or "access_token" in request.query
        if not known and self.state.sessions:
            return next(iter(self.state.sessions.values()))
        return super().authenticate_session(request)


class ComparesNoSecret(Access):
    """Looks up the user and never compares the secret."""

    def check_secret(self, credentials: Credentials) -> None:
        if credentials.method == tokens.HMAC:
            self.check_timestamp(credentials.timestamp)


class SpellsTheTimestampAnew(Access):
    """Recomputes the MAC over its own spelling of the instant instead of the text sent."""

    def check_timestamp(self, timestamp: str | None) -> str:
        instant = tokens.read_instant(super().check_timestamp(timestamp))
        return instant.isoformat(timespec="milliseconds").replace("+00:00", "Z")


class TrustsAMacWithoutTime(Access):
    """Trusts an HMAC without a timestamp."""

    def check_secret(self, credentials: Credentials) -> None:
        if credentials.method == tokens.BASIC or credentials.timestamp is not None:
            super().check_secret(credentials)


class NeverLooksAtTheAge(Access):
    """Never looks how old a timestamp is, so that a token can be replayed for ever."""

    def check_timestamp(self, timestamp: str | None) -> str:
        if timestamp is None:
            raise Refusal(401, "SIF_HMACSHA256 needs a timestamp.")
        tokens.read_instant(timestamp)
        return timestamp


class TakesTheKeyForASession(Access):
    """Lets the application key open the services that only a session token should."""

    def find_session(self, token: str) -> Session | None:
        mine = (session for session in self.state.sessions.values() if session.key == token)
        return super().find_session(token) or next(mine, None)


class KnowsHeadersOnly(Access):
    """Knows the Authorization header only."""

    def credentials(self, request: Request) -> Credentials:
        own = ("access_token", "authenticationMethod", "timestamp")
        query = {name: one for name, one in request.query.items() if name not in own}
        return super().credentials(replace(request, query=query))


class BelievesTheQueryFirst(Access):
    """Prefers the token in the query to the one in the header."""

    def credentials(self, request: Request) -> Credentials:
        if "access_token" not in request.query:
            return super().credentials(request)
        headers = {k: v for k, v in request.headers.items() if k != "authorization"}
        return super().credentials(replace(request, headers=headers))


class CallsABadTokenForbidden(Access):
    """Answers bad credentials with 403 instead of 401."""

    def error_status(self, refusal: Refusal) -> int:
        return 403 if refusal.status == 401 else refusal.status

    def error_code(self, status: int) -> int:
        return 403 if status == 401 else status


class ReadsTheSchemeLetterByLetter(Access):
    """Compares the name of the scheme letter by letter."""

    def credentials(self, request: Request) -> Credentials:
        scheme = (request.header("Authorization") or tokens.BASIC).partition(" ")[0]
        if scheme not in (tokens.BASIC, tokens.HMAC, tokens.BEARER):
            raise Refusal(401, "The scheme is unknown.")
        return super().credentials(request)


class FallsOverMangledTokens(Access):
    """Falls over a token that is not base64."""

    def credentials(self, request: Request) -> Credentials:
        try:
            return super().credentials(request)
        except Refusal as refusal:
            if request.header("Authorization") is None:
                raise
            raise Refusal(500, "Something went wrong.") from refusal


class PutsTheSecretIntoTheToken(Access):
    """Builds the session token out of key and secret, as the specification's example does."""

    def new_token(self) -> str:
        return tokens.basic_token(f"{self.key}-{self.new_id()}", self.secret).partition(" ")[2]
