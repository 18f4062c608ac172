"""Jobs as a whole: create, read, delete, one or several."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Response
from lxml.etree import _Element

from reference_hub.codec.job_xml import read_job, write
from reference_hub.codec.xml import children, local_name
from reference_hub.journeys.job import create, remove
from reference_hub.journeys.job_phase import hand_over
from reference_hub.journeys.job_service import JobService
from reference_hub.journeys.job_work import SERVICES
from reference_hub.model.job import Job
from reference_hub.model.outcome import Outcome, failed
from reference_hub.problems import Refusal
from reference_hub.store import jobs
from reference_hub.web import answers, bodies, multi, parameters
from reference_hub.web.call import Call
from reference_hub.web.services import services

if TYPE_CHECKING:
    from sqlalchemy import Connection


def service_of(call: Call) -> JobService:
    """The service that the path names."""
    return SERVICES[call.collection]


def found(connection: Connection, call: Call, job_id: str, *, lock: bool = False) -> Job:
    """One of the caller's own jobs. Raises Refusal 404; somebody else's is not known."""
    service, now = service_of(call), services().clock.now()
    owner = call.environment.id
    job = jobs.find(connection, owner, call.scope, service.name, job_id, now, lock=lock)
    if job is None:
        text = f"You have no {service.name} with this id."
        raise Refusal(404, f"{call.request.method} {service.name}", text)
    return job


def listing(call: Call) -> Response:
    """The caller's jobs: 200, or 204 where there are none."""
    _refuse_extras(call)
    service = service_of(call)
    with services().engine.connect() as connection:
        now = services().clock.now()
        own = jobs.listed(connection, call.environment.id, call.scope, service.name, now)
    root = answers.infrastructure("jobs")
    root.extend(write(job, service.phases, answers.spoken()) for job in own)
    return answers.xml(root) if own else answers.empty()


def instance(call: Call) -> Response:
    """One job."""
    _refuse_extras(call)
    with services().engine.connect() as connection:
        job = found(connection, call, call.path[1])
    return answers.xml(write(job, service_of(call).phases, answers.spoken()))


def create_one(call: Call) -> Response:
    """201 with the complete job."""
    root = bodies.document(call.request, call.suffix)
    job = _created(call, root)
    return answers.xml(write(job, service_of(call).phases, answers.spoken()), 201)


def create_many(call: Call) -> Response:
    """200 with one result per job."""
    root = bodies.document(call.request, call.suffix)
    if local_name(root) != "jobs" or not children(root):
        text = "The body must be jobs with at least one job."
        raise Refusal(400, f"Create {call.collection}", text, "400-01")
    multi.refuse_too_many(f"Create {call.collection}", len(root))
    return answers.xml(multi.created([_outcome(call, each) for each in children(root)]))


def delete_one(call: Call) -> Response:
    """204 or 404."""
    _delete(call, call.path[1])
    return answers.empty()


def delete_many(call: Call) -> Response:
    """200 with one result per id; only reached with methodOverride DELETE."""
    outcomes = []
    for job_id in multi.refids(call):
        try:
            _delete(call, job_id)
            outcomes.append(Outcome(204, job_id))
        except Refusal as problem:
            outcomes.append(failed(problem, refid=job_id))
    return answers.xml(multi.deleted(outcomes))


def _outcome(call: Call, root: _Element) -> Outcome:
    advisory = root.get("id", "")
    try:
        return Outcome(201, _created(call, root).id, advisory)
    except Refusal as problem:
        return failed(problem, advisory=advisory)


def _created(call: Call, root: _Element) -> Job:
    service, clock = service_of(call), services().clock
    wanted = read_job(root, service.name)
    must_use = parameters.flag(call.request, "mustUseAdvisory")
    with services().engine.begin() as connection:
        owner, place = call.environment, call.scope
        job = create(connection, clock, service, owner, place, wanted, must_use_advisory=must_use)
        if wanted.payload is None:
            return job
        return hand_over(connection, clock, service, job, wanted.phase, wanted.payload)


def _delete(call: Call, job_id: str) -> None:
    with services().engine.begin() as connection:
        job = found(connection, call, job_id, lock=True)
        remove(connection, services().clock, service_of(call), job)


def _refuse_extras(call: Call) -> None:
    parameters.refuse_qualifiers(call.request)
    if parameters.has_paging(call.request):
        status = 400 if len(call.path) == 1 else 405
        text = "Jobs are not paged; leave the paging parameters out."
        raise Refusal(status, f"Query {call.collection}", text)
