"""Mistakes when the service is busy, broken or shut."""

from __future__ import annotations

import time
from typing import Any

from conformance.simulators.oneroster_consumer.client import RosterClient
from conformance.simulators.oneroster_consumer.link import Answer
from conformance.simulators.oneroster_consumer.mutants import breaks


@breaks("DAT-ORC-030", "DAT-ORC-031", also=("TRN-PR-08",))
class IgnoresRetryAfter(RosterClient):
    """Waits as long as it likes."""

    def asked_pause(self, text: str) -> float | None:  # noqa: ARG002
        return None


@breaks("DAT-ORC-030", also=("TRN-PR-08",))
class ReadsNoDates(RosterClient):
    """Understands seconds only."""

    def asked_pause(self, text: str) -> float | None:
        return super().asked_pause(text) if text.isdecimal() else None


@breaks("DAT-ORC-030", also=("TRN-PR-08",))
class TakesBusyForTheEnd(RosterClient):
    """Told to come back later, it takes what came for all there is."""

    def is_busy(self, answer: Answer) -> bool:
        return super().is_busy(answer) and not answer.get("retry-after")

    def renew_token(self) -> None:
        for _ in range(2):
            super().renew_token()
            if self.token:
                return
            time.sleep(1.0)

    def broken_off(self, found: list[dict[str, Any]], status: int) -> list[dict[str, Any]]:
        busy = status in (429, 503)
        return found if busy else super().broken_off(found, status)


@breaks("DAT-ORC-031")
class HurriesForAToken(RosterClient):
    """Asks for a token again at once."""

    def wait(self, answer: Answer, number: int) -> None:
        if "/oauth/" not in answer.url:
            super().wait(answer, number)


@breaks("DAT-ORC-032")
class TriesADozenTimes(RosterClient):
    """Repeats a refused call twelve times."""

    tries = 12

    def wait(self, answer: Answer, number: int) -> None:
        super().wait(answer, 0 if number else number)


@breaks("DAT-ORC-032")
class RepeatsAtOnce(RosterClient):
    """Makes no pause of its own between two tries."""

    def wait(self, answer: Answer, number: int) -> None:
        if answer.get("retry-after") or not answer.status:
            super().wait(answer, number)


@breaks("DAT-ORC-033")
class StopsAtAMissingCollection(RosterClient):
    """Takes one 404 on a first page for the end of the service."""

    missed = False

    def page(self, url: str) -> Answer:
        answer = super().page(url)
        self.missed = answer.status == 404 and "offset=0" in url
        return answer

    def go_on(self, collection: str, status: int) -> bool:
        return not self.missed and super().go_on(collection, status)


@breaks("DAT-ORC-034")
class TakesEveryAnswerForAList(RosterClient):
    """Finds no users in an answer that is no list, and removes those it has."""

    def objects(self, answer: Answer, collection: str) -> list[dict[str, Any]]:
        body = answer.json()
        listed = body.get(collection) if isinstance(body, dict) else None
        return [one for one in listed if "sourcedId" in one] if isinstance(listed, list) else []


@breaks("DAT-ORC-034")
class EmptiesFirst(RosterClient):
    """Empties its table before it reads everything."""

    def take(self, collection: str) -> None:
        if not self.marks.get(collection):
            self.store.replace(collection, [])
        super().take(collection)


@breaks("DAT-ORC-034")
class TakesABrokenServiceForAnEmptyOne(RosterClient):
    """Takes what came before an error of the service for all there is."""

    def broken_off(self, found: list[dict[str, Any]], status: int) -> list[dict[str, Any]]:
        return [] if status == 500 else super().broken_off(found, status)
