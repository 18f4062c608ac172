"""How fast PODs were acknowledged in a run, from its exchanges: for whoever reports on it."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass

from conformance.runfile import Exchange

_PUSH = re.compile(r"POST \S*/pods/pod[ ?;]")
_TAKEN = re.compile(r"HTTP/\S+ 2\d\d")


@dataclass(frozen=True, slots=True)
class Pace:
    """Of so many acknowledged PODs: half, and 95 of 100, within so many milliseconds."""

    count: int
    median_ms: float
    p95_ms: float


def of_acknowledgements(exchanges: Iterable[Exchange]) -> Pace | None:
    """The pace over all PODs that were pushed and taken; None if there was none."""
    times = sorted(
        one.milliseconds
        for one in exchanges
        if _PUSH.match(one.request.start) and one.response and _TAKEN.match(one.response.start)
    )
    if not times:
        return None
    return Pace(len(times), _share(times, 0.5), _share(times, 0.95))


def _share(times: list[float], share: float) -> float:
    """The nearest rank: the smallest time that so large a share does not exceed."""
    return times[math.ceil(share * len(times)) - 1]
