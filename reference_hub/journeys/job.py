"""The life of a job: made, taken through its phases, removed; its owner hears of each step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from reference_hub.clock import Clock
from reference_hub.codec.job_xml import WantedJob, WantedState, write, write_reference
from reference_hub.journeys.announce import announce
from reference_hub.journeys.job_service import JobService
from reference_hub.model.change import CREATE, DELETE, UPDATE
from reference_hub.model.environment import Environment
from reference_hub.model.job import (
    COMPLETED,
    ENDED,
    FAILED,
    INPROGRESS,
    NOTAPPLICABLE,
    NOTSTARTED,
    PENDING,
    SKIPPED,
    Job,
    Phase,
    PhaseState,
)
from reference_hub.model.scope import Scope
from reference_hub.model.uuids import fits_schema
from reference_hub.problems import Refusal
from reference_hub.store import jobs, outbox

if TYPE_CHECKING:
    from sqlalchemy import Connection

Step = tuple[str, str, str]


def create(
    connection: Connection,
    clock: Clock,
    service: JobService,
    owner: Environment,
    scope: Scope,
    wanted: WantedJob,
    *,
    must_use_advisory: bool = False,
) -> Job:
    """A new job in its first state. Raises Refusal 404 or 409 for an id that must be used."""
    now, longest = clock.now(), int(service.timeout.total_seconds())
    job = Job(
        id=_id(wanted, clock, must_use_advisory),
        service=service.name,
        environment_id=owner.id,
        fingerprint=owner.fingerprint,
        scope=scope,
        state=NOTSTARTED,
        description=wanted.description,
        state_description="",
        timeout=min(wanted.timeout or longest, longest),
        created=now,
        last_modified=now,
        states=tuple(_states(clock, now, [(each.name, NOTSTARTED, "") for each in service.phases])),
    )
    if not jobs.insert(connection, job):
        text = "There is a job with this id already; leave the id to the hub."
        raise Refusal(409, f"Create {service.name}", text, "409-01")
    _publish(connection, clock, service, job, CREATE)
    return job if service.before_work() else _move(connection, clock, service, job, [])


def remove(connection: Connection, clock: Clock, service: JobService, job: Job) -> None:
    """Delete a job with everything of it."""
    jobs.delete(connection, job.id)
    _publish(connection, clock, service, job, DELETE)


def remove_expired(connection: Connection, clock: Clock, services: Sequence[JobService]) -> int:
    """Delete the jobs whose timeout has come (INF-JOB-013); how many."""
    known = {service.name: service for service in services}
    gone = jobs.remove_expired(connection, clock.now())
    for job in gone:
        if job.service in known:
            _publish(connection, clock, known[job.service], job, DELETE)
    return len(gone)


def enter(
    connection: Connection,
    clock: Clock,
    service: JobService,
    job: Job,
    phase: Phase,
    wanted: WantedState,
) -> PhaseState:
    """The state that a consumer set. Raises Refusal 403 where the phase is over."""
    refuse_closed(job, phase)
    if phase.required and wanted.type in (SKIPPED, NOTAPPLICABLE):
        raise Refusal(403, "Create state", f"The phase {phase.name} is required; carry it out.")
    step = (phase.name, wanted.type, wanted.description)
    moved = _move(connection, clock, service, job, [step])
    return [state for state in moved.states if state.phase == phase.name][-1]


def begin(
    connection: Connection, clock: Clock, service: JobService, job: Job, phase: Phase
) -> None:
    """A payload came for the phase: it is in progress, if it was not before."""
    if job.current(phase.name) != INPROGRESS:
        _move(connection, clock, service, job, [(phase.name, INPROGRESS, "")])


def started(connection: Connection, clock: Clock, service: JobService, job: Job) -> Job:
    """The hub works on the job now."""
    return _move(connection, clock, service, job, [(service.work_phase, INPROGRESS, "")])


def finish(
    connection: Connection, clock: Clock, service: JobService, job: Job, description: str
) -> Job:
    """The work is done: its phase and all after it are complete, and so is the job."""
    names = [phase.name for phase in service.phases]
    rest = names[names.index(service.work_phase) :]
    steps = [(name, COMPLETED, description if name == rest[0] else "") for name in rest]
    return _move(connection, clock, service, job, steps)


def fail(
    connection: Connection, clock: Clock, service: JobService, job: Job, description: str
) -> Job:
    """The work could not be done."""
    return _move(connection, clock, service, job, [(service.work_phase, FAILED, description)])


def refuse_closed(job: Job, phase: Phase) -> None:
    """Raise Refusal 403 for a change of a phase that is over, or of a finished job."""
    if job.is_finished:
        raise Refusal(403, f"Change {phase.name}", "The job is finished; create another one.")
    if job.current(phase.name) in ENDED:
        text = f"The phase {phase.name} is over; it takes no more changes."
        raise Refusal(403, f"Change {phase.name}", text)


def _move(
    connection: Connection, clock: Clock, service: JobService, job: Job, steps: Sequence[Step]
) -> Job:
    """Append the steps, and what follows from them for the job; the owner is told once."""
    now = clock.now()
    job = replace(job, states=(*job.states, *_states(clock, now, steps)), last_modified=now)
    added = len(steps)
    due = _is_due(service, job)
    if due and job.current(service.work_phase) == NOTSTARTED:
        pending = _states(clock, now, [(service.work_phase, PENDING, "")])
        job = replace(job, states=(*job.states, *pending))
        added += 1
    state, description = _job_state(service, job)
    job = replace(job, state=state, state_description=description, due=due)
    jobs.add_states(connection, job.id, job.states[len(job.states) - added :], now)
    jobs.change(connection, job.id, state, description, due=due, now=now)
    _publish(connection, clock, service, job, UPDATE)
    if due:
        outbox.notify(connection)
    return job


def _is_due(service: JobService, job: Job) -> bool:
    ready = all(job.current(name) in ENDED for name in service.before_work())
    failed = FAILED in (job.current(phase.name) for phase in service.phases)
    return ready and not failed and job.current(service.work_phase) not in ENDED


def _job_state(service: JobService, job: Job) -> tuple[str, str]:
    current = {phase.name: job.current(phase.name) for phase in service.phases}
    said = {state.phase: state.description for state in job.states}
    if FAILED in current.values():
        return FAILED, said[next(name for name, type_ in current.items() if type_ == FAILED)]
    if all(type_ in ENDED for type_ in current.values()):
        return COMPLETED, said[service.work_phase]
    return INPROGRESS, ""


def _states(clock: Clock, now: datetime, steps: Sequence[Step]) -> list[PhaseState]:
    return [
        PhaseState(clock.new_uuid(), phase, type_, description, now)
        for phase, type_, description in steps
    ]


def _id(wanted: WantedJob, clock: Clock, must_use: bool) -> str:
    if not must_use:
        return clock.new_uuid()
    if not fits_schema(wanted.advisory):
        text = "mustUseAdvisory is set, but the job suggests no id the hub can use (a UUID)."
        raise Refusal(404, f"Create {wanted.name}", text)
    return wanted.advisory.lower()


def _publish(
    connection: Connection, clock: Clock, service: JobService, job: Job, action: str
) -> None:
    announce(
        connection,
        clock,
        job.scope,
        "FUNCTIONAL",
        service.collection,
        action,
        write_reference(job) if action == DELETE else write(job, service.phases),
        collection="jobs",
        fingerprint=job.fingerprint,
    )
