"""Mistakes with the explicit acknowledgement and the rejection."""

from __future__ import annotations

import hashlib
from typing import Any
from uuid import uuid4

from lxml import etree

from conformance.simulators.consumer.client import Consumer
from conformance.simulators.consumer.mutants import breaks
from conformance.simulators.consumer.papers import ACKNOWLEDGED, Paper


@breaks("POD-ACK-009")
class SendsNoReceipt(Consumer):
    """Takes the marker for acknowledgement enough."""

    def send_receipt(self, zone: str, paper: Paper, decision: str) -> None:
        if decision != ACKNOWLEDGED:
            super().send_receipt(zone, paper, decision)


@breaks("POD-ACK-009")
class AcknowledgesAnotherVersion(Consumer):
    """Names the version that it was built for."""

    def receipt(self, zone: str, paper: Paper, decision: str) -> dict[str, Any]:
        return super().receipt(zone, paper, decision) | {"podVersion": "0.9"}


@breaks("POD-ACK-009")
class AcknowledgesTwiceWithTwoIds(Consumer):
    """Sends a second receipt with an id of its own."""

    def send_receipt(self, zone: str, paper: Paper, decision: str) -> None:
        super().send_receipt(zone, paper, decision)
        told = self.receipt(zone, paper, decision) | {"podId": str(uuid4())}
        self.link.send("POST", f"privacy/pods/{paper.pod.id}/acknowledgements", told)


@breaks("POD-ACK-010")
class HashesTheXml(Consumer):
    """Hashes the bytes it received instead of the agreed form."""

    def content_hash(self, paper: Paper) -> str:
        return f"sha256:{hashlib.sha256(etree.tostring(paper.element)).hexdigest()}"


@breaks("POD-ACK-010")
class HashesUpperCase(Consumer):
    """Spells the hash in capital letters."""

    def content_hash(self, paper: Paper) -> str:
        name, _, digits = super().content_hash(paper).partition(":")
        return f"{name}:{digits.upper()}"


@breaks("POD-ACK-015")
class NeverRejects(Consumer):
    """Acknowledges what it was told to reject."""

    def reject(self) -> None:
        self.synchronise()


@breaks("POD-ACK-015")
class ReadsOnAfterRejecting(Consumer):
    """Sends the rejection and keeps the document."""

    def reject(self) -> None:
        super().reject()
        for zone in self.zones:
            self.covered(zone, "requests/xStudents", {})
