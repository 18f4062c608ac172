"""A phase of a job: its payload by the rights of the phase, its states by those of the states."""

from __future__ import annotations

from flask import Response
from lxml.etree import _Element

from reference_hub.codec.job_xml import read_state, write_state, write_states
from reference_hub.journeys.job import enter as enter_state
from reference_hub.journeys.job_phase import replace, take_back
from reference_hub.journeys.job_phase import submit as submit_objects
from reference_hub.model.job import Phase
from reference_hub.problems import Refusal
from reference_hub.store import jobs
from reference_hub.web import answers, bodies, multi, parameters
from reference_hub.web.call import Call
from reference_hub.web.jobs.job_service import found, service_of
from reference_hub.web.services import services


def read(call: Call) -> Response:
    """The document of the phase: 200, 204 while there is none."""
    parameters.refuse_qualifiers(call.request)
    with services().engine.connect() as connection:
        job, phase = found(connection, call, call.path[1]), _allowed(call, "QUERY")
        documents = jobs.documents(connection, job.id, phase.name)
    return answers.xml(documents[0].body) if documents else answers.empty()


def submit(call: Call) -> Response:
    """200 with one result per object of the collection."""
    hub, phase = services(), _allowed(call, "CREATE")
    # The body first: a slow sender must not hold the job.
    root = _collection(call)
    with hub.engine.begin() as connection:
        job = found(connection, call, call.path[1], lock=True)
        made = submit_objects(connection, hub.clock, service_of(call), job, phase, root)
    return answers.xml(multi.created(made))


def change(call: Call) -> Response:
    """200 with one result per object: put in place, or with methodOverride DELETE taken back."""
    if parameters.action(call.request) == "DELETE":
        return _take_back(call)
    hub, phase = services(), _allowed(call, "UPDATE")
    root = _collection(call)
    with hub.engine.begin() as connection:
        job = found(connection, call, call.path[1], lock=True)
        changed = replace(connection, hub.clock, service_of(call), job, phase, root)
    return answers.xml(multi.updated(changed))


def states(call: Call) -> Response:
    """The states that the phase was in, the current one last."""
    parameters.refuse_qualifiers(call.request)
    with services().engine.connect() as connection:
        job = found(connection, call, call.path[1])
    phase = _allowed(call, "QUERY", of_states=True)
    listed = [state for state in job.states if state.phase == phase.name]
    return answers.xml(write_states(listed, answers.spoken()))


def enter(call: Call) -> Response:
    """201 with the new state of the phase."""
    hub, phase = services(), _allowed(call, "CREATE", of_states=True)
    wanted = read_state(bodies.document(call.request, call.suffix))
    with hub.engine.begin() as connection:
        job = found(connection, call, call.path[1], lock=True)
        state = enter_state(connection, hub.clock, service_of(call), job, phase, wanted)
    return answers.xml(write_state(state, answers.spoken()), 201)


def _allowed(call: Call, right: str, *, of_states: bool = False) -> Phase:
    phase = service_of(call).phase(call.path[2])
    if phase is None:
        raise Refusal(404, f"{call.request.method} phase", "The job has no phase of this name.")
    if right not in (phase.states_rights if of_states else phase.rights):
        what = "the states of " if of_states else ""
        text = f"You have no right {right} on {what}{phase.name}; see the rights of the phase."
        raise Refusal(403, f"{call.request.method} {phase.name}", text)
    return phase


def _take_back(call: Call) -> Response:
    phase, listed = _allowed(call, "DELETE"), multi.refids(call)
    with services().engine.begin() as connection:
        job = found(connection, call, call.path[1], lock=True)
        gone = take_back(connection, job, phase, listed)
    return answers.xml(multi.deleted(gone))


def _collection(call: Call) -> _Element:
    root = bodies.document(call.request, call.suffix)
    multi.refuse_too_many(f"{call.request.method} {call.collection}", len(root))
    return root
