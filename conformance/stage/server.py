"""HTTP for the suite's own hub: threads on a local port, every byte of a call kept."""

from __future__ import annotations

import contextlib
import gzip
import itertools
import os
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from conformance.incoming import Garbled, body_of
from conformance.problems import SetupFault
from conformance.reply import Headers
from conformance.stage.calls import Asked, Call, Given
from conformance.stage.entrance import Entrance
from conformance.wire import Capture

BASE = "/hub"
LARGEST_BODY = 10_000_000
PIECE = 700

Answer = Callable[[Asked], Given]
Keep = Callable[[Call], None]


class Server:
    """Listens until closed; port 0 takes a free one. Raises SetupFault if it cannot listen.

    With an `entrance` it speaks TLS.
    """

    def __init__(
        self, host: str, port: int, answer: Answer, keep: Keep, entrance: Entrance | None = None
    ) -> None:
        try:
            self._server = _Server((host, port), _Handler)
        except OSError as error:
            seen = f"cannot listen on {host}:{port} ({error.strerror})."
            raise SetupFault("[listener] port", seen, "End its program or name another.") from None
        self._server.answer, self._server.keep = answer, keep
        self._server.entrance = entrance
        self.troubles: list[Exception] = []
        self._server.troubles = self.troubles
        self.port = self._server.server_port
        scheme = "http" if entrance is None else "https"
        self.url = f"{scheme}://{host}:{self.port}{BASE}"
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.02,), name="stage", daemon=True
        )
        self._thread.start()

    def close(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)


def taken_apart(path: str) -> tuple[tuple[str, ...], Mapping[str, str]]:
    """Steps below the base, and the parameters of matrix and query; each decoded once.

    Matrix parameters stand at the end of the path, `xStudents;zoneId=a;contextId=b`; those of
    earlier steps are read too.
    """
    try:
        parts = urlsplit(path)
        query = parse_qsl(parts.query, keep_blank_values=True, max_num_fields=1000)
    except ValueError:  # such as //[ which is no address at all
        return (), {}
    apart = [step.split(";") for step in parts.path.removeprefix(BASE).split("/")]
    pairs = [one.partition("=") for _, *matrix in apart for one in matrix]
    given = {unquote(name): unquote(value) for name, _, value in pairs}
    steps = tuple(unquote(step) for step, *_ in apart if step)
    return steps, given | dict(query)


def pieces(body: bytes) -> bytes:
    """The body in chunks (RFC 9112, 7.1)."""
    cut = [body[at : at + PIECE] for at in range(0, len(body), PIECE)]
    return b"".join(b"%x\r\n%s\r\n" % (len(one), one) for one in [*cut, b""])


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    # On Windows the option lets two servers share a port.
    allow_reuse_address = os.name != "nt"
    connections = itertools.count(1)
    answer: Answer
    keep: Keep
    troubles: list[Exception]
    entrance: Entrance | None = None

    def finish_request(self, request: Any, client_address: Any) -> None:
        """Shake hands first, where the hub speaks TLS; the thread is that of the connection."""
        if self.entrance is None:
            super().finish_request(request, client_address)
            return
        with contextlib.suppress(OSError), self.entrance.admitted(request) as inner:
            super().finish_request(inner, client_address)

    def handle_error(self, request: object, client_address: object) -> None:
        """Stay silent: a client may go away at any time, and what it sent may be anything."""


class _Taped:
    """The incoming side of a connection; what is read of it is kept until it is taken."""

    def __init__(self, file: Any) -> None:
        self._file = file
        self.tape = bytearray()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)

    def readline(self, limit: int = -1) -> bytes:
        line: bytes = self._file.readline(limit)
        self.tape += line
        return line

    def read(self, size: int = -1) -> bytes:
        data: bytes = self._file.read(size)
        self.tape += data
        return data

    def ahead(self) -> bool:
        """Whether more has come than was read; call it while the socket does not wait."""
        try:
            return bool(self._file.peek(1))
        except (OSError, ValueError):
            return False

    def taken(self) -> bytes:
        """Everything since the last time."""
        data, self.tape = bytes(self.tape), bytearray()
        return data


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = 60
    server: _Server

    def setup(self) -> None:
        super().setup()
        self.rfile: Any = _Taped(self.rfile)
        self.number = next(self.server.connections)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("do_"):
            return self._talk
        raise AttributeError(name)

    def log_message(self, format: str, *args: object) -> None:
        """Stay silent: requests hold personal data."""

    def finish(self) -> None:
        with contextlib.suppress(OSError):
            super().finish()

    def _talk(self) -> None:
        started = time.monotonic()
        garbled, body = 0, b""
        try:
            body = self._body()
        except Garbled as fault:
            garbled, self.close_connection = fault.status, True
        steps, given = taken_apart(self.path)
        headers = Headers(tuple(self.headers.items()))
        asked = Asked(self.command, self.path, steps, given, headers, body)
        answer = Given(garbled) if garbled else self._answer(asked)
        if answer.steps:
            asked = replace(asked, steps=answer.steps)
        if answer.heard:
            asked = replace(asked, body=answer.heard)
        early = not garbled and self._early()
        shown = answer.spoken or answer.body
        shown = b"" if answer.lost or self.command == "HEAD" else shown
        sent = gzip.compress(shown, mtime=0) if answer.packed and shown else shown
        sent = answer.framed if answer.framed and shown else sent
        head = b"" if answer.lost else self._head(answer, sent)
        capture = Capture(
            method=self.command,
            url=self.path,
            sent=self.rfile.taken(),
            body=body,
            head=head,
            raw=sent,
            decoded=shown,
            headers=Headers(answer.headers),
            fault="the suite closed the connection before its answer" if answer.lost else "",
            milliseconds=(time.monotonic() - started) * 1000,
            direction="received",
        )
        self.server.keep(Call(asked, answer, capture, started, 0, self.number, early))
        if answer.wait:
            time.sleep(answer.wait)
        sent = pieces(sent) if answer.chunked else sent
        if answer.cut or answer.lost:
            self.close_connection, sent = True, sent[: len(sent) // 2]
        with contextlib.suppress(OSError):
            self.wfile.write(head + sent)

    def _early(self) -> bool:
        """Whether the client sent more before it was answered: pipelining."""
        self.connection.setblocking(False)
        try:
            return bool(self.rfile.ahead())
        finally:
            self.connection.settimeout(self.timeout)

    def _answer(self, asked: Asked) -> Given:
        try:
            return self.server.answer(asked)
        except Exception as error:  # told as our fault, never as the client's
            self.server.troubles.append(error)
            return Given(500)

    def _head(self, answer: Given, sent: bytes) -> bytes:
        size = len(sent) if self.command != "HEAD" else len(answer.spoken or answer.body)
        length: tuple[tuple[str, str], ...] = (("Content-Length", str(size)),)
        if answer.chunked and self.command != "HEAD":
            length = (("Transfer-Encoding", "chunked"),)
        if answer.status in (204, 304):
            length = ()
        if answer.packed and sent:
            length = (*length, ("Content-Encoding", "gzip"))
        reason = self.responses.get(answer.status, ("",))[0]
        lines = [f"HTTP/1.1 {answer.status} {reason}"]
        if not answer.line("Date"):
            lines.append(f"Date: {self.date_time_string()}")
        lines += [f"{name}: {value}" for name, value in (*answer.headers, *length)]
        return "\r\n".join((*lines, "", "")).encode("latin-1")

    def _body(self) -> bytes:
        length = self.headers.get("Content-Length", "")
        coding = self.headers.get("Transfer-Encoding", "")
        return body_of(self.rfile, length, coding, LARGEST_BODY)
