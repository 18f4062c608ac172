"""Delayed requests: 202 now, the answer later in the caller's queue (INF-DLY)."""

from __future__ import annotations

from flask import Request, Response

from reference_hub.problems import Refusal
from reference_hub.web.call import Call


def is_asked(request: Request) -> bool:
    """Whether the caller wants the answer in its queue."""
    return request.headers.get("requestType", "").upper() == "DELAYED"


def take(call: Call) -> Response:
    """202 without a body."""
    raise Refusal(400, f"{call.request.method} {call.collection}", "Send it as IMMEDIATE.")
