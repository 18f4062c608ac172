"""Mistakes from page to page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from conformance.simulators.oneroster_consumer.client import Body, RosterClient
from conformance.simulators.oneroster_consumer.link import Answer
from conformance.simulators.oneroster_consumer.mutants import breaks
from conformance.simulators.oneroster_consumer.paging import Unfinished


@breaks("DAT-ORC-020")
class CountsInLimits(RosterClient):
    """Moves on by what it asked for, not by what came."""

    def next(self, answer: Answer, collection: str, condition: str, count: int, came: int) -> str:
        total = answer.get("x-total-count")
        if not total.isdecimal():
            return super().next(answer, collection, condition, count, came)
        start = -(-came // self.limit) if count == self.limit else len(self._steps(came, count))
        offset = start * self.limit
        return self.address(collection, condition, offset) if offset < int(total) else ""

    def _steps(self, came: int, count: int) -> range:
        return range(-(-came // max(1, count)))


@breaks("DAT-ORC-020")
class StopsAtAShortPage(RosterClient):
    """Takes a page with less than it asked for as the last one."""

    def next(self, answer: Answer, collection: str, condition: str, count: int, came: int) -> str:
        if count < self.limit:
            return ""
        return super().next(answer, collection, condition, count, came)


@breaks("DAT-ORC-021")
class ReadsWholeAddressesOnly(RosterClient):
    """Takes a relative link for none."""

    def joined(self, base: str, url: str) -> str:
        return super().joined(base, url) if "://" in url else ""


@breaks("DAT-ORC-021")
class ReadsOneLinkLine(RosterClient):
    """Reads the first header line of links only."""

    def links(self, answer: Answer) -> dict[str, str]:
        found = super().links(answer)
        if len(answer.all("link")) > 1:
            return {"first": found["first"]}
        return found


@breaks("DAT-ORC-021")
class TakesTheOffsetOfALink(RosterClient):
    """Makes its own address of the offset in a link; stops where there is none."""

    def links(self, answer: Answer) -> dict[str, str]:
        found = super().links(answer)
        url = found.get("next", "")
        return found if "offset=" in url else found | {"next": ""} if found else found


@breaks("DAT-ORC-022")
class NeedsLinks(RosterClient):
    """Takes a page without links for the only one."""

    def next(self, answer: Answer, collection: str, condition: str, count: int, came: int) -> str:
        if not self.links(answer):
            return ""
        return super().next(answer, collection, condition, count, came)


@breaks("DAT-ORC-023")
class GoesRoundInCircles(RosterClient):
    """Follows links as long as there are any."""

    most_pages = 14

    def is_new(self, url: str, seen: list[str]) -> bool:  # noqa: ARG002
        return True


@breaks("DAT-ORC-023")
class GoesRoundFiveTimes(RosterClient):
    """Notices a circle after five rounds."""

    def is_new(self, url: str, seen: list[str]) -> bool:
        return seen.count(url) < 5


@breaks("DAT-ORC-024", also=("TRN-PR-08",))
class KeepsWhatCame(RosterClient):
    """Takes what came before a broken connection for all there is."""

    def is_busy(self, answer: Answer) -> bool:
        return answer.status != 0 and super().is_busy(answer)

    def broken_off(self, found: list[dict[str, Any]], status: int) -> list[dict[str, Any]]:
        return found if status == 0 else super().broken_off(found, status)


@breaks("DAT-ORC-024", also=("TRN-PR-08",))
class LeavesOutWhatBroke(RosterClient):
    """Does not come back to a collection in which the connection broke, until it is restarted."""

    def __init__(self, hub: str, key: str = "demo-vendor", secret: str | None = None) -> None:
        super().__init__(hub, key, secret)
        self.broken: set[str] = set()

    def is_busy(self, answer: Answer) -> bool:
        return answer.status != 0 and super().is_busy(answer)

    def take(self, collection: str) -> None:
        try:
            super().take(collection)
        except Unfinished as error:
            if error.status == 0:
                self.broken.add(collection)
            raise

    def wanted(self) -> Sequence[str]:
        return [one for one in super().wanted() if one not in self.broken]

    def restart(self) -> None:
        self.broken.clear()
        super().restart()


@breaks("DAT-ORC-025")
class TakesALostPlaceForTheEnd(RosterClient):
    """Told 404 for the next page, it takes what came for all there is."""

    def broken_off(self, found: list[dict[str, Any]], status: int) -> list[dict[str, Any]]:
        return found if status == 404 and found else super().broken_off(found, status)


@breaks("DAT-ORC-025")
class HoldsOnToALostPlace(RosterClient):
    """Begins the next round at the page that it could not have, again and again."""

    place = ""

    def first(self, collection: str, condition: str) -> str:
        known = f"/{collection}?" in self.place
        return self.place if known else super().first(collection, condition)

    def page(self, url: str) -> Answer:
        answer = super().page(url)
        if answer.status == 404 and "after=" in url:
            self.place = url
        return answer

    def restart(self) -> None:
        self.place = ""
        super().restart()


@breaks("DAT-ORC-026")
class IsImpatient(RosterClient):
    """Gives a page a tenth of a second, then asks again."""

    seconds = 0.1


@breaks(
    "DAT-ORC-026",
    also=(
        "TRN-PR-08",
        "DAT-ORC-024",
    ),
)
class TakesSlowForTheEnd(KeepsWhatCame):
    """Gives a page a tenth of a second, then takes what came for all there is."""

    seconds = 0.1


@breaks("DAT-ORC-027")
class StopsAtNothing(RosterClient):
    """Takes an empty collection for a fault of the service and stops."""

    def mark(self, bodies: Sequence[Body], before: str) -> str:
        if not bodies and not before:
            raise Unfinished(500)
        return super().mark(bodies, before)


@breaks("DAT-ORC-027")
class AsksAgainForNothing(RosterClient):
    """Cannot believe that a collection is empty: asks thrice, then gives the round up."""

    def read(self, collection: str, condition: str = "") -> list[dict[str, Any]]:
        found = super().read(collection, condition)
        for _ in range(2):
            if not found and not condition:
                found = super().read(collection, condition)
        if not found and not condition:
            raise Unfinished(204)
        return found
