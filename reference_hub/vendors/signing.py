"""Authorization of a SIF consumer (Infrastructure Services 4.1): Basic and SIF_HMACSHA256."""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import datetime

from reference_hub.clock import iso
from reference_hub.problems import SetupError

BASIC = "Basic"
HMAC = "SIF_HMACSHA256"


def sign(method: str, user: str, secret: str, moment: datetime) -> dict[str, str]:
    """Headers Authorization and timestamp for one request.

    `user` is the application key to create an environment and the session token afterwards.
    Raises SetupError for any other method.
    """
    timestamp = iso(moment)
    if method.lower() == BASIC.lower():
        return {"Authorization": f"{BASIC} {_base64(f'{user}:{secret}')}", "timestamp": timestamp}
    if method.lower() == HMAC.lower():
        token = _base64(f"{user}:{mac(user, secret, timestamp)}")
        return {"Authorization": f"{HMAC} {token}", "timestamp": timestamp}
    raise SetupError(f"A connection can sign with {BASIC} or {HMAC}; correct its method.")


def mac(user: str, secret: str, timestamp: str) -> str:
    """Base64 of HMAC-SHA256 with the secret over `user:timestamp`."""
    message = f"{user}:{timestamp}".encode()
    return base64.b64encode(hmac.digest(secret.encode(), message, hashlib.sha256)).decode()


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()
