"""Beside the third layer: more applications, whose secrets are unusual, and Bearer tokens."""

from __future__ import annotations

from typing import Any

from conformance.simulators.access import Access
from conformance.simulators.message import Request
from conformance.simulators.problems import Refusal
from conformance.simulators.store import Session
from conformance.simulators.tokens import BEARER, Credentials

COLON_KEY, LETTERS_KEY = "demo-colon", "demo-letters"
SECRETS = {COLON_KEY: "open:sesame:1", LETTERS_KEY: "schlüssel-ñandú-1"}
TOKEN = "demo-bearer-token-1"  # noqa: S105


def claims() -> dict[str, Any]:
    """The tables of a target file that declare these applications and the token."""
    return {
        "secret_with_colon": {"key": COLON_KEY, "secret": SECRETS[COLON_KEY]},
        "secret_with_letters": {"key": LETTERS_KEY, "secret": SECRETS[LETTERS_KEY]},
        "bearer": {"secret": TOKEN},
    }


class Applications(Access):
    """Knows them by their keys; a Bearer token counts with the key in header or query."""

    def known_application(self, key: str) -> bool:
        """Whether the application key is registered here."""
        return key in SECRETS or super().known_application(key)

    def secret_of(self, user: str) -> str:
        """Each application has a secret of its own, and its sessions share it."""
        session = self.find_session(user)
        key = user if session is None else session.key
        return SECRETS.get(key) or super().secret_of(user)

    def credentials(self, request: Request) -> Credentials:
        """A Bearer token with the application key beside it, or other credentials."""
        method, _, token = (request.header("Authorization") or "").strip().partition(" ")
        if method != BEARER:
            return super().credentials(request)
        return Credentials(BEARER, self.key_beside(request), token, None)

    def key_beside(self, request: Request) -> str:
        """The application key of a request whose token does not hold it."""
        key = request.parameter("applicationKey")
        if not key:
            raise Refusal(401, "A Bearer token needs applicationKey in header or query.")
        return key

    def check_secret(self, credentials: Credentials) -> None:
        """Refuse a proof that the shared secret does not explain, or an unknown Bearer token."""
        if credentials.method != BEARER:
            super().check_secret(credentials)
        elif credentials.proof != TOKEN:
            raise Refusal(401, "The Bearer token is not known.")

    def authenticate_session(self, request: Request) -> Session:
        """The session behind a request; a Bearer token stands for that of its application."""
        credentials = self.credentials(request)
        if credentials.method != BEARER:
            return super().authenticate_session(request)
        self.check_secret(credentials)
        mine = (
            session
            for session in self.state.sessions.values()
            if session.method == BEARER and session.key == credentials.user
        )
        session = next(mine, None)
        if session is None:
            raise Refusal(401, "There is no environment of this application.")
        return session
