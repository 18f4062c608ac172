"""Secrets that products trip over: colons, letters beyond ASCII (Infrastructure Services, 4.1.4).

Each comes with an application of its own, which the target file declares.
"""

from __future__ import annotations

import random
import secrets

import pytest

from conformance import auth, expect
from conformance.checks.preparation import accepted, control_holds
from conformance.environments import Identity
from conformance.problems import NotApplicable, NotVerified
from conformance.reply import Reply
from conformance.sif import SifClient
from conformance.target_doors import COLON, LETTERS, Registered
from conformance.verifies import verifies

# Which of them is due is judged by the checks of tokens.
REFUSED = (400, 401, 403)


def declared(told: Registered | None, table: str, method: str) -> Registered:
    """The application of a table, if it proves itself by this method."""
    if told is None:
        raise NotApplicable(f"the target file has no application in [{table}]")
    if method not in told.methods:
        raise NotApplicable(f"methods of [{table}] leaves out {method}")
    return told


def opened(sif: SifClient, who: Registered, method: str, secret: str) -> Reply:
    """An environment create of this application, signed with this secret."""
    identity = Identity(who.key, secret, method)
    # Only the true secret is kept out of what is written: a part of it may be a common word.
    sif.evidence.secret(who.secret)
    body = sif.environment_body(f"run-{secrets.token_hex(8)}", identity)
    url = sif.config.url("environments/environment")
    signed = sif.sign("application", identity)
    reply = sif.send("POST", url, body=body, headers=signed.headers)
    sif.adopt(reply, identity)
    return reply


def tells_secrets_apart(sif: SifClient, who: Registered, method: str, rng: random.Random) -> None:
    """The controls of a wrong secret: the true one is served, one without any likeness is not."""
    control_holds(opened(sif, who, method, who.secret), "the true secret is accepted")
    reply = opened(sif, who, method, f"other-{rng.getrandbits(64):x}")
    if reply.ok:
        raise NotVerified(
            f"any secret is accepted, so nothing is proven: {reply.request} answered"
            f" {reply.status} (exchange {reply.exchange})"
        )


@verifies("INF-AUT-003", "NEG-008")
def check_basic_secret_may_hold_a_colon(bare_sif: SifClient) -> None:
    """An application whose secret holds a colon gets an environment by Basic."""
    who = declared(bare_sif.config.doors.colon, COLON, auth.BASIC)
    accepted(opened(bare_sif, who, auth.BASIC, who.secret), "a Basic secret may hold a colon")


@verifies("INF-AUT-003", negative=True)
def check_secret_does_not_end_at_its_colon(bare_sif: SifClient, rng: random.Random) -> None:
    """What stands before the colon of a secret is refused in its place; the whole is accepted."""
    who = declared(bare_sif.config.doors.colon, COLON, auth.BASIC)
    tells_secrets_apart(bare_sif, who, auth.BASIC, rng)
    part = who.secret.partition(":")[0]
    expect.status(opened(bare_sif, who, auth.BASIC, part), *REFUSED)


@verifies("NEG-008")
def check_mac_of_a_secret_with_a_colon_is_verified(bare_sif: SifClient) -> None:
    """An application whose secret holds a colon gets an environment by SIF_HMACSHA256."""
    who = declared(bare_sif.config.doors.colon, COLON, auth.HMAC)
    accepted(opened(bare_sif, who, auth.HMAC, who.secret), "a MAC secret may hold a colon")


@pytest.mark.parametrize("method", auth.METHODS)
@verifies("INF-AUT-024", "NEG-008")
def check_secret_beyond_ascii_is_read_as_utf_8(bare_sif: SifClient, method: str) -> None:
    """An application whose secret holds letters beyond ASCII gets an environment."""
    who = declared(bare_sif.config.doors.letters, LETTERS, method)
    accepted(opened(bare_sif, who, method, who.secret), "a secret in UTF-8 is accepted")


@pytest.mark.parametrize("method", auth.METHODS)
@verifies("INF-AUT-024", negative=True)
def check_letters_beyond_ascii_count(bare_sif: SifClient, method: str, rng: random.Random) -> None:
    """A secret with question marks for its letters beyond ASCII is refused; itself is accepted."""
    who = declared(bare_sif.config.doors.letters, LETTERS, method)
    tells_secrets_apart(bare_sif, who, method, rng)
    flattened = who.secret.encode("ascii", "replace").decode()
    expect.status(opened(bare_sif, who, method, flattened), *REFUSED)
