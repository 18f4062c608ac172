"""Publishers that a slow, busy or broken hub puts off their stride."""

from __future__ import annotations

import time
from http.client import HTTPException, IncompleteRead
from uuid import uuid4

from conformance.simulators.consumer.link import Answer
from conformance.simulators.publisher.mutants import breaks
from conformance.simulators.publisher.posting import REQUESTS
from conformance.simulators.publisher.records import KNOWN, NEW, Record
from conformance.simulators.publisher.sending import Message
from conformance.simulators.publisher.system import Publisher


@breaks("DAT-PUB-040", also=("DAT-PUB-048",))
class TriesUnderANewId(Publisher):
    """Makes a new id for each attempt to send a new object."""

    def post(self, zone: str, service: str, records: list[Record]) -> Answer | None:
        for number in range(self.tries):
            for one in records if number else []:
                one.refid = str(uuid4()).upper()
            self.tries, before = 1, self.tries
            answer = super().post(zone, service, records)
            self.tries = before
            self.down = False
            if answer is not None:
                return answer
        return None


@breaks("DAT-PUB-040")
class SulksAfterACut(Publisher):
    """Skips the next round when a connection was cut."""

    sulks = False

    def attempt(self, message: Message, number: int) -> Answer:
        try:
            return super().attempt(message, number)
        except (OSError, HTTPException):
            self.sulks = True
            raise

    def spread(self) -> None:
        sulks, self.sulks = self.sulks, False
        if sulks:
            self.look()
        else:
            super().spread()


@breaks("DAT-PUB-041")
class HasNoPatience(Publisher):
    """Sends a new object under another id when the answer takes longer than usual."""

    def post(self, zone: str, service: str, records: list[Record]) -> Answer | None:
        begun = time.monotonic()
        answer = super().post(zone, service, records)
        if time.monotonic() - begun >= self.patience:
            for one in records:
                one.refid = str(uuid4()).upper()
            return super().post(zone, service, records)
        return answer

    patience = 0.1


@breaks("DAT-PUB-042", "DAT-PUB-043")
class IgnoresThePause(Publisher):
    """Sends again at once whatever pause the hub asks for."""

    def wait_as_told(self, answer: Answer) -> None:
        """No pause."""


@breaks("DAT-PUB-042")
class WaitsAsItLikes(Publisher):
    """Has its own idea of a pause after 503."""

    def wait_as_told(self, answer: Answer) -> None:
        if answer.status == 503:
            self.pause(0)
        else:
            super().wait_as_told(answer)


@breaks("DAT-PUB-043")
class TakesTooManyForAnEnd(Publisher):
    """Drops what was answered 429."""

    def again(self, answer: Answer, number: int) -> bool:
        return answer.status != 429 and super().again(answer, number)


@breaks("DAT-PUB-045", also=("DAT-PUB-005",))
class DropsWhatWasNotTaken(Publisher):
    """Forgets a new object when the hub is broken for long."""

    def gives_up(self) -> bool:
        for held in self.held.values():
            for one in [one for one in held if one.state == NEW]:
                held.remove(one)
        return True


@breaks("DAT-PUB-045", also=("DAT-PUB-005",))
class KeepsNoEvents(Publisher):
    """Forgets an event that it could not publish."""

    def publish_event(self, zone: str, service: str, action: str, records: list[Record]) -> None:
        super().publish_event(zone, service, action, records)
        for one in records:
            one.dirty.clear()
            one.state = "known" if one.state == NEW else one.state


@breaks("DAT-PUB-044")
class HammersTheHub(Publisher):
    """Sends a message that was answered 500 forty times without a pause."""

    def attempt(self, message: Message, number: int) -> Answer:
        answer = super().attempt(message, number)
        for _ in range(10 if answer.status == 500 else 0):
            answer = super().attempt(message, number)
        return answer


@breaks("DAT-PUB-046")
class NumbersEachAttempt(Publisher):
    """Gives an event another messageId each time it is sent."""

    def attempt(self, message: Message, number: int) -> Answer:
        if message.connector == REQUESTS or not number:
            return super().attempt(message, number)
        lines = {**message.lines, "messageId": self.new_id()}
        return super().attempt(Message(message.connector, message.method, message.path,
                                       message.body, lines), number)  # fmt: skip


@breaks("DAT-PUB-041")
class HearsNothingLate(Publisher):
    """Takes a late answer for none, and enters the object a second time."""

    def settle_creates(self, answer: Answer, records: list[Record]) -> None:
        super().settle_creates(answer, records)
        if self.took >= self.patience:
            for one in records:
                one.refid, one.state = str(uuid4()).upper(), NEW

    took = 0.0
    patience = 0.1

    def attempt(self, message: Message, number: int) -> Answer:
        begun = time.monotonic()
        answer = super().attempt(message, number)
        self.took = time.monotonic() - begun
        return answer


@breaks("DAT-PUB-047")
class TakesAnyPageForSuccess(Publisher):
    """Believes every answer with 200."""

    def settle_creates(self, answer: Answer, records: list[Record]) -> None:
        if self.is_sif(answer):
            super().settle_creates(answer, records)
        else:
            for one in records:
                one.state = KNOWN


@breaks("DAT-PUB-047")
class DoublesAfterAPage(Publisher):
    """Sends what was answered with a web page under another id."""

    def settle_creates(self, answer: Answer, records: list[Record]) -> None:
        super().settle_creates(answer, records)
        for one in records if not self.is_sif(answer) else []:
            one.refid = str(uuid4()).upper()


@breaks("DAT-PUB-048")
class DoublesAfterHalfAnAnswer(Publisher):
    """Sends an object under another id when the answer broke off."""

    def post(self, zone: str, service: str, records: list[Record]) -> Answer | None:
        self.broke, before = False, [one.refid for one in records]
        answer = super().post(zone, service, records)
        if not self.broke or not before:
            return answer
        for one in records:
            one.refid = str(uuid4()).upper()
        return super().post(zone, service, records)

    broke = False

    def attempt(self, message: Message, number: int) -> Answer:
        try:
            return super().attempt(message, number)
        except IncompleteRead:
            self.broke = True
            raise


@breaks("DAT-PUB-048")
class LosesTheNewsOfHalfAnAnswer(Publisher):
    """Takes half an answer to an event for the end of the event."""

    def attempt(self, message: Message, number: int) -> Answer:
        try:
            return super().attempt(message, number)
        except IncompleteRead:
            self.forget()
            raise

    def forget(self) -> None:
        """Drop what is new, everywhere but where it went."""
        for zone, held in self.held.items():
            if self.may(zone, "xStudents", "PROVIDE"):
                held[:] = [one for one in held if one.state != NEW]


@breaks("DAT-PUB-049")
class RepeatsWhatIsRefused(Publisher):
    """Sends a message that is answered 400 twenty times."""

    def attempt(self, message: Message, number: int) -> Answer:
        answer = super().attempt(message, number)
        for _ in range(20 if answer.status == 400 else 0):
            answer = super().attempt(message, number)
        return answer


@breaks("DAT-PUB-049")
class StopsAfterARefusal(Publisher):
    """Sends nothing in the round after a message that was answered 400."""

    stops = False

    def attempt(self, message: Message, number: int) -> Answer:
        answer = super().attempt(message, number)
        self.stops = self.stops or answer.status == 400
        return answer

    def spread(self) -> None:
        stops, self.stops = self.stops, False
        if stops:
            self.look()
        else:
            super().spread()
