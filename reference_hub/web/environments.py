"""The environments service: create, read and delete one's own session (INF-ENV)."""

from __future__ import annotations

from flask import Blueprint, Request, Response, request

from reference_hub.codec.xml import fold
from reference_hub.journeys.enrol import enrol
from reference_hub.model.environment import Environment, Wanted
from reference_hub.problems import Refusal
from reference_hub.store import environments
from reference_hub.web import answers, bodies, callers, environment_xml, parameters
from reference_hub.web.services import services

blueprint = Blueprint("environments", __name__)
ALL = ("GET", "HEAD", "POST", "PUT", "DELETE")


@blueprint.post("/environments/environment", provide_automatic_options=False)
@blueprint.post("/environments/environment.xml", provide_automatic_options=False)
def create() -> Response:
    """Open an environment; what is not in the body is taken from headers or query parameters."""
    bodies.refuse_unanswerable(request)
    application, method = callers.application(request)
    asked = _wanted(request)
    answers.speak(asked.namespace)
    hub = services()
    with hub.engine.begin() as connection:
        made = enrol(connection, application, asked, method, hub.clock)
    return answers.xml(environment_xml.write(made, _root_url()), 201)


@blueprint.route("/environments", methods=ALL, provide_automatic_options=False)
def collection() -> Response:
    """No consumer may list or change the environments (INF-ENV-013)."""
    answers.allow(())
    raise Refusal(405, "Environments", "Only POST environments/environment creates one.")


@blueprint.get("/environments/<environment_id>", provide_automatic_options=False)
def read(environment_id: str) -> Response:
    """The caller's own environment."""
    bodies.refuse_unanswerable(request)
    return answers.xml(environment_xml.write(_own(environment_id, "Query"), _root_url()))


@blueprint.delete("/environments/<environment_id>", provide_automatic_options=False)
def delete(environment_id: str) -> Response:
    """End the caller's own environment; its token is refused from then on."""
    own = _own(environment_id, "Delete")
    with services().engine.begin() as connection:
        environments.delete(connection, own.id)
    return answers.empty()


def _wanted(request: Request) -> Wanted:
    root = bodies.optional_document(request)
    return environment_xml.wanted(root, lambda name: parameters.value(request, name))


def _own(environment_id: str, doing: str) -> Environment:
    session = callers.session(request)
    answers.speak(session.namespace)
    if fold(environment_id.removesuffix(".xml")) != fold(session.id):
        # The same answer for a stranger's id as for one that does not exist.
        raise Refusal(404, f"{doing} environment", "You have no environment with this id.")
    return session


def _root_url() -> str:
    public = services().settings.server.public_url
    return (public or request.url_root).rstrip("/")
