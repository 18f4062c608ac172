"""Ctrl-C while something is being created: it waits for the answer, which tells what to delete.

A request that was cut off may have created something at the target that nobody knows of any more.
"""

from __future__ import annotations

import contextlib
import signal
import threading
import time
from collections.abc import Iterator
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM)
# A terminal tells a whole group of processes, and these tell each other: that is one Ctrl-C.
SAME_SECONDS = 1.0


@contextlib.contextmanager
def held() -> Iterator[None]:
    """An interrupt meanwhile comes at the end; a second one, by who will not wait, comes at once.

    Only the main thread is interrupted, so elsewhere nothing is held.
    """
    before = {
        number: handler for number in SIGNALS if callable(handler := signal.getsignal(number))
    }
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    came: list[tuple[float, signal.Signals, FrameType | None]] = []

    def hold(number: int, frame: FrameType | None) -> None:
        came.append((time.monotonic(), signal.Signals(number), frame))
        if came[-1][0] - came[0][0] > SAME_SECONDS:
            raise KeyboardInterrupt

    for number in before:
        signal.signal(number, hold)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        # Also after an error: whoever interrupts a request that times out wants the run to end.
        for _, number, frame in came[:1]:
            before[number](number, frame)
