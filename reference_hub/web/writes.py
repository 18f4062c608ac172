"""POST, PUT and DELETE of objects by a source, or by a vendor within the fields it has RW for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from flask import Response
from lxml.etree import _Element

from reference_hub.codec.xml import children, fold, local_name, read, refid_of, tostring
from reference_hub.journeys.accept import AlreadyThere
from reference_hub.journeys.create import create
from reference_hub.journeys.delete import delete
from reference_hub.journeys.update import update
from reference_hub.journeys.writer import Writer
from reference_hub.model.outcome import Outcome
from reference_hub.model.pod import Pod
from reference_hub.model.served import key_of
from reference_hub.privacy.unbound import shown_part
from reference_hub.problems import Refusal
from reference_hub.web import answers, bodies, multi, parameters, reads
from reference_hub.web.call import SINGULAR, Call
from reference_hub.web.gatekeeping import refusals_noted
from reference_hub.web.services import services

if TYPE_CHECKING:
    from sqlalchemy import Connection

ATTEMPTS = 3


def create_one(call: Call) -> Response:
    """201 with the whole object, its id included."""
    _refuse_override(call, "CREATE")
    # Rights first, so that nobody without them learns how a body was judged.
    call.writer()
    elements = _objects(call, many=False)
    (outcome,) = _create(call, elements)
    return answers.xml(_done(outcome).body, outcome.status)


def create_many(call: Call) -> Response:
    """200 with one result per object; with methodOverride GET a query by example."""
    if parameters.action(call.request) == "QUERY":
        return reads.listing(call)
    call.writer()
    elements = _objects(call, many=True)
    return answers.xml(multi.created(_create(call, elements)))


def update_one(call: Call) -> Response:
    """204; the id of the path is the id of the object. 412 where the caller names another state of
    the object than the one that is stored."""
    _refuse_override(call, "UPDATE")
    call.writer()
    (element,) = _objects(call, many=False)
    if fold(refid_of(element) or call.refid) != fold(call.refid):
        text = "The id in the path is not the id of the object; make them equal."
        raise Refusal(400, f"Update {call.object_type}", text)
    if not refid_of(element):
        element.set(key_of(call.object_type), call.refid)

    def work(connection: Connection, writer: Writer) -> list[Outcome]:
        reads.refuse_stale(connection, call)
        return update(connection, writer, call.object_type, [element])

    (outcome,) = _change(call, work)
    _done(outcome)
    return answers.empty()


def change_many(call: Call) -> Response:
    """200 with one result per object: an update, or with methodOverride a delete."""
    call.writer()
    if parameters.action(call.request) == "DELETE":
        refids = multi.refids(call)
        removed = _change(call, lambda each, by: delete(each, by, call.object_type, refids))
        return answers.xml(multi.deleted(removed))
    elements = _objects(call, many=True)
    changed = _change(call, lambda each, by: update(each, by, call.object_type, elements))
    return answers.xml(multi.updated(changed))


def delete_one(call: Call) -> Response:
    """204 or 404; no marker is asked for (POD-GATE-010)."""

    def work(connection: Connection, writer: Writer) -> list[Outcome]:
        reads.refuse_stale(connection, call)
        return delete(connection, writer, call.object_type, [call.refid])

    (outcome,) = _change(call, work)
    _done(outcome)
    return answers.empty()


def _create(call: Call, elements: Sequence[_Element]) -> list[Outcome]:
    must_use = parameters.flag(call.request, "mustUseAdvisory")
    # A single object is new as a rule, so the store is asked only after it said no.
    attempts = iter([call.form != SINGULAR])

    def work(connection: Connection, writer: Writer) -> list[Outcome]:
        look_first = next(attempts, True)
        made = create(
            connection,
            writer,
            call.object_type,
            elements,
            must_use_advisory=must_use,
            look_first=look_first,
        )
        return [_as_seen(each, writer) for each in made]

    return _change(call, work)


def _change(call: Call, work: Callable[[Connection, Writer], list[Outcome]]) -> list[Outcome]:
    for _ in range(ATTEMPTS):
        try:
            with (
                refusals_noted(call.environment, call.scope, call.object_type),
                services().engine.begin() as connection,
            ):
                return work(connection, call.writer(_pod_of(connection, call)))
        except AlreadyThere:
            continue
    text = "Others are creating the same objects; nothing was stored, try again later."
    raise Refusal(503, "Create", text)


def _pod_of(connection: Connection, call: Call) -> Pod | None:
    """What binds the writer: for a vendor its POD, for a delete the one in force, as a delete
    carries no marker (POD-GATE-010, 011)."""
    if parameters.action(call.request) == "DELETE":
        return reads.in_force(connection, call)
    return reads.admitted(connection, call)


def _as_seen(outcome: Outcome, writer: Writer) -> Outcome:
    """What a vendor created, as it would read it."""
    if writer.pod is None or not outcome.body:
        return outcome
    element = shown_part(read(outcome.body), writer.pod)
    return replace(outcome, body=b"" if element is None else tostring(element))


def _done(outcome: Outcome) -> Outcome:
    if outcome.problem is not None:
        raise outcome.problem
    return outcome


def _objects(call: Call, *, many: bool) -> list[_Element]:
    doing = f"{call.request.method} {call.collection}"
    root = bodies.document(call.request, call.suffix)
    wanted = call.collection if many else call.object_type
    found = children(root) if many else [root]
    if local_name(root) != wanted or {local_name(each) for each in found} - {call.object_type}:
        raise Refusal(400, doing, f"The body must be one {wanted}.", "400-01")
    if not found:
        raise Refusal(400, doing, f"The collection is empty; send at least one {call.object_type}.")
    multi.refuse_too_many(doing, len(found))
    return found


def _refuse_override(call: Call, action: str) -> None:
    """The right was asked for what methodOverride says, so nothing else may happen."""
    if parameters.action(call.request) != action:
        text = "This methodOverride is for a collection; nothing was changed."
        raise Refusal(400, f"{call.request.method} {call.collection}", text)
