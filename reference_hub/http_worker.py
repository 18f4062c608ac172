"""gunicorn's threaded worker, with limits on slow clients and errors that are SIF `error`s."""

from __future__ import annotations

import contextlib
import ssl
import threading
import uuid
from http import HTTPStatus
from itertools import islice
from typing import Any

from gunicorn.http import errors
from gunicorn.sock import ssl_context
from gunicorn.util import write_nonblock
from gunicorn.workers.gthread import _DEFER, ThreadWorker

from reference_hub.clock import Clock, iso
from reference_hub.codec.xml import tostring
from reference_hub.farewell import Farewells
from reference_hub.http_parking import PARKED, Leave, Lot, RepeatingParser, Wsgi
from reference_hub.http_reading import Halves, LimitedReader, TooSlow
from reference_hub.problems import Refusal, raised_at
from reference_hub.web.answers import XML, error_element

READ_SECONDS = 30.0
# So many idle connections go at once when a worker has as many as it may.
_ROOM = 50
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


class HubWorker(ThreadWorker):  # type: ignore[misc]  # gunicorn ships no types
    """No silent or half-sent request holds a thread for ever; no error quotes a request."""

    read_seconds = READ_SECONDS
    tls: ssl.SSLContext | None = None

    def init_process(self) -> None:
        """Read certificate and key once, so that sessions can be resumed; then serve."""
        if self.cfg.is_ssl:
            self.tls = ssl_context(self.cfg)
        self.lot = Lot(self)
        self.slow = threading.BoundedSemaphore(max(self.cfg.threads // 2, 1))
        super().init_process()

    def run(self) -> None:
        """Serve until told to stop."""
        self.farewells = Farewells(self.poller, self._gone)
        self.halves = Halves(self.poller, self.enqueue_req)
        super().run()

    def set_accept_enabled(self, enabled: bool) -> None:
        """Take new connections or not; a worker that stops lets the kernel refuse them."""
        super().set_accept_enabled(enabled)
        if not self.alive:
            for listener in self.sockets:
                listener.close()

    def load_wsgi(self) -> None:
        """Load the application, whose long polls hold no thread."""
        super().load_wsgi()
        self.wsgi: Wsgi = self.lot.around(self.wsgi)

    def handle_request(self, req: Any, conn: Any) -> Any:
        """Answer, or park what waits for a message."""
        try:
            return super().handle_request(req, conn)
        except Leave as leave:
            return self.lot.park(conn, req, leave.parking)

    def wait_for_and_dispatch_events(self, timeout: float) -> None:
        """Wait no longer than the next parked request may."""
        self.lot.look()
        super().wait_for_and_dispatch_events(self.lot.seconds(timeout))

    def enqueue_req(self, conn: Any) -> None:
        """Give a connection that has something to say to a thread."""
        if conn.parser is None:
            if self.tls is not None:
                conn.sock = self.tls.wrap_socket(
                    conn.sock, server_side=True, do_handshake_on_connect=False
                )
            conn.parser = RepeatingParser(self.cfg, conn.sock, conn.client)
            conn.parser.unreader = LimitedReader(conn.sock, self.read_seconds, self.slow)
        conn.parser.unreader.begin()
        super().enqueue_req(conn)

    def handle(self, conn: Any) -> Any:
        """Serve one request; a connection without a whole head waits outside of the threads."""
        if not conn.initialized and not self._has_begun(conn):
            return _DEFER
        if conn.parser.again is None and not conn.parser.unreader.gather():
            return _DEFER
        try:
            return super().handle(conn)
        finally:
            conn.parser.unreader.end()

    def _has_begun(self, conn: Any) -> bool:
        if not conn.wait_for_data(0):
            return False
        if self.tls is None or conn.sock.version() is not None:
            return True
        conn.sock.setblocking(False)
        # What was there was the handshake; its next part and the request may take their time.
        conn.data_ready = False
        try:
            conn.sock.do_handshake()
        except ssl.SSLWantReadError:
            return False
        conn.data_ready = conn.sock.pending() > 0
        return bool(conn.wait_for_data(0))

    def finish_request(self, conn: Any, fs: Any) -> None:
        """Keep the connection or end it, without waiting for its client."""
        if fs.cancelled() or fs.exception() is not None:
            super().finish_request(conn, fs)
        elif not fs.result():
            self.farewells.begin(conn)
        elif fs.result() is _DEFER and conn.parser.unreader.is_half:
            self.halves.wait(conn)
        elif fs.result() is PARKED:
            self.lot.hold(conn)
        elif self.tls is not None and conn.sock.pending():
            # What TLS has read already wakes no poller.
            self.enqueue_req(conn)
        else:
            super().finish_request(conn, fs)

    def murder_keepalived(self, force: bool = False) -> None:
        """Close idle connections whose time is over; the oldest also when the worker is full."""
        if self.nr_conns >= self.worker_connections:
            for idle in (self.keepalived_conns, self.pending_conns):
                for conn in islice(idle, _ROOM):
                    conn.timeout = 0.0
        super().murder_keepalived(force)

    def murder_pending(self) -> None:
        """Close what has waited for too long, at either end of its life."""
        if not self.alive:
            # Who has said nothing yet will not be heard any more.
            for conn in self.pending_conns:
                conn.timeout = 0.0
        super().murder_pending()
        self.farewells.expire()
        self.halves.expire()

    def _gone(self) -> None:
        self.nr_conns -= 1

    def _keepalive_after(self, conn: Any, keepalive: Any) -> Any:
        if keepalive is PARKED:
            return PARKED
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
            self.log.error("Fault of the server: id=%s where=%s", error_id, raised_at(exc))
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
