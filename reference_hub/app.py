"""The application factory: the only place where blueprints and services meet."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import structlog
from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException

from reference_hub import __version__, schemas
from reference_hub.auth import bearer
from reference_hub.clock import Clock, iso
from reference_hub.codec.schema import open_judge
from reference_hub.codec.shape_book import ShapeBook
from reference_hub.journeys.console_outside import Outside
from reference_hub.journeys.writer import Judging
from reference_hub.model.forwarding import Forward
from reference_hub.problems import Refusal, raised_at
from reference_hub.registry.records import Snapshot
from reference_hub.registry_sync import client_of
from reference_hub.settings import Settings
from reference_hub.store.bells import Bells
from reference_hub.store.db import STORE_LOST
from reference_hub.store.outages import Outages
from reference_hub.time_zones import clock_of
from reference_hub.vendors import openid
from reference_hub.vendors.addresses import reach_of, refuse_url
from reference_hub.vendors.provider import ProviderCalls
from reference_hub.vendors.secrets import secret
from reference_hub.vendors.sftp_terms import host_key
from reference_hub.web import answers, connector, contrary, events, parameters
from reference_hub.web.access import environments, provisioning, tokens
from reference_hub.web.console import public_page
from reference_hub.web.console import routes as console
from reference_hub.web.jobs import jobs
from reference_hub.web.oneroster import oneroster
from reference_hub.web.operations import cors, observing, operations
from reference_hub.web.operations.metrics import open_meters
from reference_hub.web.privacy import form_page, privacy
from reference_hub.web.queues import queues, subscriptions
from reference_hub.web.render import render
from reference_hub.web.services import EXTENSION, Services, services

if TYPE_CHECKING:
    from sqlalchemy import Engine

log = structlog.get_logger(__name__)
# In the WSGI environ: a list of the caller's that is told of a lost store.
LOST = "reference_hub.lost"
_ECHOED = ("requestId", "generatorId")
_CONNECTORS = (
    environments,
    connector,
    provisioning,
    queues,
    subscriptions,
    events,
    jobs,
    tokens,
    privacy,
    form_page,
    oneroster,
    operations,
    console,
    public_page,
)


def create_app(
    settings: Settings,
    engine: Engine,
    clock: Clock | None = None,
    judge: Judging | None = None,
    outages: Outages | None = None,
    forward: Forward | None = None,
) -> Flask:
    """The hub as a WSGI application. Raises SetupError for an unusable schema, issuer's key or
    OpenID provider.

    `outages` hears of a lost store; by default the one of `settings.database`. `forward` passes
    requests to providers; by default over HTTP.
    """
    app = Flask(__name__, static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = settings.server.max_body
    # Clients of the standard's own examples write a slash before the query.
    app.url_map.strict_slashes = False
    app.url_map.merge_slashes = False
    clock = clock or clock_of(settings)
    hub = Services(
        settings=settings,
        engine=engine,
        clock=clock,
        judge=judge or open_judge(settings),
        meters=open_meters(),
        outages=outages or Outages(settings.database),
        forward=forward or _over_http(settings, clock),
        bells=Bells(engine),
        outside=_outside(settings),
        issuers=bearer.trusted(settings.access.issuers),
        shapes=ShapeBook(schemas.read(Path(settings.schemas.registry))),
        version=__version__,
    )
    app.extensions[EXTENSION] = hub
    # The last to look at an answer is the first to be registered.
    observing.observe(app, hub.meters)
    cors.share(app, settings.server.cors_origins)
    app.after_request(render)
    app.after_request(_sign)
    if settings.server.contrary is not None:
        contrary.be_contrary(app, settings.server.contrary)
    for module in _CONNECTORS:
        app.register_blueprint(module.blueprint)
    _refuse_as_sif(app)
    return app


def _over_http(settings: Settings, clock: Clock) -> Forward:
    # Half of the threads stay free for what the hub answers itself.
    wait, most = settings.broker.timeout_seconds, max(settings.server.threads // 2, 1)
    return ProviderCalls(wait, settings.server.max_body, clock, most)


def _outside(settings: Settings) -> Outside:
    def registry() -> Snapshot | None:
        client = client_of(settings.registry)
        return client.read() if client else None

    def refuse(url: str, *schemes: str) -> None:
        refuse_url(url, reach_of(settings), schemes=schemes or ("http", "https"))

    return Outside(registry, refuse, secret, host_key, openid.provider_of(settings))


def _refuse_as_sif(app: Flask) -> None:
    app.register_error_handler(Refusal, answers.error)
    app.register_error_handler(HTTPException, _refused_by_flask)
    app.register_error_handler(Exception, _unexpected)
    for kind in STORE_LOST:
        app.register_error_handler(kind, _store_lost)


def _refused_by_flask(problem: HTTPException) -> Response:
    status = problem.code or 500
    texts = {404: "There is no such resource.", 405: "This method is not offered here."}
    text = texts.get(status, problem.name)
    response = answers.error(Refusal(status, _doing(), text))
    for name, value in problem.get_headers():
        if name == "Allow":
            response.headers[name] = value
    return response


def _doing() -> str:
    # Any word may come as a method, a name or a number among them.
    known = (*answers.METHODS, "OPTIONS", "PATCH")
    return f"{request.method} request" if request.method in known else "HTTP request"


def _store_lost(error: Exception) -> Response:
    services().outages.note(error)
    request.environ.get(LOST, []).append(error)
    text = "The hub's store is away; try again later."
    return answers.error(Refusal(503, _doing(), text))


def _unexpected(error: Exception) -> Response:
    # Neither the text of the error nor its values: both may hold what a student's record says.
    fault_id = services().clock.new_uuid()
    log.error("unexpected error", id=fault_id, error=type(error).__name__, where=raised_at(error))
    text = f"The hub failed; its log has the details under {fault_id}."
    return answers.error(Refusal(500, _doing(), text), fault_id)


def _sign(response: Response) -> Response:
    if "eventAction" in response.headers:
        # An event from a queue answers nobody: it says what its publisher said.
        return response
    # What a provider or a queued message brought along stays as it came.
    clock = services().clock
    response.headers.setdefault("timestamp", iso(clock.now()))
    response.headers.setdefault("messageId", clock.new_uuid())
    kind = "ERROR" if response.status_code >= 400 else "RESPONSE"
    response.headers.setdefault("messageType", kind)
    response.headers.setdefault("responseAction", parameters.action(request))
    for name in _ECHOED:
        if name in request.headers:
            response.headers.setdefault(name, request.headers[name])
    return response
