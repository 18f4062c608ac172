"""The delivery threads of one worker: each takes another connection, so a slow vendor holds up
one thread and no other vendor."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

# Delivers the next run; False when none was due. Told whether it may take a connection that fails,
# and what to call as soon as it has claimed one.
Deliver = Callable[[bool, Callable[[], None]], bool]


class Bell:
    """Wakes one sleeper for each ring; rings that nobody waits for are kept, up to `most`."""

    def __init__(self, most: int) -> None:
        self._most, self._rings, self._ended = most, 0, False
        self._condition = threading.Condition()

    def ring(self) -> None:
        """Wake one."""
        with self._condition:
            self._rings = min(self._rings + 1, self._most)
            self._condition.notify()

    def end(self) -> None:
        """Wake all, now and for ever."""
        with self._condition:
            self._ended = True
            self._condition.notify_all()

    def wait(self, seconds: float) -> None:
        """Sleep until the bell rings for this sleeper, at most so long."""
        with self._condition:
            self._condition.wait_for(lambda: self._rings or self._ended, seconds)
            self._rings = max(self._rings - 1, 0)


class Crew:
    """`threads` that deliver. With several of them the first takes only connections that work, so
    that vendors that hang can never occupy them all for long."""

    def __init__(self, threads: int, deliver: Deliver, stop: threading.Event) -> None:
        self.bell = Bell(threads)
        self._threads, self._deliver, self._stop = threads, deliver, stop
        self._faults: list[BaseException] = []

    def drain(self) -> bool:
        """Deliver until nothing is due; whether anything was."""
        with ThreadPoolExecutor(self._threads, "delivery") as pool:
            return any(list(pool.map(self._all_due, range(self._threads))))

    @contextmanager
    def at_work(self, poll_seconds: float, guard: Callable[[Exception], None]) -> Iterator[None]:
        """Deliver in the background, on each ring of the bell and every `poll_seconds`.

        `guard` is given what goes wrong: what it lets pass is tried again, what it raises ends the
        worker, and is raised at the end.
        """

        def live(number: int) -> None:
            while not self._stop.is_set():
                try:
                    if not self._all_due(number):
                        self.bell.wait(poll_seconds)
                except Exception as error:
                    self.mind(error, guard)

        names = [(number, f"delivery-{number}") for number in range(self._threads)]
        running = [threading.Thread(target=live, args=(each,), name=name) for each, name in names]
        for thread in running:
            thread.start()
        try:
            yield
        finally:
            self._stop.set()
            self.bell.end()
            for thread in running:
                thread.join()
        if self._faults:
            raise self._faults[0]

    def mind(self, error: Exception, guard: Callable[[Exception], None]) -> None:
        """Ask the guard about a fault of any thread; end the worker where it raises."""
        try:
            guard(error)
        except Exception as fault:
            self._faults.append(fault)
            self._stop.set()

    def _all_due(self, number: int) -> bool:
        failing_too = number > 0 or self._threads == 1
        found = False
        while not self._stop.is_set() and self._deliver(failing_too, self.bell.ring):
            found = True
        return found
