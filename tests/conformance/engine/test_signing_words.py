"""Who signed a call is told without a secret, and the same is signed again with another one."""

from __future__ import annotations

from base64 import b64encode

import pytest

from conformance import auth
from conformance.oneroster_signing import Signer
from conformance.stage.signing import Signed, Signing

THEN = Signing("key-1", "the-secret-of-then")
NOW = Signing("key-1", "the-secret-of-now")
MOMENT = "2026-11-27T00:26:34.586Z"
ABOUT = Signed("GET", "http://127.0.0.1:9/hub/xStudents?limit=3", MOMENT)
TOLD = {"session-token-of-then": 17}


def words(header: str, signing: Signing = THEN) -> str:
    return signing.described(header, ABOUT, TOLD, lambda value: f"{len(value):06d}")


def signed(method: str, user: str, secret: str) -> str:
    return f"{method} {auth.sign(method, user, secret, MOMENT).token}"


@pytest.mark.parametrize(
    ("header", "told"),
    [
        (signed(auth.HMAC, "key-1", THEN.secret), "SIF_HMACSHA256 key right"),
        (signed(auth.HMAC, "session-token-of-then", THEN.secret), "SIF_HMACSHA256 17 right"),
        (signed(auth.BASIC, "key-1", "another"), "Basic key wrong"),
        (signed(auth.BASIC, "a-stranger", THEN.secret), "Basic ~000010 right"),
        ("Bearer session-token-of-then", "Bearer 17"),
        ("bearer unheard-of", "bearer ~000010"),
        ("nonsense", "~000008"),
        (f"Basic {b64encode(b':').decode()}", "~000010"),
        ("", ""),
    ],
)
def test_it_is_told_who_signed(header: str, told: str) -> None:
    assert words(header) == told


@pytest.mark.parametrize(
    ("told", "header"),
    [
        ("SIF_HMACSHA256 key right", signed(auth.HMAC, "key-1", NOW.secret)),
        ("SIF_HMACSHA256 17 right", signed(auth.HMAC, "session-token-of-now", NOW.secret)),
        ("Basic key wrong", signed(auth.BASIC, "key-1", f"not-{NOW.secret}")),
        ("Basic ~000010 right", signed(auth.BASIC, "nobody-000010", NOW.secret)),
        ("Bearer 17", "Bearer session-token-of-now"),
        ("~000008", "unreadable-000008"),
        ("", ""),
    ],
)
def test_the_same_is_signed_with_the_secret_of_now(told: str, header: str) -> None:
    assert NOW.again(told, ABOUT, {17: "session-token-of-now"}) == header


def test_a_token_that_nobody_told_cannot_be_sent_again() -> None:
    with pytest.raises(LookupError):
        NOW.again("Bearer 18", ABOUT, {17: "session-token-of-now"})


def test_key_and_secret_of_oauth_are_form_encoded() -> None:
    then, now = Signing("a key:1", "p/w+1", encoded=True), Signing("a key:1", "q/w", encoded=True)
    header = f"Basic {b64encode(b'a+key%3A1:p%2Fw%2B1').decode()}"
    assert words(header, then) == "Basic key right"
    assert (
        now.again("Basic key right", ABOUT, {}) == f"Basic {b64encode(b'a+key%3A1:q%2Fw').decode()}"
    )


@pytest.mark.parametrize(("secret", "right"), [(THEN.secret, "right"), ("another", "wrong")])
def test_a_signature_of_oauth_1_is_made_again(secret: str, right: str) -> None:
    header = Signer("key-1", secret, "HMAC-SHA1").header(ABOUT.verb, ABOUT.url, "nonce-1", 17)
    told = words(header)
    assert told == f"OAuth HMAC-SHA1 17 000007 key {right}"
    again = NOW.again(told, ABOUT, {})
    assert words(again, NOW) == f"OAuth HMAC-SHA1 17 000006 key {right}"
