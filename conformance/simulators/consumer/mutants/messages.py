"""Mistakes in the form of calls: connections, bytes, labels, header lines, addresses."""

from __future__ import annotations

import http.client
from uuid import NAMESPACE_DNS, uuid4, uuid5

from lxml import etree

from conformance.simulators.consumer.client import Consumer
from conformance.simulators.consumer.link import Answer, Link
from conformance.simulators.consumer.mutants import breaks


class _Closing(Link):
    def received(self, answer: http.client.HTTPResponse) -> Answer:
        got = super().received(answer)
        self.close()
        return got


class _Old(Link):
    def _open(self, address: str) -> http.client.HTTPConnection:
        made = super()._open(address)
        made._http_vsn, made._http_vsn_str = 10, "HTTP/1.0"  # type: ignore[attr-defined]
        return made

    def received(self, answer: http.client.HTTPResponse) -> Answer:
        got = super().received(answer)
        self.close()
        return got


class _Ahead(Link):
    def twice(self, path: str) -> None:
        """Send two requests at once, and read nothing."""
        connection = self._open(path)
        if connection.sock is None:
            connection.connect()
        target = path.partition("//")[2].partition("/")[2]
        lines = "".join(f"{name}: {value}\r\n" for name, value in self._signed().items())
        host = path.partition("//")[2].partition("/")[0]
        request = f"GET /{target} HTTP/1.1\r\nHost: {host}\r\n{lines}\r\n".encode()
        connection.sock.sendall(request + request)
        connection.sock.recv(100)
        connection.close()
        self.close()


class _Latin(Link):
    def encoded(self, element: etree._Element) -> bytes:
        made: bytes = etree.tostring(element, encoding="ISO-8859-1", xml_declaration=True)  # type: ignore[assignment]
        return made


class _LatinLabel(Link):
    label = "application/xml;charset=iso-8859-1"


class _JsonLabel(Link):
    label = "application/json"


class _TextLabel(Link):
    label = "text/plain"


class _Html(Link):
    def lines(self) -> dict[str, str]:
        return super().lines() | {"Accept": "text/html"}


class _Pictures(Link):
    def lines(self) -> dict[str, str]:
        return super().lines() | {"Accept": "image/png, image/gif"}


@breaks("DAT-CON-010")
class OpensAConnectionForEachCall(Consumer):
    """Closes its connection after each call."""

    def linked(self, hub: str, key: str, secret: str) -> Link:
        return _Closing(hub, key, secret)


@breaks("DAT-CON-010")
class SpeaksTheOldHttp(Consumer):
    """Speaks HTTP/1.0."""

    def linked(self, hub: str, key: str, secret: str) -> Link:
        return _Old(hub, key, secret)


@breaks("INF-TRN-004")
class PipelinesEnvironments(Consumer):
    """Asks for its environment twice at once, on one connection."""

    def linked(self, hub: str, key: str, secret: str) -> Link:
        return _Ahead(hub, key, secret)

    def make_queue(self) -> None:
        self.link.twice(self.at("environment"))  # type: ignore[attr-defined]
        super().make_queue()


@breaks("INF-TRN-004")
class PipelinesSubscriptions(Consumer):
    """Asks for its queue twice at once, on one connection."""

    def linked(self, hub: str, key: str, secret: str) -> Link:
        return _Ahead(hub, key, secret)

    def take_queue(self, queue: etree._Element) -> None:
        super().take_queue(queue)
        self.link.twice(f"{self.at('queues')}/{self.queue}")  # type: ignore[attr-defined]


@breaks("INF-TRN-006")
class WritesLatin1(Consumer):
    """Writes its bodies as ISO 8859-1."""

    def linked(self, hub: str, key: str, secret: str) -> Link:
        return _Latin(hub, key, secret)


@breaks("INF-TRN-006")
class SaysLatin1(Consumer):
    """Labels its bodies as ISO 8859-1."""

    def linked(self, hub: str, key: str, secret: str) -> Link:
        return _LatinLabel(hub, key, secret)


@breaks("DAT-CON-007")
class LabelsXmlAsJson(Consumer):
    """Labels XML as JSON."""

    def linked(self, hub: str, key: str, secret: str) -> Link:
        return _JsonLabel(hub, key, secret)


@breaks("DAT-CON-007")
class LabelsXmlAsText(Consumer):
    """Labels XML as plain text."""

    def linked(self, hub: str, key: str, secret: str) -> Link:
        return _TextLabel(hub, key, secret)


@breaks("DAT-CON-008")
class AsksForWebPages(Consumer):
    """Accepts web pages only."""

    def linked(self, hub: str, key: str, secret: str) -> Link:
        return _Html(hub, key, secret)


@breaks("DAT-CON-008")
class AsksForPictures(Consumer):
    """Accepts pictures only."""

    def linked(self, hub: str, key: str, secret: str) -> Link:
        return _Pictures(hub, key, secret)


@breaks("INF-FMT-004")
class NumbersItsRequests(Consumer):
    """Counts its requests and sends the number as their id."""

    counted = 0

    def request_id(self, zone: str) -> str:  # noqa: ARG002
        self.counted += 1
        return str(self.counted)


@breaks("INF-FMT-004")
class DerivesItsRequestIds(Consumer):
    """Makes the ids of its requests from names: UUIDs of version 5."""

    def request_id(self, zone: str) -> str:
        return str(uuid5(NAMESPACE_DNS, f"{zone}{uuid4()}"))


@breaks("DAT-CON-006")
class RepeatsItsRequestId(Consumer):
    """Sends the same requestId with every request for data."""

    def request_id(self, zone: str) -> str:  # noqa: ARG002
        return "0b8f7a2e-6d6a-4c0e-9d0a-2f3c9a7d1e55"


@breaks("DAT-CON-006")
class HasARequestIdForEachZone(Consumer):
    """Sends one requestId for all requests of a zone."""

    def request_id(self, zone: str) -> str:
        known: dict[str, str] = self.__dict__.setdefault("kept_ids", {})
        return known.setdefault(zone, str(uuid4()))


@breaks("INF-ZON-006", also=["POD-ACK-001"])
class SpellsZonesInCapitals(Consumer):
    """Writes the ids of zones in capitals."""

    def address(self, zone: str, path: str) -> str:
        return super().address(zone.upper(), path)


@breaks("INF-ZON-006", also=["POD-ACK-001"])
class PadsZones(Consumer):
    """Writes a blank behind the ids of zones."""

    def address(self, zone: str, path: str) -> str:
        return super().address(f"{zone}%20", path)


@breaks("DAT-CON-013")
class PutsTheZoneBehindTheQuestionMark(Consumer):
    """Sends the zone as a query parameter."""

    def address(self, zone: str, path: str) -> str:
        return f"{path}{'&' if '?' in path else '?'}zoneId={zone}&contextId=DEFAULT"


@breaks("DAT-CON-013")
class PutsTheZoneOnAnEarlierStep(Consumer):
    """Puts the zone behind the address of the connector."""

    def address(self, zone: str, path: str) -> str:
        return path.replace("/xStudents", f";zoneId={zone};contextId=DEFAULT/xStudents")


@breaks("DAT-CON-009")
class CallsItsRequestsEvents(Consumer):
    """Labels its requests as events."""

    def marked(self, zone: str) -> dict[str, str]:
        return super().marked(zone) | {"messageType": "EVENT"}


@breaks("DAT-CON-009")
class CallsReadingAnUpdate(Consumer):
    """Labels its requests as updates."""

    def marked(self, zone: str) -> dict[str, str]:
        return super().marked(zone) | {"requestAction": "UPDATE"}
