"""Clients that break a rule in another way than the first mutant of that rule."""

from __future__ import annotations

from lxml import etree

from conformance.simulators.consumer.client import Consumer
from conformance.simulators.consumer.inbox import MARKER
from conformance.simulators.consumer.mutants import breaks
from conformance.simulators.consumer.papers import Paper


@breaks("POD-MIN-008")
class StopsWithoutALocalId(Consumer):
    """Cannot work with a student without a local id."""

    def take(self, student: etree._Element) -> bool:
        return super().take(student) and student.find("{*}localId") is not None


@breaks("POD-ACK-007")
class UsesTheMarkerOfTheFirstZone(Consumer):
    """Sends the marker of its first district everywhere, once every district has given one."""

    def marked(self, zone: str) -> dict[str, str]:
        own = super().marked(zone)
        whole = len(self.zones) > 1 and all(one in self.agreements for one in self.zones)
        return super().marked(self.zones[0]) if own and whole and MARKER in own else own


@breaks("POD-VER-004")
class WaitsForTheOldGrant(Consumer):
    """Acknowledges a document that grants less, and waits for one that grants as much as before."""

    def __init__(self, hub: str, key: str = "demo-vendor", secret: str | None = None) -> None:
        super().__init__(hub, key, secret)
        self.widest: dict[str, int] = {}

    def acknowledge(self, zone: str, paper: Paper) -> None:
        super().acknowledge(zone, paper)
        if self.widest.get(zone, 0) > len(paper.fields):
            self.drop(zone)
        else:
            self.widest[zone] = len(paper.fields)
