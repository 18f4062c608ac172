"""Bearer: an access token of the hub's own, or a JSON Web Token of an issuer it trusts (RFC 6750).

Signatures are asymmetric and the algorithm follows from the issuer's key, never from the token:
neither `none` nor a shared-secret algorithm can be talked into.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jwt
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from reference_hub.auth.token import refused
from reference_hub.problems import SetupError
from reference_hub.settings import Issuer

NAME = "Bearer"
SHORTEST_RSA = 2048
PublicKey = RSAPublicKey | EllipticCurvePublicKey | Ed25519PublicKey
# A signed document of the issuer can still hold nesting or numbers that Python gives up on.
_UNREADABLE = (jwt.PyJWTError, ValueError, TypeError, OverflowError, RecursionError)


@dataclass(frozen=True, slots=True)
class Trusted:
    """An issuer whose key is loaded: `algorithm` is the only one its tokens may use."""

    key: PublicKey
    algorithm: str
    audience: str
    claim: str


def trusted(issuers: Mapping[str, Issuer]) -> Mapping[str, Trusted]:
    """Load the issuers' keys. Raises SetupError for a file that is not there or not usable."""
    return {name: _trusted(name, issuer) for name, issuer in issuers.items()}


def new_token() -> str:
    """A fresh opaque token; it has no dot, which tells it from a JSON Web Token."""
    return secrets.token_urlsafe(32)


def digest(token: str) -> str:
    """What the store keeps of an opaque token."""
    return hashlib.sha256(token.encode()).hexdigest()


def is_signed(token: str) -> bool:
    """Whether the token claims to be a JSON Web Token."""
    return "." in token


def application_key(
    token: str, issuers: Mapping[str, Trusted], find: Callable[[str], str | None]
) -> str:
    """The application key that a token stands for; `find` looks the digest of an opaque one up.

    Raises Refusal 401, the same for every wrong token.
    """
    key = _signed_key(token, issuers) if is_signed(token) else find(digest(token))
    if not key or "\x00" in key:
        raise refused()
    return key


def verified_user(token: str, issuers: Mapping[str, Trusted]) -> str:
    """Who the user of a signed token is, the same for each of its tokens. Raises Refusal 401."""
    claims = _claims(token, issuers) or {}
    subject = claims.get("sub")
    if not subject or not isinstance(subject, str):
        raise refused()
    return f"{claims['iss']} {subject}"


def _signed_key(token: str, issuers: Mapping[str, Trusted]) -> str | None:
    claims = _claims(token, issuers)
    key = claims.get(issuers[claims["iss"]].claim) if claims else None
    return key if isinstance(key, str) else None


def _claims(token: str, issuers: Mapping[str, Trusted]) -> Mapping[str, Any] | None:
    """What a trusted issuer says in a token that is in force; None for any other token."""
    try:
        named = jwt.decode(token, options={"verify_signature": False}).get("iss")
        issuer = issuers.get(named) if isinstance(named, str) else None
        if issuer is None:
            return None
        claims: Mapping[str, Any] = jwt.decode(
            token,
            issuer.key,
            algorithms=[issuer.algorithm],
            audience=issuer.audience,
            issuer=named,
            options={"require": ["exp", "aud", "iss"]},
        )
    except _UNREADABLE:
        return None
    return claims


def _trusted(name: str, issuer: Issuer) -> Trusted:
    where = f"access.issuers.{name}"
    if not issuer.audience or not issuer.claim:
        raise SetupError(f"{where} needs an audience and a claim; neither is empty.")
    try:
        key = load_pem_public_key(Path(issuer.public_key).read_bytes())
    except (OSError, ValueError, UnsupportedAlgorithm) as error:
        raise SetupError(
            f"{where}.public_key ({issuer.public_key}) is not a readable PEM file with a public "
            "key; correct the path or the file."
        ) from error
    return Trusted(*_usable(key, where), issuer.audience, issuer.claim)


def usable(key: object) -> tuple[PublicKey, str] | None:
    """The key with the only algorithm that its signatures may have; None: not to be trusted."""
    if isinstance(key, RSAPublicKey) and key.key_size >= SHORTEST_RSA:
        return key, "RS256"
    if isinstance(key, EllipticCurvePublicKey) and isinstance(key.curve, SECP256R1):
        return key, "ES256"
    if isinstance(key, Ed25519PublicKey):
        return key, "EdDSA"
    return None


def _usable(key: object, where: str) -> tuple[PublicKey, str]:
    if found := usable(key):
        return found
    raise SetupError(
        f"{where}.public_key is of another kind than RSA (from {SHORTEST_RSA} bits), EC on P-256, "
        "or Ed25519; tokens of this issuer cannot be trusted."
    )
