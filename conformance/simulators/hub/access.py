"""Third layer: may this vendor have this now, and what of it. The marker and the filter."""

from __future__ import annotations

import hmac
import uuid
from copy import deepcopy
from dataclasses import dataclass

from lxml import etree

from conformance.simulators.documents import NA4
from conformance.simulators.gate import MARKER
from conformance.simulators.hub import pruning
from conformance.simulators.hub.ledger import Ledger
from conformance.simulators.hub.papers import DRAFT, EXPIRED, PENDING, Condition, Entry, Paper
from conformance.simulators.message import Request
from conformance.simulators.problems import Refusal


@dataclass(frozen=True, slots=True)
class Pass:
    """What the gate let through: for whom, under which POD and entry."""

    vendor: str
    paper: Paper
    entry: Entry


class Gatekeeping(Ledger):
    """The gate (marker rules of the suite's privacy profile) and the filter."""

    def is_gated(self, door: str) -> bool:  # noqa: ARG002
        """Whether a door asks for the marker: list, one, example, path, page, since, head, ..."""
        return True

    def admit(self, request: Request, vendor: str, door: str) -> Pass:
        """The pass of a covered request; raises Refusal."""
        if not self.is_gated(door):
            return self.unguarded(vendor)
        marker = request.header(MARKER)
        if marker is None:
            raise self.marker_missing()
        if not marker:
            raise Refusal(400, "The marker is empty.")
        paper = self.paper_of(marker)
        if paper is None:
            raise self.marker_unknown()
        self.check_party(paper, vendor)
        self.check_status(paper)
        entry = self.entry_for(paper, vendor, request)
        self.check_dates(entry)
        self.acknowledge(paper, "marker")
        return Pass(vendor, paper, entry)

    def unguarded(self, vendor: str) -> Pass:
        """For mutants: the newest POD of the vendor, whatever its state."""
        paper = next(one for one in reversed(self.held.papers) if one.vendor == vendor)
        return Pass(vendor, paper, paper.entries[0])

    def check_party(self, paper: Paper, vendor: str) -> None:
        """Refuse the marker of another party, and tell the district."""
        if paper.vendor != vendor:
            self.note("alert: marker of another party", paper, used_by=vendor)
            raise Refusal(403, "The privacy marker is not yours.", "403-POD-PARTY")

    def check_status(self, paper: Paper) -> None:
        """Refuse drafts, expired PODs and, under the policy `receipt`, pending ones."""
        if paper.status == DRAFT:
            raise self.not_acknowledged()
        if paper.status == EXPIRED:
            raise self.marker_outdated()
        if paper.status == PENDING and self.policy(paper.vendor) == "receipt":
            raise self.not_acknowledged()

    def entry_for(self, paper: Paper, vendor: str, request: Request) -> Entry:
        """The most special entry for this application and place; none means no data."""
        zone, context = self.place_of(request)
        fitting = [one for one in paper.entries if one.fits(vendor, zone, context, NA4)]
        if not fitting:
            raise Refusal(403, "The POD is not for this application, place or data model.")
        return max(fitting, key=lambda one: one.rank)

    def place_of(self, request: Request) -> tuple[str, str]:
        """Zone and context of a request."""
        told = dict(request.matrix)
        return told.get("zoneId", self.zone), told.get("contextId", "DEFAULT")

    def check_dates(self, entry: Entry) -> None:
        """Refuse outside the contract: before it 403, after it 410-20."""
        if entry.ends < self.today():
            raise self.marker_outdated()
        if not self.in_time(entry, self.today()):
            raise Refusal(403, "The contract has not begun.")

    def marker_missing(self) -> Refusal:
        """403 with 403-01."""
        return Refusal(403, "The privacy marker is missing.", "403-01")

    def marker_unknown(self) -> Refusal:
        """403 without a number of the standard, which has none for it."""
        return Refusal(403, "The privacy marker is unknown.", "403-POD-UNKNOWN")

    def marker_outdated(self) -> Refusal:
        """410 with 410-20."""
        return Refusal(410, "The privacy marker is outdated.", "410-20")

    def not_acknowledged(self) -> Refusal:
        """403: the POD was not acknowledged."""
        return Refusal(403, "The POD is not acknowledged.", "403-POD-UNACK")

    # -- filter ------------------------------------------------------------------------------

    def granted(self, through: Pass) -> tuple[str, ...]:
        """The paths that a pass opens."""
        return through.entry.fields

    def filtered(self, element: etree._Element, through: Pass) -> etree._Element | None:
        """What the vendor may see of an object, None if that is nothing."""
        conditions = through.entry.conditions
        name = pruning.name_of(element)
        if self.is_barred(element, through.vendor):
            return None
        if not all(self.keeps_row(element, one) for one in conditions if one.kind == "ROW_FILTER"):
            return None
        whole = deepcopy(element)
        for one in conditions:
            if one.kind == "DELETE":
                self.delete_at(whole, one)
        pruned = pruning.prune(whole, self.granted(through))
        pruned = None if pruned is None else self.mend(pruned)
        if pruned is None or (not len(pruned) and not pruned.attrib):
            return None
        self.name_anew(pruned, element, through, name)
        return pruned

    def mend(self, element: etree._Element) -> etree._Element | None:
        """Take out what is no longer valid."""
        return pruning.mended(element)

    def keeps_row(self, element: etree._Element, condition: Condition) -> bool:
        """Whether an object meets a row condition; objects of other kinds do."""
        if condition.path.split("/")[0] != pruning.name_of(element):
            return True
        found = set(pruning.values(element, condition.path))
        wanted = {one.strip() for one in condition.value.split(",")}
        return bool(found & wanted) if condition.op in ("in", "eq") else not found & wanted

    def delete_at(self, element: etree._Element, condition: Condition) -> None:
        """Take out what a condition deletes."""
        pruning.drop(element, condition.path)

    def is_barred(self, element: etree._Element, vendor: str) -> bool:
        """Whether the person does not want to be shared with this party."""
        return _folded(id_of(element)) in self.held.barred.get(vendor, ())

    def name_anew(
        self, pruned: etree._Element, element: etree._Element, through: Pass, name: str
    ) -> None:
        """Where the id is not granted a pseudonym of this vendor takes its place."""
        key = id_name(element)
        if not pruning.covered(f"{name}/@{key}", self.granted(through)):
            pruned.set(key, self.pseudonym(through.vendor, element.get(key, "")))

    def pseudonym(self, vendor: str, refid: str) -> str:
        """An id for one object and one vendor, in the form of a UUID."""
        key = self.vendors[vendor].secret.encode()
        digest = hmac.digest(key, _folded(refid).encode(), "sha256")
        return str(uuid.UUID(bytes=digest[:16], version=4)).upper()


def id_name(element: etree._Element) -> str:
    """The attribute that identifies an object: `refId` of xPress, `RefId` of the classics."""
    return "refId" if pruning.name_of(element).startswith("x") else "RefId"


def id_of(element: etree._Element) -> str:
    """The id of an object as it stands there."""
    return element.get(id_name(element), "")


def _folded(refid: str) -> str:
    return refid.replace("-", "").casefold()
