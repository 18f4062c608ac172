"""A vendor's documents for its client of OneRoster, which shows an access token and has no session.

One with a session finds them at the requests connector; for it the services connector has jobs.
"""

from __future__ import annotations

from flask import Response, request

from reference_hub.problems import Refusal
from reference_hub.web import answers, callers
from reference_hub.web.call import COLLECTION, INSTANCE, Call, arrived
from reference_hub.web.jobs import jobs
from reference_hub.web.utilities import pod_service


def serve() -> Response:
    """200 with the documents or one of them, 204 where there are none, 404."""
    environment, target = arrived(request, "services", callers.party)
    if environment.id:
        return jobs.serve("")
    if len(target.segments) > 2:
        raise Refusal(404, "Query pods", "There is no such resource.")
    form = INSTANCE if target.segments[1:] else COLLECTION
    handler = pod_service.HANDLERS.get((request.method, form))
    if handler is None:
        raise answers.not_offered(f"{request.method} pods", ("GET", "HEAD"))
    place = (environment.scope, "UTILITY", target.segments)
    return handler(Call(request, environment, *place, form, target.suffix))
