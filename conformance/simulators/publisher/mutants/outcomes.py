"""Publishers that do not listen to what the hub says of single objects."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import uuid4

from lxml import etree

from conformance.simulators.consumer.link import Answer
from conformance.simulators.publisher.mutants import breaks
from conformance.simulators.publisher.records import KNOWN, NEW, REFUSED, Record
from conformance.simulators.publisher.sending import Message
from conformance.simulators.publisher.system import Publisher


@breaks("DAT-PUB-030", "DAT-PUB-061")
class TakesEveryOutcomeForGood(Publisher):
    """Looks at the status of the whole answer only."""

    def refuse(self, record: Record, status: int) -> None:
        record.state = KNOWN if status != 409 else REFUSED


@breaks("DAT-PUB-030", "DAT-PUB-032", also=("DAT-PUB-040", "DAT-PUB-048"))
class ChangesTheIdWhenRefused(Publisher):
    """Sends what was refused again under another id."""

    def refuse(self, record: Record, status: int) -> None:
        if status == 400:
            record.state = REFUSED
            return
        record.refid, record.state = str(uuid4()).upper(), NEW


@breaks("DAT-PUB-031", also=("DAT-PUB-049",))
class InsistsForEver(Publisher):
    """Sends an object that is refused for good again at once, ten times."""

    def refuse(self, record: Record, status: int) -> None:
        if status == 409:
            record.state = KNOWN

    tries = 10
    pause_seconds = 0.001


@breaks("DAT-PUB-031", also=("DAT-PUB-049",))
class StopsAtTheFirstRefusal(Publisher):
    """Holds the next new objects back when one was refused for good."""

    blocked = False

    def refuse(self, record: Record, status: int) -> None:
        super().refuse(record, status)
        self.blocked = record.state == REFUSED

    def create(self, zone: str, service: str, records: list[Record]) -> None:
        if records and self.blocked:
            self.blocked = False
        else:
            super().create(zone, service, records)


@breaks("DAT-PUB-032", also=("DAT-PUB-040", "DAT-PUB-048"))
class AvoidsTheConflict(Publisher):
    """Takes 409 for a clash of ids, and sends the object under a new one."""

    def refuse(self, record: Record, status: int) -> None:
        if status == 409:
            record.refid, record.state = str(uuid4()).upper(), NEW
        else:
            super().refuse(record, status)


@breaks("DAT-PUB-033")
class LeavesWhatIsLost(Publisher):
    """Takes 404 to an update for the end of the matter."""

    def settle_update(self, record: Record, status: int) -> None:  # noqa: ARG002
        record.dirty.clear()


@breaks("DAT-PUB-034")
class GivesUpWhatIsTooLarge(Publisher):
    """Drops a message that is too large for the hub."""

    def parts(self, records: list[Record]) -> list[list[Record]]:
        for one in records:
            one.dirty.clear()
        return []


@breaks("DAT-PUB-034")
class SendsTheFirstHalf(Publisher):
    """Sends the first half of what was too large."""

    def parts(self, records: list[Record]) -> list[list[Record]]:
        return super().parts(records)[:1]


@breaks("DAT-PUB-061")
class ReadsOutcomesInOrder(Publisher):
    """Takes the first outcome for that of the first object it sent."""

    def settle_creates(self, answer: Answer, records: list[Record]) -> None:
        self.place = 0
        super().settle_creates(answer, records)

    place = 0

    def find(
        self,
        known: Mapping[str, Record],  # noqa: ARG002
        item: etree._Element,  # noqa: ARG002
        records: list[Record],
    ) -> Record | None:
        self.place += 1
        return records[self.place - 1]


@breaks("DAT-PUB-062")
class KeepsItsOwnId(Publisher):
    """Does not look at the id that the hub assigned."""

    def rename(self, record: Record, refid: str) -> None:
        """Nothing is learnt."""


@breaks("DAT-PUB-062")
class DeletesByItsOwnId(Publisher):
    """Uses the id of the hub for changes, and its own to delete."""

    def __init__(self, hub: str, key: str = "demo-vendor", secret: str | None = None) -> None:
        super().__init__(hub, key, secret)
        self.own: dict[int, str] = {}

    def rename(self, record: Record, refid: str) -> None:
        self.own.setdefault(id(record), record.refid)
        super().rename(record, refid)

    def on_delete(self, facts: Mapping[str, str]) -> None:
        for record in self.of(facts):
            record.refid = self.own.get(id(record), record.refid)
        super().on_delete(facts)


@breaks("DAT-PUB-061")
class TakesOneOutcomeForAll(Publisher):
    """Takes the first outcome of an answer for that of every object."""

    def settle_creates(self, answer: Answer, records: list[Record]) -> None:
        super().settle_creates(answer, records)
        first = next(answer.document.iter("{*}create"), None)
        if first is not None and first.get("statusCode") == "201":
            for one in records:
                one.state = KNOWN


@breaks("DAT-PUB-035")
class DeletesForEver(Publisher):
    """Takes 404 to a deletion for a fault, and tries again ten times each round."""

    def deletion(self, zone: str, record: Record) -> Message:
        message = super().deletion(zone, record)
        for _ in range(10):
            answer = self.deliver(message)
            if answer is None or answer.status == 204:
                break
        return message


@breaks("DAT-PUB-035")
class MakesWhatItDeletes(Publisher):
    """Makes an object that the hub does not know before it deletes it."""

    def is_gone(self, answer: Answer) -> bool:
        return answer.status == 204

    def delete(self, zone: str, records: list[Record]) -> None:
        super().delete(zone, records)
        late = [one for one in records if one.gone]
        if late:
            self.post(zone, late[0].service, late)
            super().delete(zone, late)
