"""Mistakes when the hub is busy, broken, slow or somewhere else."""

from __future__ import annotations

import http.client
import time
from contextlib import suppress
from http.client import HTTPException

from conformance.simulators.consumer.client import Consumer
from conformance.simulators.consumer.link import Answer, Link
from conformance.simulators.consumer.mutants import breaks
from conformance.simulators.consumer.mutants.session import Anonymous

END = Answer(204, {}, b"")


class _HalfIsWhole(Link):
    def received(self, answer: http.client.HTTPResponse) -> Answer:
        try:
            return super().received(answer)
        except http.client.IncompleteRead:
            self.close()
            return Answer(204, {"half": "yes"}, b"")


class _Hasty(Link):
    seconds = 0.2


class _Stops(Consumer):
    """A client that ends for good at something, until it is started again."""

    dead = False

    def _ends(self, answer: Answer) -> bool:
        """Whether this is the end."""
        raise NotImplementedError

    def covered(self, zone: str, path: str, lines: dict[str, str], method: str = "GET") -> Answer:
        answer = super().covered(zone, path, lines, method)
        self.dead = self.dead or self._ends(answer)
        return answer

    def ask(
        self, zone: str, path: str, lines: dict[str, str] | None = None, method: str = "GET"
    ) -> Answer | None:
        return None if self.dead else super().ask(zone, path, lines, method)

    def recover(self, zone: str, answer: Answer, number: int) -> bool:
        return not self.dead and super().recover(zone, answer, number)

    def synchronise(self) -> None:
        if not self.dead:
            super().synchronise()

    def read_zone(self, zone: str) -> None:
        if not self.dead:
            super().read_zone(zone)

    def forget(self) -> None:
        super().forget()
        self.dead = False

    def restart(self) -> None:
        self.dead = False
        super().restart()


@breaks("INF-STA-002")
class StopsForGoodAtAnUnknownStatus(_Stops):
    """Ends when it meets a status that it does not know."""

    def _ends(self, answer: Answer) -> bool:
        return answer.status == 418


@breaks("INF-STA-002")
class NeedsABodyInEachError(_Stops):
    """Ends when an error has no body."""

    def _ends(self, answer: Answer) -> bool:
        return answer.status in (400, 504) and not answer.body


@breaks("DAT-CON-040", also=["POD-TLS-001"])
class FollowsRedirects(Consumer):
    """Sends the request with its credentials wherever it is told to."""

    def covered(self, zone: str, path: str, lines: dict[str, str], method: str = "GET") -> Answer:
        answer = super().covered(zone, path, lines, method)
        if 300 < answer.status < 304 or answer.status == 307:
            return self.tell(method, answer.headers["location"], None, lines)
        return answer


@breaks("DAT-CON-040", also=["POD-TLS-001"])
class FollowsRedirectsWithTheMarker(Consumer):
    """Follows a redirect without credentials, but with the marker of its document."""

    def linked(self, hub: str, key: str, secret: str) -> Link:
        return Anonymous(hub, key, secret)

    def covered(self, zone: str, path: str, lines: dict[str, str], method: str = "GET") -> Answer:
        answer = super().covered(zone, path, lines, method)
        if 300 < answer.status < 304 or answer.status == 307:
            self.link.signs = False  # type: ignore[attr-defined]
            self.tell(method, answer.headers["location"], None, self.marked(zone))
            self.link.signs = True  # type: ignore[attr-defined]
        return answer


@breaks("DAT-CON-041", "DAT-CON-042")
class IgnoresThePause(Consumer):
    """Tries again after a pause of its own, whatever the hub says."""

    def wait_for(self, answer: Answer, number: int) -> None:  # noqa: ARG002
        self.back_off(number)


@breaks("DAT-CON-041", "DAT-CON-042")
class HalvesThePause(Consumer):
    """Waits half of the pause that the hub names."""

    def wait_for(self, answer: Answer, number: int) -> None:
        told = answer.headers.get("retry-after", "")
        if told:
            time.sleep(float(told) / 2)
        else:
            super().wait_for(answer, number)


@breaks("DAT-CON-043")
class HammersABrokenHub(Consumer):
    """Tries twelve times, always after the same short pause."""

    fault_tries = 12
    tries = 12

    def recover(self, zone: str, answer: Answer, number: int) -> bool:
        if answer.status in (403, 410) and number >= 3:
            return False
        return super().recover(zone, answer, number)

    def back_off(self, number: int) -> None:  # noqa: ARG002
        super().back_off(0)


@breaks("DAT-CON-043")
class TriesABrokenHubAtOnce(Consumer):
    """Makes no pause when the hub is broken."""

    def back_off(self, number: int) -> None:
        pass


@breaks("DAT-CON-044")
class HammersWhatIsForbidden(Consumer):
    """Sends a request that is forbidden nine more times."""

    more = 9
    seconds = 0.0

    def covered(self, zone: str, path: str, lines: dict[str, str], method: str = "GET") -> Answer:
        answer = super().covered(zone, path, lines, method)
        for _ in range(self.more):
            if answer.status == 403 and b"403-" not in answer.body:
                time.sleep(self.seconds)
                answer = super().covered(zone, path, lines, method)
        return answer


@breaks("DAT-CON-044")
class HopesForPermission(HammersWhatIsForbidden):
    """Sends a request that is forbidden six more times, with pauses."""

    more = 6
    seconds = 0.02


@breaks("DAT-CON-049")
class AsksForTooMuchAgain(Consumer):
    """Sends a request that is too large eight more times, in the same size."""

    def covered(self, zone: str, path: str, lines: dict[str, str], method: str = "GET") -> Answer:
        answer = super().covered(zone, path, lines, method)
        for _ in range(8):
            if answer.status == 413:
                answer = super().covered(zone, path, lines, method)
        return answer


@breaks("DAT-CON-049")
class EndsWhereItAskedForTooMuch(_Stops):
    """Ends when a page was too large."""

    def _ends(self, answer: Answer) -> bool:
        return answer.status == 413


@breaks("DAT-CON-045")
class EndsAtAMissingList(_Stops):
    """Ends when the list of one zone is not there."""

    def _ends(self, answer: Answer) -> bool:
        return answer.status == 404 and not answer.body


@breaks("DAT-CON-045")
class EndsWhenAListIsGone(_Stops):
    """Ends when the list of one zone is gone."""

    def _ends(self, answer: Answer) -> bool:
        return answer.status == 410 and not answer.body


class _Done(Consumer):
    """A client that takes a zone for read, until it is started again."""

    def _done(self, zone: str, answer: Answer) -> bool:
        """Whether this answer makes it believe so."""
        raise NotImplementedError

    def covered(self, zone: str, path: str, lines: dict[str, str], method: str = "GET") -> Answer:
        answer = super().covered(zone, path, lines, method)
        if self._done(zone, answer):
            self.__dict__.setdefault("finished", set()).add(zone)
            return END
        return answer

    def read_pages(self, zone: str) -> list[str]:
        if zone in self.__dict__.get("finished", ()):
            return []
        return super().read_pages(zone)

    def forget(self) -> None:
        super().forget()
        self.__dict__.pop("finished", None)


@breaks("DAT-CON-046")
class TakesHalfForWhole(_Done):
    """Takes what came of an answer for all of it."""

    def linked(self, hub: str, key: str, secret: str) -> Link:
        return _HalfIsWhole(hub, key, secret)

    def _done(self, zone: str, answer: Answer) -> bool:  # noqa: ARG002
        return "half" in answer.headers


@breaks("DAT-CON-046")
class StopsForGoodAtACut(_Stops):
    """Ends when a connection is cut."""

    def _ends(self, answer: Answer) -> bool:
        return answer.status == 0


@breaks("DAT-CON-048")
class TakesAWebPageForTheEnd(_Done):
    """Takes a list without students, a web page, for an empty one."""

    def _done(self, zone: str, answer: Answer) -> bool:  # noqa: ARG002
        return answer.status == 200 and b"<html" in answer.body


@breaks("DAT-CON-048")
class StopsForGoodAtAWebPage(_Stops):
    """Ends when a web page comes in the place of students."""

    def _ends(self, answer: Answer) -> bool:
        return answer.status == 200 and b"<html" in answer.body


@breaks("DAT-CON-047")
class IsHasty(Consumer):
    """Sends a request again when the answer takes a moment."""

    def linked(self, hub: str, key: str, secret: str) -> Link:
        return _Hasty(hub, key, secret)


@breaks("DAT-CON-047")
class SendsTwiceToBeSure(Consumer):
    """Sends a request that is slow again on another connection, and takes the second answer."""

    def tell(
        self, method: str, path: str, body: object = None, lines: dict[str, str] | None = None
    ) -> Answer:
        usual, self.link.seconds = self.link.seconds, 0.2
        try:
            return self.link.send(method, path, body, lines)
        except (OSError, EOFError, HTTPException):
            self.link.close()
        finally:
            self.link.seconds = usual
        with suppress(OSError):
            return super().tell(method, path, body, lines)
        return END
