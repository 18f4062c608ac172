"""Connections that keep what they send and read, byte for byte, and watch the clock.

urllib3 hands out parsed headers only and blocks as long as bytes drip in. The connection classes
made here copy the request and the head of the answer onto a `Tape` and check its deadline before
every read of the socket.
"""

from __future__ import annotations

import http.client
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from socket import socket
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from conformance import heads
from conformance.rough import Rough

# Interim answers (1xx) may follow each other without end.
LARGEST_HEAD = 262_144


@dataclass(slots=True)
class Tape:
    """What the exchange under way has put on the wire so far; one exchange at a time."""

    read_seconds: float = 10.0
    deadline: float = 0.0
    sent: bytearray = field(default_factory=bytearray)
    head: bytearray = field(default_factory=bytearray)
    head_done: bool = False
    surplus: bytes = b""
    meanwhile: Callable[[], None] | None = None
    trouble: Exception | None = None
    rough: Rough | None = None

    def rewind(self, read_seconds: float, total_seconds: float) -> None:
        """Empty the tape and start the clock."""
        self.read_seconds = read_seconds
        self.deadline = time.monotonic() + total_seconds
        self.sent = bytearray()
        self.head = bytearray()
        self.head_done = False
        self.surplus = b""

    def waiting(self) -> None:
        """Do what can be done while the target works on its answer."""
        try:
            if self.meanwhile is not None:
                self.meanwhile()
        except Exception as error:  # told apart from faults of the connection by the wire
            self.trouble = error

    def allow(self, sock: socket | None) -> None:
        """Give the next read of the socket the time that is left; TimeoutError if none is."""
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("the time for the whole answer is over")
        if sock is not None and left < self.read_seconds:
            sock.settimeout(left)


class Guarded:
    """A socket file that asks the tape before each read and never blocks for more than one."""

    def __init__(self, file: Any, sock: socket, tape: Tape) -> None:
        self._file = file
        self._sock = sock
        self._tape = tape

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)

    def readline(self, limit: int = -1) -> bytes:
        """One line; while the head is read it goes onto the tape."""
        line = bytearray()
        while not line.endswith(b"\n") and (limit < 0 or len(line) < limit):
            self._tape.allow(self._sock)
            ready = self._file.peek(1)
            if not ready:
                break
            end = ready.find(b"\n") + 1 or len(ready)
            line += self._file.read(min(end, limit - len(line)) if limit >= 0 else end)
        if not self._tape.head_done:
            self._tape.head += line
            if len(self._tape.head) > LARGEST_HEAD:
                raise http.client.LineTooLong("head of an answer")
        return bytes(line)

    def ready(self) -> bytes:
        """What one read of the socket brings, or has brought; it stays to be read."""
        self._tape.allow(self._sock)
        return bytes(self._file.peek(1))

    def at_hand(self) -> bytes:
        """What has arrived already and was not read, without waiting."""
        before = self._sock.gettimeout()
        self._sock.settimeout(0)
        try:
            return bytes(self._file.peek(1) or b"")
        except OSError:
            return b""
        finally:
            self._sock.settimeout(before)

    def read1(self, size: int = -1) -> bytes:
        """What one read of the socket brings."""
        self._tape.allow(self._sock)
        return bytes(self._file.read1(size))

    def read(self, size: int = -1) -> bytes:
        """Exactly `size` bytes, or all until the end, one read of the socket at a time."""
        parts = bytearray()
        while size < 0 or len(parts) < size:
            piece = self.read1(65536 if size < 0 else size - len(parts))
            if not piece:
                break
            parts += piece
        return bytes(parts)


def _response_class(tape: Tape) -> type[http.client.HTTPResponse]:
    class TapedResponse(http.client.HTTPResponse):
        def __init__(self, sock: socket, *args: Any, **options: Any) -> None:
            super().__init__(sock, *args, **options)
            self.fp: Any = Guarded(self.fp, sock, tape)

        def begin(self) -> None:
            head = heads.take(self, self.fp.ready()) if self.headers is None else b""
            if head:
                tape.head += self.fp.read(len(head))
            else:
                super().begin()
            tape.head_done = True
            if self.length == 0:
                tape.surplus = self.fp.at_hand() if self.fp is not None else b""

    return TapedResponse


def _pool_classes(tape: Tape) -> dict[str, type[HTTPConnectionPool]]:
    answer = _response_class(tape)

    class Held:
        """Put before a connection class: holds the pieces of a request back until it is whole."""

        response_class = answer

        held: bytearray | None = None

        def request(self, *args: Any, **options: Any) -> None:
            self.held = bytearray()
            super().request(*args, **options)  # type: ignore[misc]
            whole, self.held = bytes(self.held), None
            if tape.rough is not None:
                self.send_roughly(tape.rough, whole)
            else:
                # One packet for head and body: the target should not wait for the second.
                super().send(whole)  # type: ignore[misc]
            tape.waiting()

        def send_roughly(self, rough: Rough, whole: bytes) -> None:
            tape.sent.clear()
            for piece in rough.broken(whole):
                tape.sent += piece
                super().send(piece)  # type: ignore[misc]

        def send(self, data: Any) -> None:
            if self.held is None:  # the words to a proxy, which are no part of the exchange
                super().send(data)  # type: ignore[misc]
                return
            tape.sent += data
            self.held += data

        def _tunnel(self) -> None:
            super()._tunnel()  # type: ignore[misc]
            tape.head.clear()

    class TapedConnection(Held, HTTPConnection):
        pass

    class TapedTlsConnection(Held, HTTPSConnection):
        pass

    class Pool(HTTPConnectionPool):
        ConnectionCls = TapedConnection

    class TlsPool(HTTPSConnectionPool):
        ConnectionCls = TapedTlsConnection

    return {"http": Pool, "https": TlsPool}


class TapedAdapter(HTTPAdapter):
    """A requests adapter without retries whose connections write on a tape."""

    def __init__(self, tape: Tape) -> None:
        self._classes = _pool_classes(tape)
        super().__init__(max_retries=0, pool_connections=4, pool_maxsize=1)

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        """Make requests' pool manager hand out our connections."""
        super().init_poolmanager(*args, **options)
        self.poolmanager.pool_classes_by_scheme = self._classes

    def proxy_manager_for(self, proxy: str, **options: Any) -> Any:
        """Make the manager of a proxy hand out our connections too."""
        manager = super().proxy_manager_for(proxy, **options)
        manager.pool_classes_by_scheme = self._classes
        return manager
