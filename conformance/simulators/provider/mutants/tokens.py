"""Providers that let the wrong readers in, or keep the right ones out."""

from __future__ import annotations

from dataclasses import replace

from conformance.simulators import access_mistakes, tokens
from conformance.simulators.message import Request
from conformance.simulators.problems import Refusal
from conformance.simulators.provider.mutants import breaks
from conformance.simulators.provider.provider import Provider
from conformance.simulators.store import Session
from conformance.simulators.tokens import Credentials


@breaks("INF-AUT-001")
class ReadsToAnyone(access_mistakes.ServesWithoutCredentials, Provider):
    """Serves callers without any credentials out of the first session it finds."""


@breaks(
    "INF-ENV-004",
    also=(
        "INF-AUT-004",
        "NEG-006",
    ),
)
class NeverComparesSecrets(access_mistakes.ComparesNoSecret, Provider):
    """Looks up who asks and takes any proof that has a fresh timestamp."""


@breaks("INF-AUT-004", also=("NEG-006",))
class ComparesHalfTheMac(Provider):
    """Looks at the timestamp of a session's MAC and at the secret of an application's only."""

    def check_secret(self, credentials: Credentials) -> None:
        if self.find_session(credentials.user) is None:
            super().check_secret(credentials)
        elif credentials.method == tokens.HMAC:
            self.check_timestamp(credentials.timestamp)


@breaks("INF-AUT-004")
class SpellsTheTimestampAnew(access_mistakes.SpellsTheTimestampAnew, Provider):
    """Recomputes the MAC over its own spelling of the instant instead of the text sent."""


@breaks("INF-AUT-005")
class TrustsAMacWithoutTime(access_mistakes.TrustsAMacWithoutTime, Provider):
    """Trusts a MAC that comes without its timestamp."""


@breaks("NEG-006", also=("INF-AUT-006",))
class TakesAnyWordForATime(Provider):
    """Verifies the MAC and never reads the timestamp that it covers."""

    def check_timestamp(self, timestamp: str | None) -> str:
        if timestamp is None:
            raise Refusal(401, "SIF_HMACSHA256 needs a timestamp.")
        return timestamp


@breaks("INF-AUT-006")
class TakesOldTokens(access_mistakes.NeverLooksAtTheAge, Provider):
    """Never looks how old a timestamp is, so that a token can be replayed for ever."""


@breaks("INF-AUT-009", also=("NEG-009",))
class KeyReadsToo(access_mistakes.TakesTheKeyForASession, Provider):
    """Lets the application key read what only a session token should."""


@breaks("INF-AUT-012", also=("NEG-010",))
class KnowsHeadersOnly(access_mistakes.KnowsHeadersOnly, Provider):
    """Overlooks credentials in the query."""


@breaks("INF-AUT-013")
class BelievesTheQueryFirst(access_mistakes.BelievesTheQueryFirst, Provider):
    """Prefers the token in the query to the one in the header."""


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
class CallsABadTokenForbidden(access_mistakes.CallsABadTokenForbidden, Provider):
    """Answers bad credentials with 403 instead of 401."""


@breaks("INF-AUT-022")
class ReadsTheSchemeLetterByLetter(access_mistakes.ReadsTheSchemeLetterByLetter, Provider):
    """Compares the name of the scheme with its letter case."""


@breaks(
    "INF-AUT-023",
    also=(
        "NEG-005",
        "NEG-007",
    ),
)
class FallsOverMangledTokens(access_mistakes.FallsOverMangledTokens, Provider):
    """Answers 500 to a token that is not base64."""


@breaks("INF-AUT-025")
class WrapsTheSecretIntoTheToken(access_mistakes.PutsTheSecretIntoTheToken, Provider):
    """Builds the session token out of key and secret."""
