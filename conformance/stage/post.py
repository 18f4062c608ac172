"""The queues of the suite's own hub: messages wait until their id is deleted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import uuid4

from conformance import trees
from conformance.stage import documents
from conformance.stage.calls import MESSAGES, QUEUE, SUBSCRIPTION, XML, Asked, Given
from conformance.stage.clock import Clock
from conformance.stage.weather import Manner

LONG_SECONDS = 0.3
Refuse = Callable[[int, str, str], Given]


@dataclass(slots=True)
class Queue:
    """Messages that wait for a client, and the services by zone that it subscribed to.

    `handed` is the id of the message that was given last, `empty` the moment (monotonic seconds)
    of the last 204.
    """

    place: str
    messages: list[tuple[str, Given]] = field(default_factory=list)
    services: set[tuple[str, str]] = field(default_factory=set)
    handed: str = ""
    empty: float = 0.0
    min_wait: int = 0
    long: bool = False

    def takes(self, service: str, zone: str) -> bool:
        """Whether it gets the events of a service in a zone; without a zone it gets all."""
        return (service, zone) in self.services or (service, "") in self.services

    def put(self, lines: tuple[tuple[str, str], ...], body: bytes, zone: str = "",
            told: tuple[tuple[str, str], ...] = (), refid: str = "") -> str:  # fmt: skip
        """Add a message, and return its id."""
        refid = refid or str(uuid4())
        lines = (("messageId", refid), *lines, *((XML,) if body else ()))
        self.messages.append((refid, Given(200, lines, body, MESSAGES, zone, "", told)))
        return refid

    def answer(self, asked: Asked, given: Given) -> None:
        """Add the answer to a delayed request, an error too."""
        kind = "RESPONSE" if given.status < 300 else "ERROR"
        path = asked.path.partition("?")[0].rpartition("/")[2]
        lines: tuple[tuple[str, str], ...] = (
            ("messageType", kind), ("requestId", asked.says("requestId")),
            ("responseAction", "QUERY"), ("relativeServicePath", path), ("serviceType", "OBJECT"),
            ("serviceName", given.service), ("zoneId", given.zone), ("contextId", "DEFAULT"),
        )  # fmt: skip
        lines += tuple(one for one in given.headers if one[0].startswith("navigation"))
        self.put(lines, given.body, given.zone)


class Post:
    """Queues by id, and the routes to them. `forgetful`: the next deletion is not done."""

    def __init__(self, refuse: Refuse) -> None:
        self.queues: dict[str, Queue] = {}
        self.forgetful = False
        self.clock = Clock()
        self._refused = refuse

    def clear(self) -> None:
        """What a restart does to queues that were kept in memory."""
        self.queues.clear()

    def subscribed(self, service: str, zone: str = "") -> list[Queue]:
        """The queues that get the events of a service, in a zone if it is named."""
        return [
            one
            for one in self.queues.values()
            if (one.takes(service, zone) if zone else any(it[0] == service for it in one.services))
        ]

    def route(self, asked: Asked, url: str, manner: Manner) -> Given:
        """Calls to the collection of queues, and to one of them."""
        if asked.method == "POST":
            return self._make(asked, url, manner)
        refid = asked.steps[1] if len(asked.steps) > 1 else ""
        queue = self.queues.get(refid)
        if queue is None:
            return self._refused(404, "There is no such queue.", QUEUE)
        if len(asked.steps) > 2:
            return self.messages(asked, queue)
        if asked.method == "DELETE":
            del self.queues[refid]
            return Given(204, (), b"", QUEUE)
        return Given(200, (XML,), self._document(refid, queue, url), QUEUE)

    def by_place(self, asked: Asked) -> Given:
        """Calls to the address that a queue told."""
        place = "/".join(asked.steps[:2])
        queue = next((one for one in self.queues.values() if one.place == place), None)
        if queue is None:
            return self._refused(404, "There is no such queue.", QUEUE)
        return self.messages(asked, queue)

    def _make(self, asked: Asked, url: str, manner: Manner) -> Given:
        refid = str(uuid4())
        queue = Queue(f"mail/{uuid4().hex}", min_wait=manner.min_wait)
        try:
            queue.long = trees.text(trees.parse(asked.body), "polling").upper() == "LONG"
        except trees.Unreadable:
            return self._refused(400, "A queue is XML.", QUEUE)
        self.queues[refid] = queue
        return Given(201, (XML,), self._document(refid, queue, url), QUEUE)

    def _document(self, refid: str, queue: Queue, url: str) -> bytes:
        made = documents.queue(refid, f"{url}/{queue.place}", queue.min_wait, queue.long)
        return trees.tostring(made)

    def messages(self, asked: Asked, queue: Queue) -> Given:
        """The oldest message; that of `deleteMessageId` is taken away before."""
        done = asked.given.get("deleteMessageId", "")
        if done and (done != queue.handed or not any(one[0] == done for one in queue.messages)):
            return self._refused(404, "There is no such message to delete.", MESSAGES)
        if done and self.forgetful:
            self.forgetful = False
            queue.messages = [one for one in queue.messages if one[0] != done]
            queue.handed = ""
            return self._refused(404, "There is no such message to delete.", MESSAGES)
        if done:
            queue.messages = [one for one in queue.messages if one[0] != done]
            queue.handed = ""
        if asked.method == "DELETE":
            return Given(204, (), b"", MESSAGES)
        since = self.clock.monotonic() - queue.empty
        if not done and queue.empty and since < 0.9 * queue.min_wait:
            return self._refused(503, "Service is busy.", MESSAGES)
        if not queue.messages:
            queue.empty = self.clock.monotonic()
            return Given(204, (), b"", MESSAGES, wait=LONG_SECONDS if queue.long else 0.0)
        queue.empty = 0.0
        queue.handed = queue.messages[0][0]
        return queue.messages[0][1]

    def subscribe(self, asked: Asked) -> Given:
        """Another service for a queue."""
        if asked.method == "DELETE":
            return Given(204, (), b"", SUBSCRIPTION)
        try:
            told = trees.parse(asked.body)
        except trees.Unreadable:
            return self._refused(400, "A subscription is XML.", SUBSCRIPTION)
        queue = self.queues.get(trees.text(told, "queueId"))
        if asked.method != "POST" or queue is None:
            return self._refused(404, "There is no such queue.", SUBSCRIPTION)
        queue.services.add((trees.text(told, "serviceName"), trees.text(told, "zoneId")))
        told.set("id", str(uuid4()))
        return Given(201, (XML,), trees.tostring(told), SUBSCRIPTION)
