"""Readers that wait for a message: one LISTEN connection a process wakes them all.

A notification carries the id of the queue. While PostgreSQL is away nobody is woken; as soon as the
connection stands again everybody is, because nobody knows what was missed.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import structlog
from sqlalchemy import Engine

from reference_hub.store import wakeups
from reference_hub.store.mailbox import CHANNEL

log = structlog.get_logger(__name__)
_SHORTEST_PAUSE, _LONGEST_PAUSE = 0.1, 5.0
_LOOK_SECONDS = 1.0


class Wait:
    """One reader's wait for one queue. Begin it before the queue is looked at, so that nothing
    that comes in between is missed."""

    def __init__(self, bells: Bells, queue_id: str) -> None:
        self.queue_id = queue_id
        self._bells = bells
        self._rung = threading.Event()
        self._lock = threading.Lock()
        self._then: Callable[[], None] | None = None

    def until(self, seconds: float) -> bool:
        """Sleep until the bell rings, at most so long; whether it rang. It can ring again."""
        rang = self._rung.wait(max(seconds, 0.0))
        self._rung.clear()
        return rang

    def then(self, call: Callable[[], None]) -> None:
        """Call once when the bell rings; at once when it has rung already."""
        with self._lock:
            if not self._rung.is_set():
                self._then = call
                return
        call()

    def ring(self) -> None:
        """The queue has something, or is gone."""
        with self._lock:
            self._rung.set()
            call, self._then = self._then, None
        if call is not None:
            call()

    def end(self) -> None:
        """Nobody waits any more."""
        with self._lock:
            self._then = None
        self._bells.forget(self)


class Bells:
    """The waits of one process. The listener runs from the first wait on, until `close`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._lock = threading.Lock()
        self._waits: dict[str, set[Wait]] = {}
        self._listener: threading.Thread | None = None
        self._closed = threading.Event()

    def expect(self, queue_id: str) -> Wait:
        """Begin to wait for messages in a queue; end the wait in any case."""
        wait = Wait(self, queue_id)
        with self._lock:
            self._waits.setdefault(queue_id, set()).add(wait)
            if self._listener is None:
                self._listener = threading.Thread(
                    target=self._listen, name="queue-bells", daemon=True
                )
                self._listener.start()
        return wait

    def forget(self, wait: Wait) -> None:
        """The wait is over."""
        with self._lock:
            others = self._waits.get(wait.queue_id, set())
            others.discard(wait)
            if not others:
                self._waits.pop(wait.queue_id, None)

    def close(self) -> None:
        """End the listener; who waits falls back to its deadline."""
        self._closed.set()
        if self._listener is not None:
            self._listener.join()

    def _listen(self) -> None:
        pause = _SHORTEST_PAUSE
        while not self._closed.is_set():
            try:
                for queue_ids in self._heard():
                    pause = _SHORTEST_PAUSE
                    self._ring(queue_ids)
            except Exception as error:
                log.warning("queue listener lost", error=type(error).__name__)
                self._closed.wait(pause)
                pause = min(2 * pause, _LONGEST_PAUSE)

    def _heard(self) -> Iterator[list[str] | None]:
        with wakeups.listen(self._engine, CHANNEL) as ear:
            yield None
            while not self._closed.is_set():
                yield ear.heard(_LOOK_SECONDS)

    def _ring(self, queue_ids: list[str] | None) -> None:
        with self._lock:
            names = list(self._waits) if queue_ids is None else queue_ids
            waits = [wait for name in names for wait in self._waits.get(name, ())]
        for wait in waits:
            wait.ring()
