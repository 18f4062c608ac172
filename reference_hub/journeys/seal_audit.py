"""Seal what was written into the audit trail since the last time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import structlog

from reference_hub.clock import Clock
from reference_hub.store import audit_chain

if TYPE_CHECKING:
    from sqlalchemy import Engine

log = structlog.get_logger(__name__)
EVERY = timedelta(seconds=10)


def seal_all(engine: Engine, clock: Clock) -> int:
    """Seal every entry that is committed by now; how many these were."""
    total = 0
    while True:
        with engine.begin() as connection:
            sealed, head = audit_chain.seal(connection, clock.now())
        if not sealed:
            return total
        total += sealed
        # The log is another place than the store: a head noted there shows a chain cut short.
        log.info("audit sealed", entries=sealed, head=head)


def sealing(clock: Clock | None = None) -> Callable[[Engine], bool]:
    """An errand for a worker; it never has more to do at once than it does."""
    clock = clock or Clock()
    last: list[datetime] = []

    def errand(engine: Engine) -> bool:
        now = clock.now()
        if last and now - last[0] < EVERY:
            return False
        last[:] = [now]
        seal_all(engine, clock)
        return False

    return errand
