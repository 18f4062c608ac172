"""Mistakes with secrets and Bearer tokens that a product of any role can make.

Each one is a layer above `Applications`; mutants put it before their own conforming product.
"""

from __future__ import annotations

from dataclasses import replace

from conformance.simulators import tokens
from conformance.simulators.applications import Applications
from conformance.simulators.message import Request
from conformance.simulators.tokens import Credentials


class EndsTheUserAtTheLastColon(Applications):
    """Splits a Basic token at its last colon, so that a part of the secret counts as user."""

    def credentials(self, request: Request) -> Credentials:
        read = super().credentials(request)
        if read.method != tokens.BASIC:
            return read
        user, _, proof = f"{read.user}:{read.proof}".rpartition(":")
        return replace(read, user=user, proof=proof)


class ComparesUpToTheColon(Applications):
    """Compares Basic secrets up to their first colon."""

    def check_secret(self, credentials: Credentials) -> None:
        if credentials.method == tokens.BASIC:
            start = credentials.proof.partition(":")[0]
            whole = self.secret_of(credentials.user)
            same = start == whole.partition(":")[0]
            credentials = replace(credentials, proof=whole if same else credentials.proof)
        super().check_secret(credentials)


class KeepsSecretsUpToTheColon(Applications):
    """Keeps of a secret what stands before its colon."""

    def secret_of(self, user: str) -> str:
        return super().secret_of(user).partition(":")[0]


class KeepsSecretsInLatin1(Applications):
    """Keeps secrets in Latin-1 and takes their bytes for UTF-8."""

    def secret_of(self, user: str) -> str:
        return super().secret_of(user).encode("latin-1").decode("utf-8", "replace")


class FlattensSecrets(Applications):
    """Reads keys and secrets as ASCII, with a question mark for every other letter."""

    def credentials(self, request: Request) -> Credentials:
        read = super().credentials(request)
        return replace(read, proof=flat(read.proof))

    def secret_of(self, user: str) -> str:
        return flat(super().secret_of(user))


class TakesTheKeyFromTheHeaderOnly(Applications):
    """Looks for the application key beside a Bearer token in the header only."""

    def key_beside(self, request: Request) -> str:
        return super().key_beside(replace(request, query={}))


class OverlooksTheKeyBeside(Applications):
    """Knows whose a Bearer token is, and takes any application key beside it."""

    def key_beside(self, request: Request) -> str:
        super().key_beside(request)
        return self.key


def flat(text: str) -> str:
    """ASCII, with a question mark for every other letter."""
    return text.encode("ascii", "replace").decode()
