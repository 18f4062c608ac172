"""Request bodies: media type, compression, size, well-formedness."""

from __future__ import annotations

import zlib

from flask import Request
from gunicorn.http.errors import ParseException
from lxml.etree import _Element
from werkzeug.exceptions import ClientDisconnected, RequestEntityTooLarge

from reference_hub.codec import negotiate
from reference_hub.codec.negotiate import Asked
from reference_hub.codec.xml import MalformedDocument, namespace_of, parse
from reference_hub.model.infrastructure import version_of
from reference_hub.problems import Refusal
from reference_hub.web import answers, notation
from reference_hub.web.services import services

SCOPE = "Request body"
_GZIP = 16 + zlib.MAX_WBITS
_MOST_MEMBERS = 16


def refuse_unanswerable(request: Request, suffix: str = "") -> None:
    """Raise Refusal 415 when the caller takes nothing the hub can write."""
    if negotiate.answer_media(notation.asked(request, suffix)) is None:
        raise _unsupported("Accept")


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
        if isinstance(error.__cause__, TimeoutError):
            text = "The body did not arrive in time; send it again."
            raise Refusal(408, SCOPE, text) from error
        kind = "chunked body" if request.content_length is None else "body"
        raise Refusal(400, SCOPE, f"The {kind} cannot be read.") from error


def document(request: Request, suffix: str = "") -> _Element:
    """The root element of the body, XML or JSON. Raises Refusal 400, 413 or 415."""
    said = _readable(request, suffix)
    return _parsed(said, body_bytes(request))


def optional_document(request: Request, suffix: str = "") -> _Element | None:
    """The root element, None for an empty body of whatever type. Raises as `document` does."""
    body = body_bytes(request)
    return _parsed(_readable(request, suffix), body) if body.strip() else None


def _parsed(said: Asked, body: bytes) -> _Element:
    is_json = negotiate.body_media(said) == negotiate.JSON_MEDIA
    try:
        root = notation.read_json(said, body) if is_json else parse(body)
    except MalformedDocument as fault:
        raise Refusal(400, SCOPE, f"The body cannot be read. {fault}.", "400-01") from fault
    if version_of(namespace_of(root)):
        # Who writes one infrastructure version reads it, whatever the session began with.
        answers.speak(namespace_of(root))
    return root


def _readable(request: Request, suffix: str) -> Asked:
    said = notation.asked(request, suffix)
    if negotiate.body_media(said) is None:
        raise _unsupported("Content-Type")
    charset = request.mimetype_params.get("charset", "utf-8")
    if charset.lower().strip("\"'") not in ("utf-8", "utf8"):
        raise Refusal(415, SCOPE, "The charset of Content-Type must be utf-8.")
    return said


def _inflated(body: bytes, limit: int) -> bytes:
    # RFC 1952 lets members follow one another; each costs a copy of what is left.
    parts: list[bytes] = []
    for _ in range(_MOST_MEMBERS):
        inflater = zlib.decompressobj(_GZIP)
        parts.append(_inflate(inflater, body, limit + 1 - sum(map(len, parts))))
        if sum(map(len, parts)) > limit:
            raise _too_large(limit)
        if not inflater.eof:
            raise Refusal(400, SCOPE, "The gzip body is not complete.")
        body = inflater.unused_data
        if not body:
            return b"".join(parts)
    raise Refusal(400, SCOPE, f"The gzip body has more than {_MOST_MEMBERS} members.")


def _inflate(inflater: zlib._Decompress, body: bytes, limit: int) -> bytes:
    try:
        return inflater.decompress(body, limit)
    except zlib.error as error:
        raise Refusal(400, SCOPE, "The body is not gzip, as Content-Encoding says.") from error


def _unsupported(where: str) -> Refusal:
    known = ", ".join(negotiate.OFFERED)
    text = f"{where} asks for something that the hub does not speak. Accepted: {known}."
    return Refusal(415, SCOPE, text)


def _too_large(limit: int) -> Refusal:
    return Refusal(413, SCOPE, f"The body is larger than {limit} bytes; send fewer objects.")
