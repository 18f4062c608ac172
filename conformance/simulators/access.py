"""Third layer: who asks. Basic and SIF_HMACSHA256 (Infrastructure Services 3.2.1, 4.1)."""

from __future__ import annotations

import os
from datetime import timedelta

from conformance.simulators import tokens
from conformance.simulators.intake import Intake
from conformance.simulators.message import Request
from conformance.simulators.problems import Refusal
from conformance.simulators.store import Session, State
from conformance.simulators.tokens import Credentials

DEFAULT_SECRET = "demo-secret-1"  # noqa: S105
OTHER_KEY, OTHER_SECRET = "demo-other", "demo-secret-2"


class Access(Intake):
    """Applications with a secret each; sessions stand for them once an environment exists.

    Without `secret` the environment variable SIMULATOR_SECRET is taken, else a demo value.
    `party` is the name under which agreements are made; both zones are districts that are served.
    `needs_pod` false turns the gate off.
    """

    window = timedelta(minutes=5)

    def __init__(
        self,
        *,
        secret: str | None = None,
        key: str = "demo-vendor",
        party: str = "Example Reading App",
        zone: str = "demo-district",
        second_zone: str = "second-district",
        base: str = "/sif3",
        needs_pod: bool = True,
    ) -> None:
        self.key = key
        self.secret = secret or os.environ.get("SIMULATOR_SECRET") or DEFAULT_SECRET
        self.party = party
        self.zone = zone
        self.second_zone = second_zone
        self.base = "/" + base.strip("/")
        self.needs_pod = needs_pod
        self.state = State()

    def credentials(self, request: Request) -> Credentials:
        """Read the credentials from header or query."""
        return tokens.read_credentials(request)

    def known_application(self, key: str) -> bool:
        """Whether the application key is registered here."""
        return key in (self.key, OTHER_KEY)

    def secret_of(self, user: str) -> str:
        """Each application has a secret of its own, and its sessions share it."""
        session = self.find_session(user)
        key = user if session is None else session.key
        return OTHER_SECRET if key == OTHER_KEY else self.secret

    def check_secret(self, credentials: Credentials) -> None:
        """Refuse a proof that the shared secret does not explain."""
        expected = secret = self.secret_of(credentials.user)
        if credentials.method == tokens.HMAC:
            timestamp = self.check_timestamp(credentials.timestamp)
            expected = tokens.mac(credentials.user, secret, timestamp)
        if not tokens.same(credentials.proof, expected):
            raise Refusal(401, "The token does not match the shared secret.")

    def check_timestamp(self, timestamp: str | None) -> str:
        """Refuse a missing, malformed, old or future timestamp; gives its exact text."""
        if timestamp is None:
            raise Refusal(401, "SIF_HMACSHA256 needs a timestamp.")
        if abs(self.now() - tokens.read_instant(timestamp)) > self.window:
            raise Refusal(401, "The timestamp is more than five minutes away from the present.")
        return timestamp

    def authenticate_application(self, request: Request) -> Credentials:
        """Credentials of the application itself: to create an environment, and for files."""
        credentials = self.credentials(request)
        if not self.known_application(credentials.user):
            raise Refusal(401, "The application is not known.")
        self.check_secret(credentials)
        return credentials

    def find_session(self, token: str) -> Session | None:
        """The session of a token, if it is in use."""
        return self.state.sessions.get(token)

    def session_alive(self, session: Session) -> bool:  # noqa: ARG002
        """Whether a session still counts; this vendor never lets one expire."""
        return True

    def authenticate_session(self, request: Request) -> Session:
        """The session behind a request; anything else is 401."""
        credentials = self.credentials(request)
        session = self.find_session(credentials.user)
        if session is None or not self.session_alive(session):
            raise Refusal(401, "The session token is not known or no longer valid.")
        self.check_secret(credentials)
        return session

    def authenticate_anyone(self, request: Request) -> None:
        """Accept a session or the application: to be told that an operation does not exist."""
        if self.find_session(self.credentials(request).user) is None:
            self.authenticate_application(request)
        else:
            self.authenticate_session(request)
