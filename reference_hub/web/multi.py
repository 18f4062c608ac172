"""Responses to requests with many objects: one result per object, no data (INF-BLK)."""

from __future__ import annotations

from collections.abc import Sequence

from lxml.etree import _Element

from reference_hub.model.outcome import Outcome
from reference_hub.web.answers import branch, error_element, infrastructure
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
