"""Second layer: the environment, and the queue with its subscriptions."""

from __future__ import annotations

import time
from uuid import uuid4

from lxml import etree

from conformance.simulators.consumer.link import Answer
from conformance.simulators.consumer.papers import Papers
from conformance.simulators.documents import child_text, node
from conformance.simulators.problems import Refusal


class Session(Papers):
    """A client that connects, keeps what its environment tells, and leaves again."""

    # Services of which events are wanted, with their types.
    subscriptions = (("pods", "UTILITY"), ("xStudents", "OBJECT"))
    polling = "IMMEDIATE"

    def __init__(self, hub: str, key: str = "demo-vendor", secret: str | None = None) -> None:
        super().__init__(hub, key, secret)
        self.zones: list[str] = []
        self.queue = ""
        self.queue_place = ""
        self.min_wait = 0.0
        self.rest_until = 0.0
        self.message = ""

    def connect(self) -> None:
        """Create an environment, a queue, and its subscriptions; where it fails, try later."""
        self.link.user = self.key
        answer = self.tell("POST", self.environments(), self.wanted())
        if answer.status not in (200, 201, 409) or not self.readable(answer):
            return
        self.settle(answer.document)
        self.make_queue()

    def environments(self) -> str:
        """Where environments are made; this address alone is known beforehand."""
        return "environments/environment"

    def wanted(self) -> etree._Element:
        """The environment that is asked for."""
        return node(
            "environment",
            node("solutionId", "reading"),
            node("authenticationMethod", "SIF_HMACSHA256"),
            node("instanceId", str(uuid4())),
            node("consumerName", "Example Reading App"),
            node("applicationInfo", node("applicationKey", self.key),
                 node("supportedInfrastructureVersion", "3.3")),
        )  # fmt: skip

    def settle(self, made: etree._Element) -> None:
        """Keep what the environment tells."""
        self.link.user = child_text(made, "sessionToken")
        self.zones = [
            one.get("id") or "" for one in made.iter("{*}provisionedZone") if self.has_students(one)
        ]
        services = made.iter("{*}infrastructureService")
        told = ((one.get("name") or "", (one.text or "").strip()) for one in services)
        self.places = {name: address for name, address in told if self.is_safe(address)}

    def is_safe(self, address: str) -> bool:
        """Whether an address is by TLS, where the hub itself is reached so."""
        return address.startswith("https:") or not self.link.hub.startswith("https:")

    def has_students(self, zone: etree._Element) -> bool:
        """Whether students are offered in a zone: a hub may have one for its utilities only."""
        return any(one.get("name") == "xStudents" for one in zone.iter("{*}service"))

    def make_queue(self) -> None:
        """Create a queue, and subscribe to each service in each zone."""
        made = self.tell("POST", f"{self.at('queues')}/queue", self.queue_wanted())
        if made.status != 201 or not self.readable(made):
            return
        self.queue = made.document.get("id") or ""
        self.take_queue(made.document)
        for zone in self.zones:
            for service, kind in self.subscriptions:
                self.subscribe(zone, service, kind)

    def queue_wanted(self) -> etree._Element:
        """The queue that is asked for."""
        return node("queue", node("polling", self.polling))

    def take_queue(self, queue: etree._Element) -> None:
        """Keep where its messages are, and how long to wait when there are none."""
        self.queue_place = child_text(queue, "queueUri")
        self.min_wait = float(child_text(queue, "minWaitTime") or 0)
        self.rest_until = 0.0

    def subscribe(self, zone: str, service: str, kind: str) -> None:
        """Ask for the events of a service in a zone."""
        subscription = node(
            "subscription",
            node("zoneId", zone),
            node("contextId", "DEFAULT"),
            node("serviceType", kind),
            node("serviceName", service),
            node("queueId", self.queue),
        )
        self.tell("POST", f"{self.at('subscriptions')}/subscription", subscription)

    def forget(self) -> None:
        """Nothing of a session is kept on disk: it is begun anew."""
        self.zones, self.queue, self.message = [], "", ""
        self.agreements.clear()
        self.places = {}
        self.link.user = self.key
        self.link.close()

    def leave(self) -> None:
        """Delete the environment, and with it everything the hub keeps for us."""
        if not self.zones:
            self.connect()
        self.tell("DELETE", self.at("environment"))
        self.forget()

    def readable(self, answer: Answer) -> bool:
        """Whether a body is what was asked for, and not the page of a proxy."""
        try:
            return answer.document is not None and b"<html" not in answer.body[:200].lower()
        except Refusal:
            return False

    def rest(self) -> None:
        """Wait as long as the hub wishes after an empty queue."""
        time.sleep(max(0.0, self.rest_until - time.monotonic()))
