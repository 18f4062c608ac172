"""Hubs whose PODs are not what they should be, or are shown to the wrong eyes."""

# An override may ignore what it is given.
# ruff: noqa: ARG002

from __future__ import annotations

import json
from typing import Any

from lxml import etree

from conformance.simulators.documents import node
from conformance.simulators.hub.hub import SimulatedHub
from conformance.simulators.hub.mutants import breaks
from conformance.simulators.hub.notation import pod_json
from conformance.simulators.hub.papers import EXPIRED, Paper
from conformance.simulators.message import Request, Response
from conformance.simulators.problems import Refusal


class _Shows(SimulatedHub):
    """Changes each POD just before it is shown."""

    def change(self, element: etree._Element, paper: Paper) -> None:
        """What is wrong with it."""

    def pods_answer(self, request: Request, papers: list[Paper], *, single: bool) -> Response:
        for paper in papers:
            self.change(paper.document, paper)
        return super().pods_answer(request, papers, single=single)


@breaks("POD-SCH-001")
class PutsThePartyLast(_Shows):
    """Writes the party behind the privacy list."""

    def change(self, element: etree._Element, paper: Paper) -> None:
        party = element.find("{*}partyId")
        if party is not None:
            element.append(party)


@breaks("POD-SCH-002", also=("POD-SCH-001",))
class CallsOldPodsSuperseded(SimulatedHub):
    """Has a fifth word for the status of a POD that was replaced."""

    def pods_answer(self, request: Request, papers: list[Paper], *, single: bool) -> Response:
        answer = super().pods_answer(request, papers, single=single)
        body = answer.body.replace(b"<podStatus>Expired<", b"<podStatus>Superseded<")
        return Response(answer.status, body, answer.content_type)


@breaks("POD-SCH-003", also=("POD-SCH-001",))
class CountsItsPods(SimulatedHub):
    """Identifies PODs by a UUID of version 7."""

    def new_id(self) -> str:
        made = super().new_id()
        return f"{made[:14]}7{made[15:]}"


@breaks("POD-SCH-004", also=("POD-SCH-001",))
class ListsContactsTooEarly(_Shows):
    """Wraps contacts in lists, as later versions do, in a POD of 3.3."""

    def change(self, element: etree._Element, paper: Paper) -> None:
        for controller in element.iter("{*}dataController"):
            bare = controller.findall("{*}privacyContact")
            if bare:
                wrapped = node("privacyContactList")
                controller.append(wrapped)
                for one in bare:
                    one.tag = f"{{{etree.QName(one).namespace}}}contact"
                    wrapped.append(one)


@breaks("POD-SCH-007")
class PublishesEmptyPods(SimulatedHub):
    """Takes a POD that obliges nobody to anything."""

    def check_publishable(self, paper: Paper) -> None:
        return None


@breaks("POD-SCH-007")
class ForgetsThePurpose(_Shows):
    """Hands out PODs without their purposes."""

    def change(self, element: etree._Element, paper: Paper) -> None:
        for one in list(element.iter("{*}purposeList")):
            one.clear()


@breaks("REG-001")
class NamesAnotherAgreement(_Shows):
    """Names one and the same agreement in all PODs that run longer than a day."""

    def change(self, element: etree._Element, paper: Paper) -> None:
        for one in element.iter("{*}contract"):
            uri = one.find("{*}contractURI")
            if uri is not None and one.findtext("{*}dateValidFrom") != one.findtext(
                "{*}dateValidTo"
            ):
                uri.text = "urn:example:frame-agreement"


@breaks("POD-SCH-009")
class ReadsDocumentTypes(SimulatedHub):
    """Takes PODs with entities of their own."""

    def read_document(self, told: dict[str, str]) -> etree._Element:
        return etree.fromstring(told["document"].encode())


@breaks("POD-SCH-010")
class WrapsPodsInAnObject(SimulatedHub):
    """Writes PODs in JSON as an object that holds a list."""

    def pods_as_json(self, elements: list[Any]) -> bytes:
        return json.dumps({"pods": {"pod": [pod_json(one) for one in elements]}}).encode()


@breaks("POD-DEL-001")
class ShowsNoSinglePod(SimulatedHub):
    """Shows the list of PODs only."""

    def route_pods(self, request: Request, vendor: str, rest: tuple[str, ...]) -> Response:
        if rest:
            raise Refusal(405, "Read the list.")
        return super().route_pods(request, vendor, rest)


@breaks("POD-DEL-002", also=("REG-004",))
class ShowsAllPodsToAll(SimulatedHub):
    """Shows each vendor the PODs of all of them, its own ones last."""

    def shown_papers(self, vendor: str) -> list[Paper]:
        others = [key for key in self.vendors if key != vendor]
        return [one for key in (*others, vendor) for one in self.visible_papers(key)]


@breaks("POD-DEL-002")
class FindsThePodsOfOthers(SimulatedHub):
    """Shows any POD to who knows its id."""

    def route_pods(self, request: Request, vendor: str, rest: tuple[str, ...]) -> Response:
        if rest:
            known = [one for key in self.vendors for one in self.visible_papers(key)]
            found = [one for one in known if one.id == rest[0].lower()]
            if found:
                return self.pods_answer(request, found, single=True)
        return super().route_pods(request, vendor, rest)


@breaks("POD-DEL-003")
class AsksForAMarkerToReadThePods(SimulatedHub):
    """PODs are read with a marker only."""

    def check_pods_gate(self, request: Request) -> None:
        if request.header("dataPrivacyMarker") is None:
            raise self.marker_missing()


@breaks("POD-DEL-008")
class NamesAStudentInThePod(_Shows):
    """Tells in the agreement's name which student it is about."""

    def change(self, element: etree._Element, paper: Paper) -> None:
        students = list(self.held.objects.get("xStudents", {}).values())
        for one in element.iter("{*}contractName"):
            if students:
                one.text = students[0].element.findtext("{*}name/{*}familyName")


@breaks("POD-DEL-004")
class TellsNobodyOfPods(SimulatedHub):
    """Puts no event about PODs into queues."""

    def announce(self, paper: Paper, action: str) -> None:
        return None


@breaks("POD-DEL-004")
class EndsPodsQuietly(SimulatedHub):
    """Tells of new PODs and not of those that ended."""

    def announce(self, paper: Paper, action: str) -> None:
        if paper.status != EXPIRED:
            super().announce(paper, action)


@breaks("POD-LC-001")
class ShowsDrafts(SimulatedHub):
    """Shows drafts to their party."""

    def shown_papers(self, vendor: str) -> list[Paper]:
        return [one for one in self.held.papers if one.vendor == vendor]


@breaks("POD-VER-001")
class NeverCountsUp(SimulatedHub):
    """Gives each POD the same version."""

    def next_version(self, vendor: str) -> str:
        return "1.0.0"


@breaks("POD-VER-001", also=("POD-GATE-003", "DAT-POD-003", "POD-LC-004", "POD-VER-002"))
class KeepsTheToken(SimulatedHub):
    """Gives the next POD of a vendor the token of the one before."""

    def publish(self, vendor: str, document: etree._Element) -> Paper:
        own = [one for one in self.held.papers if one.vendor == vendor]
        paper = super().publish(vendor, document)
        if own:
            paper.token, own[-1].token = own[-1].token, paper.token
        return paper
