"""Providers that miscount pages."""

# An override may ignore what it is given.
# ruff: noqa: ARG002

from __future__ import annotations

from urllib.parse import urlencode

from conformance.simulators.oneroster_provider.district import Bodies
from conformance.simulators.oneroster_provider.mutants import breaks
from conformance.simulators.oneroster_provider.provider import RosterProvider
from conformance.simulators.oneroster_provider.reads import Call
from conformance.simulators.problems import Refusal

Headers = tuple[tuple[str, str], ...]


@breaks("TRN-PR-01", also=("ORS-PAG-003", "ORS-PAG-004", "ORS-FLT-002"), special=True)
class CountsOffsetsInPages(RosterProvider):
    """Takes the offset for a number of pages."""

    def page(self, found: Bodies, offset: int, limit: int) -> Bodies:
        return super().page(found, offset * limit, limit)


@breaks("TRN-PR-01")
class RepeatsTheLastOfAPage(RosterProvider):
    """Begins each page but the first with the last object of the one before, for small pages."""

    def page(self, found: Bodies, offset: int, limit: int) -> Bodies:
        if offset and limit == 7:
            return found[offset - 1 : offset - 1 + limit]
        return super().page(found, offset, limit)


@breaks("TRN-PR-01")
class NeverShowsTheLast(RosterProvider):
    """Ends one object too early when pages are small."""

    def page(self, found: Bodies, offset: int, limit: int) -> Bodies:
        return super().page(found[:-1] if limit in (1, 7) else found, offset, limit)


@breaks("ORS-PAG-001")
class ShowsTwentyUnlessAsked(RosterProvider):
    """Shows 20 objects without limit."""

    default_limit = 20


@breaks("ORS-PAG-001")
class ShowsEverythingUnlessAsked(RosterProvider):
    """Shows everything without limit."""

    default_limit = 1000


@breaks("ORS-PAG-002", also=("ORS-FLT-002",))
class CountsThePage(RosterProvider):
    """Tells the number of objects on the page as the count of all."""

    def total_header(self, total: int, shown: int) -> Headers:
        return super().total_header(shown, shown)


@breaks("ORS-PAG-003")
class NamesNoOtherPage(RosterProvider):
    """Sends no Link."""

    def link_header(self, call: Call, offset: int, limit: int, total: int) -> str:
        return ""


@breaks("ORS-PAG-003")
class SkipsAPageByNext(RosterProvider):
    """Names the page after the next as the next one."""

    def link_starts(self, offset: int, limit: int, total: int) -> dict[str, int]:
        starts = super().link_starts(offset, limit, total)
        if starts.get("next", total) + limit < total:
            starts["next"] += limit
        return starts


@breaks("ORS-PAG-003")
class CallsTheEndTheLastPage(RosterProvider):
    """Lets the last page begin behind the last object."""

    def link_starts(self, offset: int, limit: int, total: int) -> dict[str, int]:
        return super().link_starts(offset, limit, total) | {"last": total}


@breaks("ORS-PAG-004")
class PagesBehindTheEndAreAnError(RosterProvider):
    """Answers 400 to an offset behind the end."""

    def page(self, found: Bodies, offset: int, limit: int) -> Bodies:
        if found and offset > len(found):
            raise Refusal(400, "There is no such page.", "invaliddata")
        return super().page(found, offset, limit)


@breaks("ORS-PAG-005")
class TakesAnyLimit(RosterProvider):
    """Replaces a limit that cannot be by the usual one."""

    def limit(self, call: Call) -> int:
        try:
            return super().limit(call)
        except Refusal:
            return self.default_limit


@breaks("ORS-PAG-005")
class TakesAnyOffset(RosterProvider):
    """Takes an offset that cannot be for 0."""

    def offset(self, call: Call) -> int:
        try:
            return super().offset(call)
        except Refusal:
            return 0


@breaks("ORS-PAG-006")
class ForgetsTheFilterOfThePage(RosterProvider):
    """Names the next page without the filter."""

    def page_address(self, call: Call, start: int, limit: int) -> str:
        query = {"limit": str(limit), "offset": str(start)}
        return f"{call.root}/{'/'.join(call.path)}?{urlencode(query)}"
