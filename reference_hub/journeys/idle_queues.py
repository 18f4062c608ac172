"""Queues whose owner has stopped reading them, although messages wait (INF-QUE-019)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING

from reference_hub.clock import Clock
from reference_hub.journeys.alert import raise_alert
from reference_hub.store import queues

if TYPE_CHECKING:
    from sqlalchemy import Engine

IDLE = timedelta(days=1)
_EVERY = timedelta(minutes=10)
_TEXT = "A queue with waiting messages has not been read for a day; read it or delete it."


def report_idle(engine: Engine, clock: Clock) -> int:
    """Alert once a day for each application that leaves messages waiting; how many alerts."""
    with engine.begin() as connection:
        owners = queues.idle_owners(connection, clock.now() - IDLE)
        raised = [
            raise_alert(connection, clock, scope, "hub", "WARNING", _TEXT, cause=key)
            for scope, key in owners
        ]
    return sum(raised)


def watching(clock: Clock | None = None) -> Callable[[Engine], bool]:
    """An errand for a worker: look for such queues now and then."""
    clock = clock or Clock()
    due = [clock.now()]

    def errand(engine: Engine) -> bool:
        if clock.now() < due[0]:
            return False
        due[0] = clock.now() + _EVERY
        return report_idle(engine, clock) > 0

    return errand
