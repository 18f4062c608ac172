"""Third layer: messages of the queue, each taken before it is deleted; alerts about bad ones."""

from __future__ import annotations

import time
from collections.abc import Iterable
from uuid import uuid4

from lxml import etree

from conformance.simulators.consumer.link import Answer
from conformance.simulators.consumer.session import Session
from conformance.simulators.consumer.store import Shown, Store
from conformance.simulators.documents import node
from conformance.simulators.problems import Refusal

MARKER = "dataPrivacyMarker"


class Inbox(Session):
    """A client that reads its queue and keeps the students it learns of."""

    def __init__(self, hub: str, key: str = "demo-vendor", secret: str | None = None) -> None:
        super().__init__(hub, key, secret)
        self.store = Store()
        self.export = Shown(self.store, self.key, secret or "demo-secret-1")
        # Delayed requests without an answer, and the zones they were for.
        self.pending: dict[str, str] = {}
        self.alerted: set[str] = set()

    # -- the queue ---------------------------------------------------------------------------

    def read_queue(self) -> None:
        """Take every waiting message, each deleted by the call for the next."""
        answer = self.next_message()
        if answer.status == 401:
            self.forget()
            self.connect()
            return
        while answer.status in (200, 404):
            if answer.status == 404 and not self.lost(answer):
                return
            if answer.status == 200:
                self.message = answer.headers.get("messageid", "")
                self.take_message(answer)
            answer = self.next_message()
        if answer.status in (204, 503):
            self.rest_until = time.monotonic() + self.min_wait

    def lost(self, answer: Answer) -> bool:  # noqa: ARG002
        """Told 404: the deletion may have been done before; else the queue is not there."""
        again = self.next_message()
        if again.status == 404:
            self.make_queue()
            return False
        if again.status == 200:
            self.message = again.headers.get("messageid", "")
            self.take_message(again)
        return again.status == 200

    def next_message(self) -> Answer:
        """GET the queue."""
        self.rest()
        done = f";deleteMessageId={self.message}" if self.message else ""
        self.message = ""
        return self.tell("GET", f"{self.queue_place}{done}", None, self.read_under())

    def read_under(self) -> dict[str, str]:
        """The marker for the queue: a hub may hold messages with data back without it."""
        markers = (self.marker(zone) for zone in self.agreements)
        found = [one for one in markers if one is not None]
        return {MARKER: found[0]} if found else {}

    def take_message(self, answer: Answer) -> None:
        """Do what a message says; what cannot be used is told, and the next one comes."""
        headers = answer.headers
        try:
            if headers.get("messagetype", "EVENT").upper() != "EVENT":
                self.on_answer(answer)
            elif headers.get("servicename") == "pods":
                self.on_event(headers.get("zoneid", ""), answer)
            else:
                self.on_change(headers.get("zoneid", ""), answer)
        except Refusal:
            self.alert(answer, "The message cannot be read.", "400")

    def on_event(self, zone: str, answer: Answer) -> None:
        """A document changed: take the new one before anything else is asked."""
        for element in self.understand(answer):
            paper = self.usable(element)
            if paper is not None:
                self.acknowledge(zone, paper)

    def on_change(self, zone: str, answer: Answer) -> None:
        """Students changed at the hub."""
        action = answer.headers.get("eventaction", "")
        whole = answer.headers.get("replacement", "").upper() == "FULL"
        for student in list(answer.document):
            self.apply(zone, action, student, whole=whole, answer=answer)

    def apply(
        self, zone: str, action: str, student: etree._Element, *, whole: bool, answer: Answer
    ) -> None:
        """Create, change or delete one student."""
        refid = student.get("refId") or ""
        known = self.store.has(zone, refid)
        if action == "DELETE" and known:
            self.store.remove(zone, refid)
        elif action == "CREATE" or whole:
            self.store.put(zone, student)
        elif action == "UPDATE" and known:
            self.store.merge(zone, student)
        else:
            self.alert(answer, "The student is not known here.", "404")

    # -- delayed answers ---------------------------------------------------------------------

    def ask_later(self, zone: str, lines: dict[str, str]) -> None:
        """Ask for all students by the queue."""
        mark = self.mark_of(zone)
        told = {"requestType": "DELAYED", "queueId": self.queue, "requestId": mark}
        path = f"{self.at('requestsConnector')}/xStudents;zoneId={zone};contextId=DEFAULT"
        if self.tell("GET", path, None, lines | told).status == 202:
            self.pending[mark] = zone

    def mark_of(self, zone: str) -> str:  # noqa: ARG002
        """The requestId of the next delayed request."""
        return str(uuid4())

    def on_answer(self, answer: Answer) -> None:
        """A delayed answer: it belongs to the request that it names, or to nobody here."""
        zone = self.pending.pop(answer.headers.get("requestid", ""), "")
        if not zone:
            self.alert(answer, "Nobody asked for this.", "404")
        elif answer.headers.get("messagetype", "").upper() == "RESPONSE" and answer.body:
            self.keep(zone, answer.document)

    def keep(self, zone: str, students: Iterable[etree._Element]) -> None:
        """Keep whole students."""
        for student in students:
            self.store.put(zone, student)

    # -- alerts ------------------------------------------------------------------------------

    def alert(self, answer: Answer, what: str, code: str) -> None:
        """Tell the hub of a message that could not be used, once."""
        refid = answer.headers.get("messageid", "")
        if refid in self.alerted:
            return
        self.alerted.add(refid)
        body = self.alert_of(answer, what, code)
        self.tell("POST", f"{self.at('requestsConnector')}/alerts/alert", body)

    def alert_of(self, answer: Answer, what: str, code: str) -> etree._Element:
        """The alert."""
        return node(
            "alert",
            node("reporter", self.party),
            node("cause", "hub"),
            node("exchange", answer.headers.get("messagetype", "EVENT").upper()),
            node("level", "ERROR"),
            node("description", what),
            node("messageID", answer.headers.get("messageid", "")),
            node("body", answer.body.decode("utf-8", "replace")[:500]),
            node("category", "1"),
            node("code", code),
        )
