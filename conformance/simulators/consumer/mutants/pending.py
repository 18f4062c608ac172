"""Mistakes with documents that are Pending: not taken, not acknowledged, not waited for."""

from __future__ import annotations

from conformance.simulators.agreements import Pod
from conformance.simulators.consumer.client import Consumer
from conformance.simulators.consumer.link import Answer
from conformance.simulators.consumer.mutants import breaks
from conformance.simulators.consumer.papers import ACKNOWLEDGED, Paper

NOT_YET = b"403-POD-UNACK"


@breaks("POD-SCH-005")
class KnowsLiveDocumentsOnly(Consumer):
    """Waits for a document that is Live, and the hub waits for its acknowledgement."""

    def in_force(self, pod: Pod) -> bool:
        return pod.status == "Live" and super().in_force(pod)


@breaks("DAT-POD-008")
class AcknowledgesAfterTheData(Consumer):
    """Sends the receipt when the first data has come."""

    def acknowledge(self, zone: str, paper: Paper) -> None:
        self.agreements[zone] = paper

    def keep(self, zone: str, students: object) -> None:
        super().keep(zone, students)  # type: ignore[arg-type]
        paper = self.agreements.get(zone)
        if paper is not None and paper.pod.id not in self.alerted:
            self.alerted.add(paper.pod.id)
            self.send_receipt(zone, paper, ACKNOWLEDGED)


@breaks("DAT-POD-008")
class HammersWhatIsPending(Consumer):
    """Asks again at once as long as it is told that its document is not acknowledged."""

    tries = 12

    def recover(self, zone: str, answer: Answer, number: int) -> bool:
        if NOT_YET in answer.body:
            return True
        return number + 1 < Consumer.tries and super().recover(zone, answer, number)


@breaks("DAT-POD-008")
class GivesUpOnPendingDocuments(Consumer):
    """Takes a document for invalid for good once the hub says that it opens nothing yet."""

    def recover(self, zone: str, answer: Answer, number: int) -> bool:
        paper = self.agreements.get(zone)
        if NOT_YET in answer.body and paper is not None:
            self.rejected.add(paper.pod.id)
            self.drop(zone)
            return False
        return super().recover(zone, answer, number)
