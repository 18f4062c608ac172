"""Hubs that get the life of a POD wrong: acknowledged too early, never live, never over."""

# An override may ignore what it is given.
# ruff: noqa: ARG002

from __future__ import annotations

from datetime import date
from typing import Any

from conformance.simulators.hub.hub import SimulatedHub
from conformance.simulators.hub.mutants import breaks
from conformance.simulators.hub.papers import EXPIRED, LIVE, PENDING, Entry, Paper
from conformance.simulators.message import Response


@breaks("POD-GATE-001", also=("POD-LC-002",))
class TokensOpenBeforeTheReceipt(SimulatedHub):
    """Lets the token acknowledge also where the district wants a receipt."""

    def policy(self, vendor: str) -> str:
        return "marker"


@breaks("POD-LC-002")
class NeverGoesLive(SimulatedHub):
    """Answers the token of a pending POD and leaves the POD pending."""

    def acknowledge(self, paper: Paper, channel: str) -> None:
        if channel == "receipt":
            super().acknowledge(paper, channel)
        elif paper.status == PENDING:
            self.note(f"acknowledged by {channel}", paper)


@breaks("POD-LC-002")
class GivesMarkersTooEarly(SimulatedHub):
    """Gives the marker out by the marker service before the receipt has come."""

    def give_marker(self, vendor: str) -> Response:
        kept, self.held.policies[vendor] = self.policy(vendor), "marker"
        answer = super().give_marker(vendor)
        self.held.policies[vendor] = kept
        return answer


@breaks("POD-LC-003")
class LastDayIsOver(SimulatedHub):
    """Ends a contract with the beginning of its last day."""

    def in_time(self, entry: Entry, today: date) -> bool:
        return entry.starts <= today < entry.ends


@breaks("POD-LC-003")
class IgnoresContractDays(SimulatedHub):
    """Does not look at the days of a contract."""

    def check_dates(self, entry: Entry) -> None:
        return None


@breaks("POD-LC-004", also=("POD-VER-002", "POD-LC-005", "POD-GATE-003", "DAT-POD-003"))
class RevivesExpiredPods(SimulatedHub):
    """Makes a replaced POD Live again when its token is used."""

    def check_status(self, paper: Paper) -> None:
        newest = [one for one in self.held.papers if one.vendor == paper.vendor][-1]
        if paper.status == EXPIRED and newest.status in (LIVE, PENDING):
            paper.status = PENDING
        super().check_status(paper)


@breaks("POD-LC-005", also=("POD-LC-004", "POD-VER-002", "POD-GATE-003", "DAT-POD-003"))
class KeepsOldPodsLive(SimulatedHub):
    """Leaves a POD in force when another one takes its place."""

    def replaced_by(self, paper: Paper) -> list[Paper]:
        return []


@breaks("REG-004", also=("POD-END-001", "DAT-POD-005", "POD-DEL-004"))
class NeverEnds(SimulatedHub):
    """Notes the end of an agreement and goes on as before."""

    def end(self, vendor: str) -> None:
        self.note("ended", None, vendor=vendor)


@breaks("POD-END-001")
class ForgetsWhoseTokenHasEnded(SimulatedHub):
    """Refuses the token of a POD that has ended as if it had never been."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.ended: set[str] = set()

    def end(self, vendor: str) -> None:
        in_use = (PENDING, LIVE)
        own = [one for one in self.held.papers if one.vendor == vendor and one.status in in_use]
        self.ended |= {one.id for one in own}
        super().end(vendor)

    def check_status(self, paper: Paper) -> None:
        if paper.id in self.ended:
            raise self.marker_unknown()
        super().check_status(paper)


@breaks("DAT-POD-005")
class KeepsMessagesAfterTheEnd(SimulatedHub):
    """Leaves subscriptions and messages where they are when an agreement ends."""

    def purge(self, vendor: str) -> None:
        return None


@breaks("DAT-POD-005")
class KeepsWhatWaits(SimulatedHub):
    """Stops subscriptions at the end and keeps what waits already."""

    def purge(self, vendor: str) -> None:
        for queue in self.held.queues.values():
            if queue.vendor == vendor:
                queue.services &= {"pods"}


class _TakesIds(SimulatedHub):
    """A hub that gives the id of a POD which is over to a new one."""

    def pod_id(self, vendor: str) -> str:
        over = [one for one in self.held.papers if self._is_free(one, vendor)]
        if not over:
            return super().pod_id(vendor)
        taken = over[-1].id
        over[-1].id = self.new_id()
        return taken

    def _is_free(self, paper: Paper, vendor: str) -> bool:
        """Whether the id of this POD may be given to the vendor's next one."""
        return paper.vendor == vendor and paper.status == EXPIRED


@breaks("DAT-POD-001")
class BeginsAnewAfterTheEnd(_TakesIds):
    """After the end of an agreement the next POD has the id of the last one."""

    def _is_free(self, paper: Paper, vendor: str) -> bool:
        used = (one for one in self.held.papers if one.vendor == vendor and one.status != EXPIRED)
        return super()._is_free(paper, vendor) and next(used, None) is None


@breaks("DAT-POD-001")
class HandsIdsOn(_TakesIds):
    """Gives a vendor the id that a POD of another vendor had."""

    def _is_free(self, paper: Paper, vendor: str) -> bool:
        return paper.vendor != vendor and paper.status == EXPIRED
