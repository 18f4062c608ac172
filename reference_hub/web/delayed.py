"""Delayed requests: 202 now, the answer later in the caller's queue (INF-DLY)."""

from __future__ import annotations

from flask import Request, Response

from reference_hub.journeys import broker
from reference_hub.model.delayed import Delayed
from reference_hub.model.headers import CREDENTIALS, HOP_BY_HOP, without
from reference_hub.problems import Refusal
from reference_hub.store import delayed_requests, outbox
from reference_hub.web import answers, bodies, parameters
from reference_hub.web.brokering import place_of
from reference_hub.web.call import INSTANCE, SINGULAR, Call, raw_target
from reference_hub.web.queues.queues import own
from reference_hub.web.services import services

_NOT_KEPT = frozenset({"accept-encoding", "queueid", "requesttype", "timestamp"})


def is_asked(request: Request) -> bool:
    """Whether the caller wants the answer in its queue."""
    return request.headers.get("requestType", "").upper() == "DELAYED"


def take(call: Call) -> Response:
    """202 without a body: whatever happens from now on is told in the queue."""
    doing = f"{call.request.method} {call.collection}"
    if call.form in (INSTANCE, SINGULAR):
        text = "One object is asked for or changed at once; send requestType IMMEDIATE."
        raise Refusal(400, doing, text, "400-04")
    queue_id, request_id = (call.request.headers.get(name, "") for name in ("queueId", "requestId"))
    if not queue_id or not request_id:
        text = "DELAYED needs the header fields queueId, a queue of yours, and requestId."
        raise Refusal(400, doing, text)
    body = bodies.body_bytes(call.request)
    with services().engine.begin() as connection:
        queue = own(connection, call.environment, queue_id, doing)
        request = _kept(call, queue.id, request_id, body)
        delayed_requests.insert(connection, request, services().clock.now())
        outbox.notify(connection)
    return answers.empty(202)


def _kept(call: Call, queue_id: str, request_id: str, body: bytes) -> Delayed:
    request = call.request
    path, _, query = raw_target(request).partition("?")
    connector = "services" if call.service_type == "FUNCTIONAL" else "requests"
    below = path.partition(f"/{connector}/")[2]
    headers = without(request.headers.items(), HOP_BY_HOP, CREDENTIALS, _NOT_KEPT)
    if call.environment.is_vendor:
        # The queue prunes once more when the answer is fetched, which takes XML.
        headers["Accept"] = "application/xml"
    return Delayed(
        environment_id=call.environment.id,
        queue_id=queue_id,
        method=request.method,
        target=f"/{connector}/{below}{broker.query(query, vendor=False)}",
        headers=headers,
        body=body,
        scope=call.scope,
        object_type=call.object_type,
        envelope=_envelope(call, request_id),
    )


def _envelope(call: Call, request_id: str) -> dict[str, str]:
    return {
        "requestId": request_id,
        "relativeServicePath": place_of(call),
        "responseAction": parameters.action(call.request),
        "serviceType": call.service_type,
        "serviceName": call.service_name,
        "zoneId": call.scope.zone_id,
        "contextId": call.scope.context_id,
    }
