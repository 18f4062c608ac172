"""The ID token itself: every claim and every key that proves nothing."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from reference_hub.auth.id_token import Expected, groups, verified
from reference_hub.model.openid import NotProven

NOW = datetime(2026, 11, 26, tzinfo=UTC)
KEY = ec.generate_private_key(ec.SECP256R1())
WEAK = rsa.generate_private_key(65537, 1024)
PUBLIC: dict[str, Any] = json.loads(jwt.algorithms.ECAlgorithm.to_jwk(KEY.public_key()))
EXPECTED = Expected("https://login.example", "hub", "n-1")
RIGHT = {
    "iss": EXPECTED.issuer,
    "aud": ["hub"],
    "sub": "4711",
    "iat": NOW.timestamp(),
    "exp": NOW.timestamp() + 1,
    "nonce": "n-1",
}


def judged(head: dict[str, Any] | None = None, key: dict[str, Any] = PUBLIC, **other: Any) -> Any:
    """The claims of a token that differs from the right one in these."""
    claims = {name: each for name, each in (RIGHT | other).items() if each != "-"}
    return verified(jwt.encode(claims, KEY, "ES256", head), [key], EXPECTED, NOW)


def test_the_right_token_gives_its_claims() -> None:
    assert judged()["sub"] == "4711"
    assert judged({"kid": "a"}, PUBLIC | {"kid": "a"}, aud=["hub", "x"], azp="hub")["sub"] == "4711"


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"nonce": "-"}, "its nonce differs"),
        ({"nonce": None}, "its nonce differs"),
        ({"aud": ["hub", "another"]}, "given to another client"),
        ({"aud": 1}, "for another client"),
        ({"aud": None}, "MissingRequiredClaim"),
        ({"azp": "another"}, "given to another client"),
        ({"exp": "tomorrow"}, "is no number"),
        ({"exp": True}, "is no number"),
        ({"exp": NOW.timestamp() - 60}, "has expired"),
        ({"iat": NOW.timestamp() + 61}, "is of the future"),
        ({"nbf": NOW.timestamp() + 61}, "is of the future"),
        ({"sub": ""}, "names nobody"),
        ({"sub": "a\0"}, "names nobody"),
        ({"sub": "x" * 256}, "names nobody"),
        *(({name: "-"}, "MissingRequiredClaim") for name in ("iss", "aud", "sub", "iat", "exp")),
    ],
)
def test_a_claim_that_is_wrong_proves_nothing(wrong: dict[str, Any], said: str) -> None:
    with pytest.raises(NotProven, match=said):
        judged(**wrong)


@pytest.mark.parametrize(
    "key",
    [
        PUBLIC | {"kid": "another"},
        PUBLIC | {"use": "enc"},
        PUBLIC | {"kty": "none"},
        {"kty": "oct", "k": "c2VjcmV0"},
        {},
    ],
)
def test_a_key_that_does_not_fit_is_not_tried(key: dict[str, Any]) -> None:
    with pytest.raises(NotProven, match="does not list"):
        judged({"kid": "first"}, key)


def test_a_token_names_no_algorithm_that_its_key_does_not_have() -> None:
    unsigned = jwt.encode(RIGHT, None, "none")
    shared = jwt.encode(RIGHT, "s" * 32, "HS256")
    for token in (unsigned, shared, "a.b.c", ""):
        with pytest.raises(NotProven):
            verified(token, [PUBLIC], EXPECTED, NOW)


def test_a_key_that_is_too_short_is_not_trusted() -> None:
    public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(WEAK.public_key()))
    head = jwt.utils.base64url_encode(b'{"alg":"RS256"}').decode()
    token = f"{head}.{jwt.encode(RIGHT, KEY, 'ES256').partition('.')[2]}"
    with pytest.raises(NotProven, match="does not list"):
        verified(token, [public], EXPECTED, NOW)


@pytest.mark.parametrize(
    ("claims", "place", "found"),
    [
        ({"groups": ["a", 1, "b"]}, "groups", ["a", "b"]),
        ({"groups": "a"}, "groups", ["a"]),
        ({"realm_access": {"roles": ["a"]}}, "realm_access.roles", ["a"]),
        ({"https://x.example/groups": ["a"]}, "https://x.example/groups", ["a"]),
        (
            {"realm_access": {"roles": ["a"]}, "realm_access.roles": "b"},
            "realm_access.roles",
            ["b"],
        ),
        ({"groups": {"a": True}}, "groups", []),
        ({"realm_access": "a"}, "realm_access.roles", []),
        ({}, "groups", []),
    ],
)
def test_groups_are_found_where_the_settings_say(
    claims: dict[str, Any], place: str, found: list[str]
) -> None:
    assert groups(claims, place) == found
