"""The events connector: a provider tells what changed (INF-EVT)."""

from __future__ import annotations

import re

from flask import Blueprint, Request, Response, request

from reference_hub.codec.xml import children, local_name, tostring
from reference_hub.journeys.publish import SCOPE, Event, publish, report
from reference_hub.model.environment import Environment
from reference_hub.model.headers import CREDENTIALS, HOP_BY_HOP, without
from reference_hub.model.queue import Payload
from reference_hub.model.scope import DEFAULT_CONTEXT, Scope
from reference_hub.problems import Refusal
from reference_hub.web import answers, bodies, callers, parameters
from reference_hub.web.services import services

blueprint = Blueprint("events", __name__)
_ACTIONS = ("CREATE", "UPDATE", "DELETE")
_REPLACEMENTS = ("", "FULL", "PARTIAL")
# Service paths and XQueries publish nothing (INF-EVT-008).
_TYPES = ("OBJECT", "UTILITY", "FUNCTIONAL")
_NOTATION = re.compile(r"\+(goessner|pesc)", re.IGNORECASE)
# What the publisher's side says to the hub, not to the subscriber.
_NOT_KEPT = frozenset(
    {"accept", "accept-charset", "accept-encoding", "accept-language", "content-type"}
    | {
        "accept-profile",
        "dataprivacymarker",
        "forwarded",
        "origin",
        "queueid",
        "referer",
        "user-agent",
        "via",
    }
    | {"x-forwarded-for", "x-forwarded-host", "x-forwarded-port", "x-forwarded-proto", "x-real-ip"}
)


@blueprint.post("/eventsConnector", provide_automatic_options=False)
def receive() -> Response:
    """202; what becomes of the event, nobody tells the publisher."""
    environment = callers.session(request)
    answers.speak(environment.namespace)
    if not environment.is_brokered:
        # A direct environment lists no events connector (INF-EVT-014).
        raise Refusal(404, SCOPE, "There is no such resource.")
    event = _event(request)
    hub = services()
    try:
        with hub.engine.begin() as connection:
            publish(connection, environment, event)
    except Refusal as problem:
        if problem.status == 403:
            _report(environment, event)
        raise
    return answers.empty(202)


def _report(environment: Environment, event: Event) -> None:
    hub = services()
    known = event.scope.zone_id in hub.settings.zones
    with hub.engine.begin() as connection:
        scope = Scope(event.scope.zone_id) if known else environment.scope
        report(connection, environment, scope, hub.clock)


def _event(request: Request) -> Event:
    _refuse_value(request, "messageType", ("EVENT",))
    _refuse_value(request, "eventAction", _ACTIONS)
    _refuse_value(request, "replacement", _REPLACEMENTS)
    kind = parameters.service_type(request)
    if kind not in _TYPES:
        raise Refusal(400, SCOPE, f"serviceType of an event is one of {', '.join(_TYPES)}.")
    name, zone = (_needed(request, each) for each in ("serviceName", "zoneId"))
    scope = Scope(zone, request.headers.get("contextId") or DEFAULT_CONTEXT)
    told = {
        "serviceType": kind,
        "serviceName": name,
        "zoneId": scope.zone_id,
        "contextId": scope.context_id,
    }
    if profile := request.headers.get("Content-Profile"):
        # Whatever notation it came in, the body is kept as XML.
        told["Content-Profile"] = _NOTATION.sub("", profile)
    headers = without(request.headers.items(), HOP_BY_HOP, CREDENTIALS, _NOT_KEPT) | told
    payload = Payload(headers, answers.XML, _body(request, kind, name))
    action, fingerprint = request.headers["eventAction"], request.headers.get("fingerprint", "")
    return Event(scope, kind, name, action, payload, fingerprint)


def _body(request: Request, kind: str, name: str) -> bytes:
    root = bodies.document(request)
    names = {local_name(each) for each in children(root)}
    # One object is never sent without its collection (INF-EVT-004).
    if len(names) != 1 or (kind == "OBJECT" and local_name(root) != name):
        text = "The body must be the collection that serviceName says, with at least one object."
        raise Refusal(400, SCOPE, text, "400-01")
    return tostring(root)


def _refuse_value(request: Request, name: str, known: tuple[str, ...]) -> None:
    if request.headers.get(name, "") not in known:
        text = f"{name} of an event is {' or '.join(filter(None, known))}, in upper case."
        raise Refusal(400, SCOPE, text)


def _needed(request: Request, name: str) -> str:
    value = request.headers.get(name, "").strip()
    if not value:
        raise Refusal(400, SCOPE, f"An event carries the header field {name}.")
    return value
