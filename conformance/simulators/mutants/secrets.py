"""Receivers that trip over unusual secrets, or over Bearer tokens."""

from __future__ import annotations

from conformance.simulators import secret_mistakes
from conformance.simulators.mutants import breaks
from conformance.simulators.receiver import Receiver


@breaks("INF-AUT-003", also=("NEG-008",))
class SplitsAtTheLastColon(secret_mistakes.EndsTheUserAtTheLastColon, Receiver):
    """Splits a Basic token at its last colon, so that a part of the secret counts as user."""


@breaks("INF-AUT-003")
class ComparesSecretsUpToTheColon(secret_mistakes.ComparesUpToTheColon, Receiver):
    """Compares Basic secrets up to their first colon."""


@breaks("NEG-008", also=("INF-AUT-003",))
class CutsSecretsAtTheColon(secret_mistakes.KeepsSecretsUpToTheColon, Receiver):
    """Keeps of a secret what stands before its colon."""


@breaks("INF-AUT-024", also=("NEG-008",))
class KeepsSecretsInLatin1(secret_mistakes.KeepsSecretsInLatin1, Receiver):
    """Keeps secrets in Latin-1 and takes their bytes for UTF-8."""


@breaks("INF-AUT-024", also=("NEG-008",))
class FlattensSecretsToAscii(secret_mistakes.FlattensSecrets, Receiver):
    """Reads secrets as ASCII, with a question mark for every other letter."""


@breaks("INF-AUT-011")
class LooksForTheKeyInTheHeaderOnly(secret_mistakes.TakesTheKeyFromTheHeaderOnly, Receiver):
    """Looks for the application key beside a Bearer token in the header only."""


@breaks("INF-AUT-011")
class OverlooksTheKeyBesideTheToken(secret_mistakes.OverlooksTheKeyBeside, Receiver):
    """Knows whose a Bearer token is, and takes any application key beside it."""
