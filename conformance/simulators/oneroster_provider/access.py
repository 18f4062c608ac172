"""Who asks: access tokens (OAuth 2.0 client credentials) and signed requests (OAuth 1.0a).

Sources: RFC 6749, sections 4.4 and 5; RFC 6750, section 3; RFC 5849, section 3.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import os
import re
import secrets
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from threading import RLock
from urllib.parse import parse_qsl, quote, unquote

from conformance.simulators.message import Request, Response
from conformance.simulators.problems import Refusal

DEFAULT_SECRET = "demo-secret-1"  # noqa: S105
JSON = "application/json"
SCOPE = "https://purl.imsglobal.org/spec/or/{}/scope/{}"
ROSTER, CORE, DEMOGRAPHICS = (
    "roster.readonly",
    "roster-core.readonly",
    "roster-demographics.readonly",
)
_PART = re.compile(r'(oauth_\w+)="([^"]*)"')
_FRESH = {"Cache-Control": "no-store", "Pragma": "no-cache"}
WINDOW_SECONDS = 300


@dataclass(slots=True)
class State:
    """Tokens with their scopes, and nonces that were used."""

    tokens: dict[str, frozenset[str]] = field(default_factory=dict)
    nonces: set[tuple[str, str]] = field(default_factory=set)
    lock: RLock = field(default_factory=RLock)


class Access:
    """One client with one secret; without `secret` SIMULATOR_SECRET is taken, else a demo value."""

    def __init__(
        self, *, secret: str | None = None, key: str = "demo-vendor", party: str = "Example SIS"
    ) -> None:
        self.key = key
        self.secret = secret or os.environ.get("SIMULATOR_SECRET") or DEFAULT_SECRET
        self.party = party
        self.state = State()

    # -- tokens ------------------------------------------------------------------------------

    def give_token(self, request: Request) -> Response:
        """POST of the token address: a token, or an error of RFC 6749, 5.2."""
        try:
            self.check_client(request)
            form = dict(parse_qsl(request.body.decode("utf-8", "replace")))
            self.check_grant_type(form.get("grant_type", ""))
            asked = form.get("scope", "")
            return self.token_document(self.granted(asked), asked)
        except Refusal as refusal:
            return self.token_refused(refusal)

    def check_client(self, request: Request) -> None:
        """Client id and secret in the header Authorization, as Basic."""
        scheme, _, packed = (request.header("Authorization") or "").partition(" ")
        try:
            name, _, secret = base64.b64decode(packed, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            name = secret = ""
        if scheme.lower() != "basic" or not self.is_client(unquote(name), unquote(secret)):
            raise Refusal(401, "Client id and secret are not known.", "invalid_client")

    def is_client(self, name: str, secret: str) -> bool:
        """Whether id and secret are those of the client."""
        return name == self.key and secret == self.secret

    def check_grant_type(self, kind: str) -> None:
        """Only client credentials are granted."""
        if not kind:
            raise Refusal(400, "grant_type is missing.", "invalid_request")
        if kind != "client_credentials":
            raise Refusal(400, "This grant type is not supported.", "unsupported_grant_type")

    def granted(self, asked: str) -> frozenset[str]:
        """The last parts of the scopes that are asked for; all without any (RFC 6749, 3.3)."""
        found = {one.rpartition("/")[2] for one in asked.split()}
        known = {
            SCOPE.format(v, one) for v in ("v1p1", "v1p2") for one in (ROSTER, CORE, DEMOGRAPHICS)
        }
        if not set(asked.split()) <= known:
            raise Refusal(400, "A scope is not known.", "invalid_scope")
        return frozenset(found or (ROSTER, DEMOGRAPHICS))

    def token_document(self, scopes: frozenset[str], asked: str) -> Response:
        """The answer with a fresh token."""
        token = self.new_token()
        self.state.tokens[token] = scopes
        told = {"access_token": token, "token_type": "Bearer", "expires_in": 3600}
        told |= {"scope": asked} if asked else {}
        return Response(200, json.dumps(told).encode(), JSON, tuple(_FRESH.items()))

    def new_token(self) -> str:
        """A token that nobody can guess."""
        return secrets.token_urlsafe(24)

    def token_refused(self, refusal: Refusal) -> Response:
        """An error of the token address."""
        told = {"error": refusal.subcode, "error_description": refusal.message}
        more = (("WWW-Authenticate", 'Basic realm="tokens"'),) if refusal.status == 401 else ()
        answer = Response(refusal.status, json.dumps(told).encode(), JSON, tuple(_FRESH.items()))
        return answer.adding(*more)

    # -- requests ----------------------------------------------------------------------------

    def scopes_of(self, request: Request, version: str) -> frozenset[str]:
        """What the caller may read; Refusal 401 for callers that are not known."""
        told = request.header("Authorization") or ""
        scheme, _, rest = told.partition(" ")
        if scheme.lower() == "oauth" and version == "1.1":
            self.check_signature(request, dict(_PART.findall(rest)))
            return frozenset((ROSTER, DEMOGRAPHICS))
        if scheme.lower() != "bearer" or rest.strip() not in self.state.tokens:
            raise self.unknown_caller()
        return self.state.tokens[rest.strip()]

    def unknown_caller(self) -> Refusal:
        """The refusal of a caller without good credentials."""
        return Refusal(401, "Send an access token in the header Authorization.")

    def check_signature(self, request: Request, told: dict[str, str]) -> None:
        """The signature, a timestamp near now, a nonce of its own."""
        parts = {name: unquote(value) for name, value in told.items()}
        if parts.get("oauth_consumer_key") != self.key or not self.is_signed(request, parts):
            raise self.unknown_caller()
        self.check_time(parts.get("oauth_timestamp", ""))
        self.check_nonce(parts.get("oauth_nonce", ""), parts["oauth_timestamp"])

    def check_time(self, told: str) -> None:
        """The timestamp is near the clock."""
        if not told.isdecimal() or abs(int(told) - time.time()) > WINDOW_SECONDS:
            raise self.unknown_caller()

    def check_nonce(self, nonce: str, moment: str) -> None:
        """A nonce is good once."""
        if not nonce or (nonce, moment) in self.state.nonces:
            raise self.unknown_caller()
        self.state.nonces.add((nonce, moment))

    def is_signed(self, request: Request, parts: dict[str, str]) -> bool:
        """Whether the signature is that of the request."""
        kinds = {"HMAC-SHA256": hashlib.sha256, "HMAC-SHA1": hashlib.sha1}
        kind = kinds.get(parts.get("oauth_signature_method", ""))
        if kind is None:
            return False
        pairs = [*self.signed_pairs(request)]
        pairs += [(name, text) for name, text in parts.items() if name != "oauth_signature"]
        text = signed_text(request.method, self.signed_address(request), pairs)
        digest = hmac.digest(f"{quote(self.secret, safe='')}&".encode(), text.encode(), kind)
        right = base64.b64encode(digest).decode()
        return hmac.compare_digest(right, parts.get("oauth_signature", ""))

    def signed_pairs(self, request: Request) -> Iterable[tuple[str, str]]:
        """The parameters of the query, which are signed too."""
        return request.query.items()

    def signed_address(self, request: Request) -> str:
        """The address that is signed."""
        path = "/".join(quote(one, safe="-._~") for one in request.segments)
        return f"{request.origin}/{path}"


def signed_text(method: str, address: str, pairs: Iterable[tuple[str, str]]) -> str:
    """The signature base string (RFC 5849, 3.4.1)."""
    packed = sorted((quote(name, safe="-._~"), quote(value, safe="-._~")) for name, value in pairs)
    joined = "&".join(f"{name}={value}" for name, value in packed)
    return "&".join((method, quote(address, safe="-._~"), quote(joined, safe="-._~")))
