"""Mistakes when the hub refuses, changes a document, or ends an agreement."""

from __future__ import annotations

from conformance.simulators.consumer.client import Consumer
from conformance.simulators.consumer.link import Answer
from conformance.simulators.consumer.mutants import breaks


@breaks("POD-GATE-014", also=["DAT-POD-008"])
class LoopsOnForbidden(Consumer):
    """Tries again until it is let in; twelve times are enough to be seen."""

    tries = 12

    def pause(self, number: int) -> None:  # noqa: ARG002
        super().pause(0)


@breaks("POD-GATE-014", also=["DAT-POD-008"])
class RetriesWithoutPause(Consumer):
    """Tries three more times at once."""

    def pause(self, number: int) -> None:
        pass


@breaks("POD-GATE-014")
class RetriesWithoutReading(Consumer):
    """Told that the marker is missing, it sends the same request again."""

    def renew(self, zone: str) -> bool:  # noqa: ARG002
        return True

    def recover(self, zone: str, answer: Answer, number: int) -> bool:
        if answer.status == 410:
            self.drop(zone)
            return self.obtain(zone)
        return super().recover(zone, answer, number)


@breaks("POD-GATE-015", "POD-VER-003")
class IgnoresGone(Consumer):
    """Takes 410 for a passing fault and sends the old marker again."""

    def recover(self, zone: str, answer: Answer, number: int) -> bool:
        return answer.status == 410 or super().recover(zone, answer, number)

    def synchronise(self) -> None:
        super().synchronise()
        # It reads its documents at each start, which is how it ever came to work.
        self.agreements.clear()


@breaks("POD-GATE-015")
class GivesUpWhenGone(Consumer):
    """Told that the marker is outdated, it stops and is silent for a round."""

    off = 0

    def recover(self, zone: str, answer: Answer, number: int) -> bool:
        if answer.status == 410:
            self.off = 2
            return False
        return super().recover(zone, answer, number)

    def read_zone(self, zone: str) -> None:
        if not self.off:
            super().read_zone(zone)

    def synchronise(self) -> None:
        self.off = max(0, self.off - 1)
        super().synchronise()
        # It reads its documents in each round, so that only a sudden change can meet it.
        self.agreements.clear()


@breaks("POD-VER-003")
class IsSlowToSwitch(Consumer):
    """Tries the old marker twice more before it reads the new document."""

    def recover(self, zone: str, answer: Answer, number: int) -> bool:
        if answer.status == 410 and number < 2:
            return True
        return super().recover(zone, answer, number)


@breaks("POD-DEL-005")
class IgnoresEvents(Consumer):
    """Takes events of documents from the queue and lays them aside."""

    def on_event(self, zone: str, answer: Answer) -> None:
        pass


@breaks("POD-END-002")
class GoesOnAfterTheEnd(Consumer):
    """Keeps an ended document as long as there is no other, and keeps asking."""

    def renew(self, zone: str) -> bool:
        kept = self.agreements.get(zone)
        renewed = super().renew(zone)
        if not renewed and kept is not None:
            self.agreements[zone] = kept
        return renewed
