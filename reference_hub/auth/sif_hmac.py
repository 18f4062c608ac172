"""SIF_HMACSHA256: base64 of `user:mac`; the MAC covers the timestamp as sent (INF-AUT-004).

Within the window a token may come again. Timestamps have whole seconds in some clients, so two of
their requests in one second carry the same token, and the MAC does not cover what is asked: a
memory of used tokens would refuse honest callers and stop no thief, who needs TLS broken first.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import datetime, timedelta

from reference_hub.auth.token import SCOPE, Claim, Presented, unpack
from reference_hub.problems import Refusal

NAME = "SIF_HMACSHA256"
WINDOW = timedelta(minutes=5)


def claim(presented: Presented) -> Claim:
    """The user and the MAC shown. Raises Refusal 401 for a malformed token."""
    # A MAC never holds a colon, a key may.
    user, _, mac = unpack(presented.token).rpartition(":")
    return Claim(user, mac)


def proves(
    claimed: Claim, secret: str, presented: Presented, now: datetime, window: timedelta
) -> bool:
    """Whether the MAC is right. Raises Refusal 401 for a timestamp outside the window."""
    expected = mac(claimed.user, secret, presented.timestamp)
    if not hmac.compare_digest(claimed.proof.encode(), expected.encode()):
        return False
    _refuse_stale(presented.timestamp, now, window)
    return True


def mac(user: str, secret: str, timestamp: str) -> str:
    """base64 of HMAC-SHA256 over `user:timestamp` with the secret as key, all UTF-8."""
    message = f"{user}:{timestamp}".encode()
    return base64.b64encode(hmac.digest(secret.encode(), message, hashlib.sha256)).decode()


def _refuse_stale(timestamp: str, now: datetime, window: timedelta) -> None:
    try:
        sent = datetime.fromisoformat(timestamp)
        current = abs(now - sent) <= window
    except (ValueError, TypeError, OverflowError):
        current = False
    if not current:
        minutes = f"{window.total_seconds() / 60:g} minutes"
        text = f"The timestamp must be an ISO 8601 time with zone, within {minutes} of the hub's."
        raise Refusal(401, SCOPE, text)
