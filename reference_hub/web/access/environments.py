"""The environments service: create, read and delete one's own session (INF-ENV).

Zone, context, service type and DELAYED say nothing to it and are not looked at (INF-ENV-026).
"""

from __future__ import annotations

from dataclasses import replace

from flask import Blueprint, Request, Response, request

from reference_hub.journeys.enrol import enrol, leave
from reference_hub.journeys.provide import withdraw_all
from reference_hub.model.environment import Environment, Wanted
from reference_hub.problems import Refusal
from reference_hub.web import answers, bodies, callers, parameters
from reference_hub.web.access import environment_xml
from reference_hub.web.answers import METHODS
from reference_hub.web.call import raw_target
from reference_hub.web.offered import listed
from reference_hub.web.services import root_url, services
from reference_hub.web.target import Target, parse_target

blueprint = Blueprint("environments", __name__)


@blueprint.route("/environments", methods=METHODS, provide_automatic_options=False)
def collection() -> Response:
    """No consumer may list or change the environments (INF-ENV-013)."""
    answers.allow(())
    raise Refusal(405, "Environments", "Only POST environments/environment creates one.")


@blueprint.route("/environments/<path:_>", methods=METHODS, provide_automatic_options=False)
def serve(_: str) -> Response:
    """Create, or read or delete one's own; the path is read from the raw target."""
    target = parse_target(raw_target(request), "environments")
    if not target.segments:
        return collection()
    if len(target.segments) > 1:
        raise Refusal(404, "Environments", "There is no such resource.")
    (name,) = target.segments
    if name == "environment":
        _refuse_other_than(("POST",))
        return _create(target)
    _refuse_other_than(("GET", "HEAD", "DELETE"))
    if request.method == "DELETE":
        return _delete(name)
    return _read(target, name)


def _create(target: Target) -> Response:
    bodies.refuse_unanswerable(request, target.suffix)
    application, method = callers.application(request)
    asked = _wanted(request, target.suffix)
    answers.speak(asked.namespace)
    hub = services()
    with hub.engine.begin() as connection:
        done = enrol(connection, application, asked, method, hub.clock, hub.settings.access)
    if done.is_new:
        return _shown(done.environment, 201)
    # Consumers take the session over from here; what they get is the environment, no error.
    return _shown(done.environment, 409, {"messageType": "RESPONSE"})


def _read(target: Target, environment_id: str) -> Response:
    bodies.refuse_unanswerable(request, target.suffix)
    return _shown(_own(environment_id, "Query"), 200)


def _delete(environment_id: str) -> Response:
    own = _own(environment_id, "Delete")
    hub = services()
    with hub.engine.begin() as connection:
        withdraw_all(connection, own.id, hub.clock, hub.settings.utility_zone)
        leave(connection, own, hub.clock)
    return answers.empty()


def _shown(
    environment: Environment, status: int, headers: dict[str, str] | None = None
) -> Response:
    hub = services()
    zone = hub.settings.zones.get(environment.scope.zone_id)
    element = environment_xml.write(
        environment,
        root_url(),
        zone.description if zone else "",
        listed(environment),
        with_token=callers.knows_secret(request),
    )
    return answers.xml(element, status, headers)


def _wanted(request: Request, suffix: str) -> Wanted:
    root = bodies.optional_document(request, suffix)
    asked = environment_xml.wanted(root, lambda name: parameters.value(request, name))
    return replace(asked, user_token=callers.user(asked.user_token))


def _own(environment_id: str, doing: str) -> Environment:
    session = callers.own(request, environment_id)
    if session is None:
        # The same answer for a stranger's id as for one that does not exist.
        raise Refusal(404, f"{doing} environment", "You have no environment with this id.")
    answers.speak(session.namespace)
    return session


def _refuse_other_than(methods: tuple[str, ...]) -> None:
    if request.method not in methods:
        raise answers.not_offered(f"{request.method} environment", methods)
