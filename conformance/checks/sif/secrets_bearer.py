"""Tokens that do not hold the application key (Base Architecture 3.2.1, 4.3.2).

With a Bearer token the key travels beside it, as a header or as a query parameter.
"""

from __future__ import annotations

import random
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import quote

import pytest

from conformance import environments, expect
from conformance.checks.preparation import accepted, control_holds
from conformance.checks.sif.secrets import REFUSED
from conformance.environments import Identity
from conformance.problems import NotApplicable, NotVerified
from conformance.reply import Reply
from conformance.sif import SifClient
from conformance.verifies import verifies

METHOD = "Bearer"
PLACES = ("header", "query")
_KEY = "applicationKey"


@contextmanager
def opened(sif: SifClient, key: str, place: str) -> Iterator[Reply]:
    """An environment create by the declared token, with this key beside it; deleted again.

    The body names the application of the target file whatever key stands beside the token.
    """
    token = sif.config.doors.bearer
    if not token:
        raise NotApplicable("the target file declares no token in [bearer]")
    sif.evidence.secret(token)
    url = sif.config.url("environments/environment")
    body = sif.environment_body(
        f"run-{secrets.token_hex(8)}", Identity(sif.identity.key, "", METHOD)
    )
    query, lines = _beside(key, place)
    lines |= {"Authorization": f"{METHOD} {token}"}
    reply = sif.send("POST", url + query, headers=lines, body=body)
    made = environments.read(reply)
    try:
        yield reply
    finally:
        if reply.ok and made is not None:
            own = sif.config.url(f"environments/{quote(made.id)}")
            sif.send("DELETE", own + query, headers=lines)


def _beside(key: str, place: str) -> tuple[str, dict[str, str]]:
    """Query and header lines with the key in one of the two."""
    return (f"?{_KEY}={quote(key)}", {}) if place == "query" else ("", {_KEY: key})


@pytest.mark.parametrize("place", PLACES)
@verifies("INF-AUT-011")
def check_key_beside_a_bearer_token_is_taken(bare_sif: SifClient, place: str) -> None:
    """With a Bearer token and the application key in header or query an environment is made."""
    with opened(bare_sif, bare_sif.identity.key, place) as reply:
        accepted(reply, f"the application key is taken from the {place}")


@pytest.mark.parametrize("place", PLACES)
@verifies("INF-AUT-011", negative=True)
def check_unknown_key_beside_a_bearer_token_is_refused(
    bare_sif: SifClient, place: str, rng: random.Random
) -> None:
    """A key that nobody registered is refused beside a good token; the registered one is taken."""
    stranger = f"nobody-{rng.getrandbits(48):x}"
    with opened(bare_sif, bare_sif.identity.key, place) as reply:
        control_holds(reply, "the token with the registered key is accepted")
    signed = bare_sif.connect(key=stranger)
    if signed.ok:
        raise NotVerified(
            f"any key is known, so nothing is proven: {signed.request} answered"
            f" {signed.status} (exchange {signed.exchange})"
        )
    with opened(bare_sif, stranger, place) as reply:
        expect.status(reply, *REFUSED)
