"""Apply POD, data filtering (a function of the Data Protection Enforcer, in our binding)."""

from __future__ import annotations

import re
from collections.abc import Sequence

from flask import Response, request
from lxml import etree
from lxml.etree import _Element

from reference_hub.codec.xml import members, namespace_of
from reference_hub.journeys.enforce import cleansed, grant_of
from reference_hub.model.environment import Environment
from reference_hub.problems import Refusal
from reference_hub.store import audits
from reference_hub.web import answers, bodies, multi
from reference_hub.web.gatekeeping import fail_closed, refusals_noted
from reference_hub.web.services import services
from reference_hub.web.target import Target

SCOPE = "Data filtering"
REMOVED = "X-POD-Removed"
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,80}")


def apply(environment: Environment, target: Target) -> Response:
    """200 with what the POD leaves, 204 where that is nothing; 403, 410, 415, 422."""
    name = request.args.get("object", "")
    if not _NAME.fullmatch(name):
        raise Refusal(400, SCOPE, "Name the object that the body holds, as in ?object=xStudent.")
    root = _payload(target.suffix)
    kind, found, is_collection = members(root)
    if kind != name:
        raise Refusal(422, SCOPE, f"The body must be one {name}, or {name}s with some of them.")
    multi.refuse_too_many(SCOPE, len(found))
    hub, marker = services(), request.headers.get(answers.MARKER)
    with refusals_noted(environment, environment.scope, name), hub.engine.begin() as connection:
        with fail_closed():
            pod = grant_of(connection, environment, marker, name, hub.clock)
            kept, removed = cleansed(found, pod)
        detail = {"pod": pod.id if pod else "", "removed": removed}
        entry = audits.Entry(environment.application.key, "filtered", name, len(found), detail)
        audits.add(connection, environment.scope, hub.clock.now(), entry)
    headers = {REMOVED: str(removed), "Cache-Control": "no-store"}
    if pod is not None and marker:
        headers[answers.MARKER] = pod.token
    if not kept:
        return answers.empty(204, headers)
    return answers.xml(_wrapped(root, kept) if is_collection else kept[0], 200, headers)


def _payload(suffix: str) -> _Element:
    try:
        return bodies.document(request, suffix)
    except Refusal as refusal:
        if refusal.status != 400:
            raise
        raise Refusal(422, SCOPE, refusal.message) from None


def _wrapped(root: _Element, kept: Sequence[_Element]) -> _Element:
    space = namespace_of(root)
    nsmap: dict[str, str] = {None: space} if space else {}  # type: ignore[dict-item]  # stubs
    collection = etree.Element(root.tag, nsmap=nsmap)
    collection.extend(kept)
    return collection
