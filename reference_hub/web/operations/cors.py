"""Cross-origin requests of browsers: off unless the settings name origins (INF-TRN-013)."""

from __future__ import annotations

import re
from collections.abc import Sequence

from flask import Flask, Response, request

from reference_hub.web import answers

METHODS = "GET, HEAD, POST, PUT, DELETE"
MAX_AGE = "600"
EXPOSED = (
    "timestamp", "messageId", "messageType", "requestId", "requestType", "responseAction",
    "eventAction", "replacement", "serviceType", "serviceName", "relativeServicePath", "zoneId",
    "contextId", "queueId", "minWaitTime", "generatorId", "environmentURI", "provisionRequestURI",
    "dataPrivacyMarker", "changesSinceMarker", "navigationId", "navigationPage",
    "navigationPageSize", "navigationCount", "navigationLastPage", "ETag", "Last-Modified",
    "Location", "Allow", "Retry-After", "WWW-Authenticate", "Content-Disposition",
    "Content-Profile", "connectionId",
)  # fmt: skip
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,128}")
_MOST_HEADERS = 100


def share(app: Flask, origins: Sequence[str]) -> None:
    """Answer preflights and let browsers of these origins read; nothing when there are none."""
    if not origins:
        return
    allowed = frozenset(origins)
    app.before_request(lambda: _preflight(allowed))
    app.after_request(lambda response: _readable(response, allowed))


def _preflight(allowed: frozenset[str]) -> Response | None:
    # A preflight has no credentials, so this stands before authentication and tells nothing.
    asked = "Origin" in request.headers and "Access-Control-Request-Method" in request.headers
    if request.method != "OPTIONS" or not asked:
        return None
    response = answers.empty(204)
    if _origin(allowed) is None:
        return response
    response.headers["Access-Control-Allow-Methods"] = METHODS
    response.headers["Access-Control-Max-Age"] = MAX_AGE
    if names := _names(request.headers.get("Access-Control-Request-Headers", "")):
        response.headers["Access-Control-Allow-Headers"] = ", ".join(names)
    return response


def _readable(response: Response, allowed: frozenset[str]) -> Response:
    if "*" not in allowed or request.method == "OPTIONS":
        response.vary.add("Origin")
    if origin := _origin(allowed):
        response.headers["Access-Control-Allow-Origin"] = origin
        if request.method != "OPTIONS":
            response.headers["Access-Control-Expose-Headers"] = ", ".join(EXPOSED)
    return response


def _origin(allowed: frozenset[str]) -> str | None:
    origin = request.headers.get("Origin")
    if origin is None:
        return None
    if "*" in allowed:
        return "*"
    return origin if origin in allowed else None


def _names(listed: str) -> list[str]:
    """The header names asked for that are names; a list of other things gets none."""
    names = [name.strip() for name in listed.split(",") if name.strip()]
    if len(names) > _MOST_HEADERS or not all(map(_TOKEN.fullmatch, names)):
        return []
    return names
