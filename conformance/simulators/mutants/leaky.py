"""Vendors that tell what they should not: in errors, headers, exports, lists and calls."""

# An override may ignore what it is given.

from __future__ import annotations

import base64
import contextlib
import re
import socket
from dataclasses import replace
from urllib.parse import urlsplit

from lxml import etree

from conformance.simulators.message import Request, Response
from conformance.simulators.mutants import breaks
from conformance.simulators.oneroster import Row
from conformance.simulators.problems import Refusal
from conformance.simulators.receiver import Receiver


def call(address: str, body: bytes) -> None:
    """POST some bytes to another host, and do not listen to what it says."""
    parts = urlsplit(address)
    if parts.scheme != "http" or not parts.hostname:
        return
    lines = (
        "POST /collect HTTP/1.1",
        f"Host: {parts.netloc}",
        f"Content-Length: {len(body)}",
        "Connection: close",
    )
    with (
        contextlib.suppress(OSError),
        socket.create_connection((parts.hostname, parts.port or 80), 2) as line,
    ):
        line.sendall("\r\n".join((*lines, "", "")).encode() + body)
        while line.recv(4096):
            continue


class _SpeaksOfRefused(Receiver):
    """Adds something to the refusal of a message that has a body."""

    def gated(self, request: Request, path: list[str]) -> Response:
        refusal = self.check_marker(request)
        if refusal is None or not request.body:
            return super().gated(request, path)
        return self._told(request, refusal)

    def _told(self, request: Request, refusal: Response) -> Response:
        """The refusal with what it gives away."""
        raise NotImplementedError


@breaks("POD-GATE-008", also=("DAT-POD-007",))
class LeaksInAHeader(_SpeaksOfRefused):
    """Names the student it refused in a header for its operators."""

    def _told(self, request: Request, refusal: Response) -> Response:
        name = re.search(rb"([A-Za-z]+)</familyName>", request.body)
        return refusal.adding(("X-Trace", name[1].decode() if name else "none"))


@breaks("POD-GATE-008", also=("DAT-POD-007",))
class LeaksInBase64(_SpeaksOfRefused):
    """Puts the message it refused into the error, encoded for its support."""

    def _told(self, request: Request, refusal: Response) -> Response:
        packed = base64.b64encode(request.body)
        body = refusal.body.replace(b"</message>", b" Case: " + packed + b"</message>")
        return replace(refusal, body=body)


@breaks("DAT-POD-007", also=("POD-SUB-001",))
class CallsHomeWithRefusedData(_SpeaksOfRefused):
    """Sends what it refused to another host, to have it looked at."""

    def _told(self, request: Request, refusal: Response) -> Response:
        pod = self.state.markers.current.get(self.state.place)
        call(pod.contract if pod else "", request.body)
        return refusal


@breaks("POD-SUB-001")
class ForwardsToAnUnnamedHost(Receiver):
    """Passes every student on to a host that the POD does not name as an end point."""

    def store_student(self, student: etree._Element) -> None:
        super().store_student(student)
        pod = self.state.markers.current.get(self.state.place)
        call(pod.contract if pod else "", etree.tostring(student))


@breaks("POD-SUB-001")
class LeadsToAnotherHost(Receiver):
    """Shows new students at the address of somebody else."""

    def created(self, student: etree._Element) -> Response:
        place = f"https://cdn.tracker.example/students/{student.get('refId')}"
        return super().created(student).adding(("Location", place))


@breaks("DAT-POD-007")
class ExportsAllDistricts(Receiver):
    """Makes one export of all districts."""

    def export_rows(self, name: str) -> list[Row]:
        rows = []
        for place in [(self.zone, "DEFAULT"), *self.state.districts]:
            self.state.place = place
            rows += [row for row in super().export_rows(name) if row not in rows]
        return rows


@breaks("DAT-POD-007")
class ListsAllDistricts(Receiver):
    """Shows the students of every district in the list of each."""

    def read_all(self, request: Request) -> Response:
        own = self.state.place
        others = [place for place in self.state.districts if place != own]
        mixed = {key: one for place in others for key, one in self.state.districts[place].items()}
        kept = dict(self.state.students)
        self.state.districts[own] = kept | mixed
        try:
            return super().read_all(request)
        finally:
            self.state.districts[own] = kept


@breaks("DAT-POD-007")
class FindsStudentsOfOtherDistricts(Receiver):
    """Looks for a student by id wherever it has one."""

    def read_one(self, request: Request, refid: str) -> Response:
        for place, students in list(self.state.districts.items()):
            if self.student_key(refid) in students:
                self.state.place = place
        return super().read_one(request, refid)


@breaks("DAT-POD-007")
class QuotesWhatItCannotRead(Receiver):
    """Repeats a broken message in its error."""

    def parse(self, body: bytes) -> etree._Element:
        try:
            return super().parse(body)
        except Refusal as refusal:
            words = " ".join(re.findall(r"[A-Za-z]{13}", body.decode("utf-8", "replace")))
            raise Refusal(refusal.status, f"Cannot read: {words[:200]}") from refusal


@breaks("POD-GATE-016", also=("DAT-POD-007",))
class RefusedUpdatesAreDone(Receiver):
    """Refuses an update without a valid marker and does it all the same."""

    def gated(self, request: Request, path: list[str]) -> Response:
        refusal = self.check_marker(request)
        if refusal is not None and request.method == "PUT":
            with contextlib.suppress(Refusal):
                self.route_students(request, path)
        return refusal or super().gated(request, path)


@breaks("POD-GATE-016")
class RefusedDeletionsAreDone(Receiver):
    """Refuses a deletion whose marker it does not know, after it has done it."""

    def gated(self, request: Request, path: list[str]) -> Response:
        token = self.marker_of(request)
        done = super().gated(request, path)
        if not self.covered(request) and token not in (None, self.marker_in_force()):
            return self.marker_unknown(request)
        return done


@breaks("POD-GATE-016")
class StoresRefusedBundles(Receiver):
    """Unpacks a bundle before it looks at its marker."""

    def receive_file(self, request: Request, name: str) -> Response:
        answer = super().receive_file(request, name)
        if answer.status in (403, 410):
            self.store_bundle(*self.read_bundle(request.body))
        return answer


@breaks("POD-GATE-004")
class BundlesNeedNoKnownMarker(Receiver):
    """Lets files in whatever marker they carry, as long as it is none that has ended."""

    def receive_file(self, request: Request, name: str) -> Response:
        token = self.marker_of(request)
        if token and not self.outdated(token) and token != self.marker_in_force():
            self.authenticate_application(request)
            self.store_bundle(*self.read_bundle(request.body))
            return Response(201)
        return super().receive_file(request, name)
