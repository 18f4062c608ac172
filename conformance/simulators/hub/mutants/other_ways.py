"""Hubs that break a rule in another way than the first mutant of that rule."""

# An override may ignore what it is given.
# ruff: noqa: ARG002

from __future__ import annotations

import json
from typing import Any

from lxml import etree

from conformance.simulators.gate import MARKER
from conformance.simulators.hub import pruning
from conformance.simulators.hub.access import Pass
from conformance.simulators.hub.hub import SimulatedHub
from conformance.simulators.hub.mutants import breaks
from conformance.simulators.hub.mutants.documents import _Shows
from conformance.simulators.hub.notation import pod_json
from conformance.simulators.hub.papers import DRAFT, Paper
from conformance.simulators.hub.parties import Message
from conformance.simulators.hub.reads import folded
from conformance.simulators.message import Request, Response
from conformance.simulators.problems import Refusal


@breaks("POD-SCH-002", also=("POD-SCH-001",))
class ShoutsThatPodsExpired(SimulatedHub):
    """Writes one of the four words in capitals."""

    def pods_answer(self, request: Request, papers: list[Paper], *, single: bool) -> Response:
        answer = super().pods_answer(request, papers, single=single)
        body = answer.body.replace(b"<podStatus>Expired<", b"<podStatus>EXPIRED<")
        return Response(answer.status, body, answer.content_type)


@breaks("POD-SCH-003", also=("POD-SCH-001",))
class DerivesItsIds(SimulatedHub):
    """Identifies PODs by a UUID of version 5, made of a name."""

    def new_id(self) -> str:
        made = super().new_id()
        return f"{made[:14]}5{made[15:]}"


@breaks("POD-SCH-004", also=("POD-SCH-001",))
class AddsAnEmptyContactList(_Shows):
    """Leaves contacts side by side and adds the list of later versions, empty."""

    def change(self, element: etree._Element, paper: Paper) -> None:
        for controller in element.iter("{*}dataController"):
            space = etree.QName(controller).namespace
            etree.SubElement(controller, f"{{{space}}}privacyContactList")


@breaks("POD-SCH-009")
class CutsDocumentTypesOut(SimulatedHub):
    """Takes a POD with entities of its own, without them."""

    def read_document(self, told: dict[str, str]) -> etree._Element:
        text = told["document"]
        if "<!DOCTYPE" in text:
            end = text.index("]>") + 2
            text = text[: text.index("<!DOCTYPE")] + text[end:].replace("&e;", "")
        return super().read_document({**told, "document": text})


@breaks("POD-SCH-010")
class ListsPodsWithoutWrappers(SimulatedHub):
    """Writes PODs in JSON as a list of bare objects."""

    def pods_as_json(self, elements: list[Any]) -> bytes:
        return json.dumps([pod_json(one) for one in elements]).encode()


@breaks("REG-001", also=("POD-LC-003",))
class SpellsAgreementsItsOwnWay(_Shows):
    """Writes the name of an agreement in capitals, as no registry does."""

    def change(self, element: etree._Element, paper: Paper) -> None:
        for one in element.iter("{*}contractURI"):
            one.text = (one.text or "").upper()


@breaks("POD-DEL-001")
class AnswersOnePodAsAList(SimulatedHub):
    """Puts a single POD into the list element."""

    def pods_answer(self, request: Request, papers: list[Paper], *, single: bool) -> Response:
        return super().pods_answer(request, papers, single=False)


@breaks("POD-DEL-003")
class ListOfPodsNeedsAMarker(SimulatedHub):
    """Shows one POD to who names it, and the list with a marker only."""

    def check_pods_gate(self, request: Request) -> None:
        if request.header(MARKER) is None and not request.segments[-1].count("-"):
            raise self.marker_missing()


@breaks("POD-DEL-008")
class NamesAStudentInThePurpose(_Shows):
    """Tells in a purpose for which student it was agreed."""

    def change(self, element: etree._Element, paper: Paper) -> None:
        students = list(self.held.objects.get("xStudents", {}).values())
        for one in element.iter("{*}purpose"):
            if students:
                name = students[-1].element.findtext("{*}name/{*}familyName")
                one.text = f"{one.text or ''} {name or ''}"


@breaks("POD-LC-001", also=("POD-LC-003",))
class ShowsADraftToWhoAsksForIt(SimulatedHub):
    """Shows a draft by its id, or the draft alone in place of the list."""

    def shown_papers(self, vendor: str) -> list[Paper]:
        drafts = [one for one in self.held.papers if one.vendor == vendor and one.status == DRAFT]
        return drafts or super().shown_papers(vendor)


@breaks("POD-ACK-012")
class RefusesTheSameReceipt(SimulatedHub):
    """Says that a POD was acknowledged already when its receipt comes again."""

    def repeated_id(self, paper: Paper) -> str:
        raise Refusal(409, "This POD was acknowledged already.")


@breaks("POD-GATE-007", also=("POD-GATE-002", "POD-GATE-003", "POD-END-001"))
class AnswersErrorsWithoutMessage(SimulatedHub):
    """Leaves the message off its errors."""

    def error_element(self, refusal: Refusal, scope: str) -> etree._Element:
        element = super().error_element(refusal, scope)
        for one in element.findall("{*}message"):
            element.remove(one)
        return element


@breaks("POD-GATE-008")
class NamesTheRefusedStudent(SimulatedHub):
    """Tells in an error whose record was refused."""

    def refused(self, request: Request, refusal: Refusal) -> Response:
        told = request.body.decode("utf-8", "replace")
        name = told.partition("familyName>")[2].partition("<")[0]
        text = f"{refusal.message} {name}".strip()
        return super().refused(request, Refusal(refusal.status, text, refusal.subcode))


@breaks("POD-GATE-010")
class DeletesNeedALivePod(SimulatedHub):
    """Tells who deletes without a marker that its POD is outdated."""

    def check_deletion(self, request: Request, vendor: str) -> None:
        if request.header(MARKER) is None:
            raise self.marker_outdated()


@breaks("POD-GATE-011")
class DeletesOfManyNeedALivePod(SimulatedHub):
    """Tells who deletes many without a marker that its POD is outdated."""

    def check_deletion_of_many(self, request: Request, vendor: str) -> None:
        if request.header(MARKER) is None:
            raise self.marker_outdated()


@breaks("DAT-POD-004")
class MessagesAreWholeWithoutAMarker(SimulatedHub):
    """Gives a message out unfiltered to who sends no marker."""

    def shown_message(self, request: Request, vendor: str, message: Message) -> Response | None:
        if message.paper is None and request.header(MARKER) is None:
            stored = self.held.objects[message.collection][message.refid]
            body = self.collected(request, message.collection, [stored.element])
            return Response(200, body.body).adding(*self.event_headers(message, "OBJECT"))
        return super().shown_message(request, vendor, message)


@breaks("POD-MIN-003", also=("POD-MIN-001",))
class SendsMetadata(SimulatedHub):
    """Sends the metadata of an object along with it."""

    def granted(self, through: Pass) -> tuple[str, ...]:
        return (*super().granted(through), "StudentPersonal/SIF_Metadata")


@breaks("POD-MIN-004")
class LooksAtTheTopOnly(SimulatedHub):
    """Asks of the object what it must hold, and not of the elements in it."""

    def mend(self, element: etree._Element) -> etree._Element | None:
        names = {pruning.name_of(child) for child in element}
        wanted = pruning.MANDATORY.get(pruning.name_of(element), ())
        return element if names.issuperset(wanted) else None


@breaks("POD-MIN-006")
class RefusesAllWrites(SimulatedHub):
    """Takes no update, whatever the POD grants for writing."""

    def check_writable(self, path: str, through: Pass) -> None:
        raise Refusal(403, "A field of this update is not granted for writing.")


@breaks("POD-MIN-011")
class SharesTheBarredById(SimulatedHub):
    """Shows a person who does not want to be shared to who knows the id."""

    def find(self, through: Pass, collection: str, refid: str) -> etree._Element:
        barred = self.held.barred.get(through.vendor, set())
        if folded(refid) in barred:
            self.held.barred[through.vendor] = barred - {folded(refid)}
            try:
                return super().find(through, collection, refid)
            finally:
                self.held.barred[through.vendor] = barred
        return super().find(through, collection, refid)
