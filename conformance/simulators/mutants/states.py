"""Vendors that lose, mix up or invent what should outlive one answer."""

# An override may ignore what it is given.
# ruff: noqa: ARG002

from __future__ import annotations

from dataclasses import replace

from conformance.simulators.later import Lines, Students
from conformance.simulators.message import Request, Response
from conformance.simulators.mutants import breaks
from conformance.simulators.pages import Page
from conformance.simulators.problems import Refusal
from conformance.simulators.receiver import Receiver


@breaks("INF-PAG-010")
class LooksAgainForEachPage(Receiver):
    """Gives a navigationId and reads the students anew for every page."""

    def kept_set(self, request: Request, students: Students) -> tuple[Lines, Students]:
        return super().kept_set(request, students)[0], students


@breaks("INF-PAG-010")
class KnowsEveryNavigationId(Receiver):
    """Answers an unknown navigationId with whatever there is now."""

    def kept_set(self, request: Request, students: Students) -> tuple[Lines, Students]:
        try:
            return super().kept_set(request, students)
        except Refusal:
            return (), students


@breaks("INF-PAG-011")
class KeepsEveryReading(Receiver):
    """Keeps a result whatever the reader intends with it."""

    def kept_set(self, request: Request, students: Students) -> tuple[Lines, Students]:
        headers = {**request.headers, "queryintention": "ALL"}
        return super().kept_set(replace(request, headers=headers), students)


@breaks("INF-PAG-006", "NEG-020")
class CutsLargePages(Receiver):
    """Cuts a page that is too large down to its limit."""

    def read_page(self, request: Request) -> Page | None:
        size = request.parameter("navigationPageSize") or ""
        if size.isdecimal() and int(size) > self.largest_page:
            headers = {**request.headers, "navigationpagesize": str(self.largest_page)}
            return super().read_page(replace(request, headers=headers))
        return super().read_page(request)


@breaks("INF-PAG-006", "NEG-020")
class CallsALargePageBad(Receiver):
    """Answers a page that is too large with 400."""

    def page_too_large(self) -> Refusal:
        return Refusal(400, "The page is too large.")


@breaks("INF-QRY-008")
class TagsByNumber(Receiver):
    """Makes its tag of how many students there are, so that updates do not show."""

    def tag(self) -> str:
        return f'"{len(self.state.students)}"'


@breaks("INF-QRY-008")
class TagsNewcomersOnly(Receiver):
    """Makes its tag of the students that ever came, so that deletions do not show."""

    def tag(self) -> str:
        self.seen: set[str] = {*getattr(self, "seen", ()), *self.digests().values()}
        return f'"{len(self.seen)}"'


@breaks("INF-QRY-007")
class SendsItAllAgain(Receiver):
    """Hands out tags and never looks at them."""

    def is_unchanged(self, request: Request) -> bool:
        return False


@breaks("INF-QRY-007")
class CallsTheUnchangedEmpty(Receiver):
    """Answers the tag of the present state with 204."""

    def unchanged(self) -> Response:
        return self.empty()


@breaks("INF-HED-004")
class HeadKeepsTheMarker(Receiver):
    """Reads changes and tells no marker to begin with."""

    def head_headers(self) -> Lines:
        return ()


@breaks("INF-HED-004")
class MarkerKnowsNoChanges(Receiver):
    """Answers changes since a marker with everything."""

    def changed_since(self, marker: str, students: Students) -> Students:
        return students
