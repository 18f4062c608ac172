"""Providers that read out the wrong thing, or get lost on the way to it."""

# An override may ignore what it is given.
# ruff: noqa: ARG002

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from conformance.simulators.message import Request, Response
from conformance.simulators.problems import Refusal
from conformance.simulators.provider.district import Item, Items
from conformance.simulators.provider.mutants import breaks
from conformance.simulators.provider.provider import Provider

if TYPE_CHECKING:
    pass


@breaks(
    "INF-QRY-001",
    also=(
        "DAT-OFR-003",
        "INF-CHG-001",
        "INF-CHG-007",
        "INF-FMT-005",
        "INF-FMT-008",
        "INF-FMT-009",
        "INF-FMT-013",
        "INF-FMT-021",
        "INF-URL-005",
        "INF-URL-006",
        "INF-URL-007",
        "INF-ZON-002",
        "INF-ZON-003",
        "INF-ZON-010",
        "NEG-025",
        "NEG-032",
        "NEG-061",
    ),
)
class ReadsTheNextOne(Provider):
    """Reads out the object behind the one that was asked for."""

    def find(self, collection: str, refid: str) -> Item:
        found = self.objects(collection)
        at = found.index(super().find(collection, refid))
        return found[(at + 1) % len(found)] if collection == "xStudents" else found[at]


@breaks(
    "INF-QRY-010",
    also=(
        "DAT-OFR-003",
        "INF-CHG-001",
        "INF-CHG-007",
        "INF-FMT-007",
        "INF-FMT-013",
        "INF-FMT-014",
        "INF-FMT-021",
        "INF-FMT-022",
        "INF-QRY-001",
        "NEG-025",
        "NEG-032",
        "NEG-034",
    ),
)
class WrapsOneObject(Provider):
    """Answers a query by id with a collection of one."""

    def found(self, request: Request, item: Item) -> Response:
        return self.rendered(request, f"{item.node[0]}s", [item])


@breaks(
    "INF-QRY-010",
    also=(
        "INF-CHG-001",
        "INF-CHG-007",
        "INF-FMT-007",
        "INF-QBE-005",
        "INF-SVP-001",
        "INF-SVP-004",
        "NEG-025",
        "NEG-055",
    ),
)
class WrapsTheCollection(Provider):
    """Puts an envelope around the collection."""

    def rendered(self, request: Request, collection: str, items: Items) -> Response:
        answer = super().rendered(request, collection, items)
        if answer.content_type != "application/xml" or not items:
            return answer
        body = answer.body.partition(b"?>")[2]
        return replace(answer, body=b"<envelope>" + body + b"</envelope>")


@breaks(
    "INF-QRY-002",
    also=(
        "INF-STA-001",
        "NEG-014",
    ),
)
class MissingIsEmpty(Provider):
    """Answers an unknown id with 204."""

    def read_one(self, request: Request, collection: str, refid: str) -> Response:
        try:
            return super().read_one(request, collection, refid)
        except Refusal as refusal:
            if refusal.status != 404:
                raise
            return self.empty()


@breaks("INF-QRY-003", also=("INF-HDR-001",))
class CutsTheList(Provider):
    """Leaves the last object out of a list without pages."""

    def answer_list(self, request: Request, collection: str, found: Items) -> Response:
        plain = request.method == "GET" and not request.query
        plain = plain and request.parameter("navigationPage") is None
        return super().answer_list(request, collection, found[:-1] if plain else found)


@breaks("INF-QRY-003", also=("INF-HDR-001",))
class ListsTheFirstTwice(Provider):
    """Repeats the first object at the end of a list without pages."""

    def answer_list(self, request: Request, collection: str, found: Items) -> Response:
        plain = request.method == "GET" and not request.query
        plain = plain and request.parameter("navigationPage") is None
        return super().answer_list(request, collection, found + found[:1] if plain else found)


@breaks("INF-QRY-004")
class PagesOneObject(Provider):
    """Overlooks paging parameters on a single object."""

    def check_unpaged(self, request: Request) -> None:
        return None


@breaks(
    "INF-QRY-009",
    also=(
        "DAT-OFR-003",
        "INF-TRN-008",
        "NEG-037",
    ),
)
class CountsItsReaders(Provider):
    """Notes in an object how often it was read."""

    times = 0

    def found(self, request: Request, item: Item) -> Response:
        self.times += 1
        answer = super().found(request, item)
        before = b"<homeRoomNumber>006<"
        return replace(answer, body=answer.body.replace(before, before[:-1] + b"%d<" % self.times))


@breaks(
    "INF-FMT-003",
    also=(
        "DAT-OFR-001",
        "INF-QBE-001",
        "INF-QBE-003",
        "INF-QBE-004",
        "INF-QBE-005",
    ),
)
class ReadsOutAnotherNamespace(Provider):
    """Reads out objects in the namespace of an older release."""

    def finish(self, request: Request, response: Response) -> Response:
        old = response.body.replace(b"/datamodel/na/4.x", b"/datamodel/na/3.3")
        return super().finish(request, replace(response, body=old))


@breaks("INF-FMT-005", "NEG-061")
class ReadsIdsLetterByLetter(Provider):
    """Finds an id only in the letter case that it wrote itself."""

    def find(self, collection: str, refid: str) -> Item:
        found = super().find(collection, refid)
        if found.id != refid:
            raise self.not_found()
        return found


@breaks("INF-QRY-011", "INF-DLY-004")
class PromisesDelays(Provider):
    """Answers at once what was to be delayed."""

    def check_immediate(self, request: Request) -> None:
        return None


@breaks("INF-QRY-011")
class DelaysOneObject(Provider):
    """Refuses delayed lists, and forgets single objects."""

    def read_one(self, request: Request, collection: str, refid: str) -> Response:
        headers = {name: told for name, told in request.headers.items() if name != "requesttype"}
        return super().read_one(replace(request, headers=headers), collection, refid)


@breaks(
    "INF-HED-001",
    also=(
        "INF-CHG-003",
        "INF-HED-004",
    ),
)
class KnowsNoHead(Provider):
    """Refuses HEAD although it says that it answers it."""

    def route_objects(self, request: Request, path: tuple[str, ...]) -> Response:
        if request.method == "HEAD":
            raise self.unsupported()
        return super().route_objects(request, path)


@breaks(
    "INF-HED-002",
    also=(
        "INF-HED-001",
        "INF-HED-005",
    ),
)
class FallsOverHead(Provider):
    """Falls over HEAD of one object."""

    def route_objects(self, request: Request, path: tuple[str, ...]) -> Response:
        if request.method == "HEAD" and len(path) == 2:
            raise Refusal(500, "Something went wrong.")
        return super().route_objects(request, path)


@breaks("INF-HED-005")
class HeadFindsEverything(Provider):
    """Answers HEAD of an id that does not exist with 200."""

    def read_one(self, request: Request, collection: str, refid: str) -> Response:
        if request.method == "HEAD":
            return Response(200)
        return super().read_one(request, collection, refid)
