"""Requests and responses as the simulator sees them, and their way in and out of WSGI."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, unquote

from conformance.simulators.problems import Refusal

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

LARGEST_BODY = 16_000_000
XML = "application/xml"


@dataclass(frozen=True, slots=True)
class Request:
    """One request. `segments` are decoded once and hold no matrix parameters; `body` is plain."""

    method: str
    origin: str
    segments: tuple[str, ...]
    matrix: tuple[tuple[str, str], ...]
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes

    def header(self, name: str) -> str | None:
        """Value of a header, its name in any case, or None."""
        return self.headers.get(name.lower())

    def parameter(self, name: str) -> str | None:
        """Value from the header or else the query: the header wins (Base Architecture 4.3.2)."""
        value = self.header(name)
        return self.query.get(name) if value is None else value

    def says(self, name: str) -> str:
        """Header in upper case, empty when absent: for the words of an enumeration."""
        return (self.header(name) or "").strip().upper()


@dataclass(frozen=True, slots=True)
class Response:
    """One answer. `headers` go out in their order; a body brings its own Content-Type."""

    status: int
    body: bytes = b""
    content_type: str = XML
    headers: tuple[tuple[str, str], ...] = field(default=())

    def adding(self, *headers: tuple[str, str]) -> Response:
        """The same answer with more headers."""
        return replace(self, headers=(*self.headers, *headers))

    def packed(self) -> Response:
        """The same answer in gzip, if it has a body."""
        if not self.body:
            return self
        packer = zlib.compressobj(1, wbits=31)
        answer = replace(self, body=packer.compress(self.body) + packer.flush())
        return answer.adding(("Content-Encoding", "gzip"))

    def header(self, name: str) -> str | None:
        """Value of a header, its name in any case, or None."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)


def read_request(environ: WSGIEnvironment) -> Request:
    """Build the request; raises Refusal for a body that is too large or cannot be unpacked."""
    target = environ.get("RAW_URI") or environ.get("REQUEST_URI") or environ["PATH_INFO"]
    path, _, query = target.partition("?")
    segments, matrix = split_path(path)
    headers = dict(_headers(environ))
    return Request(
        method=environ["REQUEST_METHOD"],
        origin=f"{environ['wsgi.url_scheme']}://{headers.get('host', environ['SERVER_NAME'])}",
        segments=segments,
        matrix=matrix,
        query=dict(parse_qsl(query, keep_blank_values=True)),
        headers=headers,
        body=_read_body(environ, headers.get("content-encoding", "identity")),
    )


def split_path(path: str) -> tuple[tuple[str, ...], tuple[tuple[str, str], ...]]:
    """Split a raw path into decoded segments and the matrix parameters of its last segment."""
    raw = [part for part in path.split("/") if part]
    if not raw:
        return (), ()
    last, *parameters = raw[-1].split(";")
    pairs = (parameter.partition("=") for parameter in parameters if parameter)
    matrix = tuple((unquote(name), unquote(value)) for name, _, value in pairs)
    return tuple(unquote(part) for part in (*raw[:-1], last)), matrix


def _headers(environ: WSGIEnvironment) -> Iterable[tuple[str, str]]:
    for key, value in environ.items():
        if key.startswith("HTTP_"):
            yield key[5:].replace("_", "-").lower(), value
    for key in ("CONTENT_TYPE", "CONTENT_LENGTH"):
        if environ.get(key):
            yield key.replace("_", "-").lower(), environ[key]


def _read_body(environ: WSGIEnvironment, encoding: str) -> bytes:
    if environ.get("wsgi.input_terminated"):
        body = environ["wsgi.input"].read(LARGEST_BODY + 1)
    else:
        length = environ.get("CONTENT_LENGTH") or "0"
        if not length.isdecimal():
            raise Refusal(400, "Content-Length is not a number.")
        body = environ["wsgi.input"].read(min(int(length), LARGEST_BODY + 1))
    if encoding.strip().lower() == "gzip":
        body = _unpack(body)
    elif encoding.strip().lower() != "identity":
        raise Refusal(415, "Content-Encoding is neither identity nor gzip.")
    if len(body) > LARGEST_BODY:
        raise Refusal(413, f"The body is larger than {LARGEST_BODY} bytes; send it in parts.")
    return bytes(body)


def _unpack(body: bytes) -> bytes:
    try:
        return zlib.decompressobj(wbits=31).decompress(body, LARGEST_BODY + 1)
    except zlib.error as error:
        raise Refusal(400, "The body is labelled gzip and is not gzip.") from error


def send(response: Response, method: str, start_response: StartResponse) -> Iterable[bytes]:
    """Give the answer to WSGI: no body for HEAD, and a Content-Length."""
    bodiless = method == "HEAD"
    headers = list(response.headers)
    if response.body and response.content_type:
        headers.append(("Content-Type", response.content_type))
    if response.body or response.status not in (204, 304):
        headers.append(("Content-Length", str(len(response.body))))
    start_response(f"{response.status} {HTTPStatus(response.status).phrase}", headers)
    return [b"" if bodiless else response.body]
