"""Providers that lose their place: pages, results, changes."""

# An override may ignore what it is given.
# ruff: noqa: ARG002

from __future__ import annotations

from collections.abc import Iterable
from copy import deepcopy
from dataclasses import replace
from typing import TYPE_CHECKING

from conformance.simulators.message import Request, Response
from conformance.simulators.pages import Page
from conformance.simulators.problems import Refusal
from conformance.simulators.provider.district import Item, Items
from conformance.simulators.provider.mutants import breaks
from conformance.simulators.provider.provider import Provider

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

Headers = tuple[tuple[str, str], ...]


@breaks(
    "INF-PAG-001",
    also=(
        "INF-FMT-013",
        "INF-FMT-021",
        "INF-FMT-022",
        "INF-HDR-002",
        "INF-PAG-002",
        "INF-QBE-005",
        "INF-WHR-007",
        "NEG-032",
        "NEG-033",
    ),
)
class PagesByTwos(Provider):
    """Rounds a page up to an even number of objects."""

    def read_page(self, request: Request) -> Page | None:
        page = super().read_page(request)
        return page and replace(page, size=page.size + page.size % 2)


@breaks(
    "INF-PAG-002",
    also=(
        "INF-PAG-007",
        "INF-PAG-008",
        "INF-PAG-010",
    ),
)
class CountsFromZero(Provider):
    """Gives the second page when asked for the first."""

    def page_start(self, page: Page) -> int:
        return page.number * page.size


@breaks("INF-PAG-003", "NEG-019")
class NoSuchPageIs404(Provider):
    """Calls a page behind the last one not found."""

    def answer_list(self, request: Request, collection: str, found: Items) -> Response:
        page = self.read_page(request)
        if page and page.size and self.page_start(page) >= len(found):
            raise Refusal(404, "There is no such page.")
        return super().answer_list(request, collection, found)


@breaks("INF-PAG-004")
class TellsTheSizeThatWasAsked(Provider):
    """Tells the page size that was asked for instead of the number on the page."""

    def page_headers(self, page: Page, shown: int, count: int) -> Headers:
        return super().page_headers(page, page.size, count)


@breaks("INF-PAG-005")
class ZeroMeansAll(Provider):
    """Takes a page size of zero for no limit."""

    def read_page(self, request: Request) -> Page | None:
        page = super().read_page(request)
        return None if page and page.size == 0 else page


@breaks("INF-PAG-006", "NEG-020")
class CutsPagesDown(Provider):
    """Cuts a page that is too large down to its limit."""

    def read_page(self, request: Request) -> Page | None:
        size = request.parameter("navigationPageSize") or ""
        if size.isdecimal() and int(size) > self.largest_page:
            headers = {**request.headers, "navigationpagesize": str(self.largest_page)}
            return super().read_page(replace(request, headers=headers))
        return super().read_page(request)


@breaks("INF-PAG-007")
class MiscountsByOne(Provider):
    """Tells one object too few in all."""

    def page_headers(self, page: Page, shown: int, count: int) -> Headers:
        told = [(name, str(count - 1) if name == "navigationCount" else value)
                for name, value in super().page_headers(page, shown, count)]  # fmt: skip
        return tuple(told)


@breaks("INF-PAG-007")
class TellsTheEndWithoutTheTotal(Provider):
    """Tells the last page and keeps the total to itself."""

    def page_headers(self, page: Page, shown: int, count: int) -> Headers:
        told = super().page_headers(page, shown, count)
        return tuple(pair for pair in told if pair[0] != "navigationCount")


@breaks("INF-PAG-008")
class RoundsTheLastPageDown(Provider):
    """Rounds the number of pages down."""

    def last_page_header(self, page: Page, count: int) -> Headers:
        return (("navigationLastPage", str(count // page.size)),) if page.size else ()


@breaks("INF-PAG-010")
class ForgetsTheResult(Provider):
    """Gives every page a new navigationId."""

    def kept_set(self, request: Request, found: Items) -> tuple[Headers, Items]:
        plain = {name: told for name, told in request.headers.items() if name != "navigationid"}
        return super().kept_set(replace(request, headers=plain), found)


@breaks("INF-PAG-010")
class TakesAnyNavigationId(Provider):
    """Answers a navigationId that it never gave with what there is."""

    def kept_set(self, request: Request, found: Items) -> tuple[Headers, Items]:
        known = request.parameter("navigationId")
        if known and known not in self.sets:
            return (), found
        return super().kept_set(request, found)


@breaks("INF-PAG-011")
class KeepsEveryResult(Provider):
    """Gives a navigationId to whoever reads a page."""

    def kept_set(self, request: Request, found: Items) -> tuple[Headers, Items]:
        headers = {**request.headers, "queryintention": "ALL"}
        return super().kept_set(replace(request, headers=headers), found)


@breaks("INF-PAG-012", "NEG-018")
class ForgivesOddPages(Provider):
    """Takes a page that is no number for the first one."""

    def page_parameter(self, request: Request, name: str, least: int) -> int | None:
        try:
            return super().page_parameter(request, name, least)
        except Refusal:
            return 1


@breaks(
    "INF-PAG-015",
    also=(
        "DAT-OFR-002",
        "INF-HDR-008",
        "INF-PAG-002",
        "INF-QRY-008",
        "INF-TRN-010",
        "NEG-021",
        "NEG-056",
    ),
)
class TurnsTheListAround(Provider):
    """Reads the list from the other end every time."""

    times = 0

    def objects(self, collection: str) -> Items:
        self.times += 1
        return super().objects(collection)[:: 1 if self.times % 2 else -1]


@breaks("INF-HDR-008", "NEG-021")
class PagesByHeaderOnly(Provider):
    """Overlooks paging parameters in the query."""

    def page_parameter(self, request: Request, name: str, least: int) -> int | None:
        return super().page_parameter(replace(request, query={}), name, least)


@breaks("INF-HDR-002")
class BelievesTheQuery(Provider):
    """Prefers the query to the header of the same name."""

    def page_parameter(self, request: Request, name: str, least: int) -> int | None:
        if name in request.query:
            return super().page_parameter(replace(request, headers={}), name, least)
        return super().page_parameter(request, name, least)


@breaks("INF-HDR-001")
class ReadsQueryNamesInAnyCase(Provider):
    """Takes paging parameters of the query in any letter case."""

    def page_parameter(self, request: Request, name: str, least: int) -> int | None:
        query = {key.lower(): value for key, value in request.query.items()}
        told = {name: query[name.lower()]} if name.lower() in query else {}
        return super().page_parameter(replace(request, query=told), name, least)


@breaks("INF-HDR-001")
class ReadsHeaderNamesLetterByLetter(Provider):
    """Finds paging headers only in the usual letter case."""

    spelt: tuple[str, ...] = ()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        self.spelt = environ.get("simulator.header_names", ())
        return super().__call__(environ, start_response)

    def page_parameter(self, request: Request, name: str, least: int) -> int | None:
        if name not in self.spelt and name not in request.query:
            return None
        return super().page_parameter(request, name, least)


# -- changes ---------------------------------------------------------------------------------


@breaks("INF-CHG-003", "INF-HED-004")
class HeadTellsNoMarker(Provider):
    """Forgets the marker where it begins."""

    def head_list(self, request: Request, collection: str) -> Response:
        return self.read_list(request, collection)


@breaks("INF-CHG-008")
class NothingNewTellsNothing(Provider):
    """Answers that nothing has changed, and tells no marker to go on from."""

    def read_changes(self, request: Request, collection: str) -> Response:
        answer = super().read_changes(request, collection)
        return Response(204) if answer.status == 204 else answer


@breaks("INF-CHG-004", "NEG-024")
class RepeatsTheMarkerOnEveryPage(Provider):
    """Tells the marker on every page."""

    def new_marker(self, page: str) -> Headers:
        return super().new_marker("1")


@breaks("INF-CHG-004", "NEG-024", also=("INF-CHG-008",))
class ForgetsTheNextMarker(Provider):
    """Tells no new marker with the changes."""

    def new_marker(self, page: str) -> Headers:
        return ()


@breaks("INF-CHG-007", "NEG-025", also=("INF-CHG-001",))
class ReadsOutStumps(Provider):
    """Tells of a change only what every object has."""

    def answer_list(self, request: Request, collection: str, found: Items) -> Response:
        changes = "changesSinceMarker" in request.query
        told = [stump(one) for one in found] if changes else found
        return super().answer_list(request, collection, told)


def stump(item: Item) -> Item:
    """The object with nothing but its first part."""
    element = deepcopy(item.element)
    del element[1:]
    return replace(item, element=element)


@breaks("INF-CHG-005")
class ObeysConditionsOnChanges(Provider):
    """Narrows the changes by the condition."""

    def read_changes(self, request: Request, collection: str) -> Response:
        if "where" in request.query:
            raise Refusal(400, "No condition goes with changesSinceMarker.")
        return super().read_changes(request, collection)


@breaks("INF-CHG-006")
class ForgetsItsChanges(Provider):
    """Keeps no result of changes from page to page."""

    def is_kept(self, request: Request) -> bool:
        return request.says("queryIntention") == "ALL"


@breaks("INF-CHG-009")
class ExpiredIsNotFound(Provider):
    """Says of a marker that is too old that it is not there."""

    def number_of(self, marker: str) -> int:
        if marker == "m0":
            raise Refusal(404, "There is no such marker.")
        return super().number_of(marker)


@breaks("INF-CHG-002")
class TakesAnyMarker(Provider):
    """Reads everything out to a marker that it never gave."""

    def number_of(self, marker: str) -> int:
        try:
            return super().number_of(marker)
        except Refusal as refusal:
            if refusal.status == 410:
                raise
            return 1
