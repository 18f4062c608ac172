"""What is over goes, also where nobody asks any more."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING

from reference_hub.clock import Clock
from reference_hub.journeys.enrol import end_idle
from reference_hub.settings import Settings
from reference_hub.store import outbox, result_sets, tokens, vendor_results

if TYPE_CHECKING:
    from sqlalchemy import Engine

# As long as alerts; the audit trail tells what became of a message for ever.
KEPT = timedelta(days=90)
_EVERY = timedelta(minutes=10)


def tidy(engine: Engine, settings: Settings, clock: Clock) -> None:
    """Remove expired result sets and tokens, sessions that were idle for too long with all they
    own, messages that were delivered or dropped long ago, and vendors' old result files."""
    now = clock.now()
    with engine.begin() as connection:
        result_sets.forget(connection, now)
        tokens.forget(connection, now)
        outbox.forget_settled(connection, now - KEPT)
        vendor_results.forget(connection, now - KEPT)
    with engine.begin() as connection:
        end_idle(connection, clock, settings.access)


def tidying(settings: Settings, clock: Clock | None = None) -> Callable[[Engine], bool]:
    """An errand for a worker: tidy up now and then."""
    clock = clock or Clock()
    due = [clock.now()]

    def errand(engine: Engine) -> bool:
        if clock.now() >= due[0]:
            due[0] = clock.now() + _EVERY
            tidy(engine, settings, clock)
        return False

    return errand
