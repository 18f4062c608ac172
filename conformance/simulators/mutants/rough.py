"""Vendors that do badly when the line is rough."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from lxml import etree

from conformance.simulators.message import Request, Response
from conformance.simulators.mutants import breaks
from conformance.simulators.problems import Refusal
from conformance.simulators.receiver import Receiver
from conformance.simulators.store import Session

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment


def _is_create(request: Request) -> bool:
    return request.method == "POST" and request.segments[-1:] == ("xStudent",)


class _Hasty(Receiver):
    """Goes on with a body that ended too early, and asks no schema about it."""

    half = False

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        source = environ["wsgi.input"]
        body = source.read(int(environ.get("CONTENT_LENGTH") or 0))
        if len(body) < int(environ.get("CONTENT_LENGTH") or 0):
            self.half, body = True, self._completed(body)
        environ["wsgi.input"] = _Given(body, source)
        try:
            return super().__call__(environ, start_response)
        finally:
            self.half = False

    def _completed(self, body: bytes) -> bytes:
        """What is made of the part that came: whatever can be read of it."""
        root = etree.fromstring(body, etree.XMLParser(recover=True))
        return etree.tostring(root)

    def validate(self, student: etree._Element, partial: bool = False) -> None:
        if not self.half:
            super().validate(student, partial=partial)


@breaks("DAT-RGH-001")
class MakesDoWithHalf(_Hasty):
    """Closes the open tags of a body that ends too early, and stores what it has."""


@breaks("DAT-RGH-001")
class FilesAnEmptyStudentForHalf(_Hasty):
    """Puts a student with an id alone in the place of one that did not arrive whole."""

    def _completed(self, body: bytes) -> bytes:
        root = etree.fromstring(body, etree.XMLParser(recover=True))
        root[:] = []
        return etree.tostring(root)


class _Impatient(Receiver):
    patience = 0.3
    status = "408 Request Timeout"

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        began, read = time.monotonic(), environ["wsgi.input"].read
        body = read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"] = _Given(body, environ["wsgi.input"])
        if time.monotonic() - began > self.patience:
            return self.late(environ, start_response)
        return super().__call__(environ, start_response)

    def late(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:  # noqa: ARG002
        """What is said to those who are slow."""
        start_response(self.status, [("Content-Length", "0")])
        return []


class _Given:
    """A body that was read already."""

    def __init__(self, body: bytes, source: Any) -> None:
        self._body, self._source = body, source

    def read(self, size: int = -1) -> bytes:
        """All or the rest of it."""
        size = len(self._body) if size < 0 else size
        given, self._body = self._body[:size], self._body[size:]
        return given


@breaks("DAT-RGH-002")
class HangsUpOnTheSlow(_Impatient):
    """Gives a body three tenths of a second."""


@breaks("DAT-RGH-002")
class ThanksTheSlowAndForgets(_Impatient):
    """Answers a slow create with 201 and stores nothing."""

    status = "201 Created"


@breaks("DAT-RGH-003")
class OneEndEndsAll(Receiver):
    """Forgets every session when one environment is deleted."""

    def end_session(self, session: Session) -> None:
        super().end_session(session)
        self.state.sessions.clear()


@breaks("DAT-RGH-003")
class TheEndTakesTheDataAlong(Receiver):
    """Empties the store when one of several environments is deleted."""

    def end_session(self, session: Session) -> None:
        super().end_session(session)
        if self.state.sessions:
            self.state.districts.clear()


class _Crowded(Receiver):
    """Knows whether a create has others beside it."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.under_way = 0
        self.mine = threading.local()

    def answer(self, request: Request) -> Response:
        if not _is_create(request):
            return super().answer(request)
        self.under_way += 1
        # Long enough for those who come at the same time to meet.
        time.sleep(0.02)
        self.mine.crowded = self.under_way > 1
        try:
            return super().answer(request)
        finally:
            self.mine.crowded = False
            self.under_way -= 1

    @property
    def crowded(self) -> bool:
        """Whether the request of this thread is not alone."""
        return getattr(self.mine, "crowded", False)


@breaks("DAT-RGH-004", also=("DAT-RGH-005",))
class LosesWhatComesTogether(_Crowded):
    """Answers creates that come together without storing them."""

    def store_student(self, student: etree._Element) -> None:
        if not self.crowded:
            super().store_student(student)


@breaks("DAT-RGH-004")
class KeepsTwoOfWhatComesTogether(_Crowded):
    """Stores twice what comes together with others."""

    def store_student(self, student: etree._Element) -> None:
        super().store_student(student)
        if self.crowded:
            self.state.students[f"{student.get('refId')} again"] = student

    def remove_student(self, refid: str) -> None:
        super().remove_student(refid)
        self.state.students.pop(f"{refid} again", None)


@breaks("DAT-RGH-005")
class TakesEveryTwin(_Crowded):
    """Looks for an id in use only while nobody else asks."""

    def find_student(self, refid: str) -> etree._Element | None:
        return None if self.crowded else super().find_student(refid)


@breaks("DAT-RGH-005")
class TwinsEndEachOther(_Crowded):
    """Refuses a twin, and drops the student that was there first."""

    def add_student(self, student: etree._Element, must: bool) -> etree._Element:
        known = self.find_student(student.get("refId", ""))
        if known is not None and self.crowded:
            self.remove_student(student.get("refId", ""))
            raise Refusal(409, "A student with this id is already stored.")
        return super().add_student(student, must)
