"""Vendors that forget what an agreement asks for beside the marker."""

# An override may ignore what it is given.
# ruff: noqa: ARG002

from __future__ import annotations

from copy import deepcopy
from typing import Any

from lxml import etree

from conformance.simulators.agreements import Pod
from conformance.simulators.gate import MARKER, wire_form
from conformance.simulators.message import Request, Response
from conformance.simulators.mutants import breaks
from conformance.simulators.problems import Refusal
from conformance.simulators.receiver import Receiver


@breaks("POD-END-004")
class KeepsDataAfterTheEnd(Receiver):
    """Files the end of an agreement and keeps the data."""

    def after_the_end(self, pod: Pod) -> None:
        return None


@breaks("POD-END-004")
class EmptiesOnlyTheList(Receiver):
    """Deletes students and leaves them in the export until the next night."""

    def erase(self, places: tuple[tuple[str, str], ...]) -> None:
        left = [row for name in ("users",) for row in self.export_rows(name)]
        super().erase(places)
        self.state.rows["users"] = {row["sourcedId"]: row for row in left}


@breaks("DAT-POD-007")
class KeepsShowingWhatWasWithdrawn(Receiver):
    """Takes a narrower agreement for a rule about what comes in from now on."""

    def keep_only_granted(self, pod: Pod) -> None:
        return None


@breaks("POD-END-003")
class ConfirmsWithoutADate(Receiver):
    """Confirms a deletion and does not say when it was."""

    def deletion(self, pod: Pod) -> dict[str, Any]:
        return super().deletion(pod) | {"deletedAt": None}


@breaks("POD-END-003")
class ConfirmsWithoutScope(Receiver):
    """Confirms a deletion and does not say of what."""

    def deletion(self, pod: Pod) -> dict[str, Any]:
        return super().deletion(pod) | {"scope": []}


@breaks("POD-MIN-009")
class TakesPlaceholdersForValues(Receiver):
    """Believes that a masked student was born in 1582."""

    def without_placeholders(self, student: etree._Element) -> etree._Element:
        return deepcopy(student)


@breaks("POD-URL-001")
class PolicyNeedsALogin(Receiver):
    """Shows its privacy policy to customers only."""

    def policy(self) -> Response:
        raise Refusal(401, "Log in first.")


@breaks("POD-URL-001")
class PolicyIsEmpty(Receiver):
    """Has a page for its privacy policy, and nothing on it."""

    def policy(self) -> Response:
        return Response(200)


@breaks("POD-SUB-002")
class ShowsDataOnWithoutItsRules(Receiver):
    """Leaves the marker off where the rules should travel with the data."""

    def response_marker(self, request: Request) -> tuple[tuple[str, str], ...]:
        pod = self.state.markers.current.get(self.state.place)
        if pod is not None and pod.passed_on and request.method == "GET":
            return ()
        return super().response_marker(request)


@breaks("POD-ACK-007")
class LastMarkerForAllDistricts(Receiver):
    """Answers every district with the marker that it acknowledged last."""

    def response_marker(self, request: Request) -> tuple[tuple[str, str], ...]:
        told = super().response_marker(request)
        last = list(self.state.markers.known.values())[-1:]
        return ((MARKER, wire_form(last[0].token)),) if told and last else told


@breaks("POD-GATE-005", also=("POD-ACK-007",))
class AcceptsMarkersOfOtherDistricts(Receiver):
    """Takes the marker of any agreement that is in force somewhere."""

    def check_marker(self, request: Request) -> Response | None:
        token = self.marker_of(request)
        if any(pod.token == token for pod in self.state.markers.current.values()):
            return None
        return super().check_marker(request)


@breaks("POD-GATE-004")
class ShowsDataForAnyMarker(Receiver):
    """Looks at the marker of what is written, and not of what is read."""

    def check_marker(self, request: Request) -> Response | None:
        token = self.marker_of(request)
        if request.method == "GET" and token and not self.outdated(token):
            return None
        return super().check_marker(request)


@breaks("DAT-POD-003")
class UpdatesUnderOutdatedMarkers(Receiver):
    """Goes on taking updates under a POD that was replaced."""

    def check_marker(self, request: Request) -> Response | None:
        token = self.marker_of(request)
        if request.method == "PUT" and self.marker_in_force() and self.outdated(token or ""):
            return None
        return super().check_marker(request)


@breaks("POD-GATE-003")
class OutdatedListIsForbidden(Receiver):
    """Answers a list with an outdated marker as if the marker were unknown."""

    def marker_outdated(self, request: Request) -> Response:
        if request.method == "GET":
            return self.marker_unknown(request)
        return super().marker_outdated(request)
