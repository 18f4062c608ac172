"""Providers that trip over unusual secrets, or over Bearer tokens."""

from __future__ import annotations

from conformance.simulators import secret_mistakes
from conformance.simulators.provider.mutants import breaks
from conformance.simulators.provider.provider import Provider


@breaks("INF-AUT-003", also=("NEG-008",))
class EndsTheReaderAtTheLastColon(secret_mistakes.EndsTheUserAtTheLastColon, Provider):
    """Splits a Basic token at its last colon, so that a part of the secret counts as user."""


@breaks("INF-AUT-003")
class ComparesUpToTheColon(secret_mistakes.ComparesUpToTheColon, Provider):
    """Compares Basic secrets up to their first colon."""


@breaks("NEG-008", also=("INF-AUT-003",))
class KeepsHalfOfTheSecret(secret_mistakes.KeepsSecretsUpToTheColon, Provider):
    """Keeps of a secret what stands before its colon."""


@breaks("INF-AUT-024", also=("NEG-008",))
class MixesUpLatin1AndUtf8(secret_mistakes.KeepsSecretsInLatin1, Provider):
    """Keeps secrets in Latin-1 and takes their bytes for UTF-8."""


@breaks("INF-AUT-024", also=("NEG-008",))
class KnowsAsciiSecretsOnly(secret_mistakes.FlattensSecrets, Provider):
    """Reads secrets as ASCII, with a question mark for every other letter."""


@breaks("INF-AUT-011")
class WantsTheKeyInTheHeader(secret_mistakes.TakesTheKeyFromTheHeaderOnly, Provider):
    """Looks for the application key beside a Bearer token in the header only."""


@breaks("INF-AUT-011")
class TakesAnyKeyBesideTheToken(secret_mistakes.OverlooksTheKeyBeside, Provider):
    """Knows whose a Bearer token is, and takes any application key beside it."""
