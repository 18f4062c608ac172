"""Mistakes with events, delayed answers and alerts."""

from __future__ import annotations

from uuid import uuid4

from lxml import etree

from conformance.simulators.consumer.client import Consumer
from conformance.simulators.consumer.link import Answer
from conformance.simulators.consumer.mutants import breaks
from conformance.simulators.documents import node


@breaks("DAT-CON-053")
class KeepsTheFirstChange(Consumer):
    """Takes one change of a student, and no other."""

    def apply(
        self, zone: str, action: str, student: etree._Element, *, whole: bool, answer: Answer
    ) -> None:
        changed: set[str] = self.__dict__.setdefault("changed", set())
        refid = student.get("refId") or ""
        if action == "UPDATE" and refid in changed:
            return
        changed |= {refid} if action == "UPDATE" else set()
        super().apply(zone, action, student, whole=whole, answer=answer)


@breaks("DAT-CON-053")
class IgnoresDeletions(Consumer):
    """Keeps students that were deleted."""

    def apply(
        self, zone: str, action: str, student: etree._Element, *, whole: bool, answer: Answer
    ) -> None:
        known = self.store.has(zone, student.get("refId") or "")
        if action != "DELETE" or not known:
            super().apply(zone, action, student, whole=whole, answer=answer)


@breaks("DAT-CON-054")
class TakesAPartForTheWhole(Consumer):
    """Puts a partial update in the place of the student."""

    def apply(
        self, zone: str, action: str, student: etree._Element, *, whole: bool, answer: Answer
    ) -> None:
        known = self.store.has(zone, student.get("refId") or "")
        super().apply(zone, action, student, whole=whole or (known and action == "UPDATE"),
                      answer=answer)  # fmt: skip


@breaks("DAT-CON-054")
class DropsLocalIdsAtAChange(Consumer):
    """Loses the local id of a student that was changed."""

    def apply(
        self, zone: str, action: str, student: etree._Element, *, whole: bool, answer: Answer
    ) -> None:
        super().apply(zone, action, student, whole=whole, answer=answer)
        held = self.store.held.get((zone, (student.get("refId") or "").lower()))
        local = held.find("{*}localId") if held is not None and action == "UPDATE" else None
        if held is not None and local is not None:
            held.remove(local)


@breaks("DAT-CON-055")
class StoresACreationTwice(Consumer):
    """Stores a student beside itself when its creation comes again."""

    def apply(
        self, zone: str, action: str, student: etree._Element, *, whole: bool, answer: Answer
    ) -> None:
        again = action == "CREATE" and self.store.has(zone, student.get("refId") or "")
        place = f"{zone} again" if again else zone
        super().apply(place, action, student, whole=whole, answer=answer)


@breaks("DAT-CON-055")
class DropsWhatComesAgain(Consumer):
    """Takes the second creation of a student for its deletion."""

    def apply(
        self, zone: str, action: str, student: etree._Element, *, whole: bool, answer: Answer
    ) -> None:
        again = action == "CREATE" and self.store.has(zone, student.get("refId") or "")
        action = "DELETE" if again else action
        super().apply(zone, action, student, whole=whole, answer=answer)


@breaks("DAT-CON-060", also=["DAT-CON-062"])
class AsksWithoutAQueue(Consumer):
    """Sends delayed requests that name no queue of its own."""

    def ask_later(self, zone: str, lines: dict[str, str]) -> None:
        mine, self.queue = self.queue, str(uuid4())
        super().ask_later(zone, lines)
        self.queue = mine


@breaks("DAT-CON-060", also=["INF-DLY-009"])
class AsksWithoutAnId(Consumer):
    """Sends delayed requests without a requestId."""

    def mark_of(self, zone: str) -> str:  # noqa: ARG002
        return ""


@breaks("INF-DLY-009", also=["DAT-CON-006", "DAT-CON-024", "DAT-CON-075", "INF-EVT-013"])
class HasOneIdForDelayedRequests(Consumer):
    """Sends the same requestId with all delayed requests."""

    def mark_of(self, zone: str) -> str:  # noqa: ARG002
        return "3f5b0c52-31c4-4a65-b86c-5c0b3d1d1a11"


@breaks("INF-DLY-009")
class HasAnIdForEachZone(Consumer):
    """Sends the same requestId with the delayed requests of a zone, each time."""

    def mark_of(self, zone: str) -> str:
        known: dict[str, str] = self.__dict__.setdefault("marks_of", {})
        return known.setdefault(zone, str(uuid4()))


@breaks("DAT-CON-062", also=["INF-QUE-011", "NEG-045"])
class ChangesItsQueue(Consumer):
    """Makes another queue when it has asked, and never looks into the one that it named."""

    def read_answers(self) -> None:
        self.make_queue()
        self.pending.clear()


@breaks("DAT-CON-062", also=["DAT-CON-060", "INF-QUE-011", "NEG-045"])
class ThrowsItsQueueAway(Consumer):
    """Deletes its queue, and makes another, before the answers were read."""

    def read_answers(self) -> None:
        self.tell("DELETE", f"{self.at('queues')}/{self.queue}")
        self.message = ""
        self.make_queue()
        self.pending.clear()


@breaks("DAT-CON-061")
class TakesEveryAnswer(Consumer):
    """Stores what a delayed answer holds, whoever asked for it."""

    def on_answer(self, answer: Answer) -> None:
        if answer.headers.get("messagetype", "") == "RESPONSE":
            self.keep(answer.headers.get("zoneid", ""), answer.document)
        super().on_answer(answer)


@breaks("DAT-CON-061")
class GoesByTheService(Consumer):
    """Takes an answer for its own if it is about students of a zone it works for."""

    def on_answer(self, answer: Answer) -> None:
        ours = answer.headers.get("zoneid", "") in self.zones
        if ours and answer.headers.get("servicename") == "xStudents" and answer.body:
            self.pending.setdefault(answer.headers.get("requestid", ""), answer.headers["zoneid"])
        super().on_answer(answer)


@breaks("NEG-045")
class TakesAnErrorForALostQueue(Consumer):
    """Makes another queue when an error comes as a message."""

    def on_answer(self, answer: Answer) -> None:
        if answer.headers.get("messagetype") == "ERROR":
            self.make_queue()
        else:
            super().on_answer(answer)


@breaks("NEG-045")
class TakesAnErrorForALostSession(Consumer):
    """Begins another session when an error comes as a message."""

    def on_answer(self, answer: Answer) -> None:
        if answer.headers.get("messagetype") == "ERROR":
            self.forget()
            self.connect()
        else:
            super().on_answer(answer)


@breaks("INF-ALR-004")
class RaisesAlertsWithoutACode(Consumer):
    """Leaves category and code out of its alerts."""

    def alert_of(self, answer: Answer, what: str, code: str) -> etree._Element:
        made = super().alert_of(answer, what, code)
        made.remove(made[-1])
        made.remove(made[-1])
        return made


@breaks("INF-ALR-004")
class SendsWordsForCodes(Consumer):
    """Writes a word where the code of an alert stands."""

    def alert_of(self, answer: Answer, what: str, code: str) -> etree._Element:
        return super().alert_of(answer, what, "bad" if code else "")


@breaks("INF-ALR-005")
class PutsElementsIntoAlerts(Consumer):
    """Puts the message into its alert as an element."""

    def alert_of(self, answer: Answer, what: str, code: str) -> etree._Element:
        made = super().alert_of(answer, what, code)
        body = made[-3]
        body.append(node("message", body.text or ""))
        body.text = None
        return made


@breaks("INF-ALR-005")
class PutsObjectsIntoAlerts(Consumer):
    """Puts an empty object of the kind that it could not read into its alert."""

    def alert_of(self, answer: Answer, what: str, code: str) -> etree._Element:
        made = super().alert_of(answer, what, code)
        etree.SubElement(made[-3], answer.headers.get("servicename") or "xStudents")
        return made


@breaks("INF-ALR-006")
class KeepsBadMessagesToItself(Consumer):
    """Raises no alert about a message that it could not read."""

    def alert(self, answer: Answer, what: str, code: str) -> None:
        if code != "400":
            super().alert(answer, what, code)


@breaks("INF-EVT-013")
class KeepsUnknownStudentsToItself(Consumer):
    """Raises no alert about a student that it does not know."""

    def alert(self, answer: Answer, what: str, code: str) -> None:
        if code == "400":
            super().alert(answer, what, code)


@breaks("INF-EVT-013")
class TellsTheSameAgain(Consumer):
    """Raises its alerts again in each round."""

    def alert(self, answer: Answer, what: str, code: str) -> None:
        super().alert(answer, what, code)
        self.__dict__.setdefault("told", []).append((answer, what, code))

    def synchronise(self) -> None:
        old = self.__dict__.pop("told", [])
        self.alerted.clear()
        for answer, what, code in old:
            self.alert(answer, what, code)
        super().synchronise()
