"""Vendors that make a mockery of the privacy agreement."""

# An override may ignore what it is given.
# ruff: noqa: ARG002

from __future__ import annotations

from dataclasses import replace

from lxml import etree

from conformance.simulators.agreements import Pod, read_pod
from conformance.simulators.gate import MARKER
from conformance.simulators.message import Request, Response
from conformance.simulators.mutants import breaks
from conformance.simulators.problems import Malformed, Refusal
from conformance.simulators.receiver import Receiver
from conformance.simulators.store import Place


@breaks("POD-ACK-003", also=("POD-SUB-002",))
class DataAnswersLackTheMarker(Receiver):
    """Acknowledges the POD and leaves the marker off all answers to data."""

    def response_marker(self, request: Request) -> tuple[tuple[str, str], ...]:
        return ()


@breaks("POD-ACK-005", also=("POD-ACK-007", "POD-ACK-008", "POD-VER-003"))
class OneMarkerForEveryone(Receiver):
    """Answers data with a constant marker instead of the one in force."""

    def response_marker(self, request: Request) -> tuple[tuple[str, str], ...]:
        return ((MARKER, "our-privacy-promise"),) if self.covered(request) else ()


@breaks("POD-ACK-005")
class LowersTheToken(Receiver):
    """Writes the token back in lower case."""

    def pod_echo(self, pod: Pod) -> tuple[tuple[str, str], ...]:
        return super().pod_echo(replace(pod, token=pod.token.lower()))


@breaks("POD-ACK-005")
class CutsTheToken(Receiver):
    """Has a column of 64 characters for the token."""

    def pod_echo(self, pod: Pod) -> tuple[tuple[str, str], ...]:
        return super().pod_echo(replace(pod, token=pod.token[:64]))


@breaks("POD-SCH-005")
class WantsAContract(Receiver):
    """Refuses PODs without the optional contract."""

    def accept_pod(self, pod: Pod) -> None:
        if not pod.terms:
            raise Refusal(400, "The POD has no contract.")
        super().accept_pod(pod)


@breaks("POD-SCH-005", also=("POD-SCH-008",))
class TripsOverNil(Receiver):
    """Refuses PODs with nil elements."""

    def validate_pod(self, element: etree._Element) -> Pod:
        if element.xpath("//@*[local-name() = 'nil']"):
            raise Refusal(400, "The POD has an empty element.")
        return super().validate_pod(element)


@breaks("POD-SCH-006")
class AcknowledgesAnything(Receiver):
    """Acknowledges whatever is called a POD."""

    def validate_pod(self, element: etree._Element) -> Pod:
        try:
            return read_pod(element)
        except Malformed:
            token = element.findtext("{*}podToken") or self.new_id()
            return Pod(self.new_id(), "Live", token, self.party, (), ())


@breaks("POD-LC-007")
class AcceptsForeignAgreements(Receiver):
    """Acknowledges an agreement that somebody else made."""

    def check_party(self, pod: Pod) -> None:
        return None


@breaks("POD-LC-007")
class IgnoresContractDates(Receiver):
    """Acknowledges an agreement that has ended or has not begun."""

    def check_dates(self, pod: Pod) -> None:
        return None

    def pod_still_valid(self, pod: Pod) -> bool:
        return True


@breaks("POD-GATE-002")
class NeedsNoMarker(Receiver):
    """Takes data without a marker."""

    def check_marker(self, request: Request) -> Response | None:
        return None if self.marker_of(request) is None else super().check_marker(request)


@breaks("POD-GATE-002")
class MissingMarkerIs401(Receiver):
    """Refuses data without a marker with 401."""

    def marker_missing(self, request: Request) -> Response:
        return self.refused(request, Refusal(401, "The privacy marker is missing.", "403-01"))


@breaks("POD-GATE-002")
class MissingMarkerLacksSubCode(Receiver):
    """Refuses data without a marker and does not say why."""

    def marker_missing(self, request: Request) -> Response:
        return self.refused(request, Refusal(403, "Forbidden."))


@breaks("POD-GATE-003", also=("DAT-POD-003", "DAT-POD-006", "POD-VER-002"))
class AcceptsOutdatedMarkers(Receiver):
    """Goes on taking data under a POD that was replaced."""

    def check_marker(self, request: Request) -> Response | None:
        token = self.marker_of(request)
        return None if token and self.outdated(token) else super().check_marker(request)


@breaks("POD-GATE-003")
class OutdatedMarkerIsUnknown(Receiver):
    """Forgets old markers, so that an outdated one looks unknown."""

    def outdated(self, token: str) -> bool:
        return False


@breaks("POD-GATE-003", also=("DAT-POD-006", "POD-LC-004"))
class ExpiredPodsLiveOn(Receiver):
    """Files an expired POD and changes nothing."""

    def end_pod(self, pod: Pod) -> None:
        self.check_party(pod)


@breaks("POD-GATE-004", also=("POD-ACK-006", "POD-ACK-007", "POD-ACK-008", "POD-GATE-005"))
class AcceptsUnknownMarkers(Receiver):
    """Takes any marker that it cannot place."""

    def check_marker(self, request: Request) -> Response | None:
        token = self.marker_of(request)
        placed = token is None or self.outdated(token)
        return super().check_marker(request) if placed else None


@breaks("POD-GATE-008", also=("DAT-POD-007",))
class RefusalQuotesTheStudent(Receiver):
    """Repeats the message it refuses in its refusal."""

    def marker_missing(self, request: Request) -> Response:
        text = "".join(
            char for char in request.body.decode("utf-8", "replace") if char.isprintable()
        )
        return self.refused(request, Refusal(403, f"Refused: {text[:900]}", "403-01"))


@breaks("POD-GATE-010", also=("INF-DEL-001", "INF-DEL-003", "NEG-016"))
class DeleteNeedsAMarker(Receiver):
    """Refuses a single delete without a marker."""

    def covered(self, request: Request) -> bool:
        return request.method == "DELETE" or super().covered(request)


@breaks("POD-GATE-011", also=("INF-DEL-002", "NEG-028"))
class DeletesNeedAMarker(Receiver):
    """Refuses a delete of many without a marker."""

    def covered(self, request: Request) -> bool:
        return request.method == "PUT" or super().covered(request)


@breaks("POD-GATE-016", also=("DAT-POD-007",))
class StoresRefusedData(Receiver):
    """Refuses data without a valid marker and keeps it all the same."""

    def refused_is_stored(self) -> bool:
        return True


@breaks(
    "POD-MIN-008",
    also=(
        "INF-CRE-001",
        "INF-CRE-003",
        "INF-CRE-006",
        "INF-CRE-009",
        "INF-FMT-006",
        "INF-FMT-016",
        "INF-TRN-006",
        "INF-TRN-010",
        "INF-TRN-015",
        "INF-URL-002",
        "NEG-035",
        "POD-VER-004",
        "TRN-PR-16",
        "TRN-TX-02",
    ),
)
class DemandsMoreThanGranted(Receiver):
    """Refuses a student without a telephone number."""

    def validate(self, student: etree._Element, *, partial: bool = False) -> None:
        super().validate(student, partial=partial)
        if not partial and student.find("{*}phoneNumber") is None:
            raise Refusal(400, "The telephone number is missing.")


@breaks("POD-VER-004")
class RefusesANarrowerPod(Receiver):
    """Insists on every field that the POD before granted."""

    granted: tuple[str, ...] = ()

    def validate_pod(self, element: etree._Element) -> Pod:
        pod = super().validate_pod(element)
        now = tuple(field.text or "" for field in element.iter("{*}fieldName"))
        if any(not f"{old}/".startswith(tuple(f"{one}/" for one in now)) for old in self.granted):
            raise Refusal(400, "The POD grants fewer fields than before.")
        self.granted = now
        return pod


@breaks("POD-ACK-006", also=("DAT-POD-006", "POD-GATE-003"))
class AcceptsMarkersBeforeAnyPod(Receiver):
    """Takes any marker as long as no POD has been delivered."""

    def check_marker(self, request: Request) -> Response | None:
        if self.marker_of(request) and self.state.place not in self.state.markers.current:
            return None
        return super().check_marker(request)


@breaks("POD-ACK-007", also=("POD-GATE-005",))
class OneAgreementForAllZones(Receiver):
    """Puts a POD for another zone in force here as well."""

    def places(self, pod: Pod) -> tuple[Place, ...]:
        return (*super().places(pod), (self.zone, "DEFAULT"))


@breaks("POD-GATE-007", also=("POD-GATE-002", "POD-GATE-003"))
class GateSlamsTheDoor(Receiver):
    """Refuses messages without a valid marker with a bare 403."""

    def check_marker(self, request: Request) -> Response | None:
        refusal = super().check_marker(request)
        return refusal and Response(refusal.status, b"403-01 410-20", "text/plain")


@breaks("POD-SCH-006")
class AcknowledgesDrafts(Receiver):
    """Acknowledges a POD that is still a draft."""

    def check_pod_status(self, pod: Pod) -> None:
        return None
