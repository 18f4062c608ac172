"""Days, moments and spans as people of a language read them, in the district's time."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from reference_hub.clock import Clock
from reference_hub.web.console.texts import say


def day(value: date | None, language: str) -> str:
    """November 26, 2026 or 26 de noviembre de 2026; a dash for none."""
    if value is None:
        return "–"
    month = say(language, f"shared.months.{value.month}")
    return say(language, "shared.day", day=value.day, month=month, year=str(value.year))


def moment(value: datetime | None, language: str, clock: Clock, zone_id: str) -> str:
    """The day and the time of a moment where the district is; a dash for none."""
    if value is None:
        return "–"
    local = value.astimezone(clock.zones.get(zone_id, UTC))
    if local.date() == clock.today(zone_id):
        return say(language, "shared.today_at", time=f"{local:%H:%M}")
    return say(language, "shared.moment", day=day(local.date(), language), time=f"{local:%H:%M}")


def span(since: datetime | None, now: datetime, language: str) -> str:
    """How long it is since then, in its largest unit: 3 hours; a dash for none."""
    if since is None:
        return "–"
    seconds = max(int((now - since) / timedelta(seconds=1)), 0)
    for unit, size in (("days", 86400), ("hours", 3600), ("minutes", 60)):
        if seconds >= size:
            return say(language, f"shared.{unit}", n=seconds // size)
    return say(language, "shared.seconds", n=seconds)
