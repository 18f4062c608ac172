"""gunicorn's threaded worker, with limits on slow clients and errors that are SIF `error`s."""

from __future__ import annotations

import contextlib
import time
import traceback
import uuid
from http import HTTPStatus
from typing import Any

from gunicorn.http import errors
from gunicorn.http.parser import RequestParser
from gunicorn.http.unreader import SocketUnreader
from gunicorn.util import write_nonblock
from gunicorn.workers.gthread import _DEFER, ThreadWorker

from reference_hub.clock import Clock, iso
from reference_hub.codec.xml import tostring
from reference_hub.problems import Refusal
from reference_hub.web.answers import XML, error_element

READ_SECONDS = 30.0
SLOWEST_BYTES_PER_SECOND = 500
_AT_ONCE = 0.001
_SCOPE = "HTTP request"

_REFUSED = (
    (errors.LimitRequestLine, 414, "The request line is too long; shorten path and query."),
    (errors.ExpectationFailed, 417, "Expect may only be 100-continue."),
    (errors.LimitRequestHeaders, 431, "The header fields are too large or too many."),
    (errors.UnsupportedTransferCoding, 501, "Transfer-Encoding may only be chunked."),
    (errors.ForbiddenProxyRequest, 403, "Requests of this proxy are not served."),
    (errors.InvalidRequestLine, 400, "The request line is not one of HTTP/1.1."),
    (errors.InvalidRequestMethod, 400, "The method is not one of HTTP/1.1."),
    (errors.InvalidHTTPVersion, 400, "The hub speaks HTTP/1.1."),
)


class TooSlow(errors.ParseException):  # type: ignore[misc]  # gunicorn ships no types
    """The client did not send the rest of its request in time."""


class LimitedReader(SocketUnreader):  # type: ignore[misc]  # gunicorn ships no types
    """Reads a socket until a deadline that moves with what arrives."""

    def __init__(self, sock: Any, seconds: float) -> None:
        super().__init__(sock)
        self.seconds = seconds
        self.deadline = 0.0

    def begin(self) -> None:
        """A request starts now. Waiting for a thread counts, so all half-sent ones end together."""
        self.deadline = time.monotonic() + self.seconds

    def chunk(self, size_hint: int | None = None) -> bytes:
        """What arrives next, b'' at the end. Raises TooSlow after the deadline."""
        if self.sock.gettimeout() is not None:
            return self._received(size_hint)
        self.sock.settimeout(max(self.deadline - time.monotonic(), _AT_ONCE))
        try:
            return self._received(size_hint)
        except TimeoutError as error:
            raise TooSlow from error
        finally:
            self.sock.settimeout(None)

    def _received(self, size_hint: int | None) -> bytes:
        data: bytes = super().chunk(size_hint)
        # Never later than a full allowance from now: a fast start buys no long silence.
        earned = self.deadline + len(data) / SLOWEST_BYTES_PER_SECOND
        self.deadline = max(self.deadline, min(earned, time.monotonic() + self.seconds))
        return data


class HubWorker(ThreadWorker):  # type: ignore[misc]  # gunicorn ships no types
    """No silent or half-sent request holds a thread for ever; no error quotes a request."""

    read_seconds = READ_SECONDS

    def enqueue_req(self, conn: Any) -> None:
        """Give a connection that has something to say to a thread."""
        if conn.parser is None:
            conn.parser = RequestParser(self.cfg, conn.sock, conn.client)
            conn.parser.unreader = LimitedReader(conn.sock, self.read_seconds)
        conn.parser.unreader.begin()
        super().enqueue_req(conn)

    def handle(self, conn: Any) -> Any:
        """Serve one request; a connection without a first byte waits outside of the threads."""
        if not conn.initialized and not conn.wait_for_data(0):
            return _DEFER
        return super().handle(conn)

    def _keepalive_after(self, conn: Any, keepalive: bool) -> bool:
        try:
            return bool(super()._keepalive_after(conn, keepalive))
        except (errors.ParseException, OSError):
            # The answer is out; a second one would be taken for that of the next request.
            return False

    def handle_error(self, _req: Any, client: Any, _addr: Any, exc: BaseException) -> None:
        """Answer what never reached the application. Neither log nor answer quotes it."""
        problem = refusal_of(exc)
        error_id = str(uuid.uuid4())
        self.log.warning(
            "Request refused by the server: id=%s status=%s error=%s",
            error_id, problem.status, type(exc).__name__,
        )  # fmt: skip
        if problem.status == HTTPStatus.INTERNAL_SERVER_ERROR:
            where = [
                f"{each.name}:{each.lineno}" for each in traceback.extract_tb(exc.__traceback__)
            ]
            self.log.error("Fault of the server: id=%s where=%s", error_id, where)
        with contextlib.suppress(OSError):
            write_nonblock(client, response(problem, error_id))


def refusal_of(error: BaseException) -> Refusal:
    """What an error of gunicorn or of the application below Flask is to the client."""
    if isinstance(error, TooSlow):
        return Refusal(408, _SCOPE, "The request did not arrive in time; send it again.")
    for kind, status, text in _REFUSED:
        if isinstance(error, kind):
            return Refusal(status, _SCOPE, text)
    ours = (
        errors.ConfigurationProblem,
        errors.InvalidResponseHeader,
        errors.InvalidResponseHeaderName,
    )
    if isinstance(error, errors.ParseException) and not isinstance(error, ours):
        return Refusal(400, _SCOPE, "The head of the request is not HTTP/1.1; correct its fields.")
    return Refusal(500, _SCOPE, "The hub failed; its log has the details under the id.")


def response(problem: Refusal, error_id: str) -> bytes:
    """The whole HTTP response; the connection ends with it."""
    clock = Clock()
    body = tostring(error_element(problem, error_id))
    lines = (
        f"HTTP/1.1 {problem.status} {HTTPStatus(problem.status).phrase}",
        "Connection: close",
        f"Content-Type: {XML}",
        f"Content-Length: {len(body)}",
        f"timestamp: {iso(clock.now())}",
        f"messageId: {clock.new_uuid()}",
        "messageType: ERROR",
    )
    return "\r\n".join((*lines, "", "")).encode("ascii") + body
