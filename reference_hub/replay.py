"""Requests carried out in this process, through the same door as those from outside."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from io import BytesIO
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_to_bytes

from werkzeug.datastructures import Headers
from werkzeug.test import EnvironBuilder, run_wsgi_app

from reference_hub.app import LOST, create_app
from reference_hub.journeys.delay import answer_next
from reference_hub.model.delayed import Delayed, Replay, Reply
from reference_hub.model.environment import Environment
from reference_hub.settings import Settings
from reference_hub.time_zones import clock_of
from reference_hub.web.callers import SESSION

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication
    from sqlalchemy import Engine


def answering(settings: Settings) -> Callable[[Engine], bool]:
    """An errand for a worker: answer the delayed request whose turn it is.

    The application is made when the first one comes, as a worker may never meet any.
    """
    clock = clock_of(settings)

    @cache
    def through(engine: Engine) -> Replay:
        return replaying(create_app(settings, engine, clock))

    def errand(engine: Engine) -> bool:
        return answer_next(engine, settings, lambda *asked: through(engine)(*asked), clock)

    return errand


def replaying(app: WSGIApplication) -> Replay:
    """A way to carry out requests by `app`, in the name of a session that is already known.

    It raises what a lost store raises: that is no answer, and the request is tried again.
    """

    def replay(session: Environment, request: Delayed) -> Reply:
        lost: list[Exception] = []
        environ = _environ(session, request) | {LOST: lost}
        chunks, status, headers = run_wsgi_app(app, environ, buffered=True)
        for error in lost:
            raise error
        return Reply(int(status.split()[0]), dict(headers), b"".join(chunks))

    return replay


def _environ(session: Environment, request: Delayed) -> dict[str, Any]:
    builder = EnvironBuilder(
        method=request.method,
        headers=Headers(list(request.headers.items())),
        input_stream=BytesIO(request.body),
        content_length=len(request.body),
    )
    path, _, query = request.target.partition("?")
    # Set by hand: the builder would decode what must be split first, and quote it anew.
    return builder.get_environ() | {
        "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
        "QUERY_STRING": query,
        "RAW_URI": request.target,
        "REQUEST_URI": request.target,
        SESSION: session,
    }
