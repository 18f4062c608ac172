"""Sixth layer: queues and subscriptions. A message names an object; it is filtered when read."""

from __future__ import annotations

from conformance.simulators.documents import child_text, node, serialise
from conformance.simulators.gate import MARKER
from conformance.simulators.hub.parties import Message, Queue
from conformance.simulators.hub.reads import wrapped
from conformance.simulators.hub.writes import Writes
from conformance.simulators.message import Request, Response
from conformance.simulators.problems import Refusal


class Queues(Writes):
    """Creating and reading queues (Infrastructure Services 3.2.1, 8 and 9)."""

    def create_queue(self, vendor: str) -> Response:
        """POST queues/queue."""
        queue = Queue(self.new_id(), vendor)
        self.held.queues[queue.id] = queue
        return self.document(201, node("queue", node("polling", "IMMEDIATE"), id=queue.id))

    def create_subscription(self, request: Request, vendor: str) -> Response:
        """POST subscriptions/subscription."""
        asked = self.read_xml(request)
        queue = self.queue_of(vendor, child_text(asked, "queueId"))
        queue.services.add(child_text(asked, "serviceName"))
        asked.set("id", self.new_id())
        return self.document(201, asked)

    def queue_of(self, vendor: str, refid: str) -> Queue:
        """A queue of the caller; 404 for any other."""
        queue = self.held.queues.get(refid)
        if queue is None or queue.vendor != vendor:
            raise Refusal(404, "You have no queue with this id.")
        return queue

    def read_messages(self, request: Request, vendor: str, refid: str) -> Response:
        """GET queues/{id}/messages: the oldest message, or 204."""
        queue = self.queue_of(vendor, refid)
        self.settle(queue, dict(request.matrix).get("deleteMessageId", ""))
        while queue.messages:
            answer = self.shown_message(request, vendor, queue.messages[0])
            if answer is not None:
                return answer
            del queue.messages[0]
        return Response(204)

    def settle(self, queue: Queue, done: str) -> None:
        """Drop the message that the reader is through with."""
        if done and queue.messages and queue.messages[0].id == done:
            del queue.messages[0]

    def shown_message(self, request: Request, vendor: str, message: Message) -> Response | None:
        """A message as its reader may see it now; None if nothing of it is visible."""
        if message.paper is not None:
            event = node("pods", message.paper.shown())
            return Response(200, serialise(event)).adding(*self.event_headers(message, "UTILITY"))
        through = self.admit(request, vendor, "messages")
        stored = self.held.objects[message.collection].get(message.refid)
        element = None if stored is None else self.filtered(stored.element, through)
        if element is None:
            return None
        answer = Response(200, serialise(wrapped(message.collection, [element])))
        return answer.adding(*self.event_headers(message, "OBJECT"), (MARKER, through.paper.token))

    def event_headers(self, message: Message, kind: str) -> tuple[tuple[str, str], ...]:
        """What an event says of itself."""
        return (
            ("eventAction", message.action),
            ("serviceName", message.collection),
            ("serviceType", kind),
            ("messageId", message.id),
        )

    def delete_queue(self, vendor: str, refid: str) -> Response:
        """DELETE queues/{id}."""
        del self.held.queues[self.queue_of(vendor, refid).id]
        return Response(204)
