"""Publishers whose messages look wrong."""

from __future__ import annotations

from copy import deepcopy
from uuid import NAMESPACE_DNS, uuid5

from lxml import etree

from conformance.simulators.documents import node
from conformance.simulators.publisher.mutants import breaks
from conformance.simulators.publisher.records import Record
from conformance.simulators.publisher.sending import Message
from conformance.simulators.publisher.system import Publisher


@breaks("INF-TRN-006")
class SaysLatin1(Publisher):
    """Sends UTF-8 and labels it as another charset."""

    def content_type(self) -> str:
        return "application/xml;charset=ISO-8859-1"


@breaks("INF-TRN-006")
class DeclaresLatin1(Publisher):
    """Sends what its XML declaration calls ISO-8859-1, which it is."""

    def encode(self, element: etree._Element) -> bytes:
        head = b"<?xml version='1.0' encoding='ISO-8859-1'?>\n"
        return head + etree.tostring(element).decode("ascii").encode("latin-1")


@breaks("DAT-PUB-065", also=("INF-FMT-015",))
class SaysItIsText(Publisher):
    """Labels every body as plain text."""

    def content_type(self) -> str:
        return "text/plain"


@breaks("DAT-PUB-065")
class SaysItIsJson(Publisher):
    """Labels the XML of its requests as JSON."""

    kind = "application/xml"

    def request(self, method: str, zone: str, path: str, body: bytes) -> Message:
        self.kind = "application/json"
        return super().request(method, zone, path, body)

    def event_lines(self, zone: str, service: str, action: str) -> dict[str, str]:
        self.kind = "application/xml"
        return super().event_lines(zone, service, action)

    def content_type(self) -> str:
        return self.kind


@breaks("INF-FMT-004", also=("INF-EVT-003",))
class NumbersItsMessages(Publisher):
    """Counts its messages instead of giving them UUIDs."""

    count = 0

    def new_id(self) -> str:
        self.count += 1
        return f"message-{self.count:08d}"


@breaks("INF-FMT-004")
class NamesItsRequestsByName(Publisher):
    """Gives its requests UUIDs of version 5."""

    def request_lines(self) -> dict[str, str]:
        lines = super().request_lines()
        return lines | {"messageId": str(uuid5(NAMESPACE_DNS, lines["messageId"]))}


@breaks("INF-FMT-007", "INF-URL-001")
class WrapsItsRequests(Publisher):
    """Puts the objects of a request into an envelope of its own."""

    def request(self, method: str, zone: str, path: str, body: bytes) -> Message:
        if not body:
            return super().request(method, zone, path, body)
        root = etree.fromstring(body)
        space = etree.QName(root).namespace
        envelope = etree.Element(f"{{{space}}}Message")
        envelope.extend(list(root))
        return super().request(method, zone, path, self.encode(envelope))


@breaks("INF-FMT-007", "INF-URL-001")
class NamesTheCollectionInSmallLetters(Publisher):
    """Writes the collection of a request in small letters."""

    def request(self, method: str, zone: str, path: str, body: bytes) -> Message:
        if not body:
            return super().request(method, zone, path, body)
        root = etree.fromstring(body)
        root.tag = str(root.tag).replace("xS", "xs").replace("xL", "xl")
        return super().request(method, zone, path, self.encode(root))


@breaks("DAT-PUB-064", also=("DAT-PUB-010",))
class UsesAnotherModel(Publisher):
    """Posts objects in the namespace of an older data model."""

    def request(self, method: str, zone: str, path: str, body: bytes) -> Message:
        older = body.replace(b"datamodel/na/4.x", b"datamodel/na/3.3")
        return super().request(method, zone, path, older)


@breaks("DAT-PUB-064", also=("DAT-PUB-053",))
class InventsAVersion(Publisher):
    """Writes the version of its data model with all its figures."""

    def encode(self, element: etree._Element) -> bytes:
        return super().encode(element).replace(b"datamodel/na/4.x", b"datamodel/na/4.3")


@breaks("DAT-PUB-066")
class SendsEmptyElements(Publisher):
    """Sends an empty element for the middle name that it does not know."""

    def difference(self, record: Record) -> etree._Element:
        part = super().difference(record)
        for name in part.findall("{*}name"):
            etree.SubElement(name, str(name.tag).replace("name", "middleName"))
        return part


@breaks("DAT-PUB-066")
class SendsAnEmptyAttribute(Publisher):
    """Repeats on each changed object an attribute that it has no value for."""

    def difference(self, record: Record) -> etree._Element:
        part = super().difference(record)
        part.set("source", "")
        return part


@breaks("DAT-PUB-067")
class PutsTheZoneIntoTheQuery(Publisher):
    """Names the zone behind the question mark."""

    def request(self, method: str, zone: str, path: str, body: bytes) -> Message:
        whole = super().request(method, zone, path, body)
        address = f"{path}?zoneId={zone}&contextId=DEFAULT"
        return Message(whole.connector, method, address, body, whole.lines)


@breaks("DAT-PUB-067")
class PutsTheZoneInTheMiddle(Publisher):
    """Names the zone behind the collection, in front of the id."""

    def deletion(self, zone: str, record: Record) -> Message:
        whole = super().deletion(zone, record)
        path = f"/{record.service};zoneId={zone}/{record.refid};zoneId={zone}"
        return Message(whole.connector, whole.method, path, b"", whole.lines)


@breaks("INF-ZON-006")
class ShoutsTheZone(Publisher):
    """Asks for the zone in capital letters first."""

    def deletion(self, zone: str, record: Record) -> Message:
        self.deliver(super().deletion(zone.upper(), record))
        return super().deletion(zone, record)


@breaks("INF-ZON-006", also=("DAT-PUB-016",))
class KnowsAnotherZone(Publisher):
    """Sends each update to a zone of its former hub as well."""

    def update(self, zone: str, service: str, records: list[Record]) -> None:
        if any(one.dirty for one in records):
            body = self.pack(service, [self.difference(one) for one in records if one.dirty])
            self.deliver(self.request("PUT", "former-zone", f"/{service}", body))
        super().update(zone, service, records)


@breaks("DAT-PUB-063")
class DeletesTheCollection(Publisher):
    """Sends DELETE to the collection, with the object as its body, before it does so by id."""

    def deletion(self, zone: str, record: Record) -> Message:
        body = self.pack(record.service, [record.bare()])
        self.deliver(self.request("DELETE", zone, f"/{record.service}", body))
        return super().deletion(zone, record)


@breaks("DAT-PUB-063")
class DeletesWithABody(Publisher):
    """Puts the deleted object into the DELETE."""

    def deletion(self, zone: str, record: Record) -> Message:
        body = self.encode(deepcopy(record.element))
        return self.request("DELETE", zone, f"/{record.service}/{record.refid}", body)


@breaks("DAT-PUB-007")
class CallsEverythingACreate(Publisher):
    """Names CREATE as the action of each request."""

    def request_lines(self) -> dict[str, str]:
        return super().request_lines() | {"requestAction": "CREATE"}


@breaks("DAT-PUB-007")
class CallsEntriesObjects(Publisher):
    """Registers as if providers were a collection of data."""

    def session_lines(self) -> dict[str, str]:
        return super().session_lines() | {"messageType": "EVENT"}


@breaks("NEG-048", "INF-EVT-004")
class PublishesBareObjects(Publisher):
    """Publishes a single object without the collection around it."""

    def pack_event(self, service: str, elements: list[etree._Element]) -> bytes:
        bare = len(elements) == 1
        return self.encode(elements[0]) if bare else super().pack_event(service, elements)


@breaks("NEG-048", "INF-EVT-004")
class PublishesAnEnvelope(Publisher):
    """Puts the objects of an event into an event element."""

    def pack_event(
        self,
        service: str,  # noqa: ARG002
        elements: list[etree._Element],
    ) -> bytes:
        return self.encode(node("event", *elements))
