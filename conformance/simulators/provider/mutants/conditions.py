"""Providers that misread conditions, orders, examples and paths."""

# An override may ignore what it is given.
# ruff: noqa: ARG002

from __future__ import annotations

from conformance.simulators.documents import serialise
from conformance.simulators.message import Request, Response
from conformance.simulators.problems import Refusal
from conformance.simulators.provider.conditions import read_where
from conformance.simulators.provider.district import Items
from conformance.simulators.provider.mutants import breaks
from conformance.simulators.provider.provider import Provider


@breaks(
    "INF-WHR-005",
    "NEG-062",
    also=(
        "INF-WHR-001",
        "INF-WHR-002",
        "INF-WHR-003",
        "INF-WHR-007",
    ),
)
class DropsConditions(Provider):
    """Answers a query with a condition as if it had none."""

    def chosen(self, where: str, found: Items, known: set[str]) -> Items:
        return found


@breaks("INF-WHR-005", "NEG-062")
class ForgivesConditions(Provider):
    """Drops a condition that it does not understand."""

    def chosen(self, where: str, found: Items, known: set[str]) -> Items:
        try:
            return super().chosen(where, found, known)
        except Refusal:
            return found


@breaks("INF-WHR-001", "INF-WHR-003")
class KnowsNoInequality(Provider):
    """Refuses the sign for unequal."""

    def chosen(self, where: str, found: Items, known: set[str]) -> Items:
        if "!=" in where:
            raise Refusal(400, "The sign is not known.")
        return super().chosen(where, found, known)


@breaks("INF-WHR-002")
class TakesOrForAnd(Provider):
    """Joins all conditions by and."""

    def chosen(self, where: str, found: Items, known: set[str]) -> Items:
        for condition in read_where(where)[1]:
            found = [one for one in found if condition.holds(one.element)]
        return super().chosen(where, found, known)


@breaks("INF-WHR-002")
class KnowsOneCondition(Provider):
    """Refuses a second condition."""

    def chosen(self, where: str, found: Items, known: set[str]) -> Items:
        if len(read_where(where)[1]) > 1:
            raise Refusal(400, "One condition is enough.")
        return super().chosen(where, found, known)


@breaks("INF-WHR-007")
class NothingFoundIs404(Provider):
    """Calls it not found when nothing meets the condition."""

    def chosen(self, where: str, found: Items, known: set[str]) -> Items:
        chosen = super().chosen(where, found, known)
        if not chosen and where.startswith("[@"):
            raise self.not_found()
        return chosen


@breaks("INF-WHR-007")
class ConditionsWithoutOrder(Provider):
    """Refuses an order beside a condition."""

    def qualified(self, request: Request, found: Items) -> Items:
        if {"where", "order"} <= set(request.query):
            raise Refusal(400, "Either a condition or an order.")
        return super().qualified(request, found)


@breaks("INF-ORD-001")
class SortsUpwardsOnly(Provider):
    """Sorts upwards, whatever was asked for."""

    def ordered(self, order: str, found: Items, known: set[str]) -> Items:
        return super().ordered(order.replace("=descending", "=ascending"), found, known)


@breaks("INF-ORD-002")
class DropsOrders(Provider):
    """Drops an order that it does not understand."""

    def ordered(self, order: str, found: Items, known: set[str]) -> Items:
        try:
            return super().ordered(order, found, known)
        except Refusal:
            return found


@breaks(
    "INF-QBE-001",
    "INF-QBE-003",
    also=(
        "INF-CHG-010",
        "INF-QBE-004",
        "INF-QBE-005",
        "INF-QBE-006",
        "NEG-027",
    ),
)
class MeetsAnyExample(Provider):
    """Reads everything out, whatever the example holds."""

    def read_example(self, request: Request, collection: str) -> Response:
        self.read_xml(request)
        return self.answer_list(request, collection, self.objects(collection))


@breaks("INF-QBE-004")
class TakesPercentForALetter(Provider):
    """Looks for the percent sign itself."""

    def read_example(self, request: Request, collection: str) -> Response:
        if b"%" in request.body:
            return self.empty()
        return super().read_example(request, collection)


@breaks("INF-QBE-005")
class AnswersAnExampleWithOne(Provider):
    """Answers an example that one object meets with that object alone."""

    def answer_list(self, request: Request, collection: str, found: Items) -> Response:
        answer = super().answer_list(request, collection, found)
        if request.method != "POST" or request.parameter("navigationPageSize") != "1" or not found:
            return answer
        return Response(200, serialise(found[0].element)).adding(*answer.headers)


@breaks("INF-QBE-006", "NEG-027")
class CreatesTheExample(Provider):
    """Takes an example for something new."""

    def read_example(self, request: Request, collection: str) -> Response:
        example = self.read_xml(request)
        if example.get("refId"):
            return self.document(201, example)
        return super().read_example(request, collection)


@breaks("INF-QBE-006", "NEG-027")
class KeepsTheExample(Provider):
    """Answers the example as it should, and keeps it as an object of its own."""

    def read_example(self, request: Request, collection: str) -> Response:
        answer = super().read_example(request, collection)
        example = self.read_xml(request)
        if example.get("refId"):
            self.kept = example
        return answer

    def read_one(self, request: Request, collection: str, refid: str) -> Response:
        kept = getattr(self, "kept", None)
        if kept is not None and kept.get("refId") == refid:
            return self.document(200, kept)
        return super().read_one(request, collection, refid)


@breaks("INF-SVP-001", "INF-SVP-004", "NEG-055", also=("INF-STA-001",))
class TakesThePathForAnId(Provider):
    """Takes the last part of a path for an id and finds nothing of that name."""

    def read_path(self, request: Request, parent: str, refid: str, child: str) -> Response:
        return self.read_one(request, child, child)


@breaks(
    "INF-SVP-001",
    also=(
        "INF-SVP-004",
        "NEG-055",
    ),
)
class ForgetsWhereThePathBegan(Provider):
    """Reads all of the last collection out, whoever it belongs to."""

    def read_path(self, request: Request, parent: str, refid: str, child: str) -> Response:
        super().read_path(request, parent, refid, child)
        return self.answer_list(request, child, self.objects(child))


@breaks("NEG-054")
class WantsTheTypeOfAPath(Provider):
    """Refuses a path whose type is not said."""

    def read_path(self, request: Request, parent: str, refid: str, child: str) -> Response:
        if not request.says("serviceType"):
            raise Refusal(400, "Say that this is a service path.")
        return super().read_path(request, parent, refid, child)


@breaks("INF-SVP-006")
class FallsOverUnknownStarts(Provider):
    """Falls over a path that begins at nothing."""

    def read_path(self, request: Request, parent: str, refid: str, child: str) -> Response:
        try:
            return super().read_path(request, parent, refid, child)
        except Refusal as refusal:
            if f"{parent}/{{}}/{child}" in self.paths and refusal.status == 404:
                raise Refusal(500, "Something went wrong.") from refusal
            raise


@breaks("INF-SVP-002")
class DeletesAlongPaths(Provider):
    """Says that it deleted what a path leads to."""

    def route_objects(self, request: Request, path: tuple[str, ...]) -> Response:
        if request.method == "DELETE" and len(path) == 3:
            return self.empty()
        return super().route_objects(request, path)


@breaks("INF-QRY-005")
class ReadsAnyPathAsItsStart(Provider):
    """Answers a path that it does not know with the object at its start."""

    def read_path(self, request: Request, parent: str, refid: str, child: str) -> Response:
        if f"{parent}/{{}}/{child}" not in self.paths:
            return self.read_one(request, parent, refid)
        return super().read_path(request, parent, refid, child)


@breaks("INF-QBE-002", also=("INF-TRN-014",))
class GuessesQueries(Provider):
    """Takes a POST without an override for a query."""

    def route_objects(self, request: Request, path: tuple[str, ...]) -> Response:
        if request.method == "POST" and len(path) == 1 and not request.says("methodOverride"):
            return self.answer_list(request, path[0], self.objects(path[0]))
        return super().route_objects(request, path)


@breaks("INF-QBE-002", also=("INF-TRN-014",))
class ReadsOutOnPost(Provider):
    """Answers a POST to a collection with the first object of it."""

    def route_objects(self, request: Request, path: tuple[str, ...]) -> Response:
        if request.method == "POST" and len(path) == 1 and not request.says("methodOverride"):
            return self.found(request, self.objects(path[0])[0])
        return super().route_objects(request, path)


@breaks("INF-CHG-010")
class OverlooksTheMarker(Provider):
    """Answers an example and overlooks the marker beside it."""

    def refuse_marker(self, request: Request) -> None:
        return None


@breaks("INF-CHG-010")
class FallsOverMarkers(Provider):
    """Falls over a marker beside an example."""

    def refuse_marker(self, request: Request) -> None:
        if "changesSinceMarker" in request.query:
            raise Refusal(500, "Something went wrong.")


@breaks("INF-XQT-002")
class UnknownTemplatesAreEmpty(Provider):
    """Answers a template that it does not know with 204."""

    def route_connector(self, request: Request, path: tuple[str, ...]) -> Response:
        if request.says("serviceType") == "XQUERYTEMPLATE":
            self.authenticate_session(request)
            return self.empty()
        return super().route_connector(request, path)


@breaks("INF-XQT-002")
class FallsOverTemplates(Provider):
    """Falls over a template that it does not know."""

    def route_connector(self, request: Request, path: tuple[str, ...]) -> Response:
        if request.says("serviceType") == "XQUERYTEMPLATE":
            raise Refusal(500, "Something went wrong.")
        return super().route_connector(request, path)
