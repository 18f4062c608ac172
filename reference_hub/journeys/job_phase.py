"""What a consumer hands to a phase of its job: objects, added, replaced or taken back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from lxml.etree import _Element

from reference_hub.clock import Clock
from reference_hub.codec.xml import fold, members, refid_of, tostring
from reference_hub.journeys.job import begin, refuse_closed
from reference_hub.journeys.job_service import JobService
from reference_hub.model.job import Job, Phase, Submitted
from reference_hub.model.outcome import Outcome, failed
from reference_hub.problems import Refusal
from reference_hub.store import jobs

if TYPE_CHECKING:
    from sqlalchemy import Connection


def hand_over(
    connection: Connection,
    clock: Clock,
    service: JobService,
    job: Job,
    phase_name: str,
    payload: _Element,
) -> Job:
    """The payload that came with the create, for the phase it names or the first that takes any.

    Raises Refusal 400 where one of the objects is not taken; then there is no job either.
    """
    taking = [phase for phase in service.phases if phase.accepts]
    phase = next((each for each in taking if phase_name in (each.name, "")), None)
    if phase is None:
        text = "The initialization names a phase that takes no payload."
        raise Refusal(400, f"Create {service.name}", text)
    for outcome in submit(connection, clock, service, job, phase, payload):
        if outcome.problem is not None:
            raise outcome.problem
    return jobs.lock(connection, job.id) or job


def submit(
    connection: Connection,
    clock: Clock,
    service: JobService,
    job: Job,
    phase: Phase,
    collection: _Element,
) -> list[Outcome]:
    """Add objects, one outcome each: 201, 400 without an id, 409 where it is there already."""
    refuse_closed(job, phase)
    elements = _objects(phase, collection)
    object_type = members(collection)[0]
    fresh = _last_of_each(object_type, reversed(elements))
    added = jobs.add_documents(connection, job.id, phase.name, fresh)
    left = {refid for _, refid in added}
    outcomes = []
    for element in elements:
        outcomes.append(_added(element, object_type, left))
        left.discard(fold(refid_of(element)))
    begin(connection, clock, service, job, phase)
    return outcomes


def replace(
    connection: Connection,
    clock: Clock,
    service: JobService,
    job: Job,
    phase: Phase,
    collection: _Element,
) -> list[Outcome]:
    """Put objects in place of those with their ids, or add them: 200, 400 without an id."""
    refuse_closed(job, phase)
    elements = _objects(phase, collection)
    object_type = members(collection)[0]
    jobs.save_documents(connection, job.id, phase.name, _last_of_each(object_type, elements))
    begin(connection, clock, service, job, phase)
    return [
        Outcome(200, refid_of(each)) if refid_of(each) else failed(_without_id(object_type))
        for each in elements
    ]


def take_back(
    connection: Connection, job: Job, phase: Phase, refids: Sequence[str]
) -> list[Outcome]:
    """Remove objects by id: 204, 404 for what was never there."""
    refuse_closed(job, phase)
    gone = jobs.remove_documents(connection, job.id, phase.name, [fold(each) for each in refids])
    missing = Refusal(404, f"Delete {phase.name}", "Nothing with this id was submitted.")
    return [
        Outcome(204, each) if fold(each) in gone else failed(missing, refid=each) for each in refids
    ]


def _objects(phase: Phase, collection: _Element) -> list[_Element]:
    object_type, found, is_collection = members(collection)
    if not is_collection or not found or object_type not in phase.accepts:
        known = ", ".join(f"{each}s" for each in phase.accepts)
        text = f"The payload must be a collection with at least one object; taken are {known}."
        raise Refusal(400, f"Change {phase.name}", text, "400-01")
    return found


def _last_of_each(object_type: str, elements: Iterable[_Element]) -> list[Submitted]:
    # Of two with one id the last counts: one statement could not write both.
    kept = {
        refid: Submitted(object_type, refid, tostring(each))
        for each in elements
        if (refid := fold(refid_of(each)))
    }
    return list(kept.values())


def _added(element: _Element, object_type: str, left: set[str]) -> Outcome:
    refid = refid_of(element)
    if not refid:
        return failed(_without_id(object_type))
    if fold(refid) not in left:
        text = "An object with this id was submitted already; send it with PUT."
        return failed(Refusal(409, f"Submit {object_type}", text, "409-01"), advisory=refid)
    return Outcome(201, refid, refid)


def _without_id(object_type: str) -> Refusal:
    return Refusal(400, f"Submit {object_type}", "The object has no id; give it one.", "400-01")
