"""Rows made under another grant, profile or day than now are asked for anew.

No event tells that a day has come on which an enrolment begins or ends; the clock does.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from reference_hub.clock import Clock
from reference_hub.journeys import project
from reference_hub.journeys.prepare import Stopped
from reference_hub.model.caller import reached
from reference_hub.model.party import FILE_TRANSPORTS, Subscriber
from reference_hub.model.windows import next_delivery
from reference_hub.problems import SetupError
from reference_hub.store import projections, vendors

if TYPE_CHECKING:
    from sqlalchemy import Engine


def renew_rows(engine: Engine, clock: Clock) -> int:
    """Queue a full run for each connection whose rows are out of date; how many those are."""
    asked = 0
    with engine.begin() as connection:
        for to, stamp in projections.made(connection):
            vendor = vendors.vendor_by_id(connection, to.vendor_id)
            if vendor is None:
                continue
            try:
                terms = project.terms(connection, to, reached(vendor, to), clock)
            except SetupError:
                # Its deliveries tell the fault; the others must not wait for it.
                continue
            if not isinstance(terms, Stopped) and terms.stamp != stamp:
                projections.ask_anew(connection, to, due(to, clock))
                asked += 1
    return asked


def due(to: Subscriber, clock: Clock) -> datetime | None:
    """When rows that are made anew go: files wait for the window of their connection, nobody else
    waits."""
    if to.transport not in FILE_TRANSPORTS:
        return None
    now = clock.now()
    return next_delivery(to.delivery, now, clock.zones.get(to.scope.zone_id, UTC), 0)
