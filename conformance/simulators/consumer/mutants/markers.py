"""Mistakes with the marker: none, a wrong one, a spoiled one, one of another zone."""

from __future__ import annotations

import secrets
import time

from conformance.simulators.consumer.client import Consumer
from conformance.simulators.consumer.link import Answer
from conformance.simulators.consumer.mutants import breaks
from conformance.simulators.consumer.papers import Paper


@breaks("POD-ACK-001", "POD-ACK-002")
class SendsNoMarker(Consumer):
    """Reads its document and sends no marker."""

    tries = 2

    def marker(self, zone: str) -> str | None:  # noqa: ARG002
        return None


@breaks("POD-ACK-001", "POD-ACK-002", also=["POD-ACK-006"])
class SendsAConstantMarker(Consumer):
    """Sends a marker that stands in the program, whatever the document says."""

    def read_zone(self, zone: str) -> None:
        self.obtain(zone)
        super().read_zone(zone)

    def marker(self, zone: str) -> str | None:  # noqa: ARG002
        return "built-in-marker-0001"

    def renew(self, zone: str) -> bool:  # noqa: ARG002
        return False

    def obtain(self, zone: str) -> bool:
        super().obtain(zone)
        return True


@breaks("POD-ACK-001", "POD-ACK-002", also=["POD-ACK-008"])
class SendsTheMarkerOfTheLastRun(Consumer):
    """Begins every round with the marker that it stored when it ran last."""

    begun = False

    def __init__(self, hub: str, key: str = "demo-vendor", secret: str | None = None) -> None:
        super().__init__(hub, key, secret)
        self.stored = secrets.token_hex(20)

    def read_zone(self, zone: str) -> None:
        self.begun = self.obtain(zone)
        super().read_zone(zone)

    def marker(self, zone: str) -> str | None:
        begun, self.begun = self.begun, False
        return self.stored if begun else super().marker(zone)


@breaks("POD-ACK-002", also=["POD-ACK-004"])
class SendsTheMarkerOnceOnly(Consumer):
    """Takes the marker for a handshake: the first call after a new document carries it."""

    def __init__(self, hub: str, key: str = "demo-vendor", secret: str | None = None) -> None:
        super().__init__(hub, key, secret)
        self.greeted: set[str] = set()

    def forget(self) -> None:
        super().forget()
        self.greeted.clear()

    def marker(self, zone: str) -> str | None:
        token = super().marker(zone)
        if token is None or token in self.greeted:
            return None
        self.greeted.add(token)
        return token

    def renew(self, zone: str) -> bool:
        return super().renew(zone) and False


@breaks("POD-ACK-004")
class PublishesWithoutMarker(Consumer):
    """Sends the marker when it asks, not when it tells."""

    def publish(self, zone: str) -> None:
        kept = self.agreements.pop(zone)
        super().publish(zone)
        self.agreements[zone] = kept


@breaks("POD-ACK-005")
class LowersTheCaseOfMarkers(Consumer):
    """Stores tokens in small letters."""

    def spelled(self, token: str) -> str:
        return token.lower()


@breaks("POD-ACK-005")
class CutsLongMarkers(Consumer):
    """Stores tokens in a column of 64 characters."""

    def spelled(self, token: str) -> str:
        return token[:64]


@breaks("POD-ACK-005")
class TrimsSignsOfMarkers(Consumer):
    """Trims what it takes for punctuation around a token."""

    def spelled(self, token: str) -> str:
        return token.strip("-_.")


@breaks("POD-ACK-001", "POD-ACK-002", "POD-ACK-005")
class QuotesMarkers(Consumer):
    """Puts the token into quotation marks."""

    tries = 2

    def spelled(self, token: str) -> str:
        return f'"{token}"'


@breaks("POD-ACK-006", also=["POD-ACK-015", "POD-END-002"])
class GuessesBeforeDelivery(Consumer):
    """Without a document it makes up a marker from zone and key."""

    def marker(self, zone: str) -> str | None:
        return super().marker(zone) or f"{zone}.{self.key}.v1"

    def obtain(self, zone: str) -> bool:
        super().obtain(zone)
        return True

    def recover(self, zone: str, answer: Answer, number: int) -> bool:
        return super().recover(zone, answer, number) and zone in self.agreements

    def publish(self, zone: str) -> None:
        if zone in self.agreements:
            super().publish(zone)


@breaks("POD-ACK-007")
class MixesZones(Consumer):
    """Keeps one marker for all districts: the one it read last."""

    def acknowledge(self, zone: str, paper: Paper) -> None:
        super().acknowledge(zone, paper)
        for known in self.zones:
            self.agreements[known] = paper


@breaks("POD-ACK-008")
class ForgetsTheMarkerAtRestart(Consumer):
    """After a restart it asks for data at once and reads its document when it is refused."""

    fresh = False

    def forget(self) -> None:
        super().forget()
        self.fresh = True

    def read_zone(self, zone: str) -> None:
        if self.fresh:
            self.covered(zone, self.students(), {})
        self.fresh = self.fresh and zone != self.zones[-1]
        super().read_zone(zone)


@breaks("POD-ACK-014")
class AcknowledgesLate(Consumer):
    """Lets a changed document lie for a while before anything is done with it."""

    def acknowledge(self, zone: str, paper: Paper) -> None:
        # One slow version is enough to be seen, and does not slow down all other checks.
        if paper.pod.version == "3.0.0":
            time.sleep(0.85)
        super().acknowledge(zone, paper)
