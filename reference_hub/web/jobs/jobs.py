"""The services connector: jobs, their phases and states (INF-JOB)."""

from __future__ import annotations

from flask import Blueprint, Request, Response, request

from reference_hub.journeys.job_work import SERVICES
from reference_hub.problems import Refusal
from reference_hub.web import answers, brokering, delayed, parameters
from reference_hub.web.answers import METHODS
from reference_hub.web.call import (
    COLLECTION,
    INSTANCE,
    SINGULAR,
    Call,
    Handler,
    Table,
    reading,
    refuse_right,
    understand,
)
from reference_hub.web.jobs import job_phases, job_service
from reference_hub.web.target import Target

SCOPE = "Services connector"
PHASE, STATES, STATE = "phase", "states", "state"

blueprint = Blueprint("jobs", __name__)

HANDLERS: Table = {
    **reading(COLLECTION, job_service.listing),
    ("POST", COLLECTION): job_service.create_many,
    ("PUT", COLLECTION): job_service.delete_many,
    ("POST", SINGULAR): job_service.create_one,
    **reading(INSTANCE, job_service.instance),
    ("DELETE", INSTANCE): job_service.delete_one,
    **reading(PHASE, job_phases.read),
    ("POST", PHASE): job_phases.submit,
    ("PUT", PHASE): job_phases.change,
    **reading(STATES, job_phases.states),
    ("POST", STATE): job_phases.enter,
}


@blueprint.route("/services/<path:_>", methods=METHODS, provide_automatic_options=False)
def serve(_: str) -> Response:
    """Serve one request, as the requests connector does (INF-JOB-014)."""
    call = understand(request, "services", _address)
    provider = brokering.provider_of(call)
    handler = _handler(call) if provider is None else brokering.forwarder(provider)
    _permit(call)
    if delayed.is_asked(request):
        _refuse_delayed(call)
        return delayed.take(call)
    return handler(call)


def _address(_: Request, target: Target) -> tuple[str, tuple[str, ...], str]:
    if not target.segments:
        raise Refusal(404, SCOPE, "Name a service, as in services/rosterValidations.")
    return "FUNCTIONAL", target.segments, _form(target.segments)


def _form(segments: tuple[str, ...]) -> str:
    first, *rest = segments
    if len(rest) == 1 and f"{rest[0]}s" == first:
        return SINGULAR
    by_length = {0: COLLECTION, 1: INSTANCE, 2: PHASE}
    if len(rest) in by_length:
        return by_length[len(rest)]
    if rest[2] == "states":
        return STATES if len(rest) == 3 else STATE if rest[3:] == ["state"] else ""
    raise Refusal(404, SCOPE, "There is no such resource below a job; look at the path.")


def _handler(call: Call) -> Handler:
    if call.collection not in SERVICES:
        text = "No functional service of this name is provided here; names are case-sensitive."
        raise Refusal(404, SCOPE, text)
    if call.environment.is_vendor:
        # The hub's own services look at all of a zone, not at what a POD grants.
        raise Refusal(403, SCOPE, "The hub's own functional services are not for vendors.")
    action = parameters.action(call.request)
    handler = HANDLERS.get((call.request.method, call.form))
    many = call.form == COLLECTION and call.request.method == "PUT"
    if handler is None or (many and action != "DELETE"):
        offered = (method for method, form in HANDLERS if form == call.form)
        answers.allow(method for method in offered if not (many and method == "PUT"))
        text = f"{call.request.method} is not offered here; see the rights of the service."
        raise Refusal(405, f"{call.request.method} {call.collection}", text)
    if call.request.method == "POST" and action != "CREATE":
        text = "Query by example is not offered on functional services; nothing was created."
        raise Refusal(400, f"Query {call.collection}", text, "400-02")
    return handler


def _permit(call: Call) -> None:
    of_job = call.form in (COLLECTION, SINGULAR, INSTANCE)
    # Inside a job its phases say what is allowed; the service only lets its jobs be seen.
    right = call.right if of_job else "QUERY"
    refuse_right(call.environment, call.scope, "FUNCTIONAL", call.collection, right)


def _refuse_delayed(call: Call) -> None:
    if call.form not in (COLLECTION, PHASE):
        text = "One job or state is asked for or changed at once; send requestType IMMEDIATE."
        raise Refusal(400, f"{call.request.method} {call.collection}", text, "400-04")
