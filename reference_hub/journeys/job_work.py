"""The hub's own part of a job, done by a worker so that no request waits for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING

import structlog

from reference_hub.clock import Clock
from reference_hub.codec.schema import open_judge
from reference_hub.journeys.collection_service import STATE_COLLECTION
from reference_hub.journeys.job import fail, finish, remove_expired, started
from reference_hub.journeys.job_service import Done, JobService, Task
from reference_hub.journeys.validate_roster import ROSTER_VALIDATION
from reference_hub.journeys.writer import Judging
from reference_hub.model.job import Job, Submitted
from reference_hub.problems import raised_at
from reference_hub.settings import Settings
from reference_hub.store import jobs
from reference_hub.store.wakeups import is_outage

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

log = structlog.get_logger(__name__)
# By the name of the collection, as paths, rights and subscriptions have it.
SERVICES: Mapping[str, JobService] = {
    service.collection: service for service in (ROSTER_VALIDATION, STATE_COLLECTION)
}
LEASE = timedelta(minutes=30)
MOST_ATTEMPTS = 3


def carrying_out(settings: Settings) -> Callable[[Engine], bool]:
    """An errand for a worker: the job whose turn it is."""
    clock, judging = Clock(), cache(lambda: open_judge(settings))
    return lambda engine: run_one(engine, settings, clock, judging)


def run_one(
    engine: Engine,
    settings: Settings,
    clock: Clock,
    judging: Callable[[], Judging],
    services: Mapping[str, JobService] = SERVICES,
) -> bool:
    """Work on the oldest job that is due; False where there is none.

    A worker that dies leaves the job to the next one, but not for ever. `judging` gives the judge
    of the registered schemas; it is asked only where there is a job.
    """
    with engine.begin() as connection:
        remove_expired(connection, clock, tuple(services.values()))
        job = jobs.claim(connection, clock.now(), clock.now() + LEASE)
        service = services.get(f"{job.service}s") if job else None
        if job is None or service is None:
            return False
        if job.attempts > MOST_ATTEMPTS:
            fail(connection, clock, service, job, "Every attempt to carry it out was cut short.")
            return True
        job = started(connection, clock, service, job)
    done = _work(engine, settings, judging, service, job, clock)
    with engine.begin() as connection:
        _settle(connection, clock, service, job, done)
    return True


def _work(
    engine: Engine,
    settings: Settings,
    judging: Callable[[], Judging],
    service: JobService,
    job: Job,
    clock: Clock,
) -> Done | str:
    zone = settings.zones.get(job.scope.zone_id)
    options = {"isolation_level": "REPEATABLE READ"}
    try:
        with engine.connect().execution_options(**options) as connection:
            submitted = tuple(
                document
                for phase in service.before_work()
                for document in jobs.documents(connection, job.id, phase)
            )
            model = zone.model if zone else ""
            return service.work(Task(connection, job.scope, judging(), model, submitted))
    except Exception as error:
        if is_outage(error):
            raise
        fault_id = clock.new_uuid()
        # Only its class: the text of an error may quote what a student's record says.
        log.error("job failed", id=fault_id, error=type(error).__name__, where=raised_at(error))
        return f"The hub could not carry it out; its log has the details under {fault_id}."


def _settle(
    connection: Connection, clock: Clock, service: JobService, job: Job, done: Done | str
) -> None:
    current = jobs.lock(connection, job.id)
    # Deleted meanwhile, or taken over by a worker that came after the lease.
    if current is None or current.attempts != job.attempts or current.is_finished:
        return
    for phase in service.before_work():
        jobs.clear_documents(connection, job.id, phase)
    if isinstance(done, str):
        fail(connection, clock, service, current, done)
        return
    for phase, body in done.documents.items():
        jobs.save_documents(connection, job.id, phase, [Submitted("", "", body)])
    finish(connection, clock, service, current, done.description)
