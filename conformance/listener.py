"""A recording relay: stands in front of a server, keeps every exchange, can inject answers.

with Relay("http://127.0.0.1:8090/sif3") as relay:
    relay.script("POST xStudents", Answer(503, {"Retry-After": "1"}), times=1)
    ...                                    # talk to relay.url instead of the server
    relay.exchanges[-1].scripted
"""

from __future__ import annotations

import contextlib
import http.client
import os
import ssl
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

from conformance.incoming import Garbled, body_of
from conformance.reply import Headers

UPSTREAM_SECONDS = 30.0
LARGEST_BODY = 50_000_000
_FRAMING = {"transfer-encoding", "content-length", "connection"}


@dataclass(frozen=True, slots=True)
class Incoming:
    """A request as it arrived; `path` keeps matrix parameters and query."""

    method: str
    path: str
    headers: Headers
    body: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    """What to send back. `drop` closes the connection instead; `delay` waits first (seconds)."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    drop: bool = False
    delay: float = 0.0


@dataclass(frozen=True, slots=True)
class Relayed:
    """One exchange through the relay."""

    request: Incoming
    status: int
    headers: Headers
    body: bytes
    scripted: bool


class Silent(Exception):
    """No whole answer came; `kind` names what happened, without any value."""

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind


@dataclass(frozen=True, slots=True)
class Passed:
    """What the server behind a relay said; header lines as they came, body as it was framed."""

    status: int
    reason: str
    headers: tuple[tuple[str, str], ...]
    body: bytes


class Upstream:
    """One connection to a server that stays open; of one thread at a time. `port` None: usual."""

    def __init__(
        self, scheme: str, host: str, port: int | None, context: ssl.SSLContext | None = None
    ) -> None:
        self._connection: http.client.HTTPConnection
        if scheme == "https":
            self._connection = http.client.HTTPSConnection(
                host, port, timeout=UPSTREAM_SECONDS, context=context
            )
        else:
            self._connection = http.client.HTTPConnection(host, port, timeout=UPSTREAM_SECONDS)

    def close(self) -> None:
        """Hang up."""
        self._connection.close()

    def ask(self, request: Incoming) -> Passed:
        """Pass a request on and read the whole answer; raises Silent.

        A server may hang up on an idle connection, so the first try on a used one may be in vain.
        """
        used = self._connection.sock is not None
        try:
            try:
                answer = self._sent(request)
            except (http.client.RemoteDisconnected, ConnectionError):
                self.close()
                if not used:
                    raise
                answer = self._sent(request)
            body = _whole(answer)
            answer.close()
        except (OSError, http.client.HTTPException, ValueError) as error:
            self.close()
            raise Silent(type(error).__name__) from None
        return Passed(answer.status, answer.reason, tuple(answer.getheaders()), body)

    def _sent(self, request: Incoming) -> http.client.HTTPResponse:
        ask = self._connection
        ask.putrequest(request.method, request.path, True, True)
        for name, value in request.headers:
            if name.lower() != "transfer-encoding":
                ask.putheader(name, value)
        if "Transfer-Encoding" in request.headers:
            ask.putheader("Content-Length", str(len(request.body)))
        ask.endheaders(request.body or None)
        return ask.getresponse()


def _whole(answer: http.client.HTTPResponse) -> bytes:
    """The body, bounded in size and time; raises TimeoutError, ValueError."""
    deadline = time.monotonic() + UPSTREAM_SECONDS
    whole = bytearray()
    while piece := answer.read1(65536):
        whole += piece
        if len(whole) > LARGEST_BODY:
            raise ValueError("too long")
        if time.monotonic() > deadline:
            raise TimeoutError
    if answer.length:
        raise http.client.IncompleteRead(bytes(whole[:0]), answer.length)
    return bytes(whole)


Matcher = Callable[[Incoming], bool] | str


@dataclass(slots=True)
class _Script:
    matches: Callable[[Incoming], bool]
    answer: Answer
    left: int


class Relay:
    """A threading HTTP server on 127.0.0.1 in front of `upstream`; port 0 takes a free one."""

    def __init__(self, upstream: str, port: int = 0, host: str = "127.0.0.1") -> None:
        parts = urlsplit(upstream)
        self.upstream = (parts.scheme, parts.hostname or "", parts.port)
        self.exchanges: list[Relayed] = []
        self._scripts: list[_Script] = []
        self._news = threading.Condition()
        self._server = _Server((host, port), _Handler)
        self._server.relay = self
        self.url = f"http://{host}:{self._server.server_port}{parts.path.rstrip('/')}"
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.02,), name="relay", daemon=True
        )
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)

    def script(self, matcher: Matcher, answer: Answer, times: int = 1) -> None:
        """Give this answer to the next `times` requests that match.

        A string matches by method and a part of the path: `POST xStudents`.
        """
        with self._news:
            self._scripts.append(_Script(_matcher(matcher), answer, times))

    def wait(self, matcher: Matcher, seconds: float = 5.0) -> Relayed | None:
        """The first recorded exchange that matches, waited for; None when the time is over."""
        matches = _matcher(matcher)
        deadline = time.monotonic() + seconds
        with self._news:
            while True:
                found = next((one for one in self.exchanges if matches(one.request)), None)
                left = deadline - time.monotonic()
                if found is not None or left <= 0:
                    return found
                self._news.wait(left)

    def scripted(self, request: Incoming) -> Answer | None:
        """Take the scripted answer for this request, if there is one."""
        with self._news:
            for script in self._scripts:
                if script.left > 0 and script.matches(request):
                    script.left -= 1
                    return script.answer
        return None

    def keep(self, exchange: Relayed) -> None:
        """Record one exchange and wake whoever waits."""
        with self._news:
            self.exchanges.append(exchange)
            self._news.notify_all()


def _matcher(matcher: Matcher) -> Callable[[Incoming], bool]:
    if callable(matcher):
        return matcher
    method, _, part = matcher.partition(" ")
    return lambda request: request.method == method and part in request.path


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    # Windows would let a second program listen at the same port.
    allow_reuse_address = os.name != "nt"
    relay: Relay

    def handle_error(self, request: object, client_address: object) -> None:
        """Stay silent: a vendor may hang up at any time."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = 65536
    timeout = 60
    upstream: Upstream | None = None

    def __getattr__(self, name: str) -> Any:
        if name.startswith("do_"):
            return self._pass_on
        raise AttributeError(name)

    def log_message(self, format: str, *args: object) -> None:
        """Stay silent: requests hold personal data."""

    def finish(self) -> None:
        if self.upstream is not None:
            self.upstream.close()
        with contextlib.suppress(OSError):
            super().finish()

    def _pass_on(self) -> None:
        relay: Relay = self.server.relay  # type: ignore[attr-defined]
        headers = Headers(tuple(self.headers.items()))
        try:
            body = self._body()
        except Garbled as fault:
            self.close_connection = True
            request = Incoming(self.command, self.path, headers, b"")
            relay.keep(Relayed(request, fault.status, Headers(()), b"", False))
            self._send(fault.status, "", [], b"")
            return
        request = Incoming(self.command, self.path, headers, body)
        answer = relay.scripted(request)
        if answer is None:
            status, reason, pairs, body = self._forward(relay, request)
        else:
            time.sleep(answer.delay)
            pairs = list(answer.headers.items())
            status, reason, body = answer.status, "", answer.body
        relay.keep(Relayed(request, status, Headers(tuple(pairs)), body, answer is not None))
        if answer is not None and answer.drop:
            self.close_connection = True
        else:
            self._send(status, reason, pairs, body)

    def _body(self) -> bytes:
        length = self.headers.get("Content-Length", "")
        coding = self.headers.get("Transfer-Encoding", "")
        return body_of(self.rfile, length, coding, LARGEST_BODY)

    def _forward(
        self, relay: Relay, request: Incoming
    ) -> tuple[int, str, list[tuple[str, str]], bytes]:
        if self.upstream is None:
            self.upstream = Upstream(*relay.upstream)
        try:
            got = self.upstream.ask(request)
        except Silent:
            return 502, "", [("Content-Type", "text/plain")], b"the relay got no answer"
        return got.status, got.reason, list(got.headers), got.body

    def _send(self, status: int, reason: str, pairs: list[tuple[str, str]], body: bytes) -> None:
        self.send_response_only(status, reason or None)
        for name, value in pairs:
            if name.lower() not in _FRAMING or self.command == "HEAD":
                self.send_header(name, value)
        if self.command != "HEAD" and status not in (204, 304):
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)
