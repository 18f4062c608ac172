"""The ID token of an OpenID provider (OpenID Connect Core 1.0, 2 and 3.1.3.7), and what it says of
the same person at its userinfo end point (5.3.2), plain or signed.

Signature, issuer, audience, time and nonce are judged here; of a token that is wrong nobody is told
more than that. The algorithm follows from the provider's key, as with `bearer`.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import jwt

from reference_hub.auth.bearer import PublicKey, usable
from reference_hub.model.openid import NotProven, UnknownKey

# How far the clocks of provider and hub may be apart.
TOLERANCE_SECONDS = 60.0
LONGEST_SUBJECT = 255
_UNREADABLE = (jwt.PyJWTError, ValueError, TypeError, OverflowError, RecursionError)
# The hub's clock judges the times, and our own code the audience, as azp belongs to it.
_OPTIONS: Any = {
    "verify_exp": False,
    "verify_nbf": False,
    "verify_iat": False,
    "verify_aud": False,
    "require": ["iss", "sub", "aud", "exp", "iat"],
}


@dataclass(frozen=True, slots=True)
class Expected:
    """What a token must say: whose it is, for whom, and the nonce of this sign-in."""

    issuer: str
    client_id: str
    nonce: str


def verified(
    token: str, keys: Sequence[Mapping[str, Any]], expected: Expected, now: datetime
) -> Mapping[str, Any]:
    """The claims of a token; `keys` are those of the provider's JWK set (RFC 7517).

    Raises UnknownKey where another key signed it, NotProven for any other fault.
    """
    try:
        head = jwt.get_unverified_header(token)
        key, algorithm = _key(keys, head.get("kid"), head.get("alg"))
        claims: Mapping[str, Any] = jwt.decode(
            token, key, algorithms=[algorithm], issuer=expected.issuer, options=_OPTIONS
        )
    except jwt.InvalidIssuerError:
        raise NotProven("the ID token is of another issuer") from None
    except jwt.InvalidSignatureError:
        raise NotProven("the signature of the ID token is wrong") from None
    except _UNREADABLE as error:
        raise NotProven(f"the ID token cannot be used ({type(error).__name__})") from None
    _judge_audience(claims, expected.client_id)
    _judge_times(claims, now.timestamp())
    if not _same(claims.get("nonce"), expected.nonce):
        raise NotProven("the ID token is of another sign-in: its nonce differs")
    subject = claims["sub"]
    if not isinstance(subject, str) or not 0 < len(subject) <= LONGEST_SUBJECT or "\0" in subject:
        raise NotProven("the ID token names nobody")
    return claims


def about(
    told: Mapping[str, Any] | str,
    keys: Sequence[Mapping[str, Any]],
    expected: Expected,
    subject: str,
    now: datetime,
) -> Mapping[str, Any]:
    """The claims of a userinfo answer about the person of the ID token.

    Raises UnknownKey where another key signed it, NotProven for any other fault.
    """
    claims = _opened(told, keys, expected, now) if isinstance(told, str) else told
    # An access token that was given for somebody else must not lend its groups.
    if not _same(claims.get("sub"), subject):
        raise NotProven("userinfo speaks of another person than the ID token: its sub differs")
    return claims


def _opened(
    token: str, keys: Sequence[Mapping[str, Any]], expected: Expected, now: datetime
) -> Mapping[str, Any]:
    try:
        head = jwt.get_unverified_header(token)
        key, algorithm = _key(keys, head.get("kid"), head.get("alg"), "userinfo")
        options: Any = _OPTIONS | {"require": ["sub"]}
        claims: Mapping[str, Any] = jwt.decode(token, key, algorithms=[algorithm], options=options)
    except jwt.InvalidSignatureError:
        raise NotProven("the signature of userinfo is wrong") from None
    except _UNREADABLE as error:
        raise NotProven(f"signed userinfo cannot be used ({type(error).__name__})") from None
    # Both should be there, and are judged where they are (5.3.2).
    if claims.get("iss", expected.issuer) != expected.issuer:
        raise NotProven("userinfo is of another issuer")
    audience = claims.get("aud", expected.client_id)
    if expected.client_id not in (audience if isinstance(audience, list) else [audience]):
        raise NotProven("userinfo is for another client")
    _judge_times({"exp": float("inf"), "iat": 0, **claims}, now.timestamp(), "userinfo")
    return claims


def _key(
    keys: Sequence[Mapping[str, Any]], kid: object, told: object, what: str = "the ID token"
) -> tuple[PublicKey, str]:
    fitting = []
    for each in keys:
        if each.get("use", "sig") != "sig" or (kid is not None and each.get("kid") != kid):
            continue
        found = _loaded(each)
        if found and found[1] == told:
            fitting.append(found)
    # Without a kid a set may hold one key that fits (Core 1.0, 10.1).
    if len(fitting) != 1:
        raise UnknownKey(f"{what} is signed with a key that the provider does not list")
    return fitting[0]


def _loaded(key: Mapping[str, Any]) -> tuple[PublicKey, str] | None:
    try:
        # A symmetric key is none of these kinds, nor is one that is too short.
        return usable(jwt.PyJWK.from_dict(dict(key)).key)
    except _UNREADABLE:
        return None


def _judge_audience(claims: Mapping[str, Any], client_id: str) -> None:
    told = claims["aud"]
    audience = told if isinstance(told, list) else [told]
    if client_id not in audience:
        raise NotProven("the ID token is for another client")
    if (len(audience) > 1 or "azp" in claims) and claims.get("azp") != client_id:
        raise NotProven("the ID token was given to another client")


def _judge_times(claims: Mapping[str, Any], now: float, what: str = "the ID token") -> None:
    times = {name: claims[name] for name in ("exp", "iat", "nbf") if name in claims}
    if not all(type(each) in (int, float) for each in times.values()):
        raise NotProven(f"a time of {what} is no number")
    if times["exp"] <= now - TOLERANCE_SECONDS:
        raise NotProven(f"{what} has expired")
    if max(times["iat"], times.get("nbf", 0)) > now + TOLERANCE_SECONDS:
        raise NotProven(f"{what} is of the future")


def _same(said: object, known: str) -> bool:
    return isinstance(said, str) and hmac.compare_digest(
        said.encode("utf-8", "replace"), known.encode()
    )


def claim_at(claims: Mapping[str, Any], place: str) -> Any:
    """What stands at a place of the claims, None for nothing: the claim of that very name, else
    what dots lead to."""
    found: Any = claims.get(place)
    if found is None:
        found = claims
        for step in place.split("."):
            found = found.get(step) if isinstance(found, Mapping) else None
    return found


def groups(claims: Mapping[str, Any], place: str) -> Sequence[str]:
    """The words at a place of the claims: a text, or a list of them."""
    found = claim_at(claims, place)
    listed = found if isinstance(found, list) else [found]
    return [each for each in listed if isinstance(each, str)]
