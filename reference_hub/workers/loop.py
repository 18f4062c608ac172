"""The worker's life: wake up, deliver what is due, sleep; stop when asked."""

from __future__ import annotations

import random
import signal
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

from reference_hub.clock import Clock
from reference_hub.journeys.catch_up import catch_up
from reference_hub.journeys.deliver import deliver_next
from reference_hub.model.message import Transport
from reference_hub.settings import Settings
from reference_hub.store.db import open_engine
from reference_hub.store.outages import Outages
from reference_hub.store.wakeups import is_outage, listen
from reference_hub.time_zones import clock_of
from reference_hub.vendors.http_put import HttpPut
from reference_hub.vendors.sif_push import SifPush
from reference_hub.workers.transport import Http

if TYPE_CHECKING:
    from sqlalchemy import Engine

# Does one piece of other work that is due; False when there is none.
Errand = Callable[["Engine"], bool]
OUTAGE_SECONDS = 1.0
CATCH_UP = timedelta(seconds=10)


def work(settings: Settings, *, until_empty: bool = False, errands: Sequence[Errand] = ()) -> None:
    """Deliver and do the errands until SIGTERM or SIGINT comes; with `until_empty` until nothing is
    due.

    The message in hand is finished, what else was claimed is given back.
    """
    engine = open_engine(settings)
    try:
        with stopping() as stop:
            run(
                engine, settings, clock_of(settings), stop, until_empty=until_empty, errands=errands
            )
    finally:
        engine.dispose()


@contextmanager
def stopping() -> Iterator[threading.Event]:
    """An event that SIGTERM and SIGINT set; the handlers of before come back afterwards."""
    stop = threading.Event()
    numbers = (signal.SIGTERM, signal.SIGINT)
    before = {number: signal.signal(number, lambda *_: stop.set()) for number in numbers}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def run(
    engine: Engine,
    settings: Settings,
    clock: Clock,
    stop: threading.Event,
    *,
    until_empty: bool = False,
    errands: Sequence[Errand] = (),
) -> None:
    """Deliver until `stop` is set. Several such loops may share a database."""
    outages = Outages(settings.database)
    with transports(settings, clock) as ways:
        while not stop.is_set():
            try:
                if _work_off(engine, settings, ways, clock, stop, until_empty, errands):
                    return
            except Exception as error:
                if not is_outage(error):
                    raise
                outages.note(error)
                stop.wait(OUTAGE_SECONDS)


def _work_off(
    engine: Engine,
    settings: Settings,
    ways: Mapping[str, Transport],
    clock: Clock,
    stop: threading.Event,
    until_empty: bool,
    errands: Sequence[Errand],
) -> bool:
    next_look = clock.now()
    with listen(engine) as ear:
        while not stop.is_set():
            if clock.now() >= next_look:
                catch_up(engine, clock)
                next_look = clock.now() + CATCH_UP
            busy = deliver_next(engine, settings, ways, clock, stop=stop.is_set)
            # All of them each time, so that none waits until the others have nothing left.
            if any([busy, *(errand(engine) for errand in errands)]):
                continue
            if until_empty:
                return True
            ear.wait(settings.worker.poll_seconds)
    return True


@contextmanager
def transports(settings: Settings, clock: Clock) -> Iterator[Mapping[str, Transport]]:
    """The ways to vendors by the name that subscribers carry."""
    http = Http(settings.worker.timeout_seconds)
    rng = random.Random()  # noqa: S311 spreads retries, keeps no secret
    try:
        yield {"sif_push": SifPush(http, clock, rng), "http_put": HttpPut(http, clock, rng)}
    finally:
        http.close()
