"""Wait for something that takes longer on a busy machine."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable


def until(
    holds: Callable[[], bool], seconds: float = 60.0, despite: tuple[type[Exception], ...] = ()
) -> None:
    """Wait until something holds; AssertionError where it does not in time.

    Errors of the kinds in `despite` mean that it does not hold yet.
    """
    late = time.monotonic() + seconds
    while True:
        with contextlib.suppress(*despite):
            if holds():
                return
        assert time.monotonic() < late, f"it did not happen in {seconds:g} s"
        time.sleep(0.05)
