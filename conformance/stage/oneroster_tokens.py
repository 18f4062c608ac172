"""Access tokens of the suite's own OneRoster face: who gets one, for what, and for how long.

A client of OneRoster 1.1 may sign its calls instead: then each nonce is good once.
Sources: RFC 6749, sections 2.3.1, 3.3, 4.4, 5.1, 5.2; RFC 6750, section 2.1; RFC 5849, section 3.
"""

from __future__ import annotations

import hmac
import json
import re
import secrets
from base64 import b64decode
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, unquote, unquote_plus

from conformance.oneroster_signing import METHOD, Signer
from conformance.stage.calls import Asked, Given
from conformance.stage.clock import Clock

TOKEN = "token"  # noqa: S105  # the kind of a call
JSON = ("Content-Type", "application/json")
HOUR = 3600.0
MOST_SKEW = 300.0
_PAIR = re.compile(r'(oauth_\w+)="([^"]*)"')
_FAMILY = "https://purl.imsglobal.org/spec/or/{}/scope/"
FAMILIES = {"1.1": _FAMILY.format("v1p1"), "1.2": _FAMILY.format("v1p2")}


def form(asked: Asked) -> dict[str, str]:
    """The form in the body of a call; empty where it is none."""
    try:
        return dict(parse_qsl(asked.body.decode(), keep_blank_values=True, max_num_fields=50))
    except ValueError:
        return {}


def basic(asked: Asked) -> tuple[str, str] | None:
    """Client id and secret of a Basic header, each taken out of its form encoding."""
    scheme, _, token = asked.headers.get("Authorization").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        user, _, secret = b64decode(token, validate=True).decode().partition(":")
    except ValueError:
        return None
    return unquote_plus(user), unquote_plus(secret)


def client(asked: Asked) -> tuple[str, str]:
    """Client id and secret, from the header or else from the form; empty where they are not."""
    told = form(asked)
    return basic(asked) or (told.get("client_id", ""), told.get("client_secret", ""))


def scopes(asked: Asked) -> list[str]:
    """The scopes that a token request asks for, as they stand there."""
    return form(asked).get("scope", "").split()


@dataclass(slots=True)
class Counter:
    """Gives out tokens and knows them again; `learn` hears of each.

    `agreed` are the scopes of the agreement by the end of their name, `lasts` seconds;
    `drawn` draws a token, `extra` are more members of the answer, `members` leave some away.
    """

    key: str
    secret: str
    version: str
    agreed: tuple[str, ...]
    learn: Callable[[str], None]
    lasts: float = HOUR
    kind: str = "Bearer"
    told: bool = True
    drawn: Callable[[], str] = lambda: secrets.token_urlsafe(30)
    given: dict[str, tuple[frozenset[str], float]] = field(default_factory=dict)
    nonces: set[str] = field(default_factory=set)
    clock: Clock = field(default_factory=Clock)

    def ordinary(self) -> None:
        """Tokens of the usual form for all that was agreed; those given out stay good."""
        self.lasts, self.kind, self.told = HOUR, "Bearer", True
        self.drawn = lambda: secrets.token_urlsafe(30)

    def answer(self, asked: Asked) -> Given:
        """The answer to a token request."""
        told = form(asked)
        if asked.method != "POST" or told.get("grant_type") != "client_credentials":
            return self._refused(400, "unsupported_grant_type")
        user, secret = client(asked)
        known = hmac.compare_digest(secret.encode(), self.secret.encode())
        if user != self.key or not known:
            return self._refused(401, "invalid_client", ("WWW-Authenticate", "Basic"))
        wanted = {self.short(one) for one in scopes(asked)}
        # 1.1 names no scopes; who asks for none there gets what was agreed.
        granted = wanted & set(self.agreed) if wanted else set(self.agreed)
        if not granted or (not wanted and self.version != "1.1"):
            return self._refused(400, "invalid_scope")
        return self._granted(frozenset(granted))

    def short(self, scope: str) -> str:
        """The end of the name of a scope of this version; another one stays as it is."""
        return scope.removeprefix(FAMILIES[self.version])

    def allows(self, asked: Asked, origin: str) -> frozenset[str] | None:
        """The scopes of the token of a call; None if there is none that is good now.

        `origin` is the address of this host as the client knows it, which its signature holds.
        """
        scheme, _, token = asked.headers.get("Authorization").partition(" ")
        if scheme.lower() == "oauth" and self.version == "1.1":
            return frozenset(self.agreed) if self._signed(asked, origin, token) else None
        if scheme.lower() != "bearer" or token not in self.given:
            return None
        granted, until = self.given[token]
        return granted if self.clock.monotonic() < until else None

    def _signed(self, asked: Asked, origin: str, header: str) -> bool:
        told = {name: unquote(value) for name, value in _PAIR.findall(header)}
        proof, nonce = told.pop("oauth_signature", ""), told.get("oauth_nonce", "")
        method, moment = told.get("oauth_signature_method"), told.get("oauth_timestamp", "")
        if method not in (METHOD, "HMAC-SHA1") or not moment.isdecimal() or nonce in self.nonces:
            return False
        wanted = Signer(self.key, self.secret, method)
        right = wanted.signature(asked.method, origin + asked.path, told)
        self.nonces.add(nonce)
        fresh = abs(self.clock.epoch() - int(moment)) <= MOST_SKEW
        known = told.get("oauth_consumer_key") == self.key
        return fresh and known and hmac.compare_digest(proof.encode(), right.encode())

    def _granted(self, granted: frozenset[str]) -> Given:
        token = self.drawn()
        self.learn(token)
        self.given[token] = granted, self.clock.monotonic() + self.lasts
        body: dict[str, object] = {"access_token": token, "token_type": self.kind}
        if self.told:
            names = " ".join(FAMILIES[self.version] + one for one in sorted(granted))
            body |= {"expires_in": int(self.lasts), "scope": names}
        else:
            body |= {"not_before": 0, "region": None}
        lines = (JSON, ("Cache-Control", "no-store"))
        return Given(200, lines, json.dumps(body).encode(), TOKEN)

    def _refused(self, status: int, error: str, *lines: tuple[str, str]) -> Given:
        return Given(status, (JSON, *lines), json.dumps({"error": error}).encode(), TOKEN)
