"""Third layer: the obligation document is read and acknowledged before anything else is asked."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any

from conformance.simulators.agreements import Pod, read_pod
from conformance.simulators.documents import is_infrastructure, parse, refuse_doctype
from conformance.simulators.oneroster_consumer.paging import Paging
from conformance.simulators.problems import Malformed, Refusal


class Papers(Paging):
    """What the client knows of its agreement; `papers` is off where the district uses none."""

    papers = True

    def __init__(self, hub: str, key: str = "demo-vendor", secret: str | None = None) -> None:
        super().__init__(hub, key, secret)
        self.agreed: Pod | None = None

    def obtain(self) -> bool:
        """Whether there is a document that was acknowledged, or none is needed."""
        if not self.papers or self.agreed is not None:
            return True
        for pod in self.offered():
            if self.usable(pod) and self.acknowledge(pod):
                self.agreed = pod
                return True
        return False

    def offered(self) -> list[Pod]:
        """The valid documents that are shown."""
        answer = self.call("GET", f"{self.hub}/services/pods", {"Accept": "application/xml"})
        if answer.status != 200:
            return []
        try:
            refuse_doctype(answer.body)
            elements = list(parse(answer.body).iter("{*}pod"))
        except Refusal:
            return []
        found = []
        for one in elements:
            try:
                found += [self.judge(one)] if is_infrastructure(one, "pod") else []
            except Malformed:
                continue
        return found

    def judge(self, element: Any) -> Pod:
        """Refuse what no schema of the standard would accept."""
        return read_pod(element)

    def usable(self, pod: Pod) -> bool:
        """Live, for this party, within the dates of its contract."""
        return pod.party == self.party and pod.status == "Live" and pod.in_force(self.today())

    def today(self) -> date:
        """The date on which a contract must be in force."""
        return datetime.now(UTC).astimezone().date()

    def acknowledge(self, pod: Pod) -> bool:
        """POST the explicit acknowledgement."""
        told = {
            "podId": pod.id,
            "podVersion": pod.version,
            "podToken": pod.token,
            "podHash": pod.digest,
            "decision": "ACKNOWLEDGED",
            "acknowledgedAt": datetime.now(UTC).isoformat(timespec="seconds"),
        }
        url = f"{self.hub}/privacy/pods/{pod.id}/acknowledgements"
        lines = {"Content-Type": "application/json"}
        return self.call("POST", url, lines, json.dumps(told).encode()).status in (200, 201)
