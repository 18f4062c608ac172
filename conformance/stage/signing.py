"""Who signed a call, in words without a secret, and the same proof for another secret.

SIF_HMACSHA256 key right      the application key, and a proof that the secret is known
SIF_HMACSHA256 17 right       the session whose token the answer of exchange 17 told
Basic ~4f2a9c wrong           somebody else; equal signs for equal users
Bearer 17                     an access token
OAuth HMAC-SHA1 1795738800 9b key right    signed with OAuth 1.0a: when, and with which nonce
~4f2a9c                       nothing that can be read
"""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import quote_plus, unquote, unquote_plus

from conformance import auth, trees
from conformance.oneroster_signing import METHOD, Signer
from conformance.reply import read_json
from conformance.stage.calls import ENVIRONMENT, Given

BEARER, OAUTH = "bearer", "oauth"
TOKEN = "token"  # noqa: S105  # the kind of a call
RIGHT, WRONG = "right", "wrong"
_PAIR = re.compile(r'(oauth_\w+)="([^"]*)"')
_METHODS = (METHOD, "HMAC-SHA1")


@dataclass(frozen=True, slots=True)
class Signed:
    """What a signature may cover: verb and address, and the header `timestamp`."""

    verb: str
    url: str
    timestamp: str


@dataclass(frozen=True, slots=True)
class Signing:
    """How a role signs; `encoded`: key and secret of Basic stand there form-encoded (RFC 6749)."""

    key: str
    secret: str
    encoded: bool = False

    def described(
        self, header: str, about: Signed, told: Mapping[str, int], mark: Callable[[str], str]
    ) -> str:
        """The words for the value of a header; `told` are tokens, `mark` stands for a stranger."""
        scheme, _, proof = header.partition(" ")
        kind = scheme.lower()
        if kind == BEARER:
            return f"{scheme} {self._who(proof, told, mark)}"
        if kind == OAUTH:
            return self._oauth(header, about, mark)
        user, secret = self._apart(proof)
        if kind not in (auth.BASIC.lower(), auth.HMAC.lower()) or not user:
            return f"~{mark(header)}" if header else ""
        wanted = self.secret
        if kind == auth.HMAC.lower():
            wanted = auth.mac(user, wanted, about.timestamp)
        right = RIGHT if secret == wanted else WRONG
        return f"{scheme} {self._who(user, told, mark)} {right}"

    def again(self, words: str, about: Signed, tokens: Mapping[int, str]) -> str:
        """The value of a header that these words describe; raises LookupError without its token."""
        scheme, *rest = words.split(" ")
        if not rest:
            return f"unreadable-{scheme[1:]}" if scheme else ""
        if scheme.lower() == OAUTH:
            return self._oauth_again(rest, about)
        user = self._user(rest[0], tokens)
        if len(rest) == 1:
            return f"{scheme} {user}"
        secret = self.secret if rest[1] == RIGHT else f"not-{self.secret}"
        if scheme.lower() == auth.HMAC.lower():
            secret = auth.mac(user, secret, about.timestamp)
        elif self.encoded:
            user, secret = quote_plus(user), quote_plus(secret)
        return f"{scheme} {b64encode(f'{user}:{secret}'.encode()).decode()}"

    def _user(self, who: str, tokens: Mapping[int, str]) -> str:
        if who == "key":
            return self.key
        return f"nobody-{who[1:]}" if who.startswith("~") else tokens[int(who)]

    def _oauth(self, header: str, about: Signed, mark: Callable[[str], str]) -> str:
        told = {name: unquote(value) for name, value in _PAIR.findall(header)}
        proof, key = told.pop("oauth_signature", ""), told.get("oauth_consumer_key", "")
        method, moment = told.get("oauth_signature_method"), told.get("oauth_timestamp", "")
        if method not in _METHODS or not moment.isdecimal():
            return f"~{mark(header)}"
        wanted = Signer(self.key, self.secret, method).signature(about.verb, about.url, told)
        who, right = self._who(key, {}, mark), RIGHT if proof == wanted else WRONG
        return f"OAuth {method} {moment} {mark(told.get('oauth_nonce', ''))} {who} {right}"

    def _oauth_again(self, words: list[str], about: Signed) -> str:
        method, moment, nonce, who, right = words
        secret = self.secret if right == RIGHT else f"not-{self.secret}"
        signer = Signer(self._user(who, {}), secret, method)
        return signer.header(about.verb, about.url, nonce, int(moment))

    def _apart(self, proof: str) -> tuple[str, str]:
        try:
            user, _, secret = b64decode(proof, validate=True).decode().partition(":")
        except ValueError:
            return "", ""
        return (unquote_plus(user), unquote_plus(secret)) if self.encoded else (user, secret)

    def _who(self, user: str, told: Mapping[str, int], mark: Callable[[str], str]) -> str:
        if user in told:
            return str(told[user])
        return "key" if user == self.key else f"~{mark(user)}"


def tokens_of(given: Given) -> list[str]:
    """The session or access tokens that an answer tells."""
    if given.kind == ENVIRONMENT and given.body:
        try:
            found = trees.every(trees.parse(given.body), "sessionToken")
        except trees.Unreadable:
            return []
        return [one.text.strip() for one in found if one.text]
    if given.kind == TOKEN and given.status == 200:
        try:
            told = read_json(given.body)
        except ValueError:
            return []
        token = told.get("access_token") if isinstance(told, dict) else None
        return [token] if isinstance(token, str) else []
    return []
