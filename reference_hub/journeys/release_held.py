"""What waits in quarantine is taken as soon as what it names is known."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import structlog

from reference_hub.clock import Clock
from reference_hub.codec.schema import open_judge
from reference_hub.journeys.accept import AlreadyThere
from reference_hub.journeys.take_back import TAKEN, Taken, Taker, retry, take_back, taker_of
from reference_hub.journeys.writer import Judging
from reference_hub.model.caller import reached
from reference_hub.model.party import Subscriber
from reference_hub.problems import SetupError
from reference_hub.settings import Settings
from reference_hub.store import quarantine, vendors
from reference_hub.store.quarantine import Held
from reference_hub.time_zones import clock_of

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

log = structlog.get_logger(__name__)
EVERY = timedelta(seconds=10)


def release_known(engine: Engine, settings: Settings, judge: Judging, clock: Clock) -> int:
    """Take everything that waits for nothing unknown any more; how many records were taken."""
    with engine.connect() as connection:
        found = quarantine.connections(connection)
    done = 0
    for to in found:
        try:
            with engine.begin() as connection:
                outcomes = [
                    outcome
                    for taker in _takers(connection, to, settings, judge, clock)
                    for outcome in retry(connection, taker)
                ]
        except AlreadyThere:
            # Somebody else is taking them; what is left is looked at the next time.
            continue
        done += _told(to, outcomes)
    return done


def release_one(
    connection: Connection, held: Held, settings: Settings, judge: Judging, clock: Clock
) -> Taken:
    """Try one record again, whatever it waits for. Raises SetupError when its sender is unknown."""
    to = next((x for x in quarantine.connections(connection) if x.id == held.subscriber_id), None)
    taker = _taker(connection, to, held.source_key, settings, judge, clock) if to else None
    if taker is None:
        raise SetupError("The connection that it came over is not there any more; drop it.")
    outcomes = take_back(connection, taker, [(held.entity, dict(held.record))])
    return next(each for each in outcomes if (each.entity, each.key) == (held.entity, held.key))


def releasing(
    settings: Settings, judge: Judging | None = None, clock: Clock | None = None
) -> Callable[[Engine], bool]:
    """An errand for a worker: look now and then whether what is missing has come."""
    clock = clock or clock_of(settings)
    judges: list[Judging] = [judge] if judge else []
    last: list[datetime] = []

    def errand(engine: Engine) -> bool:
        now = clock.now()
        if last and now - last[0] < EVERY:
            return False
        last[:] = [now]
        # Schemas take a while to load, and most hubs never have anything in quarantine.
        with engine.connect() as connection:
            if not quarantine.connections(connection):
                return False
        judges[:] = judges or [open_judge(settings)]
        return release_known(engine, settings, judges[0], clock) > 0

    return errand


def _takers(
    connection: Connection, to: Subscriber, settings: Settings, judge: Judging, clock: Clock
) -> Iterator[Taker]:
    """Those who sent what is kept of a connection."""
    keys = {each.source_key for each in quarantine.of_connection(connection, to.id)}
    for key in sorted(keys):
        taker = _taker(connection, to, key, settings, judge, clock)
        if taker is not None:
            yield taker


def _taker(
    connection: Connection,
    to: Subscriber,
    key: str,
    settings: Settings,
    judge: Judging,
    clock: Clock,
) -> Taker | None:
    owner = vendors.vendor_by_id(connection, to.vendor_id)
    if owner is None:
        return None
    return taker_of(connection, to, reached(owner, to), key, settings, judge, clock)


def _told(to: Subscriber, outcomes: list[Taken]) -> int:
    number = sum(each.state == TAKEN for each in outcomes)
    if outcomes:
        log.info("quarantine looked at", connection=to.name, tried=len(outcomes), taken=number)
    return number
