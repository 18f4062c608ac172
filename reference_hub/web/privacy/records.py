"""JSON bodies in and out of the privacy services, which no SIF schema describes."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import TypeVar

from flask import Request, Response

from reference_hub.codec.json_record import LARGEST
from reference_hub.codec.xml import MalformedDocument
from reference_hub.problems import Refusal
from reference_hub.web import answers, bodies

JSON = "application/json"
_NOT_KEPT = {"Cache-Control": "no-store"}
Record = TypeVar("Record")


def read(request: Request, doing: str, reader: Callable[[bytes], Record]) -> Record:
    """What the reader makes of the body. Raises Refusal 413, 415, or 422 naming the fault."""
    if request.mimetype.lower() != JSON:
        raise Refusal(415, doing, f"Send the record as {JSON}.")
    if (request.content_length or 0) > LARGEST:
        raise _too_large(doing)
    body = bodies.body_bytes(request)
    if len(body) > LARGEST:
        raise _too_large(doing)
    try:
        return reader(body)
    except MalformedDocument as fault:
        raise Refusal(422, doing, f"The record cannot be used. {fault}.") from None


def answer(
    body: Mapping[str, object], status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """A record, without members that hold nothing."""
    told = {name: value for name, value in body.items() if value not in (None, "")}
    content = json.dumps(told, ensure_ascii=False).encode()
    return answers.verbatim(content, JSON, status, _NOT_KEPT | dict(headers or {}))


def _too_large(doing: str) -> Refusal:
    return Refusal(413, doing, f"A record has at most {LARGEST} bytes.")
