"""Providers that are careless: they serve what they should refuse, or refuse it wrongly."""

from __future__ import annotations

from dataclasses import replace

from conformance.simulators.message import Request, Response
from conformance.simulators.pages import Page
from conformance.simulators.problems import Refusal
from conformance.simulators.provider.district import Items
from conformance.simulators.provider.mutants import breaks
from conformance.simulators.provider.provider import Provider
from conformance.simulators.store import Session


@breaks(
    "INF-AUT-015",
    "NEG-058",
    also=(
        "INF-AUT-009",
        "INF-AUT-013",
        "INF-AUT-023",
        "INF-ENV-014",
        "NEG-007",
        "NEG-009",
        "NEG-065",
    ),
)
class UnknownTokenIsNotFound(Provider):
    """Answers a token that nobody issued with 404."""

    def authenticate_session(self, request: Request) -> Session:
        try:
            return super().authenticate_session(request)
        except Refusal as refusal:
            if "not known" in refusal.message:
                raise Refusal(404, "There is no such session.") from refusal
            raise


@breaks("INF-CHG-002")
class StrangeMarkersFindNothing(Provider):
    """Says that nothing has changed since a marker that it never gave."""

    def read_changes(self, request: Request, collection: str) -> Response:
        try:
            return super().read_changes(request, collection)
        except Refusal as refusal:
            if refusal.status == 400:
                return self.empty()
            raise


@breaks("INF-CHG-009")
class ExpiredReadsEverything(Provider):
    """Reads everything out to a marker that is too old."""

    def number_of(self, marker: str) -> int:
        return 1 if marker == "m0" else super().number_of(marker)


@breaks("INF-CHG-005")
class NarrowsChanges(Provider):
    """Narrows changes by a condition that is to be ignored."""

    def read_changes(self, request: Request, collection: str) -> Response:
        return (
            self.empty() if "where" in request.query else super().read_changes(request, collection)
        )


@breaks("INF-DLY-004")
class AcceptsDelayedLists(Provider):
    """Accepts a delayed query although there is no queue for its answer."""

    def read_list(self, request: Request, collection: str) -> Response:
        if request.says("requestType") == "DELAYED":
            return Response(202)
        return super().read_list(request, collection)


@breaks("INF-ENV-012", "NEG-059")
class LetsOthersEndSessions(Provider):
    """Shows an environment to its owner only, and lets anyone end it."""

    def delete_environment(self, request: Request, refid: str) -> Response:
        if self.authenticate_session(request).id != refid.lower():
            return self.empty()
        return super().delete_environment(request, refid)


@breaks("INF-ENV-013")
class EmptiesEnvironments(Provider):
    """Says that it deleted all environments."""

    def route(self, request: Request) -> Response:
        if request.method == "DELETE" and request.segments[-1:] == ("environments",):
            self.authenticate_anyone(request)
            return self.empty()
        return super().route(request)


@breaks("INF-ENV-028")
class TakesBasicForAnything(Provider):
    """Notices every contradiction but that of Basic."""

    def check_environment_method(self, asked: str, used: str) -> None:
        if asked.lower() != "basic":
            super().check_environment_method(asked, used)


@breaks("INF-HDR-011")
class ForgivesOneWord(Provider):
    """Takes an unknown method override for none."""

    def _one_of(self, request: Request, name: str, allowed: tuple[str, ...]) -> None:
        if name != "methodOverride":
            super()._one_of(request, name, allowed)


@breaks(
    "INF-HED-002",
    also=(
        "INF-HED-001",
        "INF-HED-005",
    ),
)
class HidesFromHead(Provider):
    """Answers HEAD of everything with 404."""

    def route_objects(self, request: Request, path: tuple[str, ...]) -> Response:
        if request.method == "HEAD" and len(path) == 2:
            raise self.not_found()
        return super().route_objects(request, path)


@breaks("INF-ORD-002")
class FallsOverOrders(Provider):
    """Falls over an order that it does not understand."""

    def ordered(self, order: str, found: Items, known: set[str]) -> Items:
        try:
            return super().ordered(order, found, known)
        except Refusal as refusal:
            raise Refusal(500, "Something went wrong.") from refusal


@breaks("INF-PAG-003", "NEG-019")
class EmptyPagesAre200(Provider):
    """Answers a page behind the last one with an empty collection."""

    def shown(self, request: Request, collection: str, items: Items) -> Response:
        behind = len(request.parameter("navigationPage") or "") > 5
        return (
            self.rendered(request, collection, items)
            if behind
            else super().shown(request, collection, items)
        )


@breaks("INF-PAG-005")
class ZeroMeansOne(Provider):
    """Takes a page size of zero for one."""

    def read_page(self, request: Request) -> Page | None:
        page = super().read_page(request)
        return page and replace(page, size=page.size or 1)


@breaks("INF-PAG-006", "NEG-020")
class TooLargeIsWrong(Provider):
    """Calls a page that is too large a mistake."""

    def page_too_large(self) -> Refusal:
        return Refusal(400, "The page size is not valid.")


@breaks("INF-PAG-012", "NEG-018")
class FallsOverOddPages(Provider):
    """Falls over a page that is no number."""

    def page_parameter(self, request: Request, name: str, least: int) -> int | None:
        try:
            return super().page_parameter(request, name, least)
        except Refusal as refusal:
            raise Refusal(500, "Something went wrong.") from refusal


@breaks("INF-QRY-004")
class OnePagedIsWrong(Provider):
    """Calls paging of one object a mistake in the request."""

    def check_unpaged(self, request: Request) -> None:
        try:
            super().check_unpaged(request)
        except Refusal as refusal:
            raise Refusal(400, refusal.message) from refusal


@breaks("INF-QRY-005", also=("INF-STA-001",))
class UnknownPathsAreEmpty(Provider):
    """Answers a path that nobody offers as if it led to nothing."""

    def read_path(self, request: Request, parent: str, refid: str, child: str) -> Response:
        if child not in self.held.objects:
            return self.empty()
        return super().read_path(request, parent, refid, child)


@breaks("INF-URL-001")
class ForgivesSmallLetters(Provider):
    """Finds a collection whose name is written in small letters."""

    def route_connector(self, request: Request, path: tuple[str, ...]) -> Response:
        first = "xStudents" if path and path[0] == "xstudents" else path[0]
        return super().route_connector(request, (first, *path[1:]))


@breaks("INF-URL-003", "NEG-053")
class TakesTheSingular(Provider):
    """Takes the name of the object for that of the collection."""

    def route_connector(self, request: Request, path: tuple[str, ...]) -> Response:
        first = f"{path[0]}s" if path and f"{path[0]}s" in self.held.objects else path[0]
        return super().route_connector(request, (first, *path[1:]))


@breaks("INF-URL-004")
class CreateAddressIsEmpty(Provider):
    """Answers a reading of the address for creates with 204."""

    def route_objects(self, request: Request, path: tuple[str, ...]) -> Response:
        if request.method == "GET" and len(path) == 2 and path[1] == path[0].removesuffix("s"):
            return self.empty()
        return super().route_objects(request, path)


@breaks("NEG-015")
class FallsOverUnknownServices(Provider):
    """Falls over a collection that it does not have."""

    def route_connector(self, request: Request, path: tuple[str, ...]) -> Response:
        if path and path[0].startswith("xUnicorn"):
            raise Refusal(500, "Something went wrong.")
        return super().route_connector(request, path)


@breaks("NEG-031")
class HidesFromMisspeltIntentions(Provider):
    """Answers an intention that it does not know with 404."""

    def check_words(self, request: Request) -> None:
        if request.says("queryIntention") == "NO-CACHE":
            raise Refusal(404, "There is no such intention.")
        super().check_words(request)


@breaks("NEG-054")
class GuessesUntypedPaths(Provider):
    """Reads all of the last collection out when a path comes without its type."""

    def read_path(self, request: Request, parent: str, refid: str, child: str) -> Response:
        if request.says("serviceType") or f"{parent}/{{}}/{child}" not in self.paths:
            return super().read_path(request, parent, refid, child)
        self.find(parent, refid)
        return self.answer_list(request, child, self.objects(child))
