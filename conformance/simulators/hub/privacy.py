"""Seventh layer: the `pods` service, and the extensions of the profile: receipt and marker service.

Source: privacy profile of this suite (explicit acknowledgement, marker function of the Data
Protection Enforcer); the standard has the `pods` object and the marker.
"""

from __future__ import annotations

import json
from typing import Any

from conformance.simulators.documents import node, serialise
from conformance.simulators.hub.notation import pods_document
from conformance.simulators.hub.papers import EXPIRED, PENDING, Paper
from conformance.simulators.hub.queues import Queues
from conformance.simulators.hub.reads import folded
from conformance.simulators.message import Request, Response
from conformance.simulators.problems import Refusal

_NAMES = ("podId", "podVersion", "podToken", "podHash", "decision")


class Privacy(Queues):
    """What a vendor reads of its PODs, and how it may say that it has them."""

    def route_pods(self, request: Request, vendor: str, rest: tuple[str, ...]) -> Response:
        """GET pods and pods/{id}: never behind the gate, own ones only."""
        if request.method not in ("GET", "HEAD"):
            raise Refusal(405, "PODs are read here; the district writes them.")
        self.check_pods_gate(request)
        papers = self.shown_papers(vendor)
        if rest:
            papers = [one for one in papers if folded(one.id) == folded(rest[0])]
            if not papers:
                raise Refusal(404, "You have no POD with this id.")
        return self.pods_answer(request, papers, single=bool(rest))

    def check_pods_gate(self, request: Request) -> None:
        """Nothing: without the POD nobody has a marker."""

    def shown_papers(self, vendor: str) -> list[Paper]:
        """The PODs a vendor is shown."""
        return self.visible_papers(vendor)

    def pods_answer(self, request: Request, papers: list[Paper], *, single: bool) -> Response:
        """PODs as XML, or as JSON for who asks."""
        if not papers:
            return Response(204)
        elements = [one.shown() for one in papers]
        if "json" in (request.header("Accept") or ""):
            return Response(200, self.pods_as_json(elements), "application/json")
        return Response(200, serialise(elements[0] if single else node("pods", *elements)))

    def pods_as_json(self, elements: list[Any]) -> bytes:
        """A list of wrappers, each with one pod."""
        return pods_document(elements)

    def receive_receipt(self, request: Request, vendor: str, refid: str) -> Response:
        """POST privacy/pods/{id}/acknowledgements: 201, or 200 for the same again."""
        receipt = self.read_receipt(request)
        paper = self.paper_for_receipt(vendor, refid)
        self.check_current(paper, receipt)
        if paper.receipt:
            return self.receipt_answer(200, self.repeated_id(paper))
        paper.receipt = self.new_id()
        if receipt["decision"] == "REJECTED":
            self.expire(paper)
            self.note("rejected by receipt", paper)
        else:
            self.acknowledge(paper, "receipt")
        return self.receipt_answer(201, paper.receipt)

    def repeated_id(self, paper: Paper) -> str:
        """The id that answers the same receipt again."""
        return paper.receipt

    def receipt_answer(self, status: int, receipt: str) -> Response:
        """Id and state of the association."""
        body = {"acknowledgementId": receipt, "association": "CURRENT"}
        return Response(status, json.dumps(body).encode(), "application/json")

    def read_receipt(self, request: Request) -> dict[str, str]:
        """The receipt, complete; 422 for anything else."""
        try:
            told = json.loads(request.body)
        except ValueError:
            raise Refusal(422, "The receipt is not JSON.") from None
        whole = isinstance(told, dict) and all(isinstance(told.get(one), str) for one in _NAMES)
        if not whole or told["decision"] not in ("ACKNOWLEDGED", "REJECTED"):
            raise Refusal(422, f"A receipt holds {', '.join(_NAMES)}.")
        return {name: told[name] for name in _NAMES}

    def paper_for_receipt(self, vendor: str, refid: str) -> Paper:
        """The POD of a receipt: 404 unknown or draft, 403 another party's, 410 expired."""
        known = [one for key in self.vendors for one in self.visible_papers(key)]
        paper = next((one for one in known if folded(one.id) == folded(refid)), None)
        if paper is None:
            raise Refusal(404, "There is no POD with this id.")
        self.check_receipt_party(paper, vendor)
        if paper.status == EXPIRED:
            raise Refusal(410, "The POD has expired.", "410-20")
        return paper

    def check_receipt_party(self, paper: Paper, vendor: str) -> None:
        """Only the party of a POD acknowledges it."""
        if paper.vendor != vendor:
            raise Refusal(403, "The POD is not yours.")

    def check_current(self, paper: Paper, receipt: dict[str, str]) -> None:
        """Refuse a receipt for another version, token or text."""
        told = (receipt["podVersion"], receipt["podToken"])
        if told != (paper.version, paper.token):
            raise Refusal(409, "The receipt is not for the current version.")
        self.check_hash(paper, receipt["podHash"])

    def check_hash(self, paper: Paper, told: str) -> None:
        """Refuse a receipt for another text."""
        if told != paper.hash():
            raise Refusal(409, "The hash is not that of the current POD.")

    def give_marker(self, vendor: str) -> Response:
        """POST privacy/markers: the marker of the POD in force."""
        papers = self.visible_papers(vendor)
        current = next((one for one in reversed(papers) if one.status != EXPIRED), None)
        if current is None:
            raise Refusal(410 if papers else 404, "You have no POD in force.")
        if current.status == PENDING and self.policy(vendor) == "receipt":
            raise Refusal(409, "The POD waits for its receipt.")
        body = {
            "dataPrivacyMarker": current.token,
            "podId": current.id,
            "podVersion": current.version,
        }
        return Response(200, json.dumps(body).encode(), "application/json")
