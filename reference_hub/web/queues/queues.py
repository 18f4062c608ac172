"""The queues connector: a consumer's own queues, and what is in them (INF-QUE)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from flask import Blueprint, Response, request

from reference_hub.model.environment import Environment
from reference_hub.model.queue import Queue
from reference_hub.problems import Refusal
from reference_hub.store import queues
from reference_hub.web import answers, bodies
from reference_hub.web.answers import METHODS
from reference_hub.web.dispatch import Table, dispatch
from reference_hub.web.queues import queue_messages, queue_xml
from reference_hub.web.services import root_url, services
from reference_hub.web.target import Target

if TYPE_CHECKING:
    from sqlalchemy import Connection

blueprint = Blueprint("queues", __name__)
SCOPE = "Queues"


@blueprint.route("/queues", methods=METHODS, provide_automatic_options=False)
@blueprint.route("/queues/<path:_>", methods=METHODS, provide_automatic_options=False)
def serve(_: str = "") -> Response:
    """Serve one request."""
    return dispatch("queues", _table)


def create(environment: Environment, target: Target) -> Response:
    """201 with the whole queue; what is asked for is lowered to the hub's limits."""
    hub = services()
    root = bodies.document(request, target.suffix)
    limits, new_id = hub.settings.queues, hub.clock.new_uuid()
    queue = queue_xml.wanted(root, limits, new_id, environment.id, hub.clock.now())
    with hub.engine.begin() as connection:
        queues.insert(connection, queue)
    return answers.xml(queue_xml.write(queue, root_url()), 201)


def listing(environment: Environment, _: Target) -> Response:
    """The caller's own queues: 200, or 204 where there are none."""
    with services().engine.connect() as connection:
        found = queues.of(connection, environment.id)
    if not found:
        return answers.empty()
    root = answers.infrastructure("queues")
    root.extend(queue_xml.write(queue, root_url()) for queue in found)
    return answers.xml(root)


def instance(environment: Environment, target: Target) -> Response:
    """One own queue: 200 or 404."""
    with services().engine.connect() as connection:
        found = own(connection, environment, target.segments[0], "Query queue")
    return answers.xml(queue_xml.write(found, root_url()))


def delete(environment: Environment, target: Target) -> Response:
    """204; subscriptions to it and messages in it are gone."""
    with services().engine.begin() as connection:
        found = own(connection, environment, target.segments[0], "Delete queue")
        queues.delete(connection, found.id)
    return answers.empty()


def read_messages(environment: Environment, target: Target) -> Response:
    """The message the reader is at; with deleteMessageId the one after it."""
    with services().engine.connect() as connection:
        found = own(connection, environment, target.segments[0], "Query messages", queues.find)
    return queue_messages.read(environment, found, target.matrix.get("deleteMessageId", ""))


def delete_message(environment: Environment, target: Target) -> Response:
    """204; the message is named by the path or by deleteMessageId."""
    with services().engine.connect() as connection:
        found = own(connection, environment, target.segments[0], "Delete message", queues.find)
    named = (*target.segments[2:], target.matrix.get("deleteMessageId", ""))
    return queue_messages.delete(found, named[0])


def own(
    connection: Connection,
    environment: Environment,
    queue_id: str,
    doing: str,
    look: Callable[[Connection, str], Queue | None] = queues.get,
) -> Queue:
    """A queue of the caller. Raises Refusal 404 for any other, whether it exists or not."""
    found = look(connection, queue_id)
    if found is None or found.environment_id != environment.id:
        raise Refusal(404, doing, "You have no queue with this id; see your queues.")
    return found


_COLLECTION: Table = {"GET": listing, "POST": create}
_SINGULAR: Table = {"POST": create}
_INSTANCE: Table = {"GET": instance, "DELETE": delete}
_MESSAGES: Table = {"GET": read_messages, "DELETE": delete_message}
_MESSAGE: Table = {"DELETE": delete_message}


def _table(segments: tuple[str, ...]) -> Table:
    if not segments:
        return _COLLECTION
    if segments == ("queue",):
        return _SINGULAR
    if len(segments) == 1:
        return _INSTANCE
    if segments[1] == "messages" and len(segments) <= 3:
        return _MESSAGES if len(segments) == 2 else _MESSAGE
    raise Refusal(404, SCOPE, "There is no such resource; a queue tells its queueUri.")
