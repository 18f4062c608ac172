"""Who calls the suite's own hub: the application key until the environment exists, then its token.

The rules are those of `conformance.auth`, read from the other side.
"""

from __future__ import annotations

import hmac
from base64 import b64decode

from conformance import auth
from conformance.reply import Headers


def caller(headers: Headers, secret: str) -> tuple[str, str] | None:
    """The user and the method that a call proves to know the secret by; None if it does not."""
    method, _, token = headers.get("Authorization").partition(" ")
    try:
        user, _, proof = b64decode(token, validate=True).decode().partition(":")
    except ValueError:  # no base64, no ASCII, or no UTF-8 inside
        return None
    if method.lower() == auth.BASIC.lower():
        return (user, auth.BASIC) if hmac.compare_digest(proof.encode(), secret.encode()) else None
    if method.upper() != auth.HMAC:
        return None
    wanted = auth.mac(user, secret, headers.get("timestamp"))
    return (user, auth.HMAC) if hmac.compare_digest(proof.encode(), wanted.encode()) else None
