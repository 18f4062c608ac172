"""Mistakes of clients that are connected to two hubs at once."""

from __future__ import annotations

from conformance.simulators.consumer.client import Consumer
from conformance.simulators.consumer.mutants import breaks


@breaks("POD-ACK-007")
class KeepsMarkersByZoneOnly(Consumer):
    """Keeps the marker by the name of the zone, whatever hub has told it."""

    def beside(self, hub: str) -> Consumer:
        made = super().beside(hub)
        made.agreements = self.agreements
        return made


@breaks("DAT-CON-015")
class SharesOneSession(Consumer):
    """Keeps one session token for the application: that of the hub it connected to last."""

    twin: Consumer | None = None

    def beside(self, hub: str) -> Consumer:
        self.twin = super().beside(hub)
        return self.twin

    def read_queue(self) -> None:
        if self.twin is not None and self.twin.zones:
            own, self.link.user = self.link.user, self.twin.link.user
            self.tell("GET", self.at("environment"))
            self.link.user = own
        super().read_queue()


@breaks("DAT-CON-015")
class SharesOneQueue(Consumer):
    """Asks every hub for delayed answers into the queue that it made last."""

    queues: dict[str, str] | None = None

    def beside(self, hub: str) -> Consumer:
        made = super().beside(hub)
        assert isinstance(made, SharesOneQueue)
        self.queues = made.queues = {}
        return made

    def make_queue(self) -> None:
        super().make_queue()
        if self.queues is not None:
            self.queues["newest"] = self.queue

    def ask_later(self, zone: str, lines: dict[str, str]) -> None:
        own = self.queue
        self.queue = (self.queues or {}).get("newest", own)
        super().ask_later(zone, lines)
        self.queue = own


@breaks("DAT-CON-016")
class AsksEveryHubForEveryone(Consumer):
    """Refreshes all students that it holds, at every hub."""

    everyone: set[str] | None = None

    def beside(self, hub: str) -> Consumer:
        made = super().beside(hub)
        assert isinstance(made, AsksEveryHubForEveryone)
        self.everyone = made.everyone = set()
        return made

    def read_pages(self, zone: str) -> list[str]:
        found = super().read_pages(zone)
        if self.everyone is None:
            return found
        self.everyone.update(found)
        return sorted(self.everyone)


@breaks("DAT-CON-016")
class TellsEveryHubOfEveryone(Consumer):
    """Publishes a change of a student to all hubs, whichever has the student."""

    everyone: set[str] | None = None

    def beside(self, hub: str) -> Consumer:
        made = super().beside(hub)
        assert isinstance(made, TellsEveryHubOfEveryone)
        self.everyone = made.everyone = set()
        return made

    def read_pages(self, zone: str) -> list[str]:
        found = super().read_pages(zone)
        if self.everyone is not None:
            self.everyone.update(found)
        return found

    def refid_of_change(self) -> str:
        return next(iter(sorted(self.everyone or ())), "") or super().refid_of_change()
