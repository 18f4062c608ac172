"""Which registry the settings name, and the errand that keeps the hub's PODs in step with it."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

from reference_hub.clock import Clock, iso
from reference_hub.journeys.alert import raise_alert
from reference_hub.journeys.sync_registry import Report, sync_registry
from reference_hub.model.scope import Scope
from reference_hub.problems import SetupError
from reference_hub.registry.folder import FolderRegistry
from reference_hub.registry.plan import LEAVE, WARN_AFTER, stale
from reference_hub.registry.records import Fault, RegistryClient, RegistryError
from reference_hub.settings import Registry, Settings
from reference_hub.time_zones import clock_of
from reference_hub.vendors.registry_http import LARGEST_PAGE, HttpRegistry
from reference_hub.workers.transport import Http

if TYPE_CHECKING:
    from sqlalchemy import Engine

KIT = "kit"
TIMEOUT_SECONDS = 30.0

log = structlog.get_logger(__name__)


def client_of(settings: Registry, environ: Mapping[str, str] = os.environ) -> RegistryClient | None:
    """The registry that the settings name; None: none. The folder `kit` is the kit's own.

    Raises SetupError for two of them, and for a key that is not there.
    """
    if settings.url and settings.folder:
        raise SetupError("[registry] names a url and a folder; leave one of them out.")
    if settings.folder:
        return FolderRegistry(None if settings.folder == KIT else Path(settings.folder))
    if not settings.url:
        return None
    if settings.key_env and not environ.get(settings.key_env):
        raise SetupError(
            f"The environment variable {settings.key_env} is not set; put the key of the registry "
            "into it, or leave registry.key_env out."
        )
    key = environ.get(settings.key_env, "") if settings.key_env else ""
    return HttpRegistry(Http(TIMEOUT_SECONDS, largest=LARGEST_PAGE), settings.url, key)


def following(
    settings: Settings, clock: Clock | None = None, client: RegistryClient | None = None
) -> Callable[[Engine], bool]:
    """An errand for a worker: read the registry at the start and then every so many seconds.

    While it cannot be read every POD stays as it is; after 15 minutes a warning is logged and an
    alert raised in each zone.
    """
    clock, client = clock or clock_of(settings), client or client_of(settings.registry)
    state = _State(clock.now(), clock.now())

    def errand(engine: Engine) -> bool:
        now = clock.now()
        if client is None or now < state.due:
            return False
        state.due = now + timedelta(seconds=settings.registry.seconds)
        try:
            snapshot = client.read()
        except RegistryError as error:
            _note_silence(engine, settings, clock, state, error)
            return False
        state.last_read, state.warned = now, None
        _note_faults(state, snapshot.faults)
        _tell(sync_registry(engine, snapshot, clock))
        return False

    return errand


@dataclass(slots=True)
class _State:
    due: datetime
    last_read: datetime
    warned: datetime | None = None
    faults: tuple[Fault, ...] = field(default=())


def _note_silence(
    engine: Engine, settings: Settings, clock: Clock, state: _State, error: RegistryError
) -> None:
    now = clock.now()
    if not stale(state.last_read, now):
        log.info("registry not read", reason=str(error))
        return
    if state.warned and now - state.warned < WARN_AFTER:
        return
    state.warned = now
    since = iso(state.last_read)
    log.warning("registry out of reach, PODs stay as they are", since=since, reason=str(error))
    text = f"The registry of agreements could not be read since {since}; PODs stay as they are."
    with engine.begin() as connection:
        for zone in settings.zones:
            told = (Scope(zone), "hub", "WARNING", text)
            raise_alert(connection, clock, *told, cause="registry", for_district=True)


def _note_faults(state: _State, faults: tuple[Fault, ...]) -> None:
    for each in faults:
        if each not in state.faults:
            log.warning("agreement not usable", agreement=each.id, reason=each.text)
    state.faults = faults


def _tell(report: Report) -> None:
    for step in report.steps:
        action = step.action
        if action.kind != LEAVE:
            said = {"agreement": action.agreement_id, "version": action.version}
            log.info("registry followed", vendor=step.vendor.name, step=action.kind, **said)
