"""Third layer: objects by POST, PUT and DELETE, and what the hub says of each of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import deepcopy

from lxml import etree

from conformance.simulators.consumer.link import Answer
from conformance.simulators.publisher.records import (
    DELETED,
    KNOWN,
    NEW,
    ORDER,
    REFUSED,
    Record,
)
from conformance.simulators.publisher.sending import Message, Sender

REQUESTS = "requestsConnector"


class Poster(Sender):
    """Keeps the copy of the hub equal to its own data."""

    def flush(self, zone: str, records: list[Record]) -> None:
        """Tell the hub what it does not know: new objects, places first, changes, deletions."""
        for service in self.order():
            if self.may(zone, service, "CREATE"):
                mine = [one for one in records if one.service == service]
                self.create(zone, service, [one for one in mine if one.state == NEW])
                self.update(zone, service, [one for one in mine if one.dirty])
                self.delete(zone, [one for one in mine if one.gone])

    def order(self) -> Sequence[str]:
        """The collections in the order in which they are sent."""
        return ORDER

    # -- create ------------------------------------------------------------------------------

    def create(self, zone: str, service: str, records: list[Record]) -> None:
        """New objects in one message; what could not be taken just now is sent again."""
        for number in range(self.tries):
            waiting = [one for one in records if one.state == NEW and not one.gone]
            if not waiting:
                return
            self.pause(number) if number else None
            answer = self.post(zone, service, waiting)
            if answer is None:
                return
            if answer.status == 413:
                for part in self.parts(waiting):
                    self.create(zone, service, part)
                return
            self.settle_creates(answer, waiting)

    def post(self, zone: str, service: str, records: list[Record]) -> Answer | None:
        """POST of a collection."""
        body = self.pack(service, [self.shown(one) for one in records])
        return self.deliver(self.request("POST", zone, f"/{service}", body))

    def shown(self, record: Record) -> etree._Element:
        """An object as it is sent."""
        return deepcopy(record.element)

    def parts(self, records: list[Record]) -> list[list[Record]]:
        """Halves of what was too much at once."""
        half = len(records) // 2
        return [records[:half], records[half:]] if half else []

    def settle_creates(self, answer: Answer, records: list[Record]) -> None:
        """What became of each, found by the id that was advised."""
        if not self.is_sif(answer):
            return
        if answer.status != 200:
            for one in records:
                self.refuse(one, answer.status)
            return
        by_advice = {one.refid: one for one in records}
        for item in answer.document.iter("{*}create"):
            record = self.find(by_advice, item, records)
            status = int(item.get("statusCode") or "0")
            if record is None:
                continue
            if status == 201:
                record.state = KNOWN
                self.rename(record, item.get("id") or record.refid)
            else:
                self.refuse(record, status)

    def is_sif(self, answer: Answer) -> bool:
        """Whether the answer is the hub's, and not a page of something between."""
        return "xml" in answer.headers.get("content-type", "")

    def find(
        self, known: Mapping[str, Record], item: etree._Element, records: list[Record]  # noqa: ARG002
    ) -> Record | None:  # fmt: skip
        """The record that an outcome is about."""
        return known.get(item.get("advisoryId") or "")

    def rename(self, record: Record, refid: str) -> None:
        """The hub may give an id of its own."""
        record.refid = refid

    def refuse(self, record: Record, status: int) -> None:
        """It exists already: fine. Not now: later again. Else a person has to look."""
        if status == 409:
            record.state = KNOWN
        elif status < 500:
            record.state = REFUSED

    # -- update and delete -------------------------------------------------------------------

    def update(self, zone: str, service: str, records: list[Record]) -> None:
        """What changed of known objects."""
        known = [one for one in records if one.state == KNOWN and not one.gone]
        if not known:
            return
        body = self.pack(service, [self.difference(one) for one in known])
        answer = self.deliver(self.request("PUT", zone, f"/{service}", body))
        if answer is not None and answer.status == 413:
            for part in self.parts(known):
                self.update(zone, service, part)
        if answer is None or answer.status != 200:
            return
        by_id = {one.refid: one for one in known}
        for item in answer.document.iter("{*}update"):
            record = by_id.get(item.get("id") or "")
            if record is not None:
                self.settle_update(record, int(item.get("statusCode") or "0"))
        self.create(zone, service, [one for one in known if one.state == NEW])

    def difference(self, record: Record) -> etree._Element:
        """An update as it is sent."""
        return record.partial()

    def settle_update(self, record: Record, status: int) -> None:
        """Unknown to the hub: it is sent whole, under the id it has."""
        if status < 300:
            record.dirty.clear()
        elif status == 404:
            record.state = NEW
            record.dirty.clear()

    def delete(self, zone: str, records: list[Record]) -> None:
        """Each by its id; what is not there is deleted as well."""
        for one in records:
            answer = self.deliver(self.deletion(zone, one))
            if answer is not None and self.is_gone(answer):
                one.state, one.gone = DELETED, False

    def is_gone(self, answer: Answer) -> bool:
        """Whether the hub has the object no more."""
        return answer.status in (204, 404)

    def deletion(self, zone: str, record: Record) -> Message:
        """The message that deletes one object."""
        return self.request("DELETE", zone, f"/{record.service}/{record.refid}", b"")

    def request(self, method: str, zone: str, path: str, body: bytes) -> Message:
        """A request to the requests connector."""
        address = f"{path};zoneId={zone};contextId=DEFAULT"
        return Message(REQUESTS, method, address, body, self.request_lines())

    def request_lines(self) -> dict[str, str]:
        """Header lines of a request for objects."""
        return {
            "messageType": "REQUEST",
            "messageId": self.new_id(),
            "serviceType": "OBJECT",
            "generatorId": self.instance,
        }
