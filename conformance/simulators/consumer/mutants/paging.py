"""Mistakes on the way from page to page."""

from __future__ import annotations

from collections.abc import Iterable
from copy import deepcopy

from lxml import etree

from conformance.simulators.consumer.client import Consumer
from conformance.simulators.consumer.link import Answer
from conformance.simulators.consumer.mutants import breaks


@breaks("DAT-CON-020")
class ReadsTheSecondPageTwice(Consumer):
    """Asks for the second page two times."""

    def ask(
        self, zone: str, path: str, lines: dict[str, str] | None = None, method: str = "GET"
    ) -> Answer | None:
        answer = super().ask(zone, path, lines, method)
        again = (lines or {}).get("navigationPage") == "2" and "?" not in path
        if again and answer is not None and "navigationlastpage" in answer.headers:
            return super().ask(zone, path, lines, method)
        return answer


@breaks("DAT-CON-020")
class ChangesTheSizeOfPages(Consumer):
    """Asks for smaller pages as it goes."""

    def page_lines(self, page: int) -> dict[str, str]:
        size = self.page_size if page == 1 else self.page_size - 1
        return super().page_lines(page) | {"navigationPageSize": str(size)}


@breaks("NEG-023")
class NeedsTheLastPage(Consumer):
    """Takes the first page for the last where the hub does not tell."""

    def is_last(self, page: int, answer: Answer) -> bool:
        return page >= int(answer.headers.get("navigationlastpage", "1"))


@breaks("NEG-023")
class ReadsNothingWithoutACount(Consumer):
    """Where the number of students is not told it gives up the walk."""

    def is_last(self, page: int, answer: Answer) -> bool:
        return "navigationcount" not in answer.headers or super().is_last(page, answer)


@breaks("INF-PAG-013")
class AsksBehindTheEnd(Consumer):
    """Asks for one more page after an empty one."""

    step = 1

    def ask(
        self, zone: str, path: str, lines: dict[str, str] | None = None, method: str = "GET"
    ) -> Answer | None:
        answer = super().ask(zone, path, lines, method)
        page = int((lines or {}).get("navigationPage", "0"))
        if page > 1 and "?" not in path and answer is not None and answer.status == 204:
            super().ask(zone, path, self.page_lines(page + self.step), method)
        return answer


@breaks("INF-PAG-013")
class AsksForTheEmptyPageAgain(AsksBehindTheEnd):
    """Asks for an empty page again, as if it could fill."""

    step = 0


@breaks("INF-PAG-009", also=["INF-HDR-001"])
class DropsTheNavigationId(Consumer):
    """Asks for the next page without the id of the result."""

    def kept(self, answer: Answer) -> dict[str, str]:  # noqa: ARG002
        return {}


@breaks("INF-PAG-009", also=["INF-HDR-001"])
class RenamesTheNavigationId(Consumer):
    """Sends the id of the result under a name of its own."""

    def kept(self, answer: Answer) -> dict[str, str]:
        named = "".join(super().kept(answer).values())
        return {"resultId": named} if named else {}


@breaks("DAT-CON-021")
class SkipsAPageAfterARestart(Consumer):
    """When it had to begin a new session, it goes on with the page after the next."""

    skipped = False

    def reconnect(self, zone: str, number: int) -> bool:
        self.skipped = True
        return super().reconnect(zone, number)

    def covered(self, zone: str, path: str, lines: dict[str, str], method: str = "GET") -> Answer:
        page = lines.get("navigationPage", "1")
        if self.skipped and page != "1":
            lines = lines | {"navigationPage": str(int(page) + 1)}
        return super().covered(zone, path, lines, method)

    def walk(self, zone: str) -> tuple[list[str], bool]:
        self.skipped = False
        return super().walk(zone)


@breaks("DAT-CON-022")
class StopsForGoodWhenAResultIsLost(Consumer):
    """Reads no list of a zone any more when a result was lost once."""

    def read_pages(self, zone: str) -> list[str]:
        broken: set[str] = self.__dict__.setdefault("broken", set())
        if zone in broken:
            return []
        found, whole = self.walk(zone)
        if not whole:
            broken.add(zone)
        return found

    def forget(self) -> None:
        super().forget()
        self.__dict__.pop("broken", None)


@breaks("DAT-CON-022")
class GoesOnBehindALostResult(Consumer):
    """When a result was lost, it asks for the same page of another result, now and later."""

    _start = 0

    def walk(self, zone: str) -> tuple[list[str], bool]:
        if not self._start:
            found, whole = super().walk(zone)
            self._start = 0 if whole else 2
            return found, True
        self.ask(zone, self.students(), self.page_lines(self._start))
        return [], True

    def forget(self) -> None:
        super().forget()
        self._start = 0


@breaks("DAT-CON-023")
class TriesWhatIsEmptyAgain(Consumer):
    """Takes an empty list for a fault and tries it four times."""

    def ask(
        self, zone: str, path: str, lines: dict[str, str] | None = None, method: str = "GET"
    ) -> Answer | None:
        answer = super().ask(zone, path, lines, method)
        first = (lines or {}).get("navigationPage") == "1" and "?" not in path
        for _ in range(3):
            if first and answer is not None and answer.status == 204:
                answer = super().ask(zone, path, lines, method)
        return answer


@breaks("DAT-CON-023")
class StopsAtAnEmptyZone(Consumer):
    """Ends its round when a zone has no students."""

    empty = False

    def walk(self, zone: str) -> tuple[list[str], bool]:
        found, whole = super().walk(zone)
        self.empty = not found
        return found, whole

    def read_zone(self, zone: str) -> None:
        if zone == self.zones[0] or not self.empty:
            super().read_zone(zone)


@breaks("DAT-CON-024")
class StoresEveryOtherStudent(Consumer):
    """Keeps the first of two students."""

    def keep(self, zone: str, students: Iterable[etree._Element]) -> None:
        everyone = list(students)
        super().keep(zone, everyone[::2])
        for one in everyone[1::2]:
            self.store.remove(zone, one.get("refId") or "")


@breaks("DAT-CON-024", also=["DAT-CON-075"])
class StoresStudentsTwice(Consumer):
    """Keeps a second copy of each student that a list brings."""

    def keep(self, zone: str, students: Iterable[etree._Element]) -> None:
        some = list(students)
        super().keep(zone, some)
        for one in some:
            self.store.put(f"{zone}-copy", deepcopy(one))
