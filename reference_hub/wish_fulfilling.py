"""The errand that makes the runs of collections that people wished for in the console.

A run over a connection asks the state's hub there and keeps its report; one without is this hub's
own. A worker that dies leaves the wish to the next one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import structlog

from reference_hub.clock import Clock
from reference_hub.codec import collection_toml
from reference_hub.journeys.collection_records import take
from reference_hub.journeys.collection_run import run_in
from reference_hub.problems import HubError
from reference_hub.settings import Settings
from reference_hub.store import collection_wishes, vendors
from reference_hub.store.collection_wishes import Wish
from reference_hub.vendors.addresses import reach_of
from reference_hub.vendors.secrets import with_secrets
from reference_hub.vendors.state_report import LARGEST, StateHub
from reference_hub.workers.transport import Http

if TYPE_CHECKING:
    from sqlalchemy import Engine

log = structlog.get_logger(__name__)
# How a wish ended: there is a new run, the state has none that is not known, or none came.
DONE, KNOWN, FAILED = OUTCOMES = "done", "known", "failed"
# The state's worker has its own pace; whoever wished is not waiting at a door.
_WAIT = 300.0


def fulfilling(settings: Settings, clock: Clock | None = None) -> Callable[[Engine], bool]:
    """An errand for a worker: fulfil one wish; whether there was one."""
    clock = clock or Clock()

    def errand(engine: Engine) -> bool:
        with engine.begin() as connection:
            wish = collection_wishes.claim(connection, clock.now())
        if wish is None:
            return False
        try:
            outcome = _fulfilled(engine, settings, wish, clock)
        except HubError as error:
            # Not the text: it may name what the settings hold.
            log.warning("no run of a collection", wish=wish.id, error=type(error).__name__)
            outcome = FAILED
        with engine.begin() as connection:
            collection_wishes.end(connection, wish.id, outcome, clock.now())
        return True

    return errand


def _fulfilled(engine: Engine, settings: Settings, wish: Wish, clock: Clock) -> str:
    if wish.connection_id is None:
        run_in(engine, wish.scope, collection_toml.load(wish.collection), clock)
        return DONE
    with engine.connect() as connection:
        to = collection_wishes.way(connection, wish.connection_id)
    if to is None:
        return FAILED
    reach, seconds = reach_of(settings), settings.worker.timeout_seconds
    http = Http(seconds, largest=LARGEST, check=reach.check, dial=reach.dial)
    try:
        opened = replace(to, credentials=with_secrets(to.credentials))
        hub = StateHub(http, clock, opened)
        report, body = hub.report(wish.collection, new=True, wait=_WAIT)
    finally:
        http.close()
    with engine.begin() as connection:
        if hub.remembered() != to.session:
            vendors.set_session(connection, to.id, hub.remembered())
        return DONE if take(connection, to.scope, report, body) else KNOWN
