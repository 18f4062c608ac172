"""Legal surprises, so that vendors do not fit to the habits of one hub (`--contrary SEED`).

Each is allowed by the standard and by HTTP: the services stand below a path that only the
environment tells, XML is written with a prefix, a comment and white space of its own, header names
are written small, unknown headers come along, bodies come in chunks, a read is now and then
answered 503 with `Retry-After: 0`. The seed and the number of the request decide.
"""

from __future__ import annotations

import binascii
import contextlib
import itertools
import zlib
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from flask import Flask, Response, g, request
from lxml import etree

from reference_hub.problems import Refusal
from reference_hub.web import answers

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

# Of so many reads one is put off; the caller's next one never is, so patience gets through.
ONE_IN = 23
_LARGEST = 1_000_000


def be_contrary(app: Flask, seed: int) -> None:
    """Change how this application answers, never what it says."""
    numbers = itertools.count(1)
    owed: set[bytes] = set()

    def put_off() -> Response | None:
        request.environ["contrary.draw"] = draw = zlib.crc32(f"{seed}/{next(numbers)}".encode())
        # The console's pages are for people, who have met odder things.
        if request.method != "GET" or request.path.startswith("/console/"):
            return None
        caller = _caller(request.headers.get("Authorization", ""))
        if caller in owed:
            owed.discard(caller)
        elif draw % ONE_IN == 0:
            owed.add(caller)
            refusal = Refusal(503, "GET request", "The hub is busy for a moment; ask again.")
            response = answers.error(refusal)
            response.headers["Retry-After"] = "0"
            return response
        return None

    def rewrite(response: Response) -> Response:
        draw = request.environ.get("contrary.draw", 0)
        response.headers["X-Contrary"] = str(draw % 1000)
        if _is_small_xml(response):
            response.set_data(rewritten(response.get_data(), draw))
        return response

    app.before_request(put_off)
    app.after_request(rewrite)
    # A web server joins what it may; what is read piece by piece comes in chunks.
    app.wsgi_app = _elsewhere(app.wsgi_app, f"/odd~{seed}")  # type: ignore


def _caller(authorization: str) -> bytes:
    """Whoever signs or sends a password, before the colon; a bearer by its whole token."""
    token = authorization.partition(" ")[2].encode()
    with contextlib.suppress(binascii.Error):
        return binascii.a2b_base64(token).partition(b":")[0]
    return token


def _is_small_xml(response: Response) -> bool:
    is_xml = response.mimetype in ("application/xml", "text/xml")
    whole = response is not g.get("verbatim") and not response.is_streamed
    return is_xml and whole and 0 < len(response.get_data()) < _LARGEST


def rewritten(body: bytes, draw: int) -> bytes:
    """The same document in other bytes: a prefix, single quotes around it, a comment, a line."""
    try:
        root = etree.fromstring(body)
    except etree.XMLSyntaxError:
        return body
    namespace = etree.QName(root).namespace
    if namespace:
        names: Any = {key: value for key, value in root.nsmap.items() if value != namespace}
        names["odd"] = namespace
        prefixed = etree.Element(root.tag, nsmap=names)
        prefixed.attrib.update(root.attrib)
        prefixed.text = root.text
        prefixed.extend(list(root))
        root = prefixed
    text: bytes = etree.tostring(root)
    return b"<?xml version='1.0' encoding='UTF-8'?>\n<!-- %d -->\n%s\n" % (draw % 1000, text)


def _elsewhere(inner: WSGIApplication, prefix: str) -> WSGIApplication:
    """Stand below `prefix` as well, and tell addresses there."""

    def answer(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        environ["PATH_INFO"] = environ["PATH_INFO"].removeprefix(prefix)
        environ["SCRIPT_NAME"] = environ.get("SCRIPT_NAME", "") + prefix

        def begin(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            kept = [(key.lower(), value) for key, value in headers]
            if environ["REQUEST_METHOD"] != "HEAD" and not status.startswith(("204", "304")):
                kept = [(key, value) for key, value in kept if key != "content-length"]
            return start(status, kept, *rest)

        return inner(environ, begin)

    return answer
