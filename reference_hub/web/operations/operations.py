"""For those who run the hub: is it well, what does it do, what does it serve. No authentication."""

from __future__ import annotations

import json
from collections.abc import Callable
from ipaddress import ip_address
from typing import TYPE_CHECKING, TypeVar

from flask import Blueprint, Response, request

from reference_hub.problems import Refusal
from reference_hub.store import figures
from reference_hub.store.db import STORE_LOST
from reference_hub.web.operations import metrics, openapi
from reference_hub.web.services import root_url, services

if TYPE_CHECKING:
    from sqlalchemy import Connection

Answer = TypeVar("Answer")
blueprint = Blueprint("operations", __name__)
JSON = "application/json"
_PROXIED = ("Forwarded", "X-Forwarded-For", "X-Real-IP", "Via")


@blueprint.get("/healthz", provide_automatic_options=False)
def health() -> Response:
    """200 while the store answers, else 503."""
    up = _asked(figures.answers)
    body = {
        "status": "ok" if up else "unavailable",
        "store": "up" if up else "away",
        "version": services().version,
    }
    headers = {"Cache-Control": "no-store"} | ({} if up else {"Retry-After": "5"})
    return Response(json.dumps(body), 200 if up else 503, headers, content_type=JSON)


@blueprint.get("/metrics", provide_automatic_options=False)
def scrape() -> Response:
    """The figures in Prometheus' text format; 404 to whom `server.metrics` does not admit."""
    hub = services()
    if not _may_read(hub.settings.server.metrics):
        raise Refusal(404, "Metrics", "There is no such resource.")
    text = metrics.exposition(hub.meters, _asked(figures.read), hub.clock.now())
    return Response(text, content_type=metrics.CONTENT_TYPE)


@blueprint.get("/openapi.json", provide_automatic_options=False)
def description() -> Response:
    """What is served, as an OpenAPI document."""
    document = openapi.document(root_url(), services().version)
    return Response(json.dumps(document), content_type=JSON)


def _asked(question: Callable[[Connection], Answer]) -> Answer | None:
    """What the store says, None while it is away."""
    hub = services()
    try:
        with hub.engine.connect() as connection:
            return question(connection)
    except STORE_LOST as error:
        hub.outages.note(error)
        return None


def _may_read(admitted: str) -> bool:
    if admitted != "local":
        return admitted == "any"
    try:
        near = ip_address(request.remote_addr or "").is_loopback
    except ValueError:
        return False
    # A proxy on this machine calls from it, but for somebody else.
    return near and not any(name in request.headers for name in _PROXIED)
