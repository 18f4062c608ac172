"""Serving a WSGI application on a local port, quickly and with connections that stay open."""

from __future__ import annotations

import contextlib
import errno
import socket
import ssl
import threading
from collections.abc import Callable, Iterable
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler

from conformance.simulators.problems import PortInUse

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

LARGEST_DRAIN = 20_000_000


class _Handler(WSGIRequestHandler):
    """One connection. werkzeug's own handler closes it after each answer; this one does not."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = 60

    def run_wsgi(self) -> None:
        if self.headers.get("Expect", "").lower() == "100-continue":
            self.send_response_only(100)
            self.end_headers()
        self.environ = self.make_environ()
        # WSGI folds the letter case of header names; a careless vendor would not.
        self.environ["simulator.header_names"] = tuple(self.headers.keys())
        source = self.environ["wsgi.input"] = _Counted(self.environ["wsgi.input"])
        sent = _Sent(self)
        body = self.server.app(self.environ, sent.start)
        try:
            for part in body:
                sent.write(part)
        finally:
            close = getattr(body, "close", None)
            if close is not None:
                close()
        sent.finish()
        self._drain(source)

    def _drain(self, source: _Counted) -> None:
        # What the application left unread would be taken for the next request.
        length = int(self.headers.get("Content-Length") or 0)
        rest = length - source.read_bytes
        if self.environ.get("wsgi.input_terminated"):
            source.read(LARGEST_DRAIN)
        elif rest > LARGEST_DRAIN:
            self.close_connection = True
        elif rest > 0:
            source.read(rest)

    def log(self, type: str, message: str, *args: Any) -> None:
        """Stay silent: requests hold personal data."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Stay silent."""


class _Counted:
    """A request body that knows how much of it was read."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self.read_bytes = 0

    def read(self, size: int = -1) -> bytes:
        data: bytes = self._stream.read(size)
        self.read_bytes += len(data)
        return data


class _Sent:
    """The head goes out with the first part of the body: one packet for a small answer."""

    def __init__(self, handler: _Handler) -> None:
        self._handler = handler
        self._head: tuple[str, list[tuple[str, str]]] | None = None
        self._promised = 0
        self._written = 0

    def start(
        self, status: str, headers: list[tuple[str, str]], _exc_info: object = None
    ) -> Callable[[bytes], object]:
        self._head = (status, headers)
        return self.write

    def write(self, part: bytes) -> None:
        head = b""
        if self._head is not None:
            head, self._head = self._render(*self._head), None
        self._written += len(part)
        self._handler.wfile.write(head + part)

    def _render(self, status: str, headers: Iterable[tuple[str, str]]) -> bytes:
        lines = [f"HTTP/1.1 {status}"]
        for name, value in (*headers, ("Date", self._handler.date_time_string())):
            lines.append(f"{name}: {value}")
            if name.lower() == "content-length":
                self._promised = int(value)
            if name.lower() == "connection" and value.lower() == "close":
                self._handler.close_connection = True
        return "\r\n".join((*lines, "", "")).encode("latin-1")

    def finish(self) -> None:
        self.write(b"")
        bodiless = self._handler.command == "HEAD"
        if self._written < self._promised and not bodiless:
            self._handler.close_connection = True


class _Server(ThreadedWSGIServer):
    """Remembers its open connections, so that closing the server ends them."""

    connections: set[socket.socket]

    def process_request(self, request: Any, client_address: Any) -> None:
        self.connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self.connections.discard(request)
        super().shutdown_request(request)

    def end_connections(self) -> None:
        for connection in tuple(self.connections):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


class Handle:
    """A running server: `url` (with the application's base path), `close()`, context manager."""

    def __init__(self, server: _Server, url: str) -> None:
        self.url = url
        self._server = server
        self._thread = threading.Thread(
            target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True
        )
        self._thread.start()

    @property
    def port(self) -> int:
        """The port listened on."""
        return int(self._server.server_address[1])

    def close(self) -> None:
        """Stop listening and end the connections that are still open."""
        self._server.shutdown()
        self._server.server_close()
        self._server.end_connections()
        self._thread.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()


def serve(
    app: WSGIApplication,
    port: int = 0,
    host: str = "127.0.0.1",
    context: ssl.SSLContext | None = None,
) -> Handle:
    """Serve in a thread until closed, by TLS with a context; port 0 takes a free one.

    Raises PortInUse.
    """
    with _listen(host, port) as listener:
        # werkzeug would end the process if it had to bind a taken port itself.
        number = listener.getsockname()[1]
        server = _Server(host, number, app, _Handler, ssl_context=context, fd=listener.fileno())
    server.connections = set()
    base = getattr(app, "base", "")
    scheme = "http" if context is None else "https"
    return Handle(server, f"{scheme}://{host}:{server.server_address[1]}{base}")


def _listen(host: str, port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    # Where SO_REUSEADDR lets a second program listen at the same port, another option forbids it.
    option = getattr(socket, "SO_EXCLUSIVEADDRUSE", socket.SO_REUSEADDR)
    listener.setsockopt(socket.SOL_SOCKET, option, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            raise PortInUse(
                f"Port {port} is in use; stop its program or choose another."
            ) from error
        if error.errno == errno.EACCES:
            raise PortInUse(f"Port {port} may not be used; choose another.") from error
        raise
    listener.listen(128)
    return listener
