"""What no event tells: a POD's first or last day has come, a held message may leave by now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reference_hub.clock import Clock
from reference_hub.journeys.acknowledge import acknowledge
from reference_hub.journeys.end_pod import wind_up
from reference_hub.journeys.prepare import BEHIND, DOUBTFUL, ENDED, NOT_BEGUN, UNACKNOWLEDGED
from reference_hub.store import due, pods

if TYPE_CHECKING:
    from sqlalchemy import Engine

OVER = "its last day has passed"


def catch_up(engine: Engine, clock: Clock) -> int:
    """Bring PODs to life whose first day has come, end those whose last day has passed; let
    messages wait again that the gate held although it would let them pass now. How many messages
    that were. May run at any time.

    A message can be held just after its POD was acknowledged, when both happened at once.
    """
    days = (*clock.days(), clock.now().date())
    with engine.begin() as connection:
        for vendor_id, token in due.begun_pods(connection, days):
            acknowledge(connection, vendor_id, token, "calendar", clock)
        for pod in due.over_pods(connection, days):
            pods.set_status(connection, pod.id, "Expired", OVER)
            wind_up(connection, pod, OVER, clock)
        reasons = (UNACKNOWLEDGED, NOT_BEGUN, ENDED, DOUBTFUL)
        return due.release(connection, days, reasons, BEHIND)
