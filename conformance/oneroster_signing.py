"""Signing a request with OAuth 1.0a and HMAC-SHA256, the credentials in the header.

No token stands for a user: the key is that of the client.
Sources: RFC 5849, section 3.4; 1EdTech OneRoster 1.1, section 4 (HMAC-SHA256 besides HMAC-SHA1).
"""

from __future__ import annotations

import hashlib
import hmac
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, quote, urlsplit

METHOD = "HMAC-SHA256"
_KINDS = {METHOD: hashlib.sha256, "HMAC-SHA1": hashlib.sha1}
_DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Signer:
    """Key and secret of a client; `method` is METHOD or HMAC-SHA1.

    OneRoster has no users' tokens, so `token_secret` is empty but in the RFC's own example.
    """

    key: str
    secret: str
    method: str = METHOD
    token_secret: str = ""

    def header(self, verb: str, url: str, nonce: str, seconds: int) -> str:
        """The value of Authorization for a request; `seconds` since 1970."""
        return written(self.parts(verb, url, nonce, seconds))

    def parts(self, verb: str, url: str, nonce: str, seconds: int) -> dict[str, str]:
        """The parameters that stand in the header, with the signature."""
        told = {
            "oauth_consumer_key": self.key,
            "oauth_nonce": nonce,
            "oauth_signature_method": self.method,
            "oauth_timestamp": str(seconds),
            "oauth_version": "1.0",
        }
        return told | {"oauth_signature": self.signature(verb, url, told)}

    def signature(self, verb: str, url: str, told: Mapping[str, str]) -> str:
        """Base64 of the MAC over verb, address and all parameters (3.4.2)."""
        key = f"{packed(self.secret)}&{packed(self.token_secret)}".encode()
        digest = hmac.new(key, signed_text(verb, url, told).encode(), _KINDS[self.method]).digest()
        return b64encode(digest).decode()


def written(parts: Mapping[str, str]) -> str:
    """The parameters as a header value (3.5.1)."""
    return "OAuth " + ", ".join(f'{name}="{packed(value)}"' for name, value in parts.items())


def signed_text(verb: str, url: str, told: Mapping[str, str]) -> str:
    """The signature base string (3.4.1); the query of the address is signed with the rest."""
    parts = urlsplit(url)
    host = (parts.hostname or "").lower()
    port = parts.port
    place = host if port in (None, _DEFAULT_PORTS.get(parts.scheme)) else f"{host}:{port}"
    address = f"{parts.scheme.lower()}://{place}{parts.path or '/'}"
    pairs = [*parse_qsl(parts.query, keep_blank_values=True), *told.items()]
    joined = "&".join(f"{n}={v}" for n, v in sorted((packed(a), packed(b)) for a, b in pairs))
    return "&".join((verb.upper(), packed(address), packed(joined)))


def packed(text: str) -> str:
    """Percent-encoded as 3.6 asks: all but letters, digits and - . _ ~."""
    return quote(text, safe="-._~")
