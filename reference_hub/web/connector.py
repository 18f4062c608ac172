"""The requests connector: one entry, then a table from method and form of the path to a handler."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from flask import Blueprint, Response, request

from reference_hub.journeys import paths
from reference_hub.model import served
from reference_hub.problems import Refusal
from reference_hub.store import objects
from reference_hub.web import (
    alert_service,
    answers,
    brokering,
    code_set_service,
    delayed,
    namespace_service,
    parameters,
    pod_service,
    provider_service,
    reads,
    writes,
    xquery_service,
    zone_service,
)
from reference_hub.web.call import (
    COLLECTION,
    INSTANCE,
    PATH,
    SCOPE,
    SINGULAR,
    Call,
    object_of,
    permit,
    understand,
)
from reference_hub.web.services import services

blueprint = Blueprint("requests", __name__)
Handler = Callable[[Call], Response]

METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE")

OBJECTS: Mapping[tuple[str, str], Handler] = {
    ("GET", COLLECTION): reads.listing,
    ("HEAD", COLLECTION): reads.listing,
    ("POST", COLLECTION): writes.create_many,
    ("PUT", COLLECTION): writes.change_many,
    ("POST", SINGULAR): writes.create_one,
    ("GET", INSTANCE): reads.instance,
    ("HEAD", INSTANCE): reads.instance,
    ("PUT", INSTANCE): writes.update_one,
    ("DELETE", INSTANCE): writes.delete_one,
}
PATHS: Mapping[tuple[str, str], Handler] = {
    ("GET", PATH): reads.listing,
    ("HEAD", PATH): reads.listing,
}
PATHS_QUERIED = {**PATHS, ("POST", PATH): reads.listing}
PODS: Mapping[tuple[str, str], Handler] = {
    ("GET", COLLECTION): pod_service.listing,
    ("HEAD", COLLECTION): pod_service.listing,
    ("GET", INSTANCE): pod_service.instance,
    ("HEAD", INSTANCE): pod_service.instance,
}
UTILITIES: Mapping[str, Mapping[tuple[str, str], Handler]] = {
    "pods": PODS,
    "zones": zone_service.HANDLERS,
    "providers": provider_service.HANDLERS,
    "namespaces": namespace_service.HANDLERS,
    "codeSets": code_set_service.HANDLERS,
    "xquerys": xquery_service.HANDLERS,
    "alerts": alert_service.HANDLERS,
}


@blueprint.route("/requests/<path:_>", methods=METHODS, provide_automatic_options=False)
def serve(_: str) -> Response:
    """Serve one request; the path is read from the raw target, not from the route."""
    call = understand(request)
    # Registered providers stand before the store, so that a service has one provider only.
    provider = brokering.provider_of(call)
    handler = _handler(call) if provider is None else brokering.forwarder(provider)
    permit(call)
    if delayed.is_asked(request):
        return delayed.take(call)
    return handler(call)


def _table(call: Call) -> Mapping[tuple[str, str], Handler]:
    if call.service_type == "UTILITY" and call.collection in UTILITIES:
        return UTILITIES[call.collection]
    if call.service_type == "XQUERYTEMPLATE":
        return xquery_service.TEMPLATES
    if call.service_type == "OBJECT" and _provided(call):
        return OBJECTS
    if call.service_type == "SERVICEPATH" and paths.answers(list(map(object_of, call.path[::2]))):
        # Without methodOverride GET a POST would create, and nothing is created on a path.
        return PATHS_QUERIED if parameters.action(call.request) == "QUERY" else PATHS
    text = "No service of this name is provided here; names are case-sensitive."
    raise Refusal(404, SCOPE, text)


def _provided(call: Call) -> bool:
    """Whether the kit knows the object, a registered schema declares it, or the zone holds one."""
    if served.object_of(call.collection) is not None:
        return True
    lists = services().judge.lists()
    renamed = call.collection not in lists and call.object_type in lists.values()
    if renamed or call.object_type == call.collection:
        return False
    if {call.collection, call.object_type} <= services().judge.names():
        return True
    with services().engine.connect() as connection:
        return objects.holds(connection, call.scope, call.object_type)


def _handler(call: Call) -> Handler:
    table = _table(call)
    handler = table.get((call.request.method, call.form))
    if handler is None:
        allowed = [method for method, form in table if form == call.form]
        answers.allow(allowed)
        text = f"{call.request.method} is not offered here; offered: {', '.join(allowed)}."
        raise Refusal(405, f"{call.request.method} {call.collection}", text)
    return handler
