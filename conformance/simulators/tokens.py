"""Credentials on the wire: how Basic and SIF_HMACSHA256 tokens are built, read and proven.

Source: Infrastructure Services 3.2.1, 4.1.4 and 4.1.5.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from dataclasses import dataclass
from datetime import datetime

from conformance.simulators.message import Request
from conformance.simulators.problems import Refusal

BASIC = "Basic"
HMAC = "SIF_HMACSHA256"
BEARER = "Bearer"
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Credentials:
    """Who asks and the proof: a secret (Basic) or a MAC over `user:timestamp` (HMAC)."""

    method: str
    user: str
    proof: str
    timestamp: str | None


def mac(user: str, secret: str, timestamp: str) -> str:
    """Base64 of HMAC-SHA256 over `user:timestamp`, all in UTF-8."""
    message = f"{user}:{timestamp}".encode()
    return base64.b64encode(hmac.digest(secret.encode(), message, hashlib.sha256)).decode()


def basic_token(user: str, secret: str) -> str:
    """Whole value of the Authorization header for Basic."""
    return f"{BASIC} {base64.b64encode(f'{user}:{secret}'.encode()).decode()}"


def same(left: str, right: str) -> bool:
    """Compare two proofs in constant time."""
    return hmac.compare_digest(left.encode(), right.encode())


def read_credentials(request: Request) -> Credentials:
    """Take the credentials from the header or else the query; raises Refusal(401)."""
    method, token = _method_and_token(request)
    user_and_proof = _decode(token)
    # A Basic secret may hold colons (RFC 7617); a MAC cannot.
    split = user_and_proof.partition if method == BASIC else user_and_proof.rpartition
    user, colon, proof = split(":")
    if not colon:
        raise Refusal(401, "The token holds no colon between user and proof.")
    return Credentials(method, user, proof, request.parameter("timestamp"))


def _method_and_token(request: Request) -> tuple[str, str]:
    header = request.header("Authorization")
    if header is not None:
        method, _, token = header.strip().partition(" ")
    else:
        method = request.query.get("authenticationMethod", "")
        token = request.query.get("access_token", "")
    known = {name.lower(): name for name in (BASIC, HMAC)}
    if method.lower() not in known or not token:
        raise Refusal(401, f"Authenticate with {BASIC} or {HMAC}.")
    return known[method.lower()], token.strip()


def _decode(token: str) -> str:
    try:
        return base64.b64decode(token, validate=True).decode()
    except (binascii.Error, ValueError) as error:
        raise Refusal(401, "The token is not base64 of UTF-8 text.") from error


def read_instant(text: str) -> datetime:
    """Read an ISO 8601 date-time with a zone; raises Refusal(401) for anything else."""
    try:
        instant = datetime.fromisoformat(text) if _INSTANT.fullmatch(text) else None
    except ValueError as error:
        raise Refusal(401, "The timestamp is not an ISO 8601 date-time.") from error
    if instant is None:
        raise Refusal(401, "The timestamp is not an ISO 8601 date-time with a zone.")
    return instant
