"""Sign requests: Basic and SIF_HMACSHA256, in the header or in the query.

Basic:          base64(user ":" secret)
SIF_HMACSHA256: base64(user ":" base64(HMAC-SHA256(secret, user ":" timestamp)))

`user` is the application key until the environment exists, the session token afterwards; the
secret stays the same. The timestamp text is signed as it is sent.
"""

from __future__ import annotations

import hashlib
import hmac
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from conformance.problems import UsageFault

BASIC = "Basic"
HMAC = "SIF_HMACSHA256"
METHODS = (BASIC, HMAC)

Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Signature:
    """What proves who sends a request; `timestamp` is empty for Basic."""

    method: str
    token: str
    timestamp: str = ""

    @property
    def headers(self) -> dict[str, str]:
        """As header lines."""
        lines = {"Authorization": f"{self.method} {self.token}"}
        return lines | ({"timestamp": self.timestamp} if self.timestamp else {})

    @property
    def query(self) -> dict[str, str]:
        """As query parameters."""
        lines = {"authenticationMethod": self.method, "access_token": self.token}
        return lines | ({"timestamp": self.timestamp} if self.timestamp else {})


def now() -> datetime:
    """The real clock, in UTC."""
    return datetime.now(UTC)


def stamp(moment: datetime) -> str:
    """A time as SIF headers show it: UTC, milliseconds, `Z`."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def sign(method: str, user: str, secret: str, timestamp: str = "") -> Signature:
    """Sign for this user; `timestamp` is needed for SIF_HMACSHA256 only."""
    if method.lower() == BASIC.lower():
        return Signature(method, _base64(f"{user}:{secret}"))
    if method.upper() == HMAC:
        return Signature(method, _base64(f"{user}:{mac(user, secret, timestamp)}"), timestamp)
    raise UsageFault(f"authentication method {method!r} is not one of {', '.join(METHODS)}")


def mac(user: str, secret: str, timestamp: str) -> str:
    """The base64 of the HMAC over `user:timestamp`."""
    message = f"{user}:{timestamp}".encode()
    return b64encode(hmac.new(secret.encode(), message, hashlib.sha256).digest()).decode()


def _base64(text: str) -> str:
    return b64encode(text.encode()).decode()
