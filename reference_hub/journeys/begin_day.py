"""A new day: PODs that were acknowledged early go live, and what was held for them may leave."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reference_hub.clock import Clock
from reference_hub.journeys.acknowledge import acknowledge
from reference_hub.store import due

if TYPE_CHECKING:
    from sqlalchemy import Engine


def begin_day(engine: Engine, clock: Clock) -> int:
    """Bring PODs whose first day has come to life; how many they were. May run at any time."""
    with engine.begin() as connection:
        begun = due.begun_pods(connection, clock.now().date())
        for vendor_id, token in begun:
            acknowledge(connection, vendor_id, token, "calendar", clock)
    return len(begun)
