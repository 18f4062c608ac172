"""How fast a vendor was in a run, from what was measured there: for whoever reports on it.

PODs that were acknowledged: from the exchanges. Changes that became visible in the vendor's own
form: from what the check of them measured.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass

from conformance.runfile import Exchange, Measured

_PUSH = re.compile(r"POST \S*/pods/pod[ ?;]")
_TAKEN = re.compile(r"HTTP/\S+ 2\d\d")


@dataclass(frozen=True, slots=True)
class Pace:
    """Of so many: half, 95 of 100, and all within so many milliseconds."""

    count: int
    median_ms: float
    p95_ms: float
    slowest_ms: float


def of_acknowledgements(exchanges: Iterable[Exchange]) -> Pace | None:
    """The pace over all PODs that were pushed and taken; None if there was none."""
    times = sorted(
        one.milliseconds
        for one in exchanges
        if _PUSH.match(one.request.start) and one.response and _TAKEN.match(one.response.start)
    )
    return _pace(times)


def of_changes(measured: Iterable[Measured]) -> Pace | None:
    """The pace over all changes that became visible; None if none was measured."""
    return _pace(
        sorted(time for one in measured if one.what == "visible" for time in one.milliseconds)
    )


def _pace(times: list[float]) -> Pace | None:
    if not times:
        return None
    return Pace(len(times), _share(times, 0.5), _share(times, 0.95), times[-1])


def _share(times: list[float], share: float) -> float:
    """The nearest rank: the smallest time that so large a share does not exceed."""
    return times[math.ceil(share * len(times)) - 1]
