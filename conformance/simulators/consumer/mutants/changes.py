"""Mistakes with what changed since a marker."""

from __future__ import annotations

from lxml import etree

from conformance.simulators.consumer.client import Consumer
from conformance.simulators.consumer.link import Answer
from conformance.simulators.consumer.mutants import breaks


@breaks("DAT-CON-070", also=["DAT-CON-072", "DAT-CON-075"])
class LeavesMarkersUnescaped(Consumer):
    """Puts a marker into the address as it stands."""

    def changes(self, mark: str) -> str:
        return f"{self.students()}?changesSinceMarker={mark}"


@breaks("DAT-CON-070", also=["DAT-CON-072", "DAT-CON-075"])
class CutsMarkers(Consumer):
    """Keeps ten letters of a marker."""

    def changes(self, mark: str) -> str:
        return super().changes(mark[:10])


@breaks("DAT-CON-071", also=["DAT-CON-074"])
class TakesTheNewMarkerTooEarly(Consumer):
    """Asks for the second page of changes with the marker that the first one brought."""

    def ask(
        self, zone: str, path: str, lines: dict[str, str] | None = None, method: str = "GET"
    ) -> Answer | None:
        changed = "changesSinceMarker" in path
        later = self.__dict__.setdefault("news", {})
        if changed and (lines or {}).get("navigationPage") != "1" and later.get(zone):
            path = self.changes(later[zone])
        answer = super().ask(zone, path, lines, method)
        if changed and answer is not None and "changessincemarker" in answer.headers:
            later[zone] = answer.headers["changessincemarker"]
        return answer


@breaks("DAT-CON-071", also=["DAT-CON-074"])
class CutsMarkersOnLaterPages(Consumer):
    """Loses the last letter of the marker when it asks for the second page of changes."""

    def ask(
        self, zone: str, path: str, lines: dict[str, str] | None = None, method: str = "GET"
    ) -> Answer | None:
        later = "changesSinceMarker" in path and (lines or {}).get("navigationPage") != "1"
        return super().ask(zone, path[:-1] if later else path, lines, method)


@breaks("DAT-CON-072")
class ForgetsMarkersAtARestart(Consumer):
    """Keeps its markers in memory only."""

    def restart(self) -> None:
        self.marks.clear()
        super().restart()


@breaks("DAT-CON-072")
class KeepsTheMarkerOfTheFirstDay(Consumer):
    """Begins with the marker of its first day after each restart."""

    def begin_marks(self, zone: str) -> None:
        super().begin_marks(zone)
        self.__dict__.setdefault("firsts", {})[zone] = self.marks.get(zone, "")

    def restart(self) -> None:
        self.marks |= self.__dict__.get("firsts", {})
        super().restart()


class _KeepsOldMarkers(Consumer):
    def begin_marks(self, zone: str) -> None:
        kept = self.marks.get(zone)
        if kept is None:
            super().begin_marks(zone)


@breaks("DAT-CON-073", also=["DAT-CON-075"])
class KeepsAnOldMarker(_KeepsOldMarkers):
    """Goes on with a marker that is too old."""


@breaks("DAT-CON-073", also=["DAT-CON-075"])
class TakesAnOldMarkerForNoChange(Consumer):
    """Takes the answer to a marker that is too old for one without changes."""

    def ask(
        self, zone: str, path: str, lines: dict[str, str] | None = None, method: str = "GET"
    ) -> Answer | None:
        answer = super().ask(zone, path, lines, method)
        old = answer is not None and answer.status == 410 and "changesSinceMarker" in path
        return Answer(204, {}, b"") if old else answer


@breaks("DAT-CON-074")
class SavesTheMarkerAtTheFirstPage(Consumer):
    """Keeps the new marker before it has all pages."""

    def ask(
        self, zone: str, path: str, lines: dict[str, str] | None = None, method: str = "GET"
    ) -> Answer | None:
        answer = super().ask(zone, path, lines, method)
        if "?" in path and answer is not None and "changessincemarker" in answer.headers:
            self.marks[zone] = answer.headers["changessincemarker"]
        return answer


@breaks("DAT-CON-074")
class SavesTheMarkerAfterAFailure(Consumer):
    """Takes a marker for now when the changes could not be read."""

    def read_changes(self, zone: str) -> None:
        before = self.marks.get(zone)
        super().read_changes(zone)
        now = self.ask(zone, self.students(), method="HEAD")
        if before and self.marks.get(zone) == before and now is not None:
            self.marks[zone] = now.headers.get("changessincemarker", before)


@breaks("DAT-CON-075")
class KeepsDeletedStudents(Consumer):
    """Passes over the deleted students among the changes."""

    def take_changes(self, zone: str, students: list[etree._Element]) -> None:
        super().take_changes(zone, [one for one in students if len(one)])


@breaks("DAT-CON-075")
class StoresIdsForDeletedStudents(Consumer):
    """Takes a deleted student for one without values."""

    def take_changes(self, zone: str, students: list[etree._Element]) -> None:
        for one in students:
            self.store.put(zone, one)
