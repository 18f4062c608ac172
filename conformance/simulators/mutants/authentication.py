"""Vendors that let the wrong callers in, or keep the right ones out."""

from __future__ import annotations

from conformance.simulators import access_mistakes, tokens
from conformance.simulators.mutants import breaks
from conformance.simulators.receiver import Receiver
from conformance.simulators.tokens import Credentials


@breaks("INF-AUT-001")
class ServesAnyone(access_mistakes.ServesWithoutCredentials, Receiver):
    """Serves callers without any credentials out of the first session it finds."""


@breaks("INF-ENV-004", also=("INF-AUT-004", "NEG-006"))
class IgnoresTheSecret(access_mistakes.ComparesNoSecret, Receiver):
    """Looks up the user and never compares the secret."""


@breaks("INF-AUT-004", also=("INF-ENV-004", "NEG-006"))
class SignsOnlyTheUser(Receiver):
    """Takes any HMAC whose user is known and whose timestamp is fresh."""

    def check_secret(self, credentials: Credentials) -> None:
        if credentials.method != tokens.HMAC:
            super().check_secret(credentials)
        else:
            self.check_timestamp(credentials.timestamp)


@breaks("INF-AUT-004")
class RewritesTheTimestamp(access_mistakes.SpellsTheTimestampAnew, Receiver):
    """Recomputes the MAC over its own spelling of the instant instead of the text sent."""


@breaks("INF-AUT-005")
class NeedsNoTimestamp(access_mistakes.TrustsAMacWithoutTime, Receiver):
    """Trusts an HMAC without a timestamp."""


@breaks("INF-AUT-006")
class AcceptsOldTimestamps(access_mistakes.NeverLooksAtTheAge, Receiver):
    """Never looks how old a timestamp is, so that a token can be replayed for ever."""


@breaks("INF-AUT-009", also=("NEG-009",))
class ApplicationKeyOpensServices(access_mistakes.TakesTheKeyForASession, Receiver):
    """Lets the application key open the services that only a session token should."""


@breaks("INF-AUT-012", also=("NEG-010",))
class IgnoresQueryCredentials(access_mistakes.KnowsHeadersOnly, Receiver):
    """Knows the Authorization header only."""


@breaks("INF-AUT-013")
class QueryBeatsHeader(access_mistakes.BelievesTheQueryFirst, Receiver):
    """Prefers the token in the query to the one in the header."""


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
class BadTokenIs403(access_mistakes.CallsABadTokenForbidden, Receiver):
    """Answers bad credentials with 403 instead of 401."""


@breaks("INF-AUT-022")
class WantsExactScheme(access_mistakes.ReadsTheSchemeLetterByLetter, Receiver):
    """Compares the name of the scheme letter by letter."""


@breaks("INF-AUT-023", also=("NEG-005", "NEG-007"))
class BreaksOnMangledTokens(access_mistakes.FallsOverMangledTokens, Receiver):
    """Falls over a token that is not base64."""


@breaks("INF-AUT-025")
class TokenTellsTheSecret(access_mistakes.PutsTheSecretIntoTheToken, Receiver):
    """Builds the session token out of key and secret, as the specification's example does."""
