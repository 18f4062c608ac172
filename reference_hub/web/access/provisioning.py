"""The provisionRequests service: an application asks for more rights (INF-PRQ)."""

from __future__ import annotations

from dataclasses import replace

from flask import Blueprint, Response, request
from lxml.etree import _Element

from reference_hub.codec.tree import branch
from reference_hub.codec.xml import fold, local_name
from reference_hub.journeys.provision import ask, without_admin
from reference_hub.model.environment import Environment
from reference_hub.model.provision import ProvisionRequest
from reference_hub.model.rights import Grant
from reference_hub.problems import Refusal
from reference_hub.store import provision_requests
from reference_hub.web import answers, bodies
from reference_hub.web.access.provisioned_xml import SCOPE, read_zones, write_zones
from reference_hub.web.answers import METHODS
from reference_hub.web.call import arrived, stands_for_all
from reference_hub.web.services import services
from reference_hub.web.target import Target

blueprint = Blueprint("provisioning", __name__)
DOING = "Provision requests"
SINGULAR = "provisionRequest"


@blueprint.route("/provisionRequests", methods=METHODS, provide_automatic_options=False)
@blueprint.route("/provisionRequests/<path:_>", methods=METHODS, provide_automatic_options=False)
def serve(_: str = "") -> Response:
    """Ask, look what became of it, take it back; nothing is ever updated (INF-PRQ-008)."""
    environment, target = arrived(request, "provisionRequests")
    if len(target.segments) > 1:
        raise Refusal(404, DOING, "There is no such resource.")
    name = next(iter(target.segments), "")
    if name in ("", SINGULAR) and request.method == "POST":
        return _create(environment, target)
    if name == SINGULAR:
        raise answers.not_offered(DOING, ("POST",))
    if name:
        return _instance(environment, name)
    if request.method in ("GET", "HEAD"):
        return _listing(environment)
    raise answers.not_offered(DOING, ("GET", "HEAD", "POST"))


def _create(environment: Environment, target: Target) -> Response:
    root = bodies.document(request, target.suffix)
    if local_name(root) != SINGULAR:
        raise Refusal(400, SCOPE, "The body must be one provisionRequest.", "400-01")
    asked = tuple(
        _placed(each, environment) for each in read_zones(root, environment.scope.zone_id)
    )
    hub = services()
    automatic = hub.settings.access.provisioning == "automatic"
    with hub.engine.begin() as connection:
        made = ask(connection, environment, asked, hub.clock, automatic=automatic)
    return answers.xml(_written(made, environment), 201)


def _instance(environment: Environment, request_id: str) -> Response:
    """One's own: 202 while it waits for a decision, then 200; DELETE 204."""
    with services().engine.begin() as connection:
        own = provision_requests.of_environment(connection, environment.id)
        found = next((each for each in own if fold(each.id) == fold(request_id)), None)
        if found is None:
            text = "You have no provision request with this id."
            raise Refusal(404, f"{request.method} provisionRequest", text)
        if request.method == "DELETE":
            provision_requests.delete(connection, found.id)
            return answers.empty()
    if request.method not in ("GET", "HEAD"):
        raise answers.not_offered(DOING, ("GET", "HEAD", "DELETE"))
    return answers.xml(_written(found, environment), 200 if found.completion else 202)


def _listing(environment: Environment) -> Response:
    with services().engine.connect() as connection:
        own = provision_requests.of_environment(connection, environment.id)
    if not own:
        return answers.empty()
    root = answers.infrastructure("provisionRequests")
    root.extend(_written(each, environment) for each in own)
    return answers.xml(root)


def _placed(grant: Grant, environment: Environment) -> Grant:
    """A utility's right, which the environment lists in the zone of utilities, is an own one."""
    if grant.service_type != "UTILITY" or not stands_for_all(grant.zone_id):
        return grant
    own = environment.scope
    return replace(grant, zone_id=own.zone_id, context_id=own.context_id)


def _written(made: ProvisionRequest, environment: Environment) -> _Element:
    attributes = {"id": made.id}
    if made.completion:
        attributes["completionStatus"] = made.completion
    root = answers.infrastructure(SINGULAR, **attributes)
    shown = without_admin(made.decided if made.completion else made.asked)
    write_zones(root, shown)
    if not shown:
        # The schema wants a zone, even where only the former right ADMIN was asked for.
        zones = branch(root, "provisionedZones")
        branch(zones, "provisionedZone", id=environment.scope.zone_id)
    return root
