"""SIF_HMACSHA256: base64 of `user:mac`; the MAC covers the timestamp as sent (INF-AUT-004)."""

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


def proves(claimed: Claim, secret: str, presented: Presented, now: datetime) -> bool:
    """Whether the MAC is right. Raises Refusal 401 for a timestamp outside the window."""
    expected = mac(claimed.user, secret, presented.timestamp)
    if not hmac.compare_digest(claimed.proof.encode(), expected.encode()):
        return False
    _refuse_stale(presented.timestamp, now)
    return True


def mac(user: str, secret: str, timestamp: str) -> str:
    """base64 of HMAC-SHA256 over `user:timestamp` with the secret as key, all UTF-8."""
    message = f"{user}:{timestamp}".encode()
    return base64.b64encode(hmac.digest(secret.encode(), message, hashlib.sha256)).decode()


def _refuse_stale(timestamp: str, now: datetime) -> None:
    try:
        sent = datetime.fromisoformat(timestamp)
        current = abs(now - sent) <= WINDOW
    except (ValueError, TypeError, OverflowError):
        current = False
    if not current:
        text = "The timestamp must be an ISO 8601 time with zone, within 5 minutes of the hub's."
        raise Refusal(401, SCOPE, text)
