"""Request bodies: media type, compression, size, well-formedness."""

from __future__ import annotations

import zlib

from flask import Request
from gunicorn.http.errors import ParseException
from lxml.etree import _Element
from werkzeug.exceptions import ClientDisconnected, RequestEntityTooLarge
from werkzeug.http import parse_options_header

from reference_hub.codec.xml import MalformedDocument, parse
from reference_hub.problems import Refusal
from reference_hub.web.services import services

SCOPE = "Request body"
ACCEPTED = ("application/xml", "text/xml")
_GZIP = 16 + zlib.MAX_WBITS


def refuse_unanswerable(request: Request, suffix: str = "") -> None:
    """Raise Refusal 415 when the caller takes nothing the hub can write."""
    accept = request.headers.get("Accept", "")
    if accept and not any(request.accept_mimetypes[media] for media in ACCEPTED):
        raise _unsupported("Accept")
    if not accept and suffix == ".json":
        raise _unsupported("the suffix .json")


def body_bytes(request: Request) -> bytes:
    """The decoded body. Raises Refusal 400, 415, or 413 before reading more than the limit."""
    limit = services().settings.server.max_body
    body = _received(request, limit)
    # A chunked body is cut off at the limit without an error (LimitedStream.readall).
    if request.content_length is None and len(body) >= limit:
        raise _too_large(limit)
    encoding = request.headers.get("Content-Encoding", "identity").lower()
    if encoding == "identity":
        return body
    if encoding != "gzip":
        raise Refusal(415, SCOPE, "Content-Encoding must be gzip or identity.")
    return _inflated(body, limit)


def _received(request: Request, limit: int) -> bytes:
    try:
        return request.get_data(cache=False)
    except RequestEntityTooLarge as error:
        raise _too_large(limit) from error
    except (ParseException, ClientDisconnected, OSError) as error:
        kind = "chunked body" if request.content_length is None else "body"
        raise Refusal(400, SCOPE, f"The {kind} cannot be read.") from error


def document(request: Request, suffix: str = "") -> _Element:
    """The root element of the body. Raises Refusal 400, 413 or 415."""
    _refuse_media(request, suffix)
    return _parsed(body_bytes(request))


def optional_document(request: Request) -> _Element | None:
    """The root element, None for an empty body of whatever type. Raises as `document` does."""
    body = body_bytes(request)
    if not body.strip():
        return None
    _refuse_media(request, "")
    return _parsed(body)


def _parsed(body: bytes) -> _Element:
    try:
        return parse(body)
    except MalformedDocument as fault:
        raise Refusal(400, SCOPE, f"The body cannot be read. {fault}.", "400-01") from fault


def _refuse_media(request: Request, suffix: str) -> None:
    media, options = parse_options_header(request.headers.get("Content-Type"))
    if media and media.lower() not in ACCEPTED:
        raise _unsupported("Content-Type")
    if not media and suffix == ".json":
        raise _unsupported("the suffix .json")
    if options.get("charset", "utf-8").lower().strip("\"'") not in ("utf-8", "utf8"):
        raise Refusal(415, SCOPE, "The charset of Content-Type must be utf-8.")


def _inflated(body: bytes, limit: int) -> bytes:
    inflater = zlib.decompressobj(_GZIP)
    try:
        content = inflater.decompress(body, limit + 1)
    except zlib.error as error:
        raise Refusal(400, SCOPE, "The body is not gzip, as Content-Encoding says.") from error
    if len(content) > limit:
        raise _too_large(limit)
    if not inflater.eof:
        raise Refusal(400, SCOPE, "The gzip body is not complete.")
    return content


def _unsupported(where: str) -> Refusal:
    text = f"The hub speaks XML; {where} asks for something else. Accepted: {', '.join(ACCEPTED)}."
    return Refusal(415, SCOPE, text)


def _too_large(limit: int) -> Refusal:
    return Refusal(413, SCOPE, f"The body is larger than {limit} bytes; send fewer objects.")
