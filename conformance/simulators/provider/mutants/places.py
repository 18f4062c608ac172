"""Providers that get lost on the way: zones, contexts, addresses."""

# An override may ignore what it is given.
# ruff: noqa: ARG002

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from conformance.simulators.message import Request, Response
from conformance.simulators.problems import Refusal
from conformance.simulators.provider.mutants import breaks
from conformance.simulators.provider.provider import Provider

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment


# -- zones and addresses ---------------------------------------------------------------------


@breaks(
    "INF-ZON-004",
    also=(
        "INF-HDR-009",
        "INF-ZON-005",
        "INF-ZON-006",
        "NEG-064",
    ),
)
class LosesMatrixParameters(Provider):
    """Runs behind a framework that throws matrix parameters away."""

    def check_place(self, request: Request) -> None:
        super().check_place(replace(request, matrix=()))


@breaks(
    "INF-ZON-002",
    also=(
        "INF-FMT-009",
        "INF-URL-005",
    ),
)
class ReadsTheZoneFirst(Provider):
    """Finds the zone only if it stands before the context."""

    def check_place(self, request: Request) -> None:
        if request.matrix and request.matrix[0][0] == "contextId":
            raise self.no_provider()
        super().check_place(request)


@breaks("INF-ZON-002")
class ReadsZonesUndecoded(Provider):
    """Compares the zone as it stands in the address, percent signs and all."""

    def answer(self, request: Request) -> Response:
        matrix = tuple(
            (name, "%" if value == self.zone and len(request.matrix) == 1 else value)
            for name, value in request.matrix
        )
        return super().answer(replace(request, matrix=matrix))


@breaks(
    "INF-ZON-003",
    also=(
        "INF-ZON-002",
        "INF-ZON-010",
    ),
)
class WantsAContext(Provider):
    """Refuses the context DEFAULT where it is named."""

    def check_place(self, request: Request) -> None:
        if len(request.matrix) == 2 and ("contextId", "DEFAULT") in request.matrix:
            raise self.no_provider()
        super().check_place(request)


@breaks(
    "NEG-015",
    also=(
        "INF-HDR-009",
        "INF-STA-001",
        "INF-XQT-002",
        "INF-ZON-004",
        "NEG-064",
    ),
)
class CallsNobodyBusy(Provider):
    """Says that a service nobody provides is busy."""

    def no_provider(self) -> Refusal:
        return Refusal(503, "No provider is available.")


@breaks("INF-ZON-005")
class TakesTheFirstZone(Provider):
    """Is content with the first of two zones."""

    def check_place(self, request: Request) -> None:
        first = dict(reversed(request.matrix))
        super().check_place(replace(request, matrix=tuple(first.items())))


@breaks("INF-ZON-006")
class ReadsZonesInAnyCase(Provider):
    """Compares zones without regard to letter case."""

    def check_place(self, request: Request) -> None:
        matrix = tuple((name, told.lower() if name == "zoneId" else told)
                       for name, told in request.matrix)  # fmt: skip
        super().check_place(replace(request, matrix=matrix))


@breaks("NEG-063")
class DropsWhatFollowsSemicolons(Provider):
    """Drops zones at the wrong place of the path and reads in the default zone."""

    def answer(self, request: Request) -> Response:
        plain = tuple(part.partition(";")[0] for part in request.segments)
        return super().answer(replace(request, segments=plain))


@breaks("NEG-063")
class DropsZonesOfTheQuery(Provider):
    """Drops a zone in the query and reads in the default zone."""

    def check_place(self, request: Request) -> None:
        super().check_place(replace(request, query={}))


@breaks("INF-URL-001")
class NamesInAnyCase(Provider):
    """Finds a collection in any letter case."""

    def route_connector(self, request: Request, path: tuple[str, ...]) -> Response:
        named = {name.lower(): name for name in self.held.objects}
        first = named.get(path[0].lower(), path[0]) if path else ""
        return super().route_connector(request, (first, *path[1:]))


@breaks("INF-URL-003", "NEG-053")
class GuessesNames(Provider):
    """Takes a plural of the plural for the collection."""

    def route_connector(self, request: Request, path: tuple[str, ...]) -> Response:
        first = path[0][:-1] if path and path[0].endswith("ss") else path[0]
        return super().route_connector(request, (first, *path[1:]))


@breaks("INF-URL-004")
class ReadsTheCreateAddress(Provider):
    """Shows the first object at the address where one is created."""

    def route_objects(self, request: Request, path: tuple[str, ...]) -> Response:
        if len(path) == 2 and path[1] == path[0].removesuffix("s") and request.method == "GET":
            return self.found(request, self.objects(path[0])[0])
        return super().route_objects(request, path)


@breaks("INF-URL-006")
class StumblesOverSlashes(Provider):
    """Gets lost by a slash at the end."""

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ["RAW_URI"].endswith("/"):
            environ["RAW_URI"] += "nothing"
        return super().__call__(environ, start_response)


@breaks("INF-URL-007")
class ReadsIdsUndecoded(Provider):
    """Reads an id as it stands in the address, percent signs and all."""

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if "%2D" in environ["RAW_URI"].partition(";")[0]:
            environ["RAW_URI"] = environ["RAW_URI"].replace("%", "%25")
        return super().__call__(environ, start_response)


@breaks("INF-HDR-010")
class TakesAPlaceTwice(Provider):
    """Takes a zone in the header beside the one in the address."""

    def refuse_second_statement(self, request: Request, name: str) -> None:
        return None


@breaks("INF-HDR-010")
class CallsASecondPlaceBad(Provider):
    """Answers a zone that is stated twice with 400."""

    def stated_twice(self, name: str) -> Refusal:
        return Refusal(400, f"{name} stands in the address and in a header.")
