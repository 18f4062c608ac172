"""Reading requests from clients that may be slow: without a thread the head, with few the rest.

A head is gathered in gunicorn's poller. What a thread then waits for has a deadline, and only some
of the threads may wait for more than a moment, so that slow clients leave the others to the quick.
"""

from __future__ import annotations

import selectors
import ssl
import threading
import time
from collections.abc import Callable
from typing import Any

from gunicorn.http import errors
from gunicorn.http.unreader import SocketUnreader

SLOWEST_BYTES_PER_SECOND = 500
_AT_ONCE = 0.001
# What everybody may let a thread wait during one request.
_MOMENT = 1.0
# A longer head is read, or refused, by a thread.
_LONGEST_GATHERED = 64 * 1024


class TooSlow(errors.ParseException):  # type: ignore[misc]  # gunicorn ships no types
    """The client did not send the rest of its request in time."""


class LimitedReader(SocketUnreader):  # type: ignore[misc]  # gunicorn ships no types
    """Reads a socket until a deadline that moves with what arrives."""

    def __init__(self, sock: Any, seconds: float, places: threading.Semaphore) -> None:
        """`places`: one for each thread that may wait for a slow client at the same time."""
        super().__init__(sock)
        self.seconds = seconds
        self.deadline = 0.0
        self.is_half = False
        self._places = places
        self._has_place = False
        self._waited = 0.0

    def begin(self) -> None:
        """A request starts now. Waiting for a thread counts, so all half-sent ones end together."""
        if not self.is_half:
            self.deadline = time.monotonic() + self.seconds

    def gather(self) -> bool:
        """Take what there is of a head, without waiting; False when the rest must be awaited."""
        data = self.take_buffered()
        self.sock.setblocking(False)
        try:
            while b"\r\n\r\n" not in data and len(data) < _LONGEST_GATHERED:
                if not (more := self._received(None)):
                    break
                data += more
            self.is_half = False
        except (BlockingIOError, ssl.SSLWantReadError):
            self.is_half = time.monotonic() < self.deadline
        except OSError:
            # Whoever reads on meets it again.
            self.is_half = False
        self.unread(data)
        return not self.is_half

    def chunk(self, size_hint: int | None = None) -> bytes:
        """What arrives next, b'' at the end. Raises TooSlow after the deadline."""
        if self.sock.gettimeout() is not None:
            return self._received(size_hint)
        began = time.monotonic()
        try:
            return self._awaited(size_hint)
        except TimeoutError as error:
            raise TooSlow from error
        finally:
            self._waited += time.monotonic() - began
            self.sock.settimeout(None)

    def end(self) -> None:
        """The thread waits no more."""
        self._waited = 0.0
        if self._has_place:
            self._has_place = False
            self._places.release()

    def _awaited(self, size_hint: int | None) -> bytes:
        if not self._has_place:
            left = min(self.deadline - time.monotonic(), _MOMENT - self._waited)
            self.sock.settimeout(max(left, _AT_ONCE))
            try:
                return self._received(size_hint)
            except TimeoutError:
                self._has_place = self._places.acquire(blocking=False)
                if not self._has_place:
                    raise
        self.sock.settimeout(max(self.deadline - time.monotonic(), _AT_ONCE))
        return self._received(size_hint)

    def _received(self, size_hint: int | None) -> bytes:
        data: bytes = super().chunk(size_hint)
        # Never later than a full allowance from now: a fast start buys no long silence.
        earned = self.deadline + len(data) / SLOWEST_BYTES_PER_SECOND
        self.deadline = max(self.deadline, min(earned, time.monotonic() + self.seconds))
        return data


class Halves:
    """Connections of one worker with half a head; only its main loop may touch this."""

    def __init__(self, poller: selectors.BaseSelector, go_on: Callable[[Any], None]) -> None:
        """`go_on` gives a connection to a thread, when more has come or time is over."""
        self._poller = poller
        self._go_on = go_on
        self._ends: dict[Any, float] = {}

    def wait(self, conn: Any) -> None:
        """Watch a connection that its thread has left."""
        try:
            conn.sock.setblocking(False)
            self._poller.register(conn.sock, selectors.EVENT_READ, lambda _: self._leave(conn))
        except (OSError, ValueError, KeyError):
            self._go_on(conn)
            return
        self._ends[conn] = conn.parser.unreader.deadline

    def expire(self) -> None:
        """Let those go whose time is over: a thread refuses them."""
        now = time.monotonic()
        for conn in [conn for conn, end in self._ends.items() if end <= now]:
            self._leave(conn)

    def _leave(self, conn: Any) -> None:
        del self._ends[conn]
        self._poller.unregister(conn.sock)
        self._go_on(conn)
