"""Where credentials travel: the Authorization header, else query parameters (INF-AUT-012, 013)."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from dataclasses import dataclass

from reference_hub.problems import Refusal

SCOPE = "Authentication"

Lookup = Callable[[str], str | None]


@dataclass(frozen=True, slots=True)
class Presented:
    """What a caller showed: `method` in lower case, the token, the `timestamp` text verbatim.

    `in_query`: the token stood in the query string, where logs of proxies keep it.
    """

    method: str
    token: str
    timestamp: str
    in_query: bool = False


@dataclass(frozen=True, slots=True)
class Claim:
    """A user and what shall prove that the caller knows its secret."""

    user: str
    proof: str


def presented(header: Lookup, query: Lookup) -> Presented:
    """Collect the credentials; a header wins over the parameter of the same purpose.

    Raises Refusal 401 when there are none.
    """
    timestamp = header("timestamp") or query("timestamp") or ""
    authorization = header("Authorization")
    if authorization is None:
        method, token = query("authenticationMethod") or "", query("access_token") or ""
    else:
        method, _, token = authorization.strip().partition(" ")
    if not method or not token:
        raise Refusal(
            401,
            SCOPE,
            "The request has no credentials; send the header Authorization, or the query "
            "parameters access_token and authenticationMethod.",
        )
    return Presented(method.lower(), token.strip(), timestamp, authorization is None)


def unpack(token: str) -> str:
    """The text inside a base64 token. Raises Refusal 401 when it is no such token."""
    try:
        text = base64.b64decode(token.encode("ascii"), validate=True).decode("utf-8")
    except (UnicodeError, binascii.Error) as error:
        raise refused() from error
    if ":" not in text or "\x00" in text:
        raise refused()
    return text


def refused() -> Refusal:
    """The one answer to every wrong token, so that it tells nothing about keys."""
    return Refusal(401, SCOPE, "The token is not valid; check key, secret, method and timestamp.")
