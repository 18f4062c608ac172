"""Fourth layer: one synchronisation with the hub, and what happens when it refuses."""

from __future__ import annotations

import re
import threading
import time
from http.client import HTTPException
from urllib.parse import quote
from uuid import uuid4

from lxml import etree

from conformance.simulators.consumer.inbox import MARKER, Inbox
from conformance.simulators.consumer.link import Answer
from conformance.simulators.consumer.papers import REJECTED
from conformance.simulators.documents import NA4


class Consumer(Inbox):
    """A client that conforms: documents first, then students page by page, then each by id."""

    page_size = 3
    tries = 4
    fault_tries = 3
    pause_seconds = 0.025
    interval_seconds = 5.0

    def __init__(self, hub: str, key: str = "demo-vendor", secret: str | None = None) -> None:
        super().__init__(hub, key, secret)
        # Markers of changesSince by zone: they are kept on disk.
        self.marks: dict[str, str] = {}
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def beside(self, hub: str) -> Consumer:
        """The same product at another hub: nothing of the two meets, but key and secret."""
        made = type(self)(hub, self.key, self.secret)
        made.link.form, made.link.trust = self.link.form, self.link.trust
        return made

    # -- being moved -------------------------------------------------------------------------

    def synchronise(self) -> None:
        """Connect if need be, then read what there is."""
        if not self.zones:
            self.connect()
        self.read_queue()
        for zone in list(self.zones):
            self.read_zone(zone)
        self.read_answers()

    def read_answers(self) -> None:
        """Take the delayed answers."""
        if self.pending:
            self.read_queue()
            self.pending.clear()

    def restart(self) -> None:
        """Lose what was only in memory, and synchronise again."""
        self.forget()
        self.synchronise()

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

    # -- data --------------------------------------------------------------------------------

    def read_zone(self, zone: str) -> None:
        """All students of a zone, then one by one; nothing is asked without a document."""
        if zone not in self.agreements and not self.obtain(zone):
            return
        found = self.read_pages(zone)
        for refid in found:
            if self.ask(zone, self.students(refid)) is None:
                return
        if zone in self.agreements:
            if found:
                self.read_changes(zone)
                self.ask_later(zone, self.marked(zone))
            self.publish(zone)

    def students(self, refid: str = "") -> str:
        """The address of the students, or of one of them."""
        return f"{self.at('requestsConnector')}/xStudents{f'/{refid}' if refid else ''}"

    def read_pages(self, zone: str) -> list[str]:
        """The ids of all students; where the result was lost it is read from the start."""
        for _ in range(3):
            found, whole = self.walk(zone)
            if whole:
                return found
        return found

    def walk(self, zone: str) -> tuple[list[str], bool]:
        """From page to page: the ids, and False if the result is not kept any more."""
        found: list[str] = []
        more: dict[str, str] = {}
        page = 1
        while True:
            answer = self.ask(zone, self.students(), self.page_lines(page) | more)
            if answer is None or answer.status != 200:
                return found, answer is None or answer.status != 404 or not more
            students = list(answer.document)
            if not all(self.take(one) for one in students):
                return found, True
            self.keep(zone, students)
            found += [one.get("refId") or "" for one in students]
            if self.is_last(page, answer):
                return found, True
            more = self.kept(answer)
            page += 1

    def page_lines(self, page: int) -> dict[str, str]:
        """The header lines that ask for a page."""
        return {"navigationPage": str(page), "navigationPageSize": str(self.page_size)}

    def is_last(self, page: int, answer: Answer) -> bool:
        """Whether the hub says so; where it does not, only an empty page ends a walk."""
        told = answer.headers.get("navigationlastpage", "")
        return told.isdigit() and page >= int(told)

    def kept(self, answer: Answer) -> dict[str, str]:
        """The header line that names the result which the pages are of."""
        named = answer.headers.get("navigationid", "")
        return {"navigationId": named} if named else {}

    def read_changes(self, zone: str) -> None:
        """What changed since the last time; without a marker the next time is prepared."""
        mark = self.marks.get(zone)
        if not mark:
            self.begin_marks(zone)
            return
        page, more, later = 1, dict[str, str](), ""
        while True:
            answer = self.ask(zone, self.changes(mark), self.page_lines(page) | more)
            if answer is None or answer.status not in (200, 204):
                if answer is not None and answer.status in (400, 410):
                    self.begin_marks(zone)
                return
            later = later or answer.headers.get("changessincemarker", "")
            if answer.status == 204:
                break
            self.take_changes(zone, list(answer.document))
            if self.is_last(page, answer):
                break
            more = self.kept(answer)
            page += 1
        self.marks[zone] = later or mark

    def changes(self, mark: str) -> str:
        """The address of what changed since a marker."""
        return f"{self.students()}?changesSinceMarker={quote(mark, safe='')}"

    def begin_marks(self, zone: str) -> None:
        """Take a marker for the next time, then everything there is."""
        self.marks.pop(zone, None)
        answer = self.ask(zone, self.students(), method="HEAD")
        if answer is not None and "changessincemarker" in answer.headers:
            self.read_pages(zone)
            self.marks[zone] = answer.headers["changessincemarker"]

    def take_changes(self, zone: str, students: list[etree._Element]) -> None:
        """Whole students, or the ids of those that are gone."""
        for one in students:
            if len(one):
                self.store.put(zone, one)
            else:
                self.store.remove(zone, one.get("refId") or "")

    def take(self, student: etree._Element) -> bool:
        """Whether the student can be used; what is optional may be missing."""
        return student.get("refId") is not None

    def publish(self, zone: str) -> None:
        """Tell the hub of a change of our own."""
        space = f"{{{NA4}}}"
        body = etree.Element(f"{space}xStudents")
        etree.SubElement(body, f"{space}xStudent", refId=self.refid_of_change())
        lines = self.event_headers(zone) | self.marked(zone)
        self.tell("POST", self.at("eventsConnector"), body, lines)

    def refid_of_change(self) -> str:
        """The student whose change is told: one of our own."""
        return str(uuid4())

    def event_headers(self, zone: str) -> dict[str, str]:
        """The header lines of an event, but for the marker."""
        return {"messageType": "EVENT", "eventAction": "UPDATE", "serviceName": "xStudents",
                "zoneId": zone, "contextId": "DEFAULT"}  # fmt: skip

    def marked(self, zone: str) -> dict[str, str]:
        """The marker header line of a covered call."""
        marker = self.marker(zone)
        return {} if marker is None else {MARKER: marker}

    def covered(self, zone: str, path: str, lines: dict[str, str], method: str = "GET") -> Answer:
        """One covered call."""
        address = self.address(zone, path)
        told = {
            "requestId": self.request_id(zone),
            "messageType": "REQUEST",
            "requestAction": "QUERY",
        }
        told |= {"serviceType": "OBJECT"}
        if method == "HEAD":
            told["requestAction"] = "HEAD"
        return self.tell(method, address, None, told | lines | self.marked(zone))

    def request_id(self, zone: str) -> str:  # noqa: ARG002
        """The requestId of the next request."""
        return str(uuid4())

    def address(self, zone: str, path: str) -> str:
        """The address with its zone and context."""
        path, _, query = path.partition("?")
        return f"{path};zoneId={zone};contextId=DEFAULT" + (f"?{query}" if query else "")

    def ask(
        self, zone: str, path: str, lines: dict[str, str] | None = None, method: str = "GET"
    ) -> Answer | None:
        """A covered call, tried again while there is a reason to; None in the end."""
        for number in range(self.tries):
            answer = self.covered(zone, path, lines or {}, method)
            if self.usual(answer):
                return answer
            if number + 1 == self.tries or not self.recover(zone, answer, number):
                return None
        return None

    def usual(self, answer: Answer) -> bool:
        """Whether there is nothing to try again for: 410 without a sub code is about a marker."""
        if answer.status == 200 and answer.body:
            return self.readable(answer)
        if answer.status == 410:
            return b"410-20" not in answer.body
        return 200 <= answer.status < 500 and answer.status not in (401, 403, 429)

    def recover(self, zone: str, answer: Answer, number: int) -> bool:
        """Do what a refusal asks for before the next try; False to give up."""
        if answer.status == 401:
            return self.reconnect(zone, number)
        if answer.status in (403, 410):
            if re.search(rb"40[0-9]-|410-", answer.body) is None:
                return False
            renewed = self.renew(zone)
            if renewed and answer.status == 403:
                self.pause(number)
            return renewed
        if number + 1 >= self.fault_tries:
            return False
        self.wait_for(answer, number)
        return True

    def reconnect(self, zone: str, number: int) -> bool:
        """The session is not known any more: begin another one, once."""
        if number:
            return False
        self.forget()
        self.connect()
        return bool(self.zones) and self.obtain(zone)

    def wait_for(self, answer: Answer, number: int) -> None:
        """The pause that the hub names, else one of our own."""
        told = answer.headers.get("retry-after", "")
        if answer.status in (429, 503) and told:
            time.sleep(float(told))
        else:
            self.back_off(number)

    def back_off(self, number: int) -> None:
        """Wait half as long again each time, when the hub is in trouble."""
        time.sleep(self.pause_seconds * 1.5**number)

    def renew(self, zone: str) -> bool:
        """Drop the document that was refused and read the one in force."""
        self.drop(zone)
        return self.obtain(zone)

    def pause(self, number: int) -> None:
        """Wait half as long again each time."""
        time.sleep(self.pause_seconds * 1.5**number)
