"""Vendors that stumble over requests with many objects."""

# An override may ignore what it is given.
# ruff: noqa: ARG002

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy

from lxml import etree

from conformance.simulators.message import Request, Response
from conformance.simulators.mutants import breaks
from conformance.simulators.objects import Done
from conformance.simulators.problems import Refusal
from conformance.simulators.receiver import Receiver


@breaks("INF-CRE-002", also=("INF-BLK-002", "NEG-011"))
class CreateManyAnswers201(Receiver):
    """Answers a create of many with 201."""

    def create_many_status(self) -> int:
        return 201


@breaks("INF-CRE-003")
class FailedItemsKeepTheirId(Receiver):
    """Gives a refused item an id as if it had been created."""

    def item_result(self, verb: str, done: Done) -> etree._Element:
        result = super().item_result(verb, done)
        if verb == "create" and done.refusal:
            result.set("id", done.advisory or self.new_id())
        return result


@breaks("INF-CRE-004", also=("NEG-012",))
class ForgetsTheAdvisoryId(Receiver):
    """Leaves out the id that the sender suggested."""

    def item_result(self, verb: str, done: Done) -> etree._Element:
        result = super().item_result(verb, done)
        result.attrib.pop("advisoryId", "")
        return result


@breaks("INF-DEL-002", also=("NEG-028", "POD-GATE-011"))
class TakesDeletesForUpdates(Receiver):
    """Overlooks methodOverride and tries to update with a deleteRequest."""

    def delete_students(self, request: Request) -> Response:
        return self.update_students(request)


@breaks("INF-BLK-002", also=("INF-DEL-002", "NEG-013"))
class OneBadItemFailsAll(Receiver):
    """Refuses the whole request because one item is bad."""

    def do_item(
        self, verb: str, item: etree._Element, act: Callable[[etree._Element], Done]
    ) -> Done:
        return act(item)


@breaks(
    "INF-BLK-003",
    also=("INF-CRE-004", "INF-CRE-007", "INF-DEL-002", "INF-UPD-002", "NEG-012", "NEG-028"),
)
class ReportsOnlyFailures(Receiver):
    """Reports the items that failed and says nothing of the others."""

    def do_items(
        self, verb: str, items: list[etree._Element], act: Callable[[etree._Element], Done]
    ) -> list[Done]:
        done = super().do_items(verb, items, act)
        return [each for each in done if each.refusal] or done[:1]


@breaks("INF-BLK-004", also=("INF-BLK-001", "INF-FMT-001"))
class ResultsCarryTheStudent(Receiver):
    """Puts the stored student into the result of its item."""

    def item_result(self, verb: str, done: Done) -> etree._Element:
        result = super().item_result(verb, done)
        student = self.find_student(done.id)
        if student is not None:
            result.append(deepcopy(student))
        return result


@breaks("INF-BLK-007", also=("NEG-012",))
class ItemErrorsSay500(Receiver):
    """Puts another code into the error than into the result around it."""

    def item_error(self, verb: str, refusal: Refusal) -> etree._Element:
        return super().item_error(verb, Refusal(500, refusal.message))


@breaks("INF-UPD-002")
class UpdateManyAnswers201(Receiver):
    """Answers an update of many with 201."""

    def many_status(self, verb: str) -> int:
        return 201 if verb == "update" else super().many_status(verb)


@breaks("INF-BLK-001")
class OneIsNotMany(Receiver):
    """Answers a create of many as a single create if there is only one object in it."""

    def create_students(self, request: Request) -> Response:
        items = self.read_students(request)
        if len(items) == 1:
            return self.created(self.add_student(items[0], self.must_use_advisory(request)))
        return super().create_students(request)


@breaks("INF-BLK-006", also=("INF-UPD-002", "INF-UPD-003"))
class UpdatedItemsAre304(Receiver):
    """Gives an item that was updated the status 304."""

    def item_status(self, verb: str) -> int:
        return 304 if verb == "update" else super().item_status(verb)
