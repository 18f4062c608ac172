"""Jobs, their states and what was submitted to them; all of it goes with the environment."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, text

from reference_hub.model.job import Job, PhaseState, Submitted
from reference_hub.model.scope import Scope

_SELECT = """
    SELECT id, service, environment_id, fingerprint, zone_id, context_id, state, description,
           state_description, timeout, created, last_modified, due, attempts
    FROM job
"""
_OWN = """
    environment_id = CAST(:environment AS uuid) AND service = :service
    AND zone_id = :zone AND context_id = :context AND expires > :now
"""
_LIST = text(f"{_SELECT} WHERE {_OWN} ORDER BY created, id")
_READ = text(f"{_SELECT} WHERE {_OWN} AND id::text = :id")
_LOCK = text(f"{_SELECT} WHERE {_OWN} AND id::text = :id FOR UPDATE")
_BY_ID = text(f"{_SELECT} WHERE id = CAST(:id AS uuid) FOR UPDATE")
_STATES = text(
    """
    SELECT job_id, id, phase, type, description, created FROM job_state
    WHERE job_id = ANY(CAST(:jobs AS uuid[])) ORDER BY position
    """
)

_INSERT = text(
    """
    INSERT INTO job (id, service, environment_id, fingerprint, zone_id, context_id, state,
                     description, timeout, created, last_modified, expires)
    VALUES (CAST(:id AS uuid), :service, CAST(:environment AS uuid), :fingerprint, :zone, :context,
            :state, :description, :timeout, :now, :now,
            CAST(:now AS timestamptz) + make_interval(secs => :timeout))
    ON CONFLICT (id) DO NOTHING RETURNING id
    """
)
_ADD_STATES = text(
    """
    INSERT INTO job_state (id, job_id, phase, type, description, created)
    SELECT id, CAST(:job AS uuid), phase, type, description, :now
    FROM unnest(CAST(:ids AS uuid[]), CAST(:phases AS text[]), CAST(:types AS text[]),
                CAST(:descriptions AS text[]))
         WITH ORDINALITY AS added(id, phase, type, description, n) ORDER BY n
    """
)
_CHANGE = text(
    """
    UPDATE job SET state = :state, state_description = :description, due = :due,
                   last_modified = :now, lease_until = CASE WHEN :due THEN lease_until END
    WHERE id = CAST(:id AS uuid)
    """
)
_DELETE = text("DELETE FROM job WHERE id = CAST(:id AS uuid)")
_CLAIM = text(
    """
    UPDATE job SET lease_until = :until, attempts = attempts + 1
    WHERE id = (SELECT id FROM job
                WHERE due AND expires > :now AND (lease_until IS NULL OR lease_until <= :now)
                ORDER BY created, id LIMIT 1 FOR UPDATE SKIP LOCKED)
    RETURNING *
    """
)
_EXPIRED = text(
    """
    DELETE FROM job WHERE id IN (SELECT id FROM job WHERE expires <= :now
                                 ORDER BY expires LIMIT :limit FOR UPDATE SKIP LOCKED)
    RETURNING *
    """
)

_PUT = """
    INSERT INTO job_document (job_id, phase, object_type, refid, body)
    SELECT CAST(:job AS uuid), :phase, object_type, refid, body
    FROM unnest(CAST(:types AS text[]), CAST(:refids AS text[]), CAST(:bodies AS bytea[]))
         WITH ORDINALITY AS added(object_type, refid, body, n) ORDER BY n
    ON CONFLICT (job_id, phase, object_type, refid)
"""
_ADD_DOCUMENTS = text(f"{_PUT} DO NOTHING RETURNING object_type, refid")
_SAVE_DOCUMENT = text(f"{_PUT} DO UPDATE SET body = excluded.body RETURNING object_type, refid")
_DOCUMENTS = text(
    """
    SELECT object_type, refid, body FROM job_document
    WHERE job_id = CAST(:job AS uuid) AND phase = :phase ORDER BY position
    """
)
_REMOVE = text(
    """
    DELETE FROM job_document
    WHERE job_id = CAST(:job AS uuid) AND phase = :phase
      AND refid = ANY(CAST(:refids AS text[])) RETURNING refid
    """
)
_CLEAR = text("DELETE FROM job_document WHERE job_id = CAST(:job AS uuid) AND phase = :phase")


def insert(connection: Connection, job: Job) -> bool:
    """Store a new job with its states; False when there is one of this id."""
    values = {
        "id": job.id,
        "service": job.service,
        "environment": job.environment_id,
        "fingerprint": job.fingerprint,
        "zone": job.scope.zone_id,
        "context": job.scope.context_id,
        "state": job.state,
        "description": job.description,
        "timeout": job.timeout,
        "now": job.created,
    }
    if connection.execute(_INSERT, values).first() is None:
        return False
    add_states(connection, job.id, job.states, job.created)
    return True


def add_states(
    connection: Connection, job_id: str, states: Iterable[PhaseState], now: datetime
) -> None:
    """Append states in the order given."""
    listed = list(states)
    columns = {
        "ids": [state.id for state in listed],
        "phases": [state.phase for state in listed],
        "types": [state.type for state in listed],
        "descriptions": [state.description for state in listed],
    }
    connection.execute(_ADD_STATES, {"job": job_id, "now": now} | columns)


def change(
    connection: Connection, job_id: str, state: str, description: str, *, due: bool, now: datetime
) -> None:
    """Set the job's own state; one that is not due any more is let go of."""
    values = {"id": job_id, "state": state, "description": description, "due": due, "now": now}
    connection.execute(_CHANGE, values)


def listed(
    connection: Connection, environment_id: str, scope: Scope, service: str, now: datetime
) -> list[Job]:
    """The environment's jobs of a service, oldest first, without those whose time is over."""
    rows = connection.execute(_LIST, _owner(environment_id, scope, service, now)).all()
    return _jobs(connection, rows)


def find(
    connection: Connection,
    environment_id: str,
    scope: Scope,
    service: str,
    job_id: str,
    now: datetime,
    *,
    lock: bool = False,
) -> Job | None:
    """One of the environment's jobs; with `lock` held until the transaction ends."""
    statement = _LOCK if lock else _READ
    values = _owner(environment_id, scope, service, now) | {"id": job_id.lower()}
    return next(iter(_jobs(connection, connection.execute(statement, values).all())), None)


def lock(connection: Connection, job_id: str) -> Job | None:
    """Any job by its id, held until the transaction ends."""
    rows = connection.execute(_BY_ID, {"id": job_id}).all()
    return next(iter(_jobs(connection, rows)), None)


def delete(connection: Connection, job_id: str) -> None:
    """Remove the job with everything of it."""
    connection.execute(_DELETE, {"id": job_id})


def claim(connection: Connection, now: datetime, until: datetime) -> Job | None:
    """Lease the oldest job that the hub is to work on."""
    rows = connection.execute(_CLAIM, {"now": now, "until": until}).all()
    return next(iter(_jobs(connection, rows)), None)


def remove_expired(connection: Connection, now: datetime, limit: int = 100) -> list[Job]:
    """Delete jobs whose time is over; what they were, without states."""
    rows = connection.execute(_EXPIRED, {"now": now, "limit": limit}).all()
    return [_job(row, ()) for row in rows]


def add_documents(
    connection: Connection, job_id: str, phase: str, documents: Sequence[Submitted]
) -> set[tuple[str, str]]:
    """Add what is not there yet; (type, refid) of what was added."""
    rows = connection.execute(_ADD_DOCUMENTS, _documents(job_id, phase, documents))
    return {(row.object_type, row.refid) for row in rows}


def save_documents(
    connection: Connection, job_id: str, phase: str, documents: Sequence[Submitted]
) -> None:
    """Add documents, or put them in place of those with their type and id."""
    connection.execute(_SAVE_DOCUMENT, _documents(job_id, phase, documents))


def documents(connection: Connection, job_id: str, phase: str) -> list[Submitted]:
    """What the phase holds, in the order it came."""
    rows = connection.execute(_DOCUMENTS, {"job": job_id, "phase": phase})
    return [Submitted(row.object_type, row.refid, bytes(row.body)) for row in rows]


def remove_documents(
    connection: Connection, job_id: str, phase: str, refids: Sequence[str]
) -> set[str]:
    """Remove by id; the ids that were there."""
    values = {"job": job_id, "phase": phase, "refids": list(refids)}
    return set(connection.execute(_REMOVE, values).scalars())


def clear_documents(connection: Connection, job_id: str, phase: str) -> None:
    """Remove all that the phase holds."""
    connection.execute(_CLEAR, {"job": job_id, "phase": phase})


def _documents(job_id: str, phase: str, documents: Sequence[Submitted]) -> dict[str, object]:
    return {
        "job": job_id,
        "phase": phase,
        "types": [each.object_type for each in documents],
        "refids": [each.refid for each in documents],
        "bodies": [each.body for each in documents],
    }


def _owner(environment_id: str, scope: Scope, service: str, now: datetime) -> dict[str, object]:
    return {
        "environment": environment_id,
        "zone": scope.zone_id,
        "context": scope.context_id,
        "service": service,
        "now": now,
    }


def _jobs(connection: Connection, rows: Sequence[Row[Any]]) -> list[Job]:
    states: dict[str, list[PhaseState]] = {str(row.id): [] for row in rows}
    for row in connection.execute(_STATES, {"jobs": list(states)}) if rows else ():
        state = PhaseState(str(row.id), row.phase, row.type, row.description, row.created)
        states[str(row.job_id)].append(state)
    return [_job(row, tuple(states[str(row.id)])) for row in rows]


def _job(row: Row[Any], states: tuple[PhaseState, ...]) -> Job:
    return Job(
        id=str(row.id),
        service=row.service,
        environment_id=str(row.environment_id),
        fingerprint=row.fingerprint,
        scope=Scope(row.zone_id, row.context_id),
        state=row.state,
        description=row.description,
        state_description=row.state_description,
        timeout=row.timeout,
        created=row.created,
        last_modified=row.last_modified,
        states=states,
        due=row.due,
        attempts=row.attempts,
    )
