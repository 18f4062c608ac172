"""Fifth layer: agreements (PODs) arrive here, and their tokens open or shut the door to data."""

from __future__ import annotations

from lxml import etree

from conformance.simulators import pod_json
from conformance.simulators.agreements import GRAMMAR, Pod, read_pod
from conformance.simulators.environments import Environments
from conformance.simulators.message import Request, Response
from conformance.simulators.problems import Malformed, Refusal
from conformance.simulators.store import Place

MARKER = "dataPrivacyMarker"


def wire_form(token: str) -> str:
    """A token as WSGI wants header values: UTF-8 bytes spelled in Latin-1."""
    return token.encode().decode("latin-1")


class Gate(Environments):
    """The `pods` service and the marker that every covered message needs."""

    def receive_pod(self, request: Request) -> Response:
        """POST pods/pod: the answer's marker is the acknowledgement."""
        self.authenticate_session(request)
        element = self.read_pod_body(request)
        pod = self.validate_pod(element)
        if pod.status == "Expired":
            self.end_pod(pod)
            self.after_the_end(pod)
            return self.document(201, element)
        self.accept_pod(pod)
        self.state.markers.enforce(pod, self.places(pod))
        self.keep_only_granted(pod)
        return self.acknowledged(request, element, pod).adding(*self.pod_echo(pod))

    def read_pod_body(self, request: Request) -> etree._Element:
        """A POD in XML or, in the form of infrastructure 3.6, in JSON."""
        media = (request.header("Content-Type") or "").partition(";")[0].strip().lower()
        if media != "application/json":
            return self.read_xml(request)
        try:
            return pod_json.read(request.body, GRAMMAR)
        except Malformed as error:
            raise Refusal(400, f"The POD is not valid: {error}.") from error

    def acknowledged(self, request: Request, element: etree._Element, pod: Pod) -> Response:  # noqa: ARG002
        """The body that goes with the acknowledgement: the POD as it was created."""
        return self.document(201, element)

    def keep_only_granted(self, pod: Pod) -> None:
        """What a narrower agreement asks of what is there already; more in a later layer."""

    def after_the_end(self, pod: Pod) -> None:
        """What an agreement asks once it is over; more in a later layer."""

    def validate_pod(self, element: etree._Element) -> Pod:
        """Refuse what no schema of the standard would accept."""
        try:
            return read_pod(element)
        except Malformed as error:
            raise Refusal(400, f"The POD is not valid: {error}.") from error

    def accept_pod(self, pod: Pod) -> None:
        """Refuse agreements that are not ours to acknowledge now."""
        self.check_party(pod)
        self.check_pod_status(pod)
        self.check_dates(pod)
        self.check_content(pod)
        self.check_not_over(pod)

    def check_content(self, pod: Pod) -> None:
        """Refuse another text under an id and version that was acknowledged with its own."""
        known = self.state.markers.known.get((pod.id, pod.version))
        if known is not None and known.digest != pod.digest:
            raise Refusal(409, "Another text was acknowledged under this id and version.")

    def check_not_over(self, pod: Pod) -> None:
        """An agreement that was replaced or has expired does not come back."""
        if pod.token in self.state.markers.retired:
            raise Refusal(410, "This POD is over; a new version is needed.")

    def check_party(self, pod: Pod) -> None:
        """Refuse an agreement with somebody else."""
        if pod.party != self.party:
            raise Refusal(403, "The POD names another party.")

    def check_pod_status(self, pod: Pod) -> None:
        """A draft is not an agreement."""
        if pod.status == "Draft":
            raise Refusal(403, "A POD in draft cannot be acknowledged.")

    def check_dates(self, pod: Pod) -> None:
        """Refuse a contract that has not begun or has ended."""
        if not pod.in_force(self.today()):
            raise Refusal(403, "No contract of the POD is valid today.")

    def end_pod(self, pod: Pod) -> None:
        """An expired POD ends the agreement it belongs to; a stranger's ends nothing."""
        self.check_party(pod)
        live = self.state.markers.current.values()
        tokens = {old.token for old in live if pod.id == old.id or pod.token == old.token}
        if not tokens:
            raise Refusal(403, "The POD is expired and was never acknowledged here.")
        for token in tokens:
            self.state.markers.retire(token)

    def places(self, pod: Pod) -> tuple[Place, ...]:
        """Zones and contexts of a POD; one that names none is for the default zone."""
        return tuple((zone or self.zone, context) for zone, context in pod.zones) or (
            (self.zone, "DEFAULT"),
        )

    def pod_echo(self, pod: Pod) -> tuple[tuple[str, str], ...]:
        """Header that acknowledges a POD."""
        return ((MARKER, wire_form(pod.token)),)

    def marker_of(self, request: Request) -> str | None:
        """The marker as it was sent; empty counts as told and wrong."""
        token = request.header(MARKER)
        return token and token.encode("latin-1").decode("utf-8", "replace")

    def marker_in_force(self) -> str | None:
        """The token of the agreement for the data that the request is about."""
        pod = self.state.markers.current.get(self.state.place)
        return None if pod is None or not self.pod_still_valid(pod) else pod.token

    def pod_still_valid(self, pod: Pod) -> bool:
        """Whether the contract has not run out since it was acknowledged."""
        return pod.in_force(self.today())

    def covered(self, request: Request) -> bool:
        """Deletes need no marker, neither the single nor the multiple one."""
        return self.response_action(request) != "DELETE"

    def outdated(self, token: str) -> bool:
        """Whether a token once was in force here."""
        pod = self.state.markers.current.get(self.state.place)
        run_out = pod is not None and pod.token == token and not self.pod_still_valid(pod)
        return run_out or token in self.state.markers.retired

    def check_marker(self, request: Request) -> Response | None:
        """An answer that refuses the message, or None to let it pass."""
        token = self.marker_of(request)
        if not self.needs_pod or not self.covered(request):
            return None
        if token is None:
            return self.marker_missing(request)
        if token == self.marker_in_force():
            return None
        return (
            self.marker_outdated(request) if self.outdated(token) else self.marker_unknown(request)
        )

    def marker_missing(self, request: Request) -> Response:
        """403 with 403-01."""
        return self.refused(request, Refusal(403, "The privacy marker is missing.", "403-01"))

    def marker_outdated(self, request: Request) -> Response:
        """410 with 410-20."""
        return self.refused(request, Refusal(410, "The privacy marker is outdated.", "410-20"))

    def marker_unknown(self, request: Request) -> Response:
        """403 without a number of the standard, which has none for it."""
        return self.refused(
            request, Refusal(403, "The privacy marker is unknown.", "403-POD-UNKNOWN")
        )

    def response_marker(self, request: Request) -> tuple[tuple[str, str], ...]:
        """Header for the answer to a covered message that passed the gate."""
        token = self.marker_in_force()
        return ((MARKER, wire_form(token)),) if token and self.covered(request) else ()
