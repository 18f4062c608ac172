"""The worker's life: wake up, deliver what is due, sleep; stop when asked."""

from __future__ import annotations

import random
import signal
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from reference_hub import schemas
from reference_hub.clock import Clock
from reference_hub.codec.shape_book import ShapeBook
from reference_hub.journeys.catch_up import catch_up
from reference_hub.journeys.deliver import SENDERS, deliver_next
from reference_hub.journeys.deliver_rows import Sender
from reference_hub.journeys.renew_rows import renew_rows
from reference_hub.model.message import Transport
from reference_hub.settings import Settings
from reference_hub.store.db import open_engine
from reference_hub.store.outages import Outages
from reference_hub.store.wakeups import is_outage, listen
from reference_hub.time_zones import clock_of
from reference_hub.vendors.addresses import reach_of
from reference_hub.vendors.http_put import HttpPut
from reference_hub.vendors.pull import Pull
from reference_hub.vendors.secrets import Resolving
from reference_hub.vendors.sftp_drop import SftpDrop
from reference_hub.vendors.sif_json import Speech
from reference_hub.vendors.sif_push import SifPush
from reference_hub.workers import edfi_sending
from reference_hub.workers.crew import Bell, Crew
from reference_hub.workers.transport import Http

if TYPE_CHECKING:
    from sqlalchemy import Engine

# Does one piece of other work that is due; False when there is none.
Errand = Callable[["Engine"], bool]
OUTAGE_SECONDS = 1.0
# How soon a worker that sleeps notices that it is stopped.
LOOK_SECONDS = 0.5
CATCH_UP = timedelta(seconds=10)


def work(settings: Settings, *, until_empty: bool = False, errands: Sequence[Errand] = ()) -> None:
    """Deliver and do the errands until SIGTERM or SIGINT comes; with `until_empty` until nothing is
    due.

    The message in hand is finished, what else was claimed is given back.
    """
    # A thread holds one connection while it reads, and others for moments.
    engine = open_engine(settings, pool_size=3 * settings.worker.threads + 4)
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
    """Deliver until `stop` is set, by `worker.threads` at the same time; errands are done one by
    one beside them. Several such workers may share a database."""
    outages = Outages(settings.database)
    with transports(settings, clock) as ways, senders(settings) as sending:

        def deliver(failing_too: bool, claimed: Callable[[], None]) -> bool:
            return deliver_next(
                engine,
                settings,
                ways,
                clock,
                stop=stop.is_set,
                claimed=claimed,
                failing_too=failing_too,
                senders=sending,
            )

        def guard(error: Exception) -> None:
            if not is_outage(error):
                raise error
            outages.note(error)
            stop.wait(OUTAGE_SECONDS)

        crew = Crew(settings.worker.threads, deliver, stop)
        chores = _Chores(engine, clock, errands)
        if until_empty:
            _until_empty(crew, chores, stop, guard)
            return
        seconds = settings.worker.poll_seconds
        with crew.at_work(seconds, guard), _listening(engine, stop, seconds, crew, chores, guard):
            while not stop.is_set():
                try:
                    if not chores.do():
                        chores.bell.wait(seconds)
                except Exception as error:
                    guard(error)


class _Chores:
    """What one thread does beside the deliveries."""

    def __init__(self, engine: Engine, clock: Clock, errands: Sequence[Errand]) -> None:
        self.bell = Bell(1)
        self._engine, self._clock, self._errands = engine, clock, errands
        self._next_look = clock.now()

    def do(self) -> bool:
        """All errands once, so that none waits until the others have nothing left; whether one of
        them had something to do."""
        if self._clock.now() >= self._next_look:
            catch_up(self._engine, self._clock)
            renew_rows(self._engine, self._clock)
            self._next_look = self._clock.now() + CATCH_UP
        busy = [errand(self._engine) for errand in self._errands]
        return any(busy)


def _until_empty(
    crew: Crew, chores: _Chores, stop: threading.Event, guard: Callable[[Exception], None]
) -> None:
    while not stop.is_set():
        try:
            if not any([chores.do(), crew.drain()]):
                return
        except Exception as error:
            guard(error)


@contextmanager
def _listening(
    engine: Engine,
    stop: threading.Event,
    seconds: float,
    crew: Crew,
    chores: _Chores,
    guard: Callable[[Exception], None],
) -> Iterator[None]:
    """Ring both bells when a change is queued, as long as this is open."""

    def live() -> None:
        while not stop.is_set():
            try:
                with listen(engine) as ear:
                    crew.bell.ring()
                    while not stop.is_set():
                        if ear.wait(min(seconds, LOOK_SECONDS)):
                            crew.bell.ring()
                            chores.bell.ring()
            except Exception as error:
                crew.mind(error, guard)
        chores.bell.ring()

    thread = threading.Thread(target=live, name="ear")
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


@contextmanager
def senders(settings: Settings) -> Iterator[Mapping[str, Sender]]:
    """How rows are sent, by the shape of a vendor profile."""
    reach = reach_of(settings)
    http = Http(settings.worker.timeout_seconds, check=reach.check, dial=reach.dial)
    rng = random.Random()  # noqa: S311 spreads retries, keeps no secret
    try:
        yield {**SENDERS, "edfi": edfi_sending.sender(http, rng)}
    finally:
        http.close()


@contextmanager
def transports(settings: Settings, clock: Clock) -> Iterator[Mapping[str, Transport]]:
    """The ways to vendors by the name that subscribers carry."""
    seconds, reach = settings.worker.timeout_seconds, reach_of(settings)
    http = Http(seconds, check=reach.check, dial=reach.dial)
    rng = random.Random()  # noqa: S311 spreads retries, keeps no secret
    book = ShapeBook(schemas.read(Path(settings.schemas.registry)))
    speech = Speech(book, {name: zone.model for name, zone in settings.zones.items()})
    ways: dict[str, Transport] = {
        "sif_push": SifPush(http, clock, rng, speech),
        "http_put": HttpPut(http, clock, rng),
        "pull": Pull(),
        "edfi": Pull(),
        "sftp": SftpDrop(reach, seconds, clock, rng),
    }
    try:
        yield {name: Resolving(way) for name, way in ways.items()}
    finally:
        http.close()
