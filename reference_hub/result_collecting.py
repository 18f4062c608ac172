"""The errand that looks into vendors' folders for what they wrote about earlier deliveries.

Each delivery looks too; this finds what a vendor wrote when it had read the file.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import structlog

from reference_hub.clock import Clock
from reference_hub.journeys import vendor_results as receiving
from reference_hub.model.party import Subscriber
from reference_hub.problems import HubError
from reference_hub.settings import Settings
from reference_hub.store import vendor_results, vendors
from reference_hub.vendors.addresses import reach_of
from reference_hub.vendors.secrets import with_secrets
from reference_hub.vendors.sftp_drop import SftpDrop

if TYPE_CHECKING:
    from sqlalchemy import Engine

log = structlog.get_logger(__name__)

# A folder that could not be read is left alone for so long.
PUT_OFF = timedelta(hours=1)


def collecting(settings: Settings, clock: Clock | None = None) -> Callable[[Engine], bool]:
    """An errand for a worker: every `delivery.results_seconds` fetch the new result files of each
    connection that names some and works; always False, as it leaves nothing to be done at once."""
    clock = clock or Clock()
    rng = random.Random()  # noqa: S311 nothing is drawn when files are fetched
    drop = SftpDrop(reach_of(settings), settings.worker.timeout_seconds, clock, rng)
    every = timedelta(seconds=settings.delivery.results_seconds)
    due, quiet = [clock.now()], dict[int, datetime]()

    def errand(engine: Engine) -> bool:
        now = clock.now()
        if now < due[0]:
            return False
        due[0] = now + every
        with engine.connect() as connection:
            found = vendor_results.awaiting(connection)
        for to in found:
            if quiet.get(to.id, now) > now:
                continue
            try:
                _collect(engine, drop, to, now)
            except HubError as error:
                # Not the text: it may name what the settings hold.
                quiet[to.id] = now + PUT_OFF
                log.warning("results not fetched", connection=to.name, error=type(error).__name__)
        return False

    return errand


def _collect(engine: Engine, drop: SftpDrop, to: Subscriber, now: datetime) -> None:
    fetched = drop.fetch(replace(to, credentials=with_secrets(to.credentials)))
    if fetched.session is None:
        return
    with engine.begin() as connection:
        receiving.receive(connection, to, fetched.results, now)
        vendors.set_session(connection, to.id, fetched.session)
