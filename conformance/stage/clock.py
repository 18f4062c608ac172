"""What time it is on the stage: by the clock, and by what the check has done.

A moment is the check, how many orders it gave, and how many steps it took since: it looked at the
calls, or at the hub to change it. Whatever comes between two steps finds the same scene.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace


@dataclass(frozen=True, slots=True)
class Moment:
    """Where a check stands; `facts` are those of its last order."""

    check: str = ""
    order: int = 0
    step: int = 0
    facts: Mapping[str, str] = field(default_factory=dict)


class Clock:
    """The clock of a run; `check` tells the name of the one that runs."""

    # Whether waiting can bring anything; not when a recording is played.
    waits = True

    def __init__(self, check: Callable[[], str] = str) -> None:
        self.opened = time.monotonic()
        self._check = check
        self._now = Moment()
        # Steps are those of the check: the threads that answer calls take none.
        self._owner = threading.get_ident()
        self._lock = threading.RLock()
        self._still = False
        self._drawn: list[float] = []

    def monotonic(self) -> float:
        """Seconds that only go forward."""
        return time.monotonic()

    def epoch(self) -> float:
        """Seconds since 1970."""
        return time.time()

    def draw(self, seconds: float) -> float:
        """The moment that the hub tells as that of a change; a recording keeps it."""
        self._drawn.append(seconds)
        return seconds

    def drawn(self) -> list[float]:
        """The moments that were drawn since the last time."""
        told, self._drawn = self._drawn, []
        return told

    def now(self) -> Moment:
        """The moment."""
        with self._lock:
            check = self._check()
            if check != self._now.check:
                self._now = Moment(check)
            return self._now

    def order(self, facts: Mapping[str, str]) -> None:
        """The check gives an order; these facts go with it."""
        self.catch_up()
        with self._lock:
            now = self.now()
            self._now = Moment(now.check, now.order + 1, 0, facts)

    def step(self) -> None:
        """The check looks at what came, or changes the scene."""
        if self._still or threading.get_ident() != self._owner:
            return
        self.catch_up()
        with self._lock:
            now = self.now()
            self._now = replace(now, step=now.step + 1)

    @contextmanager
    def still(self) -> Iterator[None]:
        """How often something is looked at meanwhile is chance: these are no steps."""
        before, self._still = self._still, True
        try:
            yield
        finally:
            self._still = before

    def catch_up(self) -> None:
        """Let everything come that is to come before the next step: here it does by itself."""
