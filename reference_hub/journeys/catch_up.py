"""What no event tells: a POD's first day has come, a held message may leave by now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reference_hub.clock import Clock
from reference_hub.journeys.acknowledge import acknowledge
from reference_hub.journeys.prepare import BEHIND, ENDED, NOT_BEGUN, UNACKNOWLEDGED
from reference_hub.store import due

if TYPE_CHECKING:
    from sqlalchemy import Engine


def catch_up(engine: Engine, clock: Clock) -> int:
    """Bring PODs to life whose first day has come; let messages wait again that the gate held
    although it would let them pass now. How many messages that were. May run at any time.

    A message can be held just after its POD was acknowledged, when both happened at once.
    """
    today = clock.now().date()
    with engine.begin() as connection:
        for vendor_id, token in due.begun_pods(connection, today):
            acknowledge(connection, vendor_id, token, "calendar", clock)
        return due.release(connection, today, (UNACKNOWLEDGED, NOT_BEGUN, ENDED), BEHIND)
