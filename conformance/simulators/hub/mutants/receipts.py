"""Hubs that take acknowledgements too lightly, or keep a poor record of them."""

# An override may ignore what it is given.
# ruff: noqa: ARG002

from __future__ import annotations

from conformance.simulators.hub.hub import SimulatedHub
from conformance.simulators.hub.mutants import breaks
from conformance.simulators.hub.papers import Paper
from conformance.simulators.message import Request, Response


@breaks("POD-ACK-011")
class IgnoresTheHash(SimulatedHub):
    """Takes a receipt with any hash."""

    def check_hash(self, paper: Paper, told: str) -> None:
        return None


@breaks("POD-ACK-011")
class IgnoresTheVersion(SimulatedHub):
    """Takes a receipt for any version and token, as long as the hash is right."""

    def check_current(self, paper: Paper, receipt: dict[str, str]) -> None:
        self.check_hash(paper, receipt["podHash"])


@breaks("POD-ACK-011")
class TakesTheReceiptsOfOthers(SimulatedHub):
    """Takes a receipt from whoever sends it."""

    def check_receipt_party(self, paper: Paper, vendor: str) -> None:
        return None


@breaks("POD-ACK-011")
class TakesHalfAReceipt(SimulatedHub):
    """Fills in what a receipt leaves out."""

    def receive_receipt(self, request: Request, vendor: str, refid: str) -> Response:
        if b"podHash" not in request.body:
            return self.receipt_answer(201, self.new_id())
        return super().receive_receipt(request, vendor, refid)


@breaks("POD-ACK-012")
class NumbersEachReceipt(SimulatedHub):
    """Gives the same receipt another id the second time."""

    def repeated_id(self, paper: Paper) -> str:
        return self.new_id()


@breaks("POD-ACK-013")
class RecordsNoAcknowledgement(SimulatedHub):
    """Makes a POD Live without a line in the audit."""

    def note(self, what: str, paper: Paper | None = None, **told: str) -> None:
        if not what.startswith("acknowledged"):
            super().note(what, paper, **told)


@breaks("POD-AUD-001")
class ForgetsTheChain(SimulatedHub):
    """Writes an audit whose lines do not name each other."""

    def note(self, what: str, paper: Paper | None = None, **told: str) -> None:
        super().note(what, paper, **told)
        self.held.audit[-1]["previous"] = ""


@breaks("POD-AUD-001")
class NotesWhoWasRead(SimulatedHub):
    """Writes the path of each refused request into the audit."""

    def refused(self, request: Request, refusal: Exception) -> Response:
        self.note("refused", None, path="/".join(request.segments))
        return super().refused(request, refusal)  # type: ignore[arg-type]
