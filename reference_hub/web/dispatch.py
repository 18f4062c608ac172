"""What small connectors share: a table of methods for each form of path, and one way through it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from flask import Request, Response, request

from reference_hub.model.environment import Environment
from reference_hub.web import answers, callers
from reference_hub.web.call import arrived
from reference_hub.web.target import Target

Handler = Callable[[Environment, Target], Response]
Table = Mapping[str, Handler]


def dispatch(
    connector: str,
    table_of: Callable[[tuple[str, ...]], Table],
    who: Callable[[Request], Environment] = callers.session,
) -> Response:
    """Authenticate and serve; the path is read from the raw target, not from the route.

    `table_of` gives the handlers for the segments of a path, or raises Refusal 404.
    """
    environment, target = arrived(request, connector, who)
    table = table_of(target.segments)
    handler = table.get(request.method)
    if handler is None:
        raise answers.not_offered(f"{request.method} {connector}", table)
    return handler(environment, target)
