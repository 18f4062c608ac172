"""How long to wait before a message is tried again. Pure: the caller brings clock and chance."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

LONGEST = 60.0
LONGEST_ASKED = 3600.0


def delay(attempts: int, rng: random.Random) -> float:
    """Seconds until the next try after `attempts` tries: 1, 2, 4 ... 60, each shortened by chance
    to between half and all of it, so that vendors who fail together are not tried together."""
    longest = min(LONGEST, 2.0 ** max(0, min(attempts - 1, 10)))
    return longest * (0.5 + rng.random() / 2)


def asked(retry_after: str, now: datetime) -> float | None:
    """Seconds a Retry-After header asks for, at most an hour; None when it says nothing."""
    text = retry_after.strip()
    if text.isdecimal():
        return min(float(text), LONGEST_ASKED)
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return min(max((aware - now).total_seconds(), 0.0), LONGEST_ASKED)


def next_try(retry_after: str, attempts: int, now: datetime, rng: random.Random) -> datetime:
    """When to try again: by `delay`, and not before the vendor asked for."""
    seconds = max(delay(attempts, rng), asked(retry_after, now) or 0.0)
    return now + timedelta(seconds=seconds)
