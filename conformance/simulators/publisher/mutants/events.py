"""Publishers whose events say too little, too much, or the wrong thing."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy

from lxml import etree

from conformance.simulators.publisher.mutants import breaks
from conformance.simulators.publisher.records import DELETED, KNOWN, Record
from conformance.simulators.publisher.system import Publisher


@breaks("INF-EVT-003")
class CallsEventsRequests(Publisher):
    """Labels an event as a request."""

    def event_lines(self, zone: str, service: str, action: str) -> dict[str, str]:
        return super().event_lines(zone, service, action) | {"messageType": "REQUEST"}


@breaks("INF-EVT-003")
class LeavesOutTheMessageId(Publisher):
    """Sends events without a messageId."""

    def event_lines(self, zone: str, service: str, action: str) -> dict[str, str]:
        lines = super().event_lines(zone, service, action)
        del lines["messageId"]
        return lines


@breaks("INF-ZON-009")
class NamesAnotherContext(Publisher):
    """Publishes into a context that nobody agreed on."""

    def event_lines(self, zone: str, service: str, action: str) -> dict[str, str]:
        return super().event_lines(zone, service, action) | {"contextId": "CURRENT"}


@breaks("INF-ZON-009")
class RepeatsTheZoneInAnotherCase(Publisher):
    """Tells of a deletion in the zone it calls by another name first."""

    def publish_event(self, zone: str, service: str, action: str, records: list[Record]) -> None:
        if records and action == "DELETE":
            body = self.pack(service, [one.bare() for one in records])
            lines = self.event_lines("", service, action)
            url = self.places["eventsConnector"]
            self.send("POST", url, body, lines)
        super().publish_event(zone, service, action, records)


@breaks("INF-EVT-005")
class PublishesWhatWasDeleted(Publisher):
    """Puts the whole object into the event of its deletion."""

    def news(self, action: str, record: Record) -> etree._Element:
        return deepcopy(record.element) if action == "DELETE" else super().news(action, record)


@breaks("INF-EVT-005", also=("DAT-PUB-011", "DAT-PUB-012"))
class PublishesSkeletons(Publisher):
    """Puts the id and the local id only into the event of a new object."""

    def news(self, action: str, record: Record) -> etree._Element:
        made = super().news(action, record)
        if action == "CREATE":
            for one in [one for one in made if etree.QName(one).localname != "localId"]:
                made.remove(one)
        return made


@breaks("INF-EVT-006")
class ReplacesAlways(Publisher):
    """Says FULL on every event."""

    def event_lines(self, zone: str, service: str, action: str) -> dict[str, str]:
        return super().event_lines(zone, service, action) | {"replacement": "FULL"}


@breaks("INF-EVT-006")
class ReplacesSome(Publisher):
    """Says of an update that it replaces something."""

    def event_lines(self, zone: str, service: str, action: str) -> dict[str, str]:
        lines = super().event_lines(zone, service, action)
        return lines | ({"replacement": "SOME"} if action == "UPDATE" else {})


@breaks("INF-EVT-007", also=("DAT-PUB-021",))
class MixesObjects(Publisher):
    """Puts the school of a changed student into the same event."""

    def pack_event(self, service: str, elements: list[etree._Element]) -> bytes:
        changed = [one for one in elements if 0 < len(one) < 3]
        return super().pack_event(service, [*elements, *(self.school() for _ in changed[:1])])

    def school(self) -> etree._Element:
        """The id of a school."""
        return next(one.bare() for held in self.held.values() for one in held
                    if one.service == "xSchools")  # fmt: skip


@breaks("INF-EVT-007")
class NamesTheWrongService(Publisher):
    """Publishes deleted students as deleted schools."""

    def pack_event(self, service: str, elements: list[etree._Element]) -> bytes:
        bare = all(len(one) == 0 for one in elements)
        if not bare or service != "xStudents":
            return super().pack_event(service, elements)
        for one in elements:
            one.tag = str(one.tag).replace("xStudent", "xStaff")
        return super().pack_event(service, elements)


@breaks("INF-EVT-008")
class PublishesNoChanges(Publisher):
    """Publishes what is new and what is gone, but no changes."""

    def publish_event(self, zone: str, service: str, action: str, records: list[Record]) -> None:
        if action != "UPDATE":
            super().publish_event(zone, service, action, records)
        for one in records:
            one.dirty.clear()


@breaks("INF-EVT-008", also=("DAT-PUB-023",))
class PublishesNoDeletions(Publisher):
    """Takes a deletion for a matter of its own."""

    def on_delete(self, facts: Mapping[str, str]) -> None:
        for zone, held in self.held.items():
            for one in held:
                mine = one.value("local_id") == facts["local_id"] and one.state == KNOWN
                if mine and one.service == "xStudents" and self.may(zone, one.service, "PROVIDE"):
                    one.state = DELETED
        super().on_delete(facts)

    def of(self, facts: Mapping[str, str]) -> list[Record]:
        return [one for one in super().of(facts) if one.state != DELETED]


@breaks("INF-FMT-015", also=("DAT-PUB-065",))
class CallsEventsText(Publisher):
    """Labels the XML of its events as text."""

    kind = "application/xml"

    def event_lines(self, zone: str, service: str, action: str) -> dict[str, str]:
        self.kind = "text/plain"
        return super().event_lines(zone, service, action)

    def request_lines(self) -> dict[str, str]:
        self.kind = "application/xml"
        return super().request_lines()

    def content_type(self) -> str:
        return self.kind
