"""The requests connector: one entry, then a table from method and form of the path to a handler."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, Response, request

from reference_hub.journeys import paths
from reference_hub.model import served
from reference_hub.problems import Refusal
from reference_hub.store import objects
from reference_hub.web import answers, brokering, delayed, parameters, reads, writes
from reference_hub.web.answers import METHODS
from reference_hub.web.call import (
    COLLECTION,
    INSTANCE,
    PATH,
    SCOPE,
    SINGULAR,
    Call,
    Handler,
    Table,
    address,
    object_of,
    permit,
    reading,
    understand,
)
from reference_hub.web.services import services
from reference_hub.web.unopened import refuse_unopened
from reference_hub.web.utilities import (
    alert_service,
    code_set_service,
    namespace_service,
    pod_service,
    provider_service,
    xquery_service,
    zone_service,
)

blueprint = Blueprint("requests", __name__)

OBJECTS: Table = {
    **reading(COLLECTION, reads.listing),
    ("POST", COLLECTION): writes.create_many,
    ("PUT", COLLECTION): writes.change_many,
    ("POST", SINGULAR): writes.create_one,
    **reading(INSTANCE, reads.instance),
    ("PUT", INSTANCE): writes.update_one,
    ("DELETE", INSTANCE): writes.delete_one,
}
PATHS: Table = reading(PATH, reads.listing)
PATHS_QUERIED = {**PATHS, ("POST", PATH): reads.listing}
UTILITIES: Mapping[str, Table] = {
    "pods": pod_service.HANDLERS,
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
    call = understand(request, "requests", address)
    # Registered providers stand before the store, so that a service has one provider only.
    provider = brokering.provider_of(call)
    handler = _handler(call) if provider is None else brokering.forwarder(provider)
    refuse_unopened(call)
    permit(call)
    if delayed.is_asked(request):
        return delayed.take(call)
    return handler(call)


def _table(call: Call) -> Table:
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
        raise answers.not_offered(f"{call.request.method} {call.collection}", allowed)
    return handler
