"""Hubs that show more than they should."""

# An override may ignore what it is given.
# ruff: noqa: ARG002

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from typing import Any

from lxml import etree

from conformance.simulators.hub import pruning
from conformance.simulators.hub.access import Pass, id_name, id_of
from conformance.simulators.hub.hub import SimulatedHub
from conformance.simulators.hub.mutants import breaks
from conformance.simulators.hub.papers import Condition
from conformance.simulators.hub.parties import Message
from conformance.simulators.hub.reads import Objects, folded, leaves
from conformance.simulators.message import Request, Response


@breaks("POD-MIN-001", also=("POD-VER-005", "POD-LC-006", "POD-MIN-007"))
class SendsDemographics(SimulatedHub):
    """Sends the demographics of students to everyone."""

    def granted(self, through: Pass) -> tuple[str, ...]:
        return (*super().granted(through), "xStudent/demographics")


@breaks("POD-MIN-001", also=("POD-VER-005",))
class EventsAreWhole(SimulatedHub):
    """Sends the whole object in an event."""

    def shown_message(self, request: Request, vendor: str, message: Message) -> Response | None:
        answer = super().shown_message(request, vendor, message)
        if answer is None or message.paper is not None:
            return answer
        stored = self.held.objects[message.collection][message.refid]
        body = self.collected(request, message.collection, [deepcopy(stored.element)])
        return Response(200, body.body, headers=answer.headers)


@breaks("POD-MIN-002")
class OneRosterIsWhole(SimulatedHub):
    """Makes OneRoster users from what is stored."""

    def users_source(self, through: Pass) -> Objects:
        return [one.element for one in self.held.objects["xStudents"].values()]


@breaks("POD-MIN-002")
class OneRosterNeedsNoMarker(SimulatedHub):
    """Does not ask for the marker where OneRoster is spoken."""

    def is_gated(self, door: str) -> bool:
        return door != "oneroster"


@breaks("POD-MIN-003", also=("POD-MIN-001",))
class SendsExtensions(SimulatedHub):
    """Sends the extensions of an object along with it."""

    def granted(self, through: Pass) -> tuple[str, ...]:
        return (*super().granted(through), "StudentPersonal/SIF_ExtendedElements")


@breaks("POD-MIN-004")
class LeavesHalfElements(SimulatedHub):
    """Leaves an element that lacks what it must hold."""

    def mend(self, element: etree._Element) -> etree._Element | None:
        return element


@breaks("POD-MIN-005")
class IgnoresRowConditions(SimulatedHub):
    """Shows the students that a condition leaves out."""

    def keeps_row(self, element: etree._Element, condition: Condition) -> bool:
        return True


@breaks("POD-MIN-005")
class IgnoresRowConditionsById(SimulatedHub):
    """Shows a student that a condition leaves out to who knows the id."""

    def find(self, through: Pass, collection: str, refid: str) -> etree._Element:
        stored = self.held.objects.get(collection, {}).get(folded(refid))
        if stored is not None and through.entry.conditions:
            return deepcopy(stored.element)
        return super().find(through, collection, refid)


@breaks("POD-MIN-005")
class CountsAllRows(SimulatedHub):
    """Counts the students that a condition leaves out."""

    def answer_list(
        self, request: Request, through: Pass, collection: str, found: Objects
    ) -> Response:
        answer = super().answer_list(request, through, collection, found)
        count = str(len(self.held.objects.get(collection, {})))
        kept = [one for one in answer.headers if one[0] != "navigationCount"]
        plain = Response(answer.status, answer.body, answer.content_type, tuple(kept))
        return plain.adding(("navigationCount", count))


@breaks("POD-MIN-005")
class IgnoresDeleteConditions(SimulatedHub):
    """Shows a field that a condition deletes."""

    def delete_at(self, element: etree._Element, condition: Condition) -> None:
        return None


@breaks("POD-MIN-006")
class WritesReadOnlyFields(SimulatedHub):
    """Takes updates of any field that is granted."""

    def check_writable(self, path: str, through: Pass) -> None:
        if not pruning.covered(path, through.entry.fields):
            super().check_writable(path, through)


class _SeesAll(SimulatedHub):
    """Compares with what is stored, not with what is granted."""

    def stored(self, element: etree._Element, through: Pass) -> etree._Element:
        """The whole object behind a filtered one."""
        known = self.held.objects.get(f"{pruning.name_of(element)}s", {})
        found = known.get(folded(id_of(element)))
        return element if found is None else found.element


@breaks("POD-MIN-007")
class SearchesHiddenFields(_SeesAll):
    """Evaluates conditions and orders on what is stored."""

    def value_reader(self, through: Pass) -> Callable[[etree._Element, str], list[str]]:
        read = super().value_reader(through)
        return lambda element, path: read(self.stored(element, through), path)


@breaks("POD-MIN-007")
class ComparesHiddenFields(_SeesAll):
    """Compares an example with what is stored."""

    def traits(self, element: etree._Element, through: Pass) -> set[tuple[str, str]]:
        return leaves(self.stored(element, through))


@breaks("POD-MIN-010")
class OnePseudonymForAll(SimulatedHub):
    """Gives all vendors the same pseudonyms."""

    def pseudonym(self, vendor: str, refid: str) -> str:
        return super().pseudonym(self.key, refid)


@breaks("POD-MIN-010")
class NeverTheSamePseudonym(SimulatedHub):
    """Makes up a new id each time."""

    def pseudonym(self, vendor: str, refid: str) -> str:
        return self.new_id()


@breaks("POD-MIN-010")
class SendsRealIds(SimulatedHub):
    """Sends the id of an object whether it is granted or not."""

    def name_anew(
        self, pruned: etree._Element, element: etree._Element, through: Pass, name: str
    ) -> None:
        pruned.set(id_name(element), id_of(element))


@breaks("POD-MIN-011")
class SharesEverybody(SimulatedHub):
    """Shares people who do not want to be shared."""

    def is_barred(self, element: etree._Element, vendor: str) -> bool:
        return False


@breaks("POD-VER-005")
class QueuesFilterWhenTheyFill(SimulatedHub):
    """Shows in a message what was granted when the change came."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.passes: dict[str, Pass] = {}

    def store(self, collection: str, element: etree._Element, action: str) -> None:
        super().store(collection, element, action)
        for queue in self.held.queues.values():
            for message in queue.messages:
                if message.id not in self.passes:
                    self.passes[message.id] = self.unguarded(queue.vendor)

    def shown_message(self, request: Request, vendor: str, message: Message) -> Response | None:
        answer = super().shown_message(request, vendor, message)
        through = self.passes.get(message.id)
        if answer is None or through is None or message.paper is not None:
            return answer
        stored = self.held.objects[message.collection][message.refid]
        element = self.filtered(stored.element, through)
        body = self.collected(request, message.collection, [] if element is None else [element])
        return Response(200, body.body, headers=answer.headers)


@breaks("POD-VER-005")
class PagesKeepTheFirstGrant(SimulatedHub):
    """Shows the pages behind the first one as they were when the first one was read."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.kept: dict[str, Pass] = {}

    def admit(self, request: Request, vendor: str, door: str) -> Pass:
        through = super().admit(request, vendor, door)
        return self.kept.get(request.header("navigationId") or "", through)

    def answer_list(
        self, request: Request, through: Pass, collection: str, found: Objects
    ) -> Response:
        kept = self.new_id()
        self.kept[kept] = through
        answer = super().answer_list(request, through, collection, found)
        return answer.adding(("navigationId", kept))
