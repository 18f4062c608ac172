"""Requests with many objects, and their answers: one result per object, no data (INF-BLK)."""

from __future__ import annotations

from collections.abc import Sequence

from lxml.etree import _Element

from reference_hub.codec.tree import branch
from reference_hub.codec.xml import children, local_name
from reference_hub.model.outcome import Outcome
from reference_hub.problems import Refusal
from reference_hub.web import bodies
from reference_hub.web.answers import error_element, infrastructure
from reference_hub.web.call import Call
from reference_hub.web.services import services


def created(outcomes: Sequence[Outcome]) -> _Element:
    """createResponse; infrastructure 3.3 demands advisoryId, so it is empty where none was sent."""
    return _response("create", outcomes)


def updated(outcomes: Sequence[Outcome]) -> _Element:
    """updateResponse."""
    return _response("update", outcomes)


def deleted(outcomes: Sequence[Outcome]) -> _Element:
    """deleteResponse."""
    return _response("delete", outcomes)


def refids(call: Call) -> list[str]:
    """The ids of a deleteRequest. Raises Refusal 400 where the body is none, 413 for too many."""
    doing = f"Delete {call.collection}"
    root = bodies.document(call.request, call.suffix)
    listed = [each for group in children(root) for each in children(group)]
    if local_name(root) != "deleteRequest" or not listed:
        text = "The body must be a deleteRequest with at least one delete."
        raise Refusal(400, doing, text, "400-01")
    refuse_too_many(doing, len(listed))
    return [each.get("id", "") for each in listed]


def refuse_too_many(doing: str, number: int) -> None:
    """Raise Refusal 413 for more objects than one request may change."""
    most = services().settings.queries.largest_multi
    if number > most:
        text = f"One request changes at most {most} objects, this one {number}; send fewer."
        raise Refusal(413, doing, text)


def _response(kind: str, outcomes: Sequence[Outcome]) -> _Element:
    root = infrastructure(f"{kind}Response")
    results = branch(root, f"{kind}s")
    for outcome in outcomes:
        attributes = {"id": outcome.refid} if outcome.refid else {}
        if kind == "create":
            attributes["advisoryId"] = outcome.advisory
        result = branch(results, kind, **attributes, statusCode=str(outcome.status))
        if outcome.problem is not None:
            result.append(error_element(outcome.problem, services().clock.new_uuid()))
    return root
