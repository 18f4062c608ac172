"""Mistakes with the queue, its messages and its subscriptions."""

from __future__ import annotations

import time
from uuid import uuid4

from lxml import etree

from conformance.simulators.consumer.client import Consumer
from conformance.simulators.consumer.link import Answer
from conformance.simulators.consumer.mutants import breaks
from conformance.simulators.problems import Refusal


@breaks("INF-QUE-021")
class BuildsTheAddressOfMessages(Consumer):
    """Puts the address of its messages together from the id of the queue."""

    def take_queue(self, queue: etree._Element) -> None:
        super().take_queue(queue)
        self.queue_place = f"{self.at('queues')}/{self.queue}/messages"


@breaks("INF-QUE-021", "NEG-002")
class KnowsWhereMessagesAre(Consumer):
    """Reads messages where they stood at another hub."""

    def take_queue(self, queue: etree._Element) -> None:
        super().take_queue(queue)
        self.queue_place = f"queues/{self.queue}/messages"


@breaks("DAT-CON-050")
class SubscribesForAnotherQueue(Consumer):
    """Names a queue that it never made in one of its subscriptions."""

    def subscribe(self, zone: str, service: str, kind: str) -> None:
        mine = self.queue
        if service == "pods":
            self.queue = str(uuid4())
            super().subscribe(zone, "xStudents", "OBJECT")
        self.queue = mine
        super().subscribe(zone, service, kind)


@breaks("DAT-CON-050")
class SubscribesTwice(Consumer):
    """Makes each subscription two times."""

    def subscribe(self, zone: str, service: str, kind: str) -> None:
        super().subscribe(zone, service, kind)
        super().subscribe(zone, service, kind)


@breaks("DAT-CON-051")
class DeletesWhatItNeverGot(Consumer):
    """Deletes a message that it made up behind each one that it got."""

    def take_message(self, answer: Answer) -> None:
        super().take_message(answer)
        self.tell("DELETE", f"{self.queue_place};deleteMessageId={uuid4()}")


@breaks("DAT-CON-051", also=["DAT-CON-053", "DAT-CON-062", "INF-ALR-006", "INF-EVT-013"])
class DeletesNothing(Consumer):
    """Reads a message and leaves it in the queue."""

    def read_queue(self) -> None:
        answer = self.next_message()
        if answer.status == 401:
            self.forget()
            self.connect()
        if answer.status == 404:
            self.make_queue()
        if answer.status == 200:
            self.take_message(answer)
        if answer.status in (204, 503):
            self.rest_until = time.monotonic() + self.min_wait


@breaks("NEG-047")
class DeletesTwice(Consumer):
    """Deletes each message a second time, to be sure."""

    def next_message(self) -> Answer:
        done = self.message
        answer = super().next_message()
        if done:
            self.tell("DELETE", f"{self.queue_place};deleteMessageId={done}")
        return answer


class _Deaf(Consumer):
    """A client that can stop reading its queue, until it is started again."""

    deaf = False

    def read_queue(self) -> None:
        if not self.deaf:
            super().read_queue()

    def next_message(self) -> Answer:
        return Answer(204, {}, b"") if self.deaf else super().next_message()

    def forget(self) -> None:
        super().forget()
        self.deaf = False


@breaks("NEG-047")
class StopsAtAMissingMessage(_Deaf):
    """Reads its queue no more when a deletion was answered 404."""

    def lost(self, answer: Answer) -> bool:  # noqa: ARG002
        self.deaf = True
        return False


@breaks("NEG-042")
class StopsAtABadMessage(_Deaf):
    """Reads its queue no more when a message could not be read."""

    def on_change(self, zone: str, answer: Answer) -> None:
        try:
            super().on_change(zone, answer)
        except Refusal:
            self.deaf = True
            raise


@breaks("NEG-042")
class ReadsABadMessageForEver(Consumer):
    """Fetches a message that it cannot read again and again; twelve times are enough to be seen."""

    def on_change(self, zone: str, answer: Answer) -> None:
        try:
            super().on_change(zone, answer)
        except Refusal:
            for _ in range(12):
                self.tell("GET", self.queue_place)
            raise


@breaks("DAT-CON-052")
class LosesItsQueueForGood(Consumer):
    """Goes on with a queue that is not there any more."""

    def lost(self, answer: Answer) -> bool:
        making, self.make_queue = self.make_queue, lambda: None  # type: ignore[method-assign]
        try:
            return super().lost(answer)
        finally:
            self.make_queue = making  # type: ignore[method-assign]


@breaks("DAT-CON-052")
class MakesAQueueAndNoSubscription(Consumer):
    """Makes another queue when one is lost, and forgets the subscriptions."""

    def lost(self, answer: Answer) -> bool:
        usual, self.subscriptions = self.subscriptions, ()  # type: ignore[assignment]
        try:
            return super().lost(answer)
        finally:
            self.subscriptions = usual


@breaks("INF-QUE-011", "NEG-046")
class PollsAtOnce(Consumer):
    """Reads an empty queue again without a pause."""

    def rest(self) -> None:
        pass


@breaks("INF-QUE-011", "NEG-046")
class WaitsHalfAsLong(Consumer):
    """Waits half of the time that the queue names."""

    def take_queue(self, queue: etree._Element) -> None:
        super().take_queue(queue)
        self.min_wait /= 2
