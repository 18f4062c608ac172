"""Vendors that take an agreement for more, for less or for longer than it is."""

# An override may ignore what it is given.
# ruff: noqa: ARG002

from __future__ import annotations

import json
import re
import time
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from lxml import etree

from conformance.simulators.agreements import Pod
from conformance.simulators.documents import node
from conformance.simulators.gate import MARKER
from conformance.simulators.message import Request, Response
from conformance.simulators.mutants import breaks
from conformance.simulators.problems import Refusal
from conformance.simulators.receiver import Receiver
from conformance.simulators.store import Markers

DAY = timedelta(days=1)


@breaks("POD-ACK-011")
class ReacknowledgesChangedContent(Receiver):
    """Takes a POD for the one it knows as soon as id and version are the same."""

    def check_content(self, pod: Pod) -> None:
        return None


@breaks("POD-ACK-012")
class RefusesASecondDelivery(Receiver):
    """Refuses a POD that it has acknowledged already."""

    def accept_pod(self, pod: Pod) -> None:
        if (pod.id, pod.version) in self.state.markers.known:
            raise Refusal(409, "This POD is known already.")
        super().accept_pod(pod)


@breaks("POD-ACK-012")
class SecondDeliveryEndsTheFirst(Receiver):
    """Ends an agreement when its POD is delivered once more."""

    again = False

    def accept_pod(self, pod: Pod) -> None:
        super().accept_pod(pod)
        self.again = (pod.id, pod.version) in self.state.markers.known

    def acknowledged(self, request: Request, element: etree._Element, pod: Pod) -> Response:
        if self.again:
            self.state.markers.retire(pod.token)
        return super().acknowledged(request, element, pod)


@breaks("POD-LC-004")
class RevivesExpiredAgreements(Receiver):
    """Acknowledges a POD again that has expired."""

    def check_not_over(self, pod: Pod) -> None:
        return None


@breaks("DAT-POD-006")
class TiresOfRefusing(Receiver):
    """Gives in to an outdated marker that comes again and again."""

    refusals = 0

    def accept_pod(self, pod: Pod) -> None:
        super().accept_pod(pod)
        self.refusals = 0

    def check_marker(self, request: Request) -> Response | None:
        refusal = super().check_marker(request)
        self.refusals += refusal is not None and refusal.status == 410
        return None if self.refusals > 4 else refusal


@breaks("POD-LC-007")
class FirstDayIsTooEarly(Receiver):
    """Takes the first day of a contract for the day before it."""

    def check_dates(self, pod: Pod) -> None:
        later = tuple((first + DAY, last) for first, last in pod.terms)
        super().check_dates(replace(pod, terms=later))


@breaks("POD-LC-007")
class LastDayIsTooLate(Receiver):
    """Takes the last day of a contract for the day after it."""

    def check_dates(self, pod: Pod) -> None:
        sooner = tuple((first, last if last == date.max else last - DAY)
                       for first, last in pod.terms)  # fmt: skip
        super().check_dates(replace(pod, terms=sooner))


@breaks("POD-VER-002")
class GivesOldVersionsGrace(Receiver):
    """Goes on taking the token of the version before."""

    def check_marker(self, request: Request) -> Response | None:
        token, now = self.marker_of(request), self.state.markers.current.get(self.state.place)
        known = self.state.markers.known.values()
        if now is not None and any(pod.token == token and pod.id == now.id for pod in known):
            return None
        return super().check_marker(request)


@breaks("POD-VER-003")
class AnswersWithTheOldVersion(Receiver):
    """Answers under a new version with the token of the first one."""

    def response_marker(self, request: Request) -> tuple[tuple[str, str], ...]:
        told = super().response_marker(request)
        pod = self.state.markers.current.get(self.state.place)
        if not told or pod is None:
            return told
        same = [one.token for one in self.state.markers.known.values() if one.id == pod.id]
        return ((MARKER, same[0]),)


@breaks("POD-ACK-005", also=("POD-ACK-007", "POD-ACK-008", "POD-VER-003"))
class AnswersWithTheMarkerOfTheLastRun(Receiver):
    """Was told its marker once, when it was set up."""

    def response_marker(self, request: Request) -> tuple[tuple[str, str], ...]:
        told = super().response_marker(request)
        return ((MARKER, "Qm7Zt0Lk3Vx9Rb2Nc8Wd"),) if told else ()


@breaks("POD-ACK-005")
class LosesTheSignsOfTheToken(Receiver):
    """Keeps letters and digits of the token only."""

    def pod_echo(self, pod: Pod) -> tuple[tuple[str, str], ...]:
        return super().pod_echo(replace(pod, token=re.sub("[._-]", "", pod.token)))


@breaks("POD-ACK-014")
class ReadsSlowly(Receiver):
    """Looks up each field of a POD before it acknowledges it."""

    def accept_pod(self, pod: Pod) -> None:
        super().accept_pod(pod)
        if len(pod.fields) > 50:
            time.sleep(0.7)


@breaks("POD-ACK-008")
class ForgetsAgreementsOnRestart(Receiver):
    """Keeps its agreements in memory only."""

    def remembered(self) -> Markers:
        return Markers()


@breaks("POD-ACK-008")
class ReadsAnOldBackup(Receiver):
    """Comes back from a restart with the agreements that it had before the last one."""

    def remembered(self) -> Markers:
        known = list(self.state.markers.known.values())
        markers = Markers()
        for pod in known[:-1]:
            markers.enforce(pod, self.places(pod))
        return markers


@breaks("POD-ACK-009")
class ReceiptNamesNoVersion(Receiver):
    """Acknowledges whatever version there is."""

    def receipt(self, pod: Pod) -> dict[str, Any]:
        return super().receipt(pod) | {"podVersion": "current"}


@breaks("POD-ACK-009")
class ReceiptDecidesNothing(Receiver):
    """Sends a receipt that does not say whether the POD was acknowledged."""

    def receipt(self, pod: Pod) -> dict[str, Any]:
        return super().receipt(pod) | {"decision": "RECEIVED"}


@breaks("POD-ACK-010")
class HashesTheToken(Receiver):
    """Computes the hash of the token in place of the text."""

    def content_hash(self, pod: Pod) -> str:
        return super().content_hash(replace(pod, digest=f"sha256:{pod.token.encode().hex():.64}"))


@breaks("POD-ACK-010")
class OneHashForAllTexts(Receiver):
    """Learned a hash by heart."""

    def content_hash(self, pod: Pod) -> str:
        return f"sha256:{'0' * 64}"


@breaks("POD-SCH-008")
class KnowsNoJson(Receiver):
    """Claims to take PODs in JSON and does not."""

    def read_pod_body(self, request: Request) -> etree._Element:
        return self.read_xml(request)


@breaks("POD-SCH-008")
class TripsOverUnknownMembers(Receiver):
    """Refuses JSON with a member that it has not heard of."""

    def read_pod_body(self, request: Request) -> etree._Element:
        if b'"colour"' in request.body:
            raise Refusal(400, "There is a member that is not known.")
        return super().read_pod_body(request)


@breaks("POD-SCH-006")
class TakesAnyJson(Receiver):
    """Acknowledges whatever comes as JSON."""

    def read_pod_body(self, request: Request) -> etree._Element:
        try:
            return super().read_pod_body(request)
        except Refusal:
            if b"json" not in (request.header("Content-Type") or "").encode():
                raise
            return self._made_up(request.body)

    def _made_up(self, body: bytes) -> etree._Element:
        """A POD that is valid, whatever was sent."""
        try:
            told = json.loads(body)
            token = str(told[0]["pod"].get("podToken", ""))
        except (ValueError, LookupError, TypeError, AttributeError):
            token = ""
        texts = {"podStatus": "Live", "podToken": token or self.new_id(), "podVersion": "1",
                 "partyId": self.party}  # fmt: skip
        parts = [node(name, text) for name, text in texts.items()]
        return node("pod", *parts, node("privacyList"), id=self.new_id())
