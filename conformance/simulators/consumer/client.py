"""Second layer: one synchronisation with the hub, and what happens when it refuses."""

from __future__ import annotations

import threading
import time
from http.client import HTTPException
from uuid import uuid4

from lxml import etree

from conformance.simulators.consumer.link import Answer
from conformance.simulators.consumer.papers import REJECTED, Papers
from conformance.simulators.documents import NA4, child_text, node

MARKER = "dataPrivacyMarker"


class Consumer(Papers):
    """A client that conforms: documents first, then students page by page, then each by id."""

    page_size = 3
    tries = 4
    pause_seconds = 0.025
    interval_seconds = 5.0

    def __init__(self, hub: str, key: str = "demo-vendor", secret: str | None = None) -> None:
        super().__init__(hub, key, secret)
        self.zones: list[str] = []
        self.queue = ""
        self.message = ""
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    # -- being moved -------------------------------------------------------------------------

    def synchronise(self) -> None:
        """Connect if need be, then read what there is."""
        if not self.zones:
            self.connect()
        self.read_queue()
        for zone in self.zones:
            self.read_zone(zone)

    def restart(self) -> None:
        """Lose what was only in memory, and synchronise again."""
        self.forget()
        self.synchronise()

    def forget(self) -> None:
        """Nothing is kept on disk: session and documents are fetched anew."""
        self.zones, self.queue, self.message = [], "", ""
        self.agreements.clear()
        self.link.user = self.key
        self.link.close()

    def reject(self) -> None:
        """Reject what is offered in every zone."""
        if not self.zones:
            self.connect()
        for zone in self.zones:
            for paper in self.offered(zone):
                self.drop(zone)
                self.rejected.add(paper.pod.id)
                self.send_receipt(zone, paper, REJECTED)

    def start(self) -> None:
        """Synchronise now and again until stopped."""
        self._thread = threading.Thread(target=self._loop, name="consumer", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the loop."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(10)

    def _loop(self) -> None:
        while not self._stop.is_set():
            try:
                self.synchronise()
            except (OSError, HTTPException):
                self.link.close()
            self._stop.wait(self.interval_seconds)

    # -- session, queue ----------------------------------------------------------------------

    def connect(self) -> None:
        """Create an environment, a queue, and a subscription to documents."""
        wanted = node(
            "environment",
            node("authenticationMethod", "SIF_HMACSHA256"),
            node("instanceId", str(uuid4())),
            node("applicationInfo", node("applicationKey", self.key)),
        )
        made = self.link.send("POST", "environments/environment", wanted).document
        self.link.user = child_text(made, "sessionToken")
        self.zones = [one.get("id") or "" for one in made.iter("{*}provisionedZone")]
        queue = self.link.send("POST", "queues/queue", node("queue"))
        self.queue = queue.document.get("id") or ""
        subscription = node(
            "subscription",
            node("serviceType", "UTILITY"),
            node("serviceName", "pods"),
            node("queueId", self.queue),
        )
        self.link.send("POST", "subscriptions/subscription", subscription)

    def read_queue(self) -> None:
        """Take every waiting message, each deleted by the call for the next."""
        if (answer := self.next_message()).status == 401:
            self.forget()
            self.connect()
        while answer.status == 200:
            self.message = answer.headers.get("messageid", "")
            if answer.headers.get("servicename") == "pods":
                self.on_event(answer.headers.get("zoneid", ""), answer)
            answer = self.next_message()

    def next_message(self) -> Answer:
        """GET the queue."""
        done = f";deleteMessageId={self.message}" if self.message else ""
        self.message = ""
        return self.link.send("GET", f"queues/{self.queue}/messages{done}")

    def on_event(self, zone: str, answer: Answer) -> None:
        """A document changed: take the new one before anything else is asked."""
        for element in self.understand(answer):
            paper = self.usable(element)
            if paper is not None:
                self.acknowledge(zone, paper)

    # -- data --------------------------------------------------------------------------------

    def read_zone(self, zone: str) -> None:
        """All students of a zone; nothing is asked without a document."""
        if zone not in self.agreements and not self.obtain(zone):
            return
        for refid in self.read_pages(zone):
            if self.ask(zone, f"requests/xStudents/{refid}") is None:
                return
        if zone in self.agreements:
            self.publish(zone)

    def read_pages(self, zone: str) -> list[str]:
        """The ids of all students."""
        found: list[str] = []
        page, last = 1, 1
        while page <= last:
            lines = {"navigationPage": str(page), "navigationPageSize": str(self.page_size)}
            answer = self.ask(zone, "requests/xStudents", lines)
            if answer is None or answer.status != 200:
                break
            students = list(answer.document)
            if not all(self.take(one) for one in students):
                break
            found += [one.get("refId") or "" for one in students]
            last = int(answer.headers.get("navigationlastpage", "1"))
            page += 1
        return found

    def take(self, student: etree._Element) -> bool:
        """Whether the student can be used; what is optional may be missing."""
        return student.get("refId") is not None

    def publish(self, zone: str) -> None:
        """Tell the hub of a change of our own."""
        space = f"{{{NA4}}}"
        body = etree.Element(f"{space}xStudents")
        etree.SubElement(body, f"{space}xStudent", refId=str(uuid4()))
        lines = self.event_headers(zone) | self.marked(zone)
        self.link.send("POST", "events", body, lines)

    def event_headers(self, zone: str) -> dict[str, str]:
        """The header lines of an event, but for the marker."""
        return {"messageType": "EVENT", "eventAction": "UPDATE", "serviceName": "xStudents",
                "zoneId": zone, "contextId": "DEFAULT"}  # fmt: skip

    def marked(self, zone: str) -> dict[str, str]:
        """The marker header line of a covered call."""
        marker = self.marker(zone)
        return {} if marker is None else {MARKER: marker}

    def covered(self, zone: str, path: str, lines: dict[str, str]) -> Answer:
        """One covered call."""
        address = f"{path};zoneId={zone};contextId=DEFAULT"
        return self.link.send("GET", address, None, lines | self.marked(zone))

    def ask(self, zone: str, path: str, lines: dict[str, str] | None = None) -> Answer | None:
        """A covered call, tried again while there is a document to try with; None in the end."""
        for number in range(self.tries):
            answer = self.covered(zone, path, lines or {})
            if answer.status not in (403, 410, 503):
                return answer
            if number + 1 == self.tries or not self.recover(zone, answer, number):
                return None
        return None

    def recover(self, zone: str, answer: Answer, number: int) -> bool:
        """Do what a refusal asks for before the next try; False to give up."""
        if answer.status == 503:
            time.sleep(float(answer.headers.get("retry-after", "1")))
            return True
        renewed = self.renew(zone)
        if renewed and answer.status == 403:
            self.pause(number)
        return renewed

    def renew(self, zone: str) -> bool:
        """Drop the document that was refused and read the one in force."""
        self.drop(zone)
        return self.obtain(zone)

    def pause(self, number: int) -> None:
        """Wait half as long again each time."""
        time.sleep(self.pause_seconds * 1.5**number)
