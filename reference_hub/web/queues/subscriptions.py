"""The subscriptions connector: which events reach which own queue (INF-SUB)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from flask import Blueprint, Response, request
from lxml.etree import _Element

from reference_hub.codec.tree import leaf
from reference_hub.model.environment import Environment
from reference_hub.model.queue import Subscription
from reference_hub.model.scope import Scope
from reference_hub.model.served import utility_of
from reference_hub.problems import Refusal
from reference_hub.store import queues, subscriptions
from reference_hub.web import answers, bodies
from reference_hub.web.answers import METHODS, infrastructure
from reference_hub.web.asked import asked
from reference_hub.web.call import refuse_right, stands_for_all, usual_context
from reference_hub.web.dispatch import Table, dispatch
from reference_hub.web.queues.queues import own
from reference_hub.web.services import services
from reference_hub.web.target import Target

if TYPE_CHECKING:
    from sqlalchemy import Connection

blueprint = Blueprint("subscriptions", __name__)
SCOPE = "Subscriptions"
DOING = "Create subscription"
# Paths and templates have no events of their own (Base Architecture 5.5.1).
_SERVICE_TYPES = {
    "OBJECT": "OBJECT",
    "UTILITY": "UTILITY",
    "FUNCTIONAL": "FUNCTIONAL",
    "FUNCTION": "FUNCTIONAL",
}


@blueprint.route("/subscriptions", methods=METHODS, provide_automatic_options=False)
@blueprint.route("/subscriptions/<path:_>", methods=METHODS, provide_automatic_options=False)
def serve(_: str = "") -> Response:
    """Serve one request."""
    return dispatch("subscriptions", _table)


def create(environment: Environment, target: Target) -> Response:
    """201 with the subscription; events are queued from its commit on."""
    given = asked(bodies.document(request, target.suffix), "subscription", DOING)
    wanted = _wanted(environment, given)
    # The right to what all zones share lies in the own zone.
    is_shared = wanted.scope.zone_id == services().settings.utility_zone
    place = environment.scope if is_shared else wanted.scope
    refuse_right(environment, place, wanted.service_type, wanted.service_name, "SUBSCRIBE")
    with services().engine.begin() as connection:
        queue = own(connection, environment, wanted.queue_id, DOING, queues.find)
        wanted = replace(wanted, queue_id=queue.id)
        if not subscriptions.insert(connection, wanted):
            text = "You have a subscription to this service already; delete it first."
            raise Refusal(409, DOING, text, "409-01")
    return answers.xml(_write(wanted), 201)


def listing(environment: Environment, _: Target) -> Response:
    """The caller's own subscriptions: 200, or 204 where there are none."""
    with services().engine.connect() as connection:
        found = subscriptions.of(connection, environment.id)
    if not found:
        return answers.empty()
    root = infrastructure("subscriptions")
    root.extend(map(_write, found))
    return answers.xml(root)


def instance(environment: Environment, target: Target) -> Response:
    """One own subscription: 200 or 404."""
    with services().engine.connect() as connection:
        return answers.xml(_write(_own(connection, environment, target, "Query subscription")))


def delete(environment: Environment, target: Target) -> Response:
    """204; no new events come, those that are queued stay."""
    with services().engine.begin() as connection:
        found = _own(connection, environment, target, "Delete subscription")
        subscriptions.delete(connection, found.id)
    return answers.empty()


def _wanted(environment: Environment, given: Mapping[str, str]) -> Subscription:
    kind = _SERVICE_TYPES.get(given.get("serviceType", ""))
    if kind is None:
        text = "serviceType must be OBJECT, UTILITY or FUNCTIONAL; other services have no events."
        raise Refusal(400, DOING, text, "400-01")
    name, queue_id = given.get("serviceName", ""), given.get("queueId", "")
    if not name or not queue_id:
        text = "serviceName and queueId must be given."
        raise Refusal(400, DOING, text, "400-01")
    return Subscription(
        id=services().clock.new_uuid(),
        environment_id=environment.id,
        queue_id=queue_id,
        scope=_place(environment, given, kind),
        service_type=kind,
        service_name=(utility_of(name) or name) if kind == "UTILITY" else name,
    )


def _place(environment: Environment, given: Mapping[str, str], kind: str) -> Scope:
    zone = given.get("zoneId") or environment.scope.zone_id
    if stands_for_all(zone):
        if kind == "UTILITY":
            return Scope(services().settings.utility_zone)
        zone = environment.scope.zone_id
    return Scope(zone, given.get("contextId") or usual_context(environment, zone))


def _own(
    connection: Connection, environment: Environment, target: Target, doing: str
) -> Subscription:
    found = subscriptions.get(connection, target.segments[0])
    if found is None or found.environment_id != environment.id:
        raise Refusal(404, doing, "You have no subscription with this id.")
    return found


def _write(subscription: Subscription) -> _Element:
    element = infrastructure("subscription", id=subscription.id)
    leaf(element, "zoneId", subscription.scope.zone_id)
    leaf(element, "contextId", subscription.scope.context_id)
    leaf(element, "serviceType", subscription.service_type)
    leaf(element, "serviceName", subscription.service_name)
    leaf(element, "queueId", subscription.queue_id)
    return element


_COLLECTION: Table = {"GET": listing, "POST": create}
_SINGULAR: Table = {"POST": create}
_INSTANCE: Table = {"GET": instance, "DELETE": delete}


def _table(segments: tuple[str, ...]) -> Table:
    if len(segments) > 1:
        raise Refusal(404, SCOPE, "There is no such resource; look at the path.")
    if not segments:
        return _COLLECTION
    return _SINGULAR if segments == ("subscription",) else _INSTANCE
