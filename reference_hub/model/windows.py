"""When a connection that takes files is sent one: what changes meanwhile travels together."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta, tzinfo
from typing import Any

WINDOW, AT = "window_seconds", "at"
"""Settings of a connection: seconds after the first change, or times of day such as 02:00."""


def next_delivery(
    delivery: Mapping[str, Any], now: datetime, zone: tzinfo, quiet_seconds: float
) -> datetime:
    """When a file goes that a change of `now` asks for.

    At the next of the times of day in the district's time zone `zone`; without any, after the
    seconds of the connection, or `quiet_seconds`. A time of day that the clocks leap over comes as
    much later as they leap.
    """
    times = times_of_day(delivery)
    if not times:
        return now + timedelta(seconds=float(delivery.get(WINDOW, quiet_seconds)))
    today = now.astimezone(zone).date()
    days = (today, today + timedelta(days=1))
    moments = (datetime.combine(day, each, zone).astimezone(UTC) for day in days for each in times)
    return min(moment for moment in moments if moment > now)


def times_of_day(delivery: Mapping[str, Any]) -> list[time]:
    """The times of day of a connection. Raises ValueError for what is none."""
    told = delivery.get(AT, ())
    if isinstance(told, str):
        raise ValueError(told)
    return [time_of_day(each) for each in told]


def time_of_day(text: object) -> time:
    """02:00 as a time. Raises ValueError for anything else, also for one with an offset."""
    found = time.fromisoformat(str(text))
    if found.tzinfo is not None:
        raise ValueError(text)
    return found
