"""Fourth layer: the system as the provider of its data behind a hub."""

from __future__ import annotations

from collections.abc import Iterable
from copy import deepcopy
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from lxml import etree

from conformance.simulators import tokens
from conformance.simulators.answers import Answers
from conformance.simulators.documents import node
from conformance.simulators.message import Request, Response, read_request, send
from conformance.simulators.problems import Refusal
from conformance.simulators.publisher.posting import REQUESTS, Poster
from conformance.simulators.publisher.records import DELETED, KNOWN, NEW, Record
from conformance.simulators.publisher.sending import Message
from conformance.simulators.server import Handle, serve

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

EVENTS = "eventsConnector"


class Provider(Poster):
    """Registers, tells of changes by events, and answers what the hub hands on."""

    max_page = 100

    def __init__(self, hub: str, key: str = "demo-vendor", secret: str | None = None) -> None:
        super().__init__(hub, key, secret)
        self.held: dict[str, list[Record]] = {}
        self.registered: set[str] = set()
        self.port = 0
        self.door = Door(self)
        self.handle: Handle | None = None

    # -- the registry ------------------------------------------------------------------------

    def begin(self) -> bool:
        """A new session may stand before a hub that forgot its providers."""
        return self.connect() and self.register_all()

    def register_all(self) -> bool:
        """An entry for each collection that may be provided."""
        for zone, services in self.rights.items():
            mine = [name for name in self.order() if "PROVIDE" in services.get(name, ())]
            if mine and not self.register(zone, mine):
                return False
        return True

    def register(self, zone: str, services: list[str]) -> bool:
        """One message with all entries of a zone."""
        if self.handle is None:
            self.handle = serve(self.door, self.port)
        entries = [self.entry(zone, name) for name in services]
        body = self.encode(node("providers", *entries))
        lines = self.session_lines() | {"serviceType": "UTILITY"}
        url = f"{self.places[REQUESTS]}/providers"
        return self.send("POST", url, body, lines).status == 200

    def entry(self, zone: str, service: str) -> etree._Element:
        """An entry of the registry."""
        return node(
            "provider",
            node("serviceType", "OBJECT"),
            node("serviceName", service),
            node("contextId", "DEFAULT"),
            node("zoneId", zone),
            node("providerName", "Example School System"),
            self.query_support(),
            node("mimeTypes", node("mediaType", "application/xml")),
            node("endPoint", node("location", self.location())),
        )

    def query_support(self) -> etree._Element:
        """What the provider can answer."""
        return node(
            "querySupport",
            node("dynamicQuery", "false"),
            node("queryByExample", "false"),
            node("changesSinceMarker", "false"),
            node("paged", "true"),
            node("maxPageSize", str(self.max_page)),
            node("totalCount", "true"),
        )

    def location(self) -> str:
        """Where the hub hands requests on to."""
        return self.handle.url if self.handle is not None else ""

    # -- events ------------------------------------------------------------------------------

    def tell(self, zone: str, records: list[Record]) -> None:
        """One event for each action and collection with news."""
        for service in self.order():
            if not self.may(zone, service, "PROVIDE"):
                continue
            mine = [one for one in records if one.service == service]
            self.publish_event(zone, service, "CREATE", [one for one in mine if one.state == NEW])
            changed = [one for one in mine if one.dirty and one.state == KNOWN]
            self.publish_event(zone, service, "UPDATE", changed)
            gone = [one for one in mine if one.gone]
            self.publish_event(zone, service, "DELETE", gone)

    def publish_event(self, zone: str, service: str, action: str, records: list[Record]) -> None:
        """One event; what the hub did not take stays news."""
        if not records:
            return
        body = self.pack_event(service, [self.news(action, one) for one in records])
        lines = self.event_lines(zone, service, action)
        answer = self.deliver(Message(EVENTS, "POST", "", body, lines))
        if answer is None or answer.status != 202:
            return
        for one in records:
            one.state = DELETED if action == "DELETE" else KNOWN
            one.gone = False
            one.dirty.clear()

    def pack_event(self, service: str, elements: list[etree._Element]) -> bytes:
        """The body of an event."""
        return self.pack(service, elements)

    def news(self, action: str, record: Record) -> etree._Element:
        """Whole when it is new, the changes when it changed, the id when it is gone."""
        if action == "CREATE":
            return self.shown(record)
        return self.difference(record) if action == "UPDATE" else record.bare()

    def event_lines(self, zone: str, service: str, action: str) -> dict[str, str]:
        """The header lines of an event."""
        lines = {
            "messageType": "EVENT",
            "messageId": self.new_id(),
            "eventAction": action,
            "serviceType": "OBJECT",
            "serviceName": service,
            "zoneId": zone,
            "contextId": "DEFAULT",
            "generatorId": self.instance,
        }
        return lines | ({"replacement": "PARTIAL"} if action == "UPDATE" else {})

    # -- answers -----------------------------------------------------------------------------

    def admit(self, request: Request) -> None:
        """Only the hub may ask, with the token of the session that it gave."""
        given = tokens.read_credentials(request)
        if given.user != self.token:
            raise Refusal(401, "This is not the token of our session.")
        if given.timestamp is None:
            raise Refusal(401, "The timestamp is missing.")
        self.check_proof(given, given.timestamp)
        self.check_moment(given.timestamp)

    def check_moment(self, timestamp: str) -> None:
        """Whether the request was signed just now."""
        instant = tokens.read_instant(timestamp)
        if abs(self.door.now() - instant) > timedelta(minutes=5):
            raise Refusal(401, "The timestamp is not current.")

    def check_proof(self, given: tokens.Credentials, timestamp: str) -> None:
        """Whether the caller knows the secret."""
        if not tokens.same(given.proof, tokens.mac(given.user, self.secret, timestamp)):
            raise Refusal(401, "The secret is not the one that was agreed.")

    def respond(self, request: Request) -> Response:
        """Answer what the hub hands on; never later, never not at all."""
        zone = dict(request.matrix).get("zoneId", "")
        if request.segments[:1] not in [(name,) for name in self.order()] or zone not in self.held:
            raise Refusal(404, "This is not provided here.")
        if request.method != "GET" or request.says("methodOverride"):
            return self.unsupported()
        held = [one for one in self.held[zone] if one.service == request.segments[0]]
        held = [one for one in held if one.state != DELETED]
        if len(request.segments) > 1:
            found = next((one for one in held if one.refid == request.segments[1]), None)
            return self.one(found)
        return self.page(request, held)

    def unsupported(self) -> Response:
        """What a hub cannot ask of this provider."""
        raise Refusal(405, "This provider answers queries only.")

    def one(self, record: Record | None) -> Response:
        """One object."""
        if record is None:
            raise Refusal(404, "There is no such object.")
        return self.door.document(200, self.shown(record))

    def page(self, request: Request, held: list[Record]) -> Response:
        """A page, or everything."""
        size = self.number(request.parameter("navigationPageSize") or str(self.max_page))
        number = self.number(request.parameter("navigationPage") or "1")
        part = held[(number - 1) * size : number * size]
        lines = (("navigationPage", str(number)), ("navigationPageSize", str(len(part))),
                 ("navigationCount", str(len(held))))  # fmt: skip
        if not part:
            return self.door.empty().adding(*lines)
        body = self.pack(request.segments[0], [deepcopy(self.shown(one)) for one in part])
        return Response(200, body).adding(*lines)

    def number(self, text: str) -> int:
        """A number above zero."""
        if not text.isdecimal() or int(text) < 1:
            raise Refusal(400, "A page is a number above zero.")
        return int(text)

    def last_word(self, request: Request, answer: Response) -> Response:  # noqa: ARG002
        """The answer as it goes out."""
        return answer

    def close(self) -> None:
        """Stop answering and hang up."""
        self.hang_up()
        if self.handle is not None:
            self.handle.close()
            self.handle = None


class Door(Answers):
    """The WSGI entry of a provider: headers and errors as every answer has them."""

    base = "/sif"

    def __init__(self, provider: Provider) -> None:
        self._provider = provider

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        try:
            request = read_request(environ)
        except Refusal as refusal:
            request = Request(environ["REQUEST_METHOD"], "", (), (), {}, {}, b"")
            answer = self.error_body(refusal, self.error_scope(request))
            return send(self.finish(request, answer), request.method, start_response)
        request = _below(self.base, request)
        try:
            self._provider.admit(request)
            answer = self._provider.respond(request)
        except Refusal as refusal:
            answer = self.error_body(refusal, self.error_scope(request))
        done = self._provider.last_word(request, self.finish(request, answer))
        return send(done, request.method, start_response)


def _below(base: str, request: Request) -> Request:
    first = request.segments[:1] == (base.strip("/"),)
    return replace(request, segments=request.segments[1:]) if first else request
