"""POST, PUT and DELETE of objects by a source."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from flask import Response
from lxml.etree import _Element

from reference_hub.codec.xml import children, fold, local_name, members, refid_of
from reference_hub.journeys.accept import AlreadyThere
from reference_hub.journeys.create import create
from reference_hub.journeys.delete import delete
from reference_hub.journeys.update import update
from reference_hub.model.outcome import Outcome
from reference_hub.model.served import key_of
from reference_hub.problems import Refusal
from reference_hub.web import answers, bodies, multi, parameters
from reference_hub.web.call import Call
from reference_hub.web.services import services

if TYPE_CHECKING:
    from sqlalchemy import Connection

ATTEMPTS = 3


def create_one(call: Call) -> Response:
    """201 with the whole object, its id included."""
    # Rights first, so that nobody without them learns how a body was judged.
    call.writer()
    elements = _objects(call, many=False)
    (outcome,) = _create(call, elements)
    return answers.xml(_done(outcome).body, outcome.status)


def create_many(call: Call) -> Response:
    """200 with one result per object."""
    call.writer()
    if parameters.action(call.request) == "QUERY":
        # Base Architecture 5.9.1: without query by example this is refused, never taken as create.
        text = "Query by example is not supported; nothing was created."
        raise Refusal(400, f"Query {call.collection}", text, "400-02")
    elements = _objects(call, many=True)
    return answers.xml(multi.created(_create(call, elements)))


def update_one(call: Call) -> Response:
    """204; the id of the path is the id of the object."""
    call.writer()
    (element,) = _objects(call, many=False)
    if fold(refid_of(element) or call.refid) != fold(call.refid):
        text = "The id in the path is not the id of the object; make them equal."
        raise Refusal(400, f"Update {call.object_type}", text)
    element.set(key_of(call.object_type), refid_of(element) or call.refid)
    (outcome,) = _change(lambda each: update(each, call.writer(), call.object_type, [element]))
    _done(outcome)
    return answers.empty()


def change_many(call: Call) -> Response:
    """200 with one result per object: an update, or with methodOverride a delete."""
    call.writer()
    if parameters.action(call.request) == "DELETE":
        refids = _refids(call)
        removed = _change(lambda each: delete(each, call.writer(), call.object_type, refids))
        return answers.xml(multi.deleted(removed))
    elements = _objects(call, many=True)
    changed = _change(lambda each: update(each, call.writer(), call.object_type, elements))
    return answers.xml(multi.updated(changed))


def delete_one(call: Call) -> Response:
    """204 or 404; no marker is asked for (POD-GATE-010)."""
    writer = call.writer()
    (outcome,) = _change(lambda each: delete(each, writer, call.object_type, [call.refid]))
    _done(outcome)
    return answers.empty()


def _create(call: Call, elements: Sequence[_Element]) -> list[Outcome]:
    must_use = parameters.flag(call.request, "mustUseAdvisory")
    writer = call.writer()
    return _change(
        lambda each: create(each, writer, call.object_type, elements, must_use_advisory=must_use)
    )


def _change(work: Callable[[Connection], list[Outcome]]) -> list[Outcome]:
    for _ in range(ATTEMPTS):
        try:
            with services().engine.begin() as connection:
                return work(connection)
        except AlreadyThere:
            continue
    text = "Others are creating the same objects; nothing was stored, try again later."
    raise Refusal(503, "Create", text)


def _done(outcome: Outcome) -> Outcome:
    if outcome.problem is not None:
        raise outcome.problem
    return outcome


def _objects(call: Call, *, many: bool) -> list[_Element]:
    doing = f"{call.request.method} {call.collection}"
    root = bodies.document(call.request, call.suffix)
    object_type, found, is_collection = members(root)
    wanted = call.collection if many else call.object_type
    if object_type != call.object_type or is_collection is not many:
        raise Refusal(400, doing, f"The body must be one {wanted}.", "400-01")
    if not found:
        raise Refusal(400, doing, f"The collection is empty; send at least one {call.object_type}.")
    return found


def _refids(call: Call) -> list[str]:
    doing = f"Delete {call.collection}"
    root = bodies.document(call.request, call.suffix)
    listed = [each for group in children(root) for each in children(group)]
    if local_name(root) != "deleteRequest" or not listed:
        text = "The body must be a deleteRequest with at least one delete."
        raise Refusal(400, doing, text, "400-01")
    return [each.get("id", "") for each in listed]
