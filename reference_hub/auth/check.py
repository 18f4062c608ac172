"""From presented credentials to whoever they belong to; each scheme is a module of its own."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from reference_hub.auth import basic, bearer, sif_hmac
from reference_hub.auth.token import SCOPE, Claim, Presented, refused
from reference_hub.problems import Refusal

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Scheme:
    """A scheme's name and its two steps."""

    name: str
    claim: Callable[[Presented], Claim]
    proves: Callable[[Claim, str, Presented, datetime, timedelta], bool]


@dataclass(frozen=True, slots=True)
class Known(Generic[T]):
    """What the store knows about a user: its secret and whom it stands for."""

    secret: str
    party: T


SCHEMES: Mapping[str, Scheme] = {
    module.NAME.lower(): Scheme(module.NAME, module.claim, module.proves)
    for module in (basic, sif_hmac)
}


def scheme_of(presented: Presented) -> Scheme:
    """The scheme the caller used. Raises Refusal 401 for one the hub does not know."""
    if presented.method not in SCHEMES:
        names = ", ".join(scheme.name for scheme in SCHEMES.values())
        text = f"The authentication method is not supported; use {names} or {bearer.NAME}."
        raise Refusal(401, SCOPE, text)
    return SCHEMES[presented.method]


def check(
    presented: Presented,
    find: Callable[[str], Known[T] | None],
    now: datetime,
    window: timedelta = sif_hmac.WINDOW,
) -> T:
    """The party behind the credentials of a user and its secret.

    `find` looks a user up; `window` is how far a signed timestamp may be from `now`. Raises
    Refusal 401 when they are malformed, unknown, wrong or stale.
    """
    scheme = scheme_of(presented)
    claimed = scheme.claim(presented)
    known = find(claimed.user)
    # An unknown user costs the same comparison as a wrong secret, against one nobody can guess.
    secret = known.secret if known else secrets.token_hex()
    proven = scheme.proves(claimed, secret, presented, now, window)
    if known is None or not proven:
        raise refused()
    return known.party
