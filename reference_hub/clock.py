"""Time and fresh ids, injected everywhere so that tests can hold them still."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, tzinfo


def _now() -> datetime:
    return datetime.now(UTC)


def _new_uuid() -> str:
    return str(uuid.uuid4())


@dataclass(frozen=True, slots=True)
class Clock:
    """`now` gives aware UTC datetimes, `new_uuid` lower-case UUIDs of version 4.

    `zones`: the time zone of each district; one that is not listed keeps UTC. `tolerance`: how far
    the store's clock may be from this one before neither is believed; None asks nothing.
    """

    now: Callable[[], datetime] = _now
    sleep: Callable[[float], None] = time.sleep
    new_uuid: Callable[[], str] = _new_uuid
    zones: Mapping[str, tzinfo] = field(default_factory=dict)
    tolerance: timedelta | None = None

    def today(self, zone_id: str) -> date:
        """The calendar day in that district: the days of an agreement are meant so."""
        return self.now().astimezone(self.zones.get(zone_id, UTC)).date()

    def days(self) -> tuple[list[str], list[date]]:
        """Every listed district with its day."""
        return list(self.zones), [self.today(zone_id) for zone_id in self.zones]

    def is_doubtful(self, stores: datetime) -> bool:
        """Whether this clock and the store's, read at the same moment, are too far apart."""
        return self.tolerance is not None and abs(self.now() - stores) > self.tolerance


def iso(moment: datetime) -> str:
    """Write a moment as SIF headers do: UTC, milliseconds, `Z` (Base Architecture 4.3.2)."""
    return (
        moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"
    )
