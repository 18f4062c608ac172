"""Mistakes in asking for what changed, and in taking it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import UTC, datetime
from urllib.parse import quote

from conformance.simulators.oneroster_consumer.client import Body, RosterClient
from conformance.simulators.oneroster_consumer.mutants import breaks
from conformance.simulators.oneroster_consumer.paging import Unfinished
from conformance.simulators.oneroster_consumer.store import Export, Store


def own_clock() -> str:
    """The moment by the clock of this machine."""
    text = datetime.fromtimestamp(time.time(), UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")


@breaks("DAT-ORC-040")
class LeavesSignsAsTheyAre(RosterClient):
    """Escapes nothing in a query."""

    def query(self, told: dict[str, str | int]) -> str:
        return "&".join(f"{name}={value}" for name, value in told.items())


@breaks("DAT-ORC-040", "DAT-ORC-041")
class EscapesInAWayOfItsOwn(RosterClient):
    """Escapes as old scripts did, with %u."""

    def query(self, told: dict[str, str | int]) -> str:
        text = super().query(told)
        return text.replace("%3E", "%u003E")


@breaks("DAT-ORC-041")
class EscapesTwice(RosterClient):
    """Escapes what was escaped already."""

    def query(self, told: dict[str, str | int]) -> str:
        return super().query({
            name: quote(one, safe="") if isinstance(one, str) else one for name, one in told.items()
        })  # fmt: skip


@breaks("DAT-ORC-041")
class AsksInSecondsOfTheEpoch(RosterClient):
    """Writes the moment as a number."""

    def condition(self, mark: str) -> str:
        seconds = datetime.fromisoformat(mark).timestamp()
        return f"dateLastModified>='{int(seconds)}'"


@breaks("DAT-ORC-042", "DAT-ORC-043")
class AsksFromItsEnd(RosterClient):
    """Asks from the moment at which it had read a collection, by its own clock."""

    def mark(self, bodies: Sequence[Body], before: str) -> str:  # noqa: ARG002
        time.sleep(0.003)
        return own_clock()


@breaks("DAT-ORC-042", "DAT-ORC-043", "DAT-ORC-044", also=("DAT-ORC-025",))
class AsksFromTheEndOfTheRound(RosterClient):
    """Asks from the moment at which a round ended, whatever came of it."""

    def synchronise(self) -> None:
        super().synchronise()
        time.sleep(0.003)
        self.marks = dict.fromkeys(self.marks, own_clock())


@breaks("DAT-ORC-043")
class TrustsItsOwnClock(RosterClient):
    """Asks from the moment at which it began a collection, by its own clock."""

    def take(self, collection: str) -> None:
        began = own_clock()
        super().take(collection)
        self.marks[collection] = began


@breaks("DAT-ORC-044", also=("DAT-ORC-025",))
class MovesOnAfterAFailure(RosterClient):
    """Asks from a failed reading on, as if it had been a good one."""

    def take(self, collection: str) -> None:
        try:
            super().take(collection)
        except Unfinished:
            if collection in self.marks:
                self.marks[collection] = own_clock()
            raise


class _Hoard(Store):
    """Keeps what is to be deleted, as if nothing had been said."""

    kinds: tuple[str, ...] = ("users", "enrollments")

    def is_deleted(self, collection: str, body: Body) -> bool:
        if collection in self.kinds and super().is_deleted(collection, body):
            body["status"] = "active"
            return False
        return super().is_deleted(collection, body)


class _HoardOfSeats(_Hoard):
    """The same of enrolments only."""

    kinds = ("enrollments",)


@breaks("DAT-ORC-045")
class KeepsTheDeleted(RosterClient):
    """Reads no status."""

    def __init__(self, hub: str, key: str = "demo-vendor", secret: str | None = None) -> None:
        super().__init__(hub, key, secret)
        self.store = _Hoard()
        self.export = Export(self.store, self.key, self.secret)


@breaks("DAT-ORC-045")
class KeepsEndedEnrolments(RosterClient):
    """Reads the status of users only."""

    def __init__(self, hub: str, key: str = "demo-vendor", secret: str | None = None) -> None:
        super().__init__(hub, key, secret)
        self.store = _HoardOfSeats()
        self.export = Export(self.store, self.key, self.secret)
