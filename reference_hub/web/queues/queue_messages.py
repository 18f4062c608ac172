"""The messages of a queue, one at a time; a LONG queue lets its reader wait (INF-QUE-005 to 016).

No error of this connector carries `relativeServicePath`: a reader would take it for a message.
"""

from __future__ import annotations

import math
import time
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from flask import Response, request

from reference_hub.codec import releases
from reference_hub.codec.numbers import whole
from reference_hub.codec.xml import parse, tostring
from reference_hub.journeys.alert import raise_alert
from reference_hub.journeys.fetch import Fetched, Reader, fetch
from reference_hub.journeys.job_work import SERVICES
from reference_hub.model.environment import Environment
from reference_hub.model.queue import LONG, Pulled, Queue
from reference_hub.model.served import utility_of
from reference_hub.problems import Refusal
from reference_hub.store import pulls, queues
from reference_hub.web import answers, parking
from reference_hub.web.gatekeeping import fail_closed, refusals_noted
from reference_hub.web.queues import message_headers
from reference_hub.web.reads import collected
from reference_hub.web.services import services

if TYPE_CHECKING:
    from sqlalchemy import Connection

DOING = "Query messages"


@dataclass(frozen=True, slots=True)
class _Busy:
    """The reader came back too early; it may come in so many seconds."""

    seconds: float


def read(environment: Environment, queue: Queue, done: str) -> Response:
    """200 with the message the reader is at, or 204. `done`: id of the one it is through with.

    Raises Refusal 404 for an id that is not outstanding, 403 or 410 for a vendor's marker.
    """
    marker = request.headers.get(answers.MARKER)
    reader = Reader(environment, queue, _connection_id(queue), marker)
    with refusals_noted(environment, environment.scope, ""):
        found = _held(reader, done) if queue.polling == LONG else _look(reader, done)
    if isinstance(found, _Busy):
        return _busy(found)
    return answers.empty() if found is None else _shown(reader, found)


def delete(queue: Queue, done: str) -> Response:
    """204 when the message is outstanding. Raises Refusal 404 otherwise."""
    with services().engine.begin() as connection:
        _enter(connection, queue, _connection_id(queue))
        _acknowledge(connection, queue, _connection_id(queue), done)
    return answers.empty()


def _held(reader: Reader, done: str) -> Fetched | _Busy | None:
    environ, queue = request.environ, reader.queue
    before = parking.resumed(environ)
    deadline = before.deadline if before else time.monotonic() + queue.idle_timeout
    wait = services().bells.expect(queue.id)
    is_parked = False
    try:
        # A request that was parked has acknowledged already.
        found = _look(reader, "" if before else done)
        while found is None and (left := deadline - time.monotonic()) > 0:
            is_parked = parking.is_offered(environ)
            if is_parked:
                arrived = before.arrived if before else services().clock.now()
                parking.ask(environ, parking.Parking(wait, deadline, arrived))
                break
            wait.until(left)
            found = _look(reader, "")
    finally:
        if not is_parked:
            wait.end()
    return found


def _look(reader: Reader, done: str) -> Fetched | _Busy | None:
    clock, queue = services().clock, reader.queue
    # One transaction: whoever is refused has neither acknowledged nor read anything.
    with services().engine.begin() as connection:
        early = _enter(connection, queue, reader.connection_id)
        if done:
            _acknowledge(connection, queue, reader.connection_id, done)
        elif early > 0:
            _report(connection, reader, early)
            return _Busy(early)
        found = _fetched(connection, reader)
        if found is None and queue.min_wait_time:
            queues.found_empty(connection, queue.id, reader.connection_id, clock.now())
    return found


def _report(connection: Connection, reader: Reader, early: float) -> None:
    # A clock that runs a little fast is no fault worth an alert; a loop without a pause is.
    if early > reader.queue.min_wait_time / 2:
        environment = reader.environment
        text = "A queue is polled without waiting minWaitTime after it was found empty."
        where, key = environment.scope, environment.application.key
        raise_alert(connection, services().clock, where, "hub", "WARNING", text, cause=key)


def _enter(connection: Connection, queue: Queue, connection_id: int) -> float:
    now = services().clock.now()
    entered = queues.enter(connection, queue.id, connection_id, now)
    if not entered:
        raise Refusal(404, DOING, "You have no queue with this id; see your queues.")
    left_empty = entered[0]
    if left_empty is None:
        return 0.0
    since: timedelta = now - left_empty
    return queue.min_wait_time - since.total_seconds()


def _acknowledge(connection: Connection, queue: Queue, connection_id: int, done: str) -> None:
    came = pulls.acknowledge(connection, queue.id, connection_id, done)
    if came is None:
        text = "No message with this id is outstanding; read on without deleteMessageId."
        raise Refusal(404, "Delete message", text)
    queues.modified(connection, queue.id, came)


def _fetched(connection: Connection, reader: Reader) -> Fetched | None:
    with fail_closed() if reader.environment.is_vendor else nullcontext():
        return fetch(connection, reader, services().clock)


def _connection_id(queue: Queue) -> int:
    # Some clients always send it; with one connection it says nothing (INF-QUE-014).
    if queue.max_connections == 1:
        return 0
    given = whole(request.headers.get("connectionId", ""), queue.max_connections - 1)
    if given is not None:
        return given
    text = f"connectionId must be a number from 0 to {queue.max_connections - 1}."
    raise Refusal(404, DOING, text)


def _busy(early: _Busy) -> Response:
    text = "Service is Busy: the queue was empty; wait minWaitTime seconds between readings."
    response = answers.error(Refusal(503, DOING, text))
    response.headers["Retry-After"] = str(math.ceil(early.seconds))
    return response


def _own_news(message: Pulled, body: bytes) -> bytes:
    """An event of the hub's own services, as the release of its reader has it; b'' for others."""
    headers = message.payload.headers if message.payload else {}
    kind, name = (headers.get(each, "") for each in ("serviceType", "serviceName"))
    own = (kind == "UTILITY" and utility_of(name)) or (kind == "FUNCTIONAL" and name in SERVICES)
    if message.kind != "event" or not own:
        return b""
    return tostring(releases.spoken(parse(body), answers.spoken()))


def _shown(reader: Reader, found: Fetched) -> Response:
    headers = message_headers.of(found.message, is_vendor=reader.environment.is_vendor)
    if reader.queue.max_connections > 1:
        headers["connectionId"] = str(reader.connection_id)
    if found.pod is not None and found.pod.token and reader.marker:
        headers[answers.MARKER] = found.pod.token
    payload = found.message.payload
    if found.objects is None:
        if payload is None or not payload.body:
            return answers.empty(200, headers)
        body = _own_news(found.message, payload.body) or payload.body
        return answers.verbatim(body, payload.content_type, 200, headers)
    if not found.objects:
        return answers.empty(200, headers)
    if not found.collection:
        return answers.xml(found.objects[0], 200, headers)
    return answers.xml(collected(found.collection, found.objects), 200, headers)
