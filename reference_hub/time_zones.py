"""The clock of the settings: each district's time zone, and how far clocks may be apart."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from reference_hub.clock import Clock
from reference_hub.problems import SetupError
from reference_hub.settings import Settings


def clock_of(settings: Settings) -> Clock:
    """The real clock. Raises SetupError for a time zone that nobody knows."""
    return Clock(
        zones={name: _zone(name, zone.time_zone) for name, zone in settings.zones.items()},
        tolerance=timedelta(seconds=settings.privacy.clock_tolerance_seconds),
    )


def _zone(zone_id: str, name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise SetupError(
            f"The zone {zone_id} has the time_zone {name!r}, which is not known; write one such as "
            "America/New_York."
        ) from error
