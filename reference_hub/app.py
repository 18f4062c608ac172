"""The application factory: the only place where blueprints and services meet."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from typing import TYPE_CHECKING

import structlog
from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException

from reference_hub.clock import Clock, iso
from reference_hub.codec.schema import open_judge
from reference_hub.journeys.writer import Judging
from reference_hub.problems import Refusal
from reference_hub.settings import Settings
from reference_hub.store.db import STORE_LOST
from reference_hub.store.outages import Outages
from reference_hub.web import (
    answers,
    connector,
    environments,
    events,
    jobs,
    operations,
    parameters,
    provisioning,
    queues,
    subscriptions,
    tokens,
)
from reference_hub.web.services import EXTENSION, Services, services

if TYPE_CHECKING:
    from sqlalchemy import Engine

log = structlog.get_logger(__name__)
_ECHOED = ("requestId", "generatorId")
_SERVICES = (
    environments,
    connector,
    provisioning,
    queues,
    subscriptions,
    events,
    jobs,
    tokens,
    operations,
)


def create_app(
    settings: Settings,
    engine: Engine,
    clock: Clock | None = None,
    judge: Judging | None = None,
    outages: Outages | None = None,
) -> Flask:
    """The hub as a WSGI application. Raises SetupError when a registered schema is unusable.

    `outages` hears of a lost store; by default the one of `settings.database`.
    """
    app = Flask(__name__, static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = settings.server.max_body
    # Clients of the standard's own examples write a slash before the query.
    app.url_map.strict_slashes = False
    app.url_map.merge_slashes = False
    app.extensions[EXTENSION] = Services(
        settings, engine, clock or Clock(), judge or open_judge(settings)
    )
    for module in _SERVICES:
        app.register_blueprint(module.blueprint)
    app.register_error_handler(Refusal, _refused)
    app.register_error_handler(HTTPException, _refused_by_flask)
    app.register_error_handler(Exception, _unexpected)
    lost = _store_lost(outages or Outages(settings.database))
    for kind in STORE_LOST:
        app.register_error_handler(kind, lost)
    app.after_request(_sign)
    return app


def _refused(problem: Refusal) -> Response:
    return answers.error(problem)


def _refused_by_flask(problem: HTTPException) -> Response:
    status = problem.code or 500
    texts = {404: "There is no such resource.", 405: "This method is not offered here."}
    text = texts.get(status, problem.name)
    response = answers.error(Refusal(status, f"{request.method} request", text))
    for name, value in problem.get_headers():
        if name == "Allow":
            response.headers[name] = value
    return response


def _store_lost(outages: Outages) -> Callable[[Exception], Response]:
    def answer(error: Exception) -> Response:
        outages.note(error)
        text = "The hub's store is away; try again later."
        return answers.error(Refusal(503, f"{request.method} request", text))

    return answer


def _unexpected(error: Exception) -> Response:
    # Neither the text of the error nor its values: both may hold what a student's record says.
    where = [f"{frame.name}:{frame.lineno}" for frame in traceback.extract_tb(error.__traceback__)]
    fault_id = services().clock.new_uuid()
    log.error("unexpected error", id=fault_id, error=type(error).__name__, where=where)
    text = f"The hub failed; its log has the details under {fault_id}."
    return answers.error(Refusal(500, f"{request.method} request", text), fault_id)


def _sign(response: Response) -> Response:
    clock = services().clock
    response.headers["timestamp"] = iso(clock.now())
    response.headers["messageId"] = clock.new_uuid()
    response.headers["messageType"] = "ERROR" if response.status_code >= 400 else "RESPONSE"
    response.headers["responseAction"] = parameters.action(request)
    for name in _ECHOED:
        if name in request.headers:
            response.headers[name] = request.headers[name]
    return response
