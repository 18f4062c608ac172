"""Hubs whose gate lets the wrong ones through, or refuses in the wrong way."""

# An override may ignore what it is given.
# ruff: noqa: ARG002

from __future__ import annotations

from lxml import etree

from conformance.simulators.gate import MARKER
from conformance.simulators.hub.access import Pass
from conformance.simulators.hub.hub import SimulatedHub
from conformance.simulators.hub.mutants import breaks
from conformance.simulators.hub.papers import EXPIRED, Entry, Paper
from conformance.simulators.message import Request, Response
from conformance.simulators.problems import Refusal


@breaks("POD-GATE-002")
class MissingMarkerIs401(SimulatedHub):
    """Refuses a request without a marker with 401."""

    def marker_missing(self) -> Refusal:
        return Refusal(401, "The privacy marker is missing.", "403-01")


@breaks("POD-GATE-002")
class MissingMarkerHasAnotherSubCode(SimulatedHub):
    """Refuses a request without a marker with 403-05."""

    def marker_missing(self) -> Refusal:
        return Refusal(403, "The privacy marker is missing.", "403-05")


@breaks("POD-GATE-003", also=("POD-END-001",))
class OutdatedMarkerIs403(SimulatedHub):
    """Refuses an outdated marker with 403."""

    def marker_outdated(self) -> Refusal:
        return Refusal(403, "The privacy marker is outdated.", "403-POD-UNKNOWN")


@breaks("DAT-POD-003")
class OutdatedMarkerElsewhereIs400(SimulatedHub):
    """Refuses an outdated marker on one object with 400."""

    def read_one(self, request: Request, vendor: str, collection: str, refid: str) -> Response:
        try:
            return super().read_one(request, vendor, collection, refid)
        except Refusal as error:
            if error.status == 410:
                raise Refusal(400, error.message) from error
            raise


@breaks("POD-VER-002", also=("POD-GATE-003", "DAT-POD-003", "POD-LC-004", "POD-END-001", "REG-004"))
class OldTokensStayGood(SimulatedHub):
    """Takes the token of a POD that was replaced or has ended."""

    def check_status(self, paper: Paper) -> None:
        if paper.status != EXPIRED:
            super().check_status(paper)


@breaks("POD-GATE-004")
class ComparesWithoutCase(SimulatedHub):
    """Finds a token also when its letters are in another case."""

    def paper_of(self, token: str) -> Paper | None:
        wanted = token.casefold()
        return next((one for one in self.held.papers if one.token.casefold() == wanted), None)


@breaks("POD-GATE-004")
class TakesAnyMarker(SimulatedHub):
    """Takes whatever stands in the header for the POD of the vendor."""

    def admit(self, request: Request, vendor: str, door: str) -> Pass:
        marker = request.header(MARKER)
        if marker and self.paper_of(marker) is None:
            return self.unguarded(vendor)
        return super().admit(request, vendor, door)


@breaks("POD-GATE-005")
class TakesTheMarkersOfOthers(SimulatedHub):
    """Does not ask whose marker it is, but tells the district."""

    def check_party(self, paper: Paper, vendor: str) -> None:
        try:
            super().check_party(paper, vendor)
        except Refusal:
            return

    def entry_for(self, paper: Paper, vendor: str, request: Request) -> Entry:
        return super().entry_for(paper, paper.vendor, request)


@breaks("POD-GATE-005")
class KeepsTheftsToItself(SimulatedHub):
    """Refuses the marker of another party and tells nobody."""

    def check_party(self, paper: Paper, vendor: str) -> None:
        if paper.vendor != vendor:
            raise Refusal(403, "The privacy marker is not yours.", "403-POD-PARTY")


class _Ignores(SimulatedHub):
    """Ignores one part of an entry."""

    def fitting(self, entry: Entry, app: str, zone: str, context: str) -> bool:
        """Whether the entry is taken."""
        return True

    def entry_for(self, paper: Paper, vendor: str, request: Request) -> Entry:
        zone, context = self.place_of(request)
        found = [one for one in paper.entries if self.fitting(one, vendor, zone, context)]
        if not found:
            raise Refusal(403, "The POD is not for this application or place.")
        return max(found, key=lambda one: one.rank)


@breaks("POD-GATE-006")
class IgnoresZones(_Ignores):
    """Takes a marker in every zone and context."""

    def fitting(self, entry: Entry, app: str, zone: str, context: str) -> bool:
        return (not entry.apps or app in entry.apps) and "/au/" not in entry.namespace


@breaks("POD-GATE-006")
class IgnoresDataModels(_Ignores):
    """Takes a marker for objects of every data model."""

    def fitting(self, entry: Entry, app: str, zone: str, context: str) -> bool:
        return entry.fits(app, zone, context, entry.namespace)


@breaks("POD-LC-006", also=("POD-GATE-006",))
class IgnoresApplications(_Ignores):
    """Takes the first entry of a POD, whatever it is for."""

    def entry_for(self, paper: Paper, vendor: str, request: Request) -> Entry:
        return paper.entries[0]


@breaks("POD-LC-006")
class AddsEntriesUp(SimulatedHub):
    """Grants what any of the fitting entries grants."""

    def granted(self, through: Pass) -> tuple[str, ...]:
        listed = [
            one for one in through.paper.entries if through.vendor in one.apps or not one.apps
        ]
        return tuple(path for one in listed for path in one.fields)


@breaks("POD-GATE-007", also=("POD-GATE-002", "POD-GATE-003", "POD-END-001"))
class AnswersErrorsWithoutScope(SimulatedHub):
    """Leaves the scope off its errors."""

    def error_element(self, refusal: Refusal, scope: str) -> etree._Element:
        element = super().error_element(refusal, scope)
        for one in element.findall("{*}scope"):
            element.remove(one)
        return element


@breaks("POD-GATE-008")
class RepeatsTheRequestInErrors(SimulatedHub):
    """Tells in an error what was sent."""

    def refused(self, request: Request, refusal: Refusal) -> Response:
        told = request.body.decode("utf-8", "replace")
        return super().refused(
            request, Refusal(refusal.status, f"{refusal.message} {told}", refusal.subcode)
        )


@breaks("POD-GATE-010")
class DeletesNeedAMarker(SimulatedHub):
    """Refuses a single DELETE without a marker."""

    def check_deletion(self, request: Request, vendor: str) -> None:
        if request.header(MARKER) is None:
            raise self.marker_missing()


@breaks("POD-GATE-011")
class DeletesOfManyNeedAMarker(SimulatedHub):
    """Refuses a deletion of many without a marker."""

    def check_deletion_of_many(self, request: Request, vendor: str) -> None:
        if request.header(MARKER) is None:
            raise self.marker_missing()


@breaks("POD-GATE-012")
class HeadTellsCounts(SimulatedHub):
    """Answers HEAD to anyone with a session."""

    def is_gated(self, door: str) -> bool:
        return door != "head"


class _Ajar(SimulatedHub):
    """Leaves one door open."""

    door = ""

    def is_gated(self, door: str) -> bool:
        return door != self.door


@breaks(
    "POD-GATE-001", "POD-GATE-002",
    also=(
        "POD-GATE-003", "POD-GATE-004", "POD-GATE-005", "POD-GATE-006", "POD-GATE-009",
        "POD-LC-002", "POD-LC-003", "POD-LC-004", "POD-LC-006", "POD-VER-002",
        "POD-END-001", "REG-004", "POD-ACK-013",
    ),
)  # fmt: skip
class ListsToAnyone(_Ajar):
    """Shows the list without a marker."""

    door = "list"


@breaks("POD-GATE-009", also=("DAT-POD-003", "POD-VER-002"))
class ShowsOneToAnyone(_Ajar):
    """Shows one object without a marker."""

    door = "one"


@breaks("POD-GATE-009", also=("DAT-POD-003", "POD-VER-002"))
class AnswersExamplesToAnyone(_Ajar):
    """Answers a query by example without a marker."""

    door = "example"


@breaks("POD-GATE-009", also=("DAT-POD-003", "POD-VER-002"))
class WalksPathsWithAnyone(_Ajar):
    """Answers a service path without a marker."""

    door = "path"


@breaks("POD-GATE-009", also=("POD-VER-002",))
class TurnsPagesForAnyone(_Ajar):
    """Shows the pages behind the first one without a marker."""

    door = "page"


@breaks("POD-GATE-009", also=("POD-VER-002",))
class TellsChangesToAnyone(_Ajar):
    """Answers changesSinceMarker without a marker of privacy."""

    door = "since"


@breaks("POD-GATE-009", also=("POD-VER-002",))
class SearchesForAnyone(_Ajar):
    """Answers conditions without a marker."""

    door = "where"


@breaks("DAT-POD-004")
class QueuesForAnyone(_Ajar):
    """Gives messages out without a marker."""

    door = "messages"


@breaks("POD-GATE-017")
class NotesTokens(SimulatedHub):
    """Writes the token of a POD into the audit."""

    def note(self, what: str, paper: Paper | None = None, **told: str) -> None:
        extra = {"token": paper.token} if paper else {}
        super().note(what, paper, **told, **extra)


@breaks("POD-GATE-017")
class LinksWithTheToken(SimulatedHub):
    """Tells the address of the next page with the token in it."""

    def answer_list(
        self, request: Request, through: Pass, collection: str, found: list[etree._Element]
    ) -> Response:
        answer = super().answer_list(request, through, collection, found)
        return answer.adding(("Link", f"<{collection}?marker={through.paper.token}>; rel=next"))
