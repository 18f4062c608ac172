"""Connections whose request waits for a message: parked beside gunicorn's threads, in its poller.

All but `park` and `around` runs in the worker's main thread, as gunicorn's own tables do.
"""

from __future__ import annotations

import contextlib
import selectors
import ssl
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

from gunicorn.http.parser import RequestParser

from reference_hub.web.parking import ASKED, OFFERED, RESUMED, Parking

PARKED = object()
_SOME = 4096
# Of the connections that a worker may hold, so many stay free for requests.
_FREE = 50
# gunicorn reads less than this of what an application left over, then ends the connection.
_MOST_UNREAD = 64 * 1024

Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class Leave(Exception):
    """The request leaves its thread; nothing of an answer has been written."""

    def __init__(self, parking: Parking) -> None:
        super().__init__("parked")
        self.parking = parking


class RepeatingParser(RequestParser):  # type: ignore[misc]  # gunicorn ships no types
    """A parser that can give the same request once more."""

    again: Any = None

    def __next__(self) -> Any:
        if self.again is None:
            return super().__next__()
        request, self.again = self.again, None
        return request


@dataclass(slots=True)
class _Place:
    parking: Parking
    request: Any
    is_watched: bool = True


class Lot:
    """The parked connections of one worker."""

    def __init__(self, worker: Any) -> None:
        self._worker = worker
        self._places: dict[Any, _Place] = {}
        self._resumed: dict[Any, Parking] = {}

    def around(self, application: Wsgi) -> Wsgi:
        """The application, whose requests may leave their thread."""

        def call(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
            environ[OFFERED] = True
            environ[RESUMED] = self._resumed.pop(environ["gunicorn.socket"], None)

            def start(*given: Any) -> Any:
                # An answer that is thrown away must not be begun.
                if ASKED in environ:
                    return lambda _: None
                if given[0] >= "4" and _is_long(environ["wsgi.input"]):
                    # Announced, or the client's next request would meet a closed connection.
                    start_response.__self__.force_close()  # type: ignore[attr-defined]
                return start_response(*given)

            answer = application(environ, start)
            if ASKED not in environ:
                return answer
            with contextlib.suppress(AttributeError):
                answer.close()  # type: ignore[attr-defined]
            raise Leave(environ[ASKED])

        return call

    def park(self, conn: Any, request: Any, parking: Parking) -> object:
        """Note what the connection waits for; the result of its thread."""
        conn.parked = _Place(parking, request)
        return PARKED

    def hold(self, conn: Any) -> None:
        """Take a connection that its thread has left."""
        place: _Place = conn.parked
        self._places[conn] = place
        try:
            conn.sock.setblocking(False)
            watch = selectors.EVENT_READ
            self._worker.poller.register(conn.sock, watch, lambda _: self._readable(conn))
        except (OSError, ValueError, KeyError):
            place.is_watched = False
            self._close(conn)
            return
        queue = self._worker.method_queue
        place.parking.wait.then(lambda: queue.defer(self._rung, conn, place))
        if self._worker.nr_conns > self._worker.worker_connections - _FREE:
            self._resume(conn, 0.0)

    def seconds(self, longest: float) -> float:
        """How long the worker may sleep at most."""
        if not self._places:
            return longest
        first = min(place.parking.deadline for place in self._places.values())
        return min(longest, max(first - time.monotonic(), 0.0))

    def look(self) -> None:
        """Let requests go whose time is over; all of them when the worker stops."""
        now, stopping = time.monotonic(), not self._worker.alive
        for conn, place in list(self._places.items()):
            if stopping or place.parking.deadline <= now:
                self._resume(conn, 0.0)

    def _rung(self, conn: Any, place: _Place) -> None:
        # The connection may have been closed or resumed, even parked anew, since the bell rang.
        if self._places.get(conn) is place:
            self._resume(conn, place.parking.deadline)

    def _resume(self, conn: Any, deadline: float) -> None:
        place = self._leave(conn)
        conn.parser.again = place.request
        self._resumed[conn.sock] = replace(place.parking, deadline=deadline)
        self._worker.enqueue_req(conn)

    def _leave(self, conn: Any) -> _Place:
        place = self._places.pop(conn)
        place.parking.wait.end()
        if place.is_watched:
            self._worker.poller.unregister(conn.sock)
        return place

    def _readable(self, conn: Any) -> None:
        try:
            more = conn.sock.recv(_SOME)
        except (BlockingIOError, InterruptedError, ssl.SSLWantReadError):
            return
        except OSError:
            more = b""
        if more:
            self._keep(conn, more)
        else:
            self._close(conn)

    def _close(self, conn: Any) -> None:
        self._leave(conn)
        self._worker.nr_conns -= 1
        conn.close()

    def _keep(self, conn: Any, more: bytes) -> None:
        # The next request, sent ahead: one piece of it is kept, the rest waits in the socket.
        reader = conn.parser.unreader
        reader.unread(reader.take_buffered() + more)
        self._places[conn].is_watched = False
        self._worker.poller.unregister(conn.sock)


def _is_long(body: Any) -> bool:
    """Whether so much of a body was not read that gunicorn will not read it either."""
    left = getattr(body.reader, "length", None)
    if left is not None:
        return bool(left >= _MOST_UNREAD)
    return getattr(body.reader, "parser", None) is not None  # chunks: nobody knows how many
