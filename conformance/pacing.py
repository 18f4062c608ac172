"""Keep to the pace that the target file sets, and to the pauses that the target asks for.

A 429 is no verdict: whoever answers it has not looked at the request. It is waited for as long as
`Retry-After` says and sent again, and the run tells how often and how long. A 503 that says how
long to wait gets a second chance; the answer after that is judged, whatever it is.
Source: RFC 6585, section 4; RFC 9110, sections 10.2.3 and 15.6.4.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from conformance.problems import RateLimited
from conformance.route import DIRECT, Route

TOO_MANY_REQUESTS = 429
BUSY = 503
WITHOUT_WORD = 1.0
MOST_REPEATS = 3


@dataclass(slots=True)
class Pacing:
    """One for all wires of a run. `refused` answers were 429, `waited` seconds were due to them."""

    route: Route = DIRECT
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic
    refused: int = 0
    waited: float = 0.0
    _next: float = 0.0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def before(self) -> None:
        """Wait until the next request may start."""
        if not self.route.requests_per_second:
            return
        with self._lock:
            now = self.clock()
            start = max(now, self._next)
            self._next = start + 1 / self.route.requests_per_second
        if start > now:
            self.sleep(start - now)

    def again(self, retry_after: str, repeats: int) -> None:
        """Wait after a 429 until the request may be sent again; RateLimited if it may not."""
        pause = seconds_of(retry_after)
        with self._lock:
            self.refused += 1
            if repeats >= MOST_REPEATS:
                raise RateLimited(f"it answered 429 {repeats + 1} times to one request")
            if pause > self.route.longest_pause:
                limit = f"longest_pause_seconds is {self.route.longest_pause:g}"
                raise RateLimited(f"it answered 429 and asks to wait {pause:g} s; {limit}")
            if self.waited + pause > self.route.longest_wait:
                limit = f"longest_wait_seconds is {self.route.longest_wait:g}"
                told = f"it answered 429 {self.refused} times, {self.waited:g} s were waited"
                raise RateLimited(f"{told}; {limit}")
            self.waited += pause
        self.sleep(pause)

    def waits_for(self, status: int, retry_after: str, repeats: int) -> bool:
        """Whether this was a busy target's first word to a request, and its pause was made."""
        if status != BUSY or not retry_after.strip() or repeats:
            return False
        pause = seconds_of(retry_after)
        with self._lock:
            too_long = pause > self.route.longest_pause
            if too_long or self.waited + pause > self.route.longest_wait:
                return False
            self.waited += pause
        self.sleep(pause)
        return True


def seconds_of(retry_after: str, now: datetime | None = None) -> float:
    """Seconds that a `Retry-After` asks for, as a number or a date; 1 if it says nothing usable."""
    text = retry_after.strip()
    if text.isdecimal() and len(text) < 10:
        return float(text)
    try:
        until = parsedate_to_datetime(text)
    except (TypeError, ValueError):
        return WITHOUT_WORD
    if until.tzinfo is None:
        until = until.replace(tzinfo=UTC)
    return max(0.0, (until - (now or datetime.now(UTC))).total_seconds())
