"""Each request is timed, counted and logged: by its route, never by an id or a value in it."""

from __future__ import annotations

import re
import time

import structlog
from flask import Flask, Response, g, request

from reference_hub.web import parking
from reference_hub.web.operations.metrics import Meters

log = structlog.get_logger(__name__)

OPERATIONS = ("healthz", "metrics", "openapi.json")
_METHODS = {"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"}
_UUID = re.compile(r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}|[0-9A-Fa-f]{32}")


def observe(app: Flask, meters: Meters) -> None:
    """Register with the application; before all other `after_request`, so as to run last."""
    app.before_request(_begin)
    app.after_request(lambda response: _end(response, meters))


def _begin() -> None:
    g.begun = time.monotonic()


def _end(response: Response, meters: Meters) -> Response:
    if parking.is_asked(request.environ):
        # Nothing was answered; the request is run again, and then its waiting is no work of ours.
        return response
    seconds = time.monotonic() - g.get("begun", time.monotonic())
    service, method = _service(), request.method if request.method in _METHODS else "other"
    meters.note(service, method, response.status_code, seconds)
    line: dict[str, object] = {
        "method": method,
        "route": request.url_rule.rule if request.url_rule else "none",
        "status": response.status_code,
        "ms": round(seconds * 1000, 1),
    }
    # Whoever was authenticated, if anybody: an application, never a person.
    if "party" in g:
        line["application"] = g.party.key
    # Anything may stand in this header; only what can be nothing but an id is repeated.
    if _UUID.fullmatch(request_id := request.headers.get("requestId", "")):
        line["requestId"] = request_id
    write = log.debug if service in OPERATIONS else log.info
    write("request", **line)
    return response


def _service() -> str:
    rule = request.url_rule.rule if request.url_rule else ""
    return rule.lstrip("/").partition("/")[0] or "none"
