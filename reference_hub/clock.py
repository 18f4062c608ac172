"""Time and fresh ids, injected everywhere so that tests can hold them still."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime


def _now() -> datetime:
    return datetime.now(UTC)


def _new_uuid() -> str:
    return str(uuid.uuid4())


@dataclass(frozen=True, slots=True)
class Clock:
    """`now` gives aware UTC datetimes, `new_uuid` lower-case UUIDs of version 4."""

    now: Callable[[], datetime] = _now
    sleep: Callable[[float], None] = time.sleep
    new_uuid: Callable[[], str] = _new_uuid


def iso(moment: datetime) -> str:
    """Write a moment as SIF headers do: UTC, milliseconds, `Z` (Base Architecture 4.3.2)."""
    return (
        moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"
    )
