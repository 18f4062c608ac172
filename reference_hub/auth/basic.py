"""Basic: base64 of `user:secret`, UTF-8, split at the first colon (INF-AUT-003)."""

from __future__ import annotations

from datetime import datetime, timedelta
from hmac import compare_digest

from reference_hub.auth.token import Claim, Presented, unpack

NAME = "Basic"


def claim(presented: Presented) -> Claim:
    """The user and the secret shown. Raises Refusal 401 for a malformed token."""
    user, _, secret = unpack(presented.token).partition(":")
    return Claim(user, secret)


def proves(
    claimed: Claim,
    secret: str,
    presented: Presented,  # noqa: ARG001
    now: datetime,  # noqa: ARG001
    window: timedelta,  # noqa: ARG001
) -> bool:
    """Whether the secret shown is the stored one, in constant time."""
    return compare_digest(claimed.proof.encode(), secret.encode())
