"""OAuth 1.0a signed requests without a token (RFC 5849), as OneRoster 1.1 section 4 has them.

HMAC-SHA1 and HMAC-SHA256 only. What is checked here is the signature; that a nonce was not used
before is for the store to say.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from reference_hub.auth.token import refused

NAME = "OAuth"
DIGESTS = {"HMAC-SHA1": "sha1", "HMAC-SHA256": "sha256"}
_PARAMETER = re.compile(r'\s*([A-Za-z0-9_.~%-]+)="([^"]*)"\s*')
_NEEDED = ("consumer_key", "signature_method", "signature", "timestamp", "nonce")
_PORTS = {"http": 80, "https": 443}
_LONGEST_NONCE = 128

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Signed:
    """What the header Authorization of a request says, decoded, without realm and signature."""

    key: str
    method: str
    signature: bytes
    timestamp: datetime
    nonce: str
    pairs: tuple[Pair, ...]
    body_hash: str = ""


def read(authorization: str) -> Signed:
    """Read the header. Raises Refusal 401, the same for every header that cannot be used."""
    given = _parameters(authorization)
    said = {name.removeprefix("oauth_"): value for name, value in given.items()}
    if any(not said.get(name) for name in _NEEDED) or said.get("version", "1.0") != "1.0":
        raise refused()
    # No token is ever given out for this scheme: whoever shows one means another server.
    if said.get("token") or said["signature_method"] not in DIGESTS:
        raise refused()
    if len(said["nonce"]) > _LONGEST_NONCE or "\x00" in said["nonce"] + said["consumer_key"]:
        raise refused()
    pairs = tuple((name, value) for name, value in given.items() if name != "oauth_signature")
    return Signed(
        said["consumer_key"],
        said["signature_method"],
        _binary(said["signature"]),
        _moment(said["timestamp"]),
        said["nonce"],
        pairs,
        said.get("body_hash", ""),
    )


def proves(
    signed: Signed, secret: str, verb: str, url: str, body: bytes, now: datetime, window: timedelta
) -> bool:
    """Whether somebody with the secret signed this very request within `window` of `now`.

    `url` is the absolute address with its query as it was sent. Compared in constant time.
    """
    expected = signature(signed.method, base_string(verb, url, signed.pairs), secret)
    same = hmac.compare_digest(expected, signed.signature)
    digest = base64.b64encode(hashlib.new(DIGESTS[signed.method], body).digest()).decode()
    # An extension of the scheme; who does not use it relies on TLS for the body alone.
    whole = not signed.body_hash or hmac.compare_digest(digest, signed.body_hash)
    return same and whole and abs(now - signed.timestamp) <= window


def signature(method: str, base: str, secret: str, token_secret: str = "") -> bytes:
    """The digest of a base string (RFC 5849, 3.4.2)."""
    key = f"{_escaped(secret)}&{_escaped(token_secret)}".encode()
    return hmac.digest(key, base.encode(), DIGESTS[method])


def base_string(verb: str, url: str, pairs: Iterable[Pair]) -> str:
    """Verb, address and all parameters in one text (RFC 5849, 3.4.1)."""
    parts = urlsplit(url)
    try:
        asked = parse_qsl(parts.query, keep_blank_values=True, errors="strict", max_num_fields=200)
    except ValueError as error:
        raise refused() from error
    escaped = sorted((_escaped(name), _escaped(value)) for name, value in (*asked, *pairs))
    joined = "&".join(f"{name}={value}" for name, value in escaped)
    host = parts.hostname or ""
    if parts.port and parts.port != _PORTS.get(parts.scheme):
        host = f"{host}:{parts.port}"
    address = f"{parts.scheme.lower()}://{host}{parts.path or '/'}"
    return "&".join(map(_escaped, (verb.upper(), address, joined)))


def _parameters(authorization: str) -> Mapping[str, str]:
    scheme, _, rest = authorization.strip().partition(" ")
    found: dict[str, str] = {}
    for part in rest.split(","):
        match = _PARAMETER.fullmatch(part)
        name = unquote(match[1]) if match else ""
        if match is None or name in found:
            raise refused()
        found[name] = _decoded(match[2])
    if scheme.lower() != NAME.lower():
        raise refused()
    found.pop("realm", None)
    return found


def _decoded(text: str) -> str:
    try:
        return unquote(text, errors="strict")
    except UnicodeDecodeError as error:
        raise refused() from error


def _binary(text: str) -> bytes:
    try:
        return base64.b64decode(text.encode("ascii"), validate=True)
    except (UnicodeError, binascii.Error) as error:
        raise refused() from error


def _moment(text: str) -> datetime:
    if not re.fullmatch(r"[0-9]{1,11}", text):
        raise refused()
    return datetime.fromtimestamp(int(text), UTC)


def _escaped(text: str) -> str:
    return quote(text, safe="-._~")
