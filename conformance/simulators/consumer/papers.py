"""First layer: obligation documents are read, judged, acknowledged and kept, one for each zone."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from datetime import UTC, date, datetime
from http.client import HTTPException
from typing import Any, ClassVar

from lxml import etree

from conformance.simulators.agreements import Pod, read_pod
from conformance.simulators.consumer.form import Form
from conformance.simulators.consumer.link import Answer, Link
from conformance.simulators.documents import is_infrastructure, refuse_doctype
from conformance.simulators.problems import Malformed, Refusal

LOST = Answer(0, {}, b"")
ACKNOWLEDGED, REJECTED = "ACKNOWLEDGED", "REJECTED"


@dataclass(frozen=True, slots=True)
class Paper:
    """A document that was found usable: what it says, and its tree."""

    pod: Pod
    element: etree._Element

    @property
    def fields(self) -> set[str]:
        """The paths that it grants."""
        return {(one.text or "").strip() for one in self.element.iter("{*}fieldName")}


class Papers:
    """What a client knows of its agreements. A mutant overrides one method.

    It names in `breaks` the requirements it violates on purpose, in `also` the honest collateral.
    """

    breaks: ClassVar[tuple[str, ...]] = ()
    also: ClassVar[tuple[str, ...]] = ()
    special: ClassVar[bool] = False
    party = "Example Reading App"
    form = Form

    def __init__(self, hub: str, key: str = "demo-vendor", secret: str | None = None) -> None:
        self.key = key
        self.secret = secret or "demo-secret-1"
        self.link = self.linked(hub, key, self.secret)
        # Addresses by the name of the service, as the environment tells them.
        self.places: dict[str, str] = {}
        self.agreements: dict[str, Paper] = {}
        self.rejected: set[str] = set()

    def linked(self, hub: str, key: str, secret: str) -> Link:
        """The way to the hub."""
        return Link(hub, key, secret)

    def speak(self, notation: str) -> None:
        """Read and write XML, or one of the notations of JSON, from now on."""
        self.link.form = None if notation == "xml" else self.form(notation)

    def trust(self, authority: str) -> None:
        """Believe a hub by https:// whose certificate this authority issued, and no other."""
        if authority:
            self.link.trust = self.believing(authority)

    def believing(self, authority: str) -> ssl.SSLContext:
        """How a certificate is looked at."""
        return ssl.create_default_context(cafile=authority)

    def tell(
        self, method: str, path: str, body: object = None, lines: dict[str, str] | None = None
    ) -> Answer:
        """One call; LOST if there is no whole answer."""
        try:
            return self.link.send(method, path, body, lines)
        except (OSError, EOFError, HTTPException):
            self.link.close()
            return LOST

    def at(self, service: str) -> str:
        """The address of an infrastructure service."""
        return self.places.get(service, service.removesuffix("Connector"))

    def today(self) -> date:
        """The date on which a contract must be in force."""
        return datetime.now(UTC).astimezone().date()

    def obtain(self, zone: str) -> bool:
        """Read the documents of a zone, acknowledge and keep the first usable one."""
        for paper in self.offered(zone):
            self.acknowledge(zone, paper)
            return True
        return False

    def offered(self, zone: str) -> list[Paper]:
        """The usable documents of a zone."""
        answer = self.read_papers(zone)
        if answer.status != 200:
            return []
        try:
            self.check_doctype(answer.body)
            found = self.understand(answer)
        except Refusal:
            return []
        return [paper for one in found if (paper := self.usable(one)) is not None]

    def read_papers(self, zone: str) -> Answer:
        """GET the utility service pods: utilities stand at the requests connector."""
        place = self.at("requestsConnector")
        lines = {"serviceType": "UTILITY"}
        path = f"{place}/pods;zoneId={zone};contextId=DEFAULT"
        return self.tell("GET", path, None, lines)

    def check_doctype(self, body: bytes) -> None:
        """A document type is the door for entity attacks."""
        refuse_doctype(body)

    def understand(self, answer: Answer) -> list[etree._Element]:
        """The pod elements of an answer."""
        return [one for one in answer.document.iter("{*}pod") if is_infrastructure(one, "pod")]

    def usable(self, element: etree._Element) -> Paper | None:
        """The paper if it is valid, in force, and for this party."""
        try:
            pod = self.judge(element)
        except Malformed:
            return None
        if pod.id in self.rejected or not self.for_us(pod) or not self.in_force(pod):
            return None
        return Paper(pod, element)

    def judge(self, element: etree._Element) -> Pod:
        """Refuse what no schema of the standard would accept."""
        return read_pod(element)

    def for_us(self, pod: Pod) -> bool:
        """Whether the document names this party."""
        return pod.party == self.party

    def in_force(self, pod: Pod) -> bool:
        """Live, or waiting to be taken, and within the dates of its contract."""
        return pod.status in ("Live", "Pending") and pod.in_force(self.today())

    def acknowledge(self, zone: str, paper: Paper) -> None:
        """Keep the document and send the receipt; the marker on each call says the rest."""
        self.agreements[zone] = paper
        self.send_receipt(zone, paper, ACKNOWLEDGED)

    def send_receipt(self, zone: str, paper: Paper, decision: str) -> None:
        """POST the explicit acknowledgement."""
        path = f"privacy/pods/{paper.pod.id}/acknowledgements"
        self.tell("POST", path, self.receipt(zone, paper, decision))

    def receipt(self, zone: str, paper: Paper, decision: str) -> dict[str, Any]:
        """What was received: which text, in which version."""
        return {
            "podId": paper.pod.id,
            "podVersion": paper.pod.version,
            "podToken": paper.pod.token,
            "podHash": self.content_hash(paper),
            "decision": decision,
            "reason": None,
            "acknowledgedAt": datetime.now(UTC).isoformat(timespec="seconds"),
            "acknowledgedBy": {"system": self.party},
            "zoneId": zone,
        }

    def content_hash(self, paper: Paper) -> str:
        """The hash of the document without its status."""
        return paper.pod.digest

    def drop(self, zone: str) -> None:
        """Forget a document that is outdated."""
        self.agreements.pop(zone, None)

    def marker(self, zone: str) -> str | None:
        """The value of the marker header for a zone, None to send none."""
        paper = self.agreements.get(zone)
        return self.spelled(paper.pod.token) if paper is not None else None

    def spelled(self, token: str) -> str:
        """The token as it goes into the header."""
        return token
