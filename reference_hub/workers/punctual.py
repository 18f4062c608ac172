"""Connections whose answers cannot be dripped: the head, and after it the body, has a deadline.

A socket's own timeout begins anew with each byte. Where a `dial` is given it opens the sockets.
"""

from __future__ import annotations

import io
import socket
import time
from collections.abc import Callable
from http.client import HTTPResponse
from typing import Any

from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection

_AT_ONCE = 0.001
# A socket to a port of a named host within so many seconds.
Dial = Callable[[str, int, float], socket.socket]


class _Until(io.RawIOBase):
    """What a socket receives until a moment; later reads raise TimeoutError."""

    def __init__(self, sock: Any) -> None:
        self.seconds: float | None = sock.gettimeout()
        self._sock, self._raw = sock, sock.makefile("rb", buffering=0)
        self.begin()

    def begin(self) -> None:
        """Give what comes now the socket's whole time."""
        self.deadline = time.monotonic() + (self.seconds or 0.0)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        if self.seconds is not None:
            self._sock.settimeout(max(self.deadline - time.monotonic(), _AT_ONCE))
        size: int | None = self._raw.readinto(buffer)
        return size

    def close(self) -> None:
        self._raw.close()
        super().close()


class _Response(HTTPResponse):
    """Read until the deadline."""

    def __init__(self, sock: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self.fp.close()
        self._until = _Until(sock)
        self.fp = io.BufferedReader(self._until)

    def begin(self) -> None:
        super().begin()
        self._until.begin()


class _Plain(HTTPConnection):
    response_class = _Response
    dial: Dial | None = None

    def _new_conn(self) -> socket.socket:
        return _dialled(self) if self.dial else super()._new_conn()


class _Secure(HTTPSConnection):
    response_class = _Response
    dial: Dial | None = None

    def _new_conn(self) -> socket.socket:
        return _dialled(self) if self.dial else super()._new_conn()


def pools(dial: Dial | None) -> dict[str, type[HTTPConnectionPool]]:
    """What urllib3 makes pools of, by scheme, its sockets opened by `dial` (None: as usual)."""
    # Only classes can be told: urllib3 makes pools and connections itself.
    of = {"dial": None if dial is None else staticmethod(dial)}
    plain, secure = type("Plain", (_Plain,), of), type("Secure", (_Secure,), of)
    return {
        "http": type("PlainPool", (HTTPConnectionPool,), {"ConnectionCls": plain}),
        "https": type("SecurePool", (HTTPSConnectionPool,), {"ConnectionCls": secure}),
    }


def _dialled(connection: Any) -> socket.socket:
    opened: socket.socket = connection.dial(connection.host, connection.port, connection.timeout)
    for option in connection.socket_options or ():
        opened.setsockopt(*option)
    return opened
