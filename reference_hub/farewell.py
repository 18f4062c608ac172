"""Closing connections without waiting: the answer is out, the client closes when it has read it.

Closing at once could reset the connection before the answer was read (RFC 9112 9.6). gunicorn waits
for the client in the loop that serves everybody; here the loop's poller does the waiting.
"""

from __future__ import annotations

import contextlib
import selectors
import socket
import ssl
import time
from collections.abc import Callable
from functools import partial
from typing import Any

SECONDS = 2.0
_SIZE = 65536


class Farewells:
    """Connections of one worker that are half closed; only its main loop may touch this."""

    def __init__(self, poller: selectors.BaseSelector, gone: Callable[[], None]) -> None:
        """`gone` is called once for each connection that is closed."""
        self._poller = poller
        self._gone = gone
        self._ends: dict[Any, float] = {}

    def begin(self, conn: Any) -> None:
        """Tell the client that nothing more comes, and wait for it."""
        try:
            conn.sock.setblocking(False)
            _tell_the_end(conn.sock)
            conn.sock.shutdown(socket.SHUT_WR)
            self._poller.register(conn.sock, selectors.EVENT_READ, partial(self._read, conn))
        except (OSError, ValueError):
            conn.close()
            self._gone()
            return
        self._ends[conn] = time.monotonic() + SECONDS

    def expire(self) -> None:
        """Close those whose client takes too long."""
        now = time.monotonic()
        for conn in [conn for conn, end in self._ends.items() if end <= now]:
            self._close(conn)

    def _read(self, conn: Any, sock: Any) -> None:
        try:
            more = bool(sock.recv(_SIZE))
        except BlockingIOError:
            return
        except OSError:
            more = False
        if not more:
            self._close(conn)

    def _close(self, conn: Any) -> None:
        del self._ends[conn]
        self._poller.unregister(conn.sock)
        conn.close()
        self._gone()


def _tell_the_end(sock: Any) -> None:
    if isinstance(sock, ssl.SSLSocket):
        # The closing alert: without it the answer might have been cut off.
        with contextlib.suppress(OSError, ValueError):
            sock.unwrap()
