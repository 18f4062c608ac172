"""The requests connector: one entry, then a table from method and form of the path to a handler."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from flask import Blueprint, Response, request

from reference_hub.model.served import object_of
from reference_hub.problems import Refusal
from reference_hub.store import objects
from reference_hub.web import answers, brokering, delayed, pod_service, reads, writes
from reference_hub.web.call import (
    COLLECTION,
    INSTANCE,
    SCOPE,
    SINGULAR,
    Call,
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
PODS: Mapping[tuple[str, str], Handler] = {
    ("GET", COLLECTION): pod_service.listing,
    ("HEAD", COLLECTION): pod_service.listing,
    ("GET", INSTANCE): pod_service.instance,
    ("HEAD", INSTANCE): pod_service.instance,
}
UTILITIES: Mapping[str, Mapping[tuple[str, str], Handler]] = {"pods": PODS}


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
    if call.service_type == "OBJECT" and _provided(call):
        return OBJECTS
    text = "No service of this name is provided here; names are case-sensitive."
    raise Refusal(404, SCOPE, text)


def _provided(call: Call) -> bool:
    """Whether the kit knows the object, a registered schema declares it, or the zone holds one."""
    if object_of(call.collection) is not None:
        return True
    if not call.collection.endswith("s"):
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
