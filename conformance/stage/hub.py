"""The suite's own small hub: registration, documents, data behind the gate, queues.

It is a lawful hub: nothing covered leaves it without the marker of the document in force, and
never more than that document grants. The first covered request with the right marker is the
acknowledgement; the explicit one and the marker service are offered besides (our profile).
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from uuid import uuid4

from lxml import etree

from conformance import trees
from conformance.pods import Pod
from conformance.reply import read_json
from conformance.stage import documents, receipts
from conformance.stage.access import caller
from conformance.stage.calls import (
    DATA,
    ENVIRONMENT,
    EVENT,
    MARKER,
    MARKERS,
    MESSAGES,
    OTHER,
    PODS,
    QUEUE,
    RECEIPT,
    SUBSCRIPTION,
    TRAP,
    Asked,
    Given,
)
from conformance.stage.district import pruned, sparse
from conformance.stage.places import Place
from conformance.target import TargetConfig
from conformance.trees import collection, inf

XML = ("Content-Type", "application/xml;charset=UTF-8")
# Services about the hub itself, which no document covers.
UTILITIES = {"alerts", "codeSets", "namespaces", "providers", "xquerys", "zones"}
JSON = ("Content-Type", "application/json;charset=UTF-8")


@dataclass(slots=True)
class Script:
    """Refusals that take the place of the gate's own answer for the next `left` covered calls."""

    status: int
    sub_code: str
    left: int


@dataclass(slots=True)
class Queue:
    """Messages that wait for a client, and the services it subscribed to."""

    messages: list[tuple[str, Given]] = field(default_factory=list)
    services: set[str] = field(default_factory=set)


class Hub:
    """Answers one call at a time; `url` is what the client is told, set once it is known."""

    def __init__(
        self, config: TargetConfig, zones: Sequence[str], students: Sequence[list[etree._Element]]
    ) -> None:
        self.config = config
        self.url = ""
        self.places = {zone: Place(zone) for zone in zones}
        self.students = dict(zip(zones, students, strict=True))
        self.script: Script | None = None
        self.sparse = False
        # Documents that are replaced at the very moment when covered data is asked for.
        self.surprises: dict[str, tuple[Pod, tuple[str, ...]]] = {}
        self.queues: dict[str, Queue] = {}
        self.lock = threading.RLock()
        self._sessions: dict[str, tuple[str, bytes]] = {}
        self._routes: dict[str, Callable[[Asked], Given]] = {
            "environments": self._environments,
            "queues": self._queues,
            "subscriptions": self._subscribe,
            "events": self._event,
            "privacy": self._privacy,
            "entity": lambda _: Given(200, (XML,), b"text", TRAP),
        }

    def answer(self, asked: Asked) -> Given:
        """The answer to one call."""
        with self.lock:
            first = asked.steps[0] if asked.steps else ""
            if first == "entity":
                return self._routes[first](asked)
            who = caller(asked.headers, self.config.secret)
            if who is None or not self._known(first, who[0]):
                return self._refused(401, "The credentials are not accepted.", OTHER)
            if first in ("requests", "services"):
                return self._service(asked)
            route = self._routes.get(first)
            return route(asked) if route else self._refused(404, "There is no such place.", OTHER)

    def announce(self, zone: str) -> None:
        """Put the document of a zone as an event into every queue that subscribed to documents."""
        place = self.places[zone]
        if place.pod is None:
            return
        lines = (
            ("messageType", "EVENT"), ("eventAction", "UPDATE"), ("serviceName", "pods"),
            ("serviceType", "UTILITY"), ("zoneId", zone), ("contextId", "DEFAULT"), XML,
        )  # fmt: skip
        body = trees.tostring(collection("pods", [place.pod.element]))
        told = ((zone, place.pod.token),)
        for queue in self.queues.values():
            if "pods" in queue.services:
                refid = str(uuid4())
                message = Given(200, (("messageId", refid), *lines), body, MESSAGES, zone, "", told)
                queue.messages.append((refid, message))

    # -- registration ------------------------------------------------------------------------

    def _known(self, first: str, user: str) -> bool:
        key = self.config.credentials.key
        return user == key if first == "environments" and user == key else user in self._sessions

    def _environments(self, asked: Asked) -> Given:
        if asked.method == "POST":
            who = caller(asked.headers, self.config.secret)
            method = who[1] if who else ""
            refid, token = str(uuid4()), str(uuid4())
            made = documents.environment(
                refid, token, self.url, self.config.credentials.key, method, list(self.places)
            )
            self._sessions[token] = refid, trees.tostring(made)
            return Given(201, (XML,), self._sessions[token][1], ENVIRONMENT)
        known = {token: body for token, (one, body) in self._sessions.items() if one in asked.steps}
        for token, body in known.items():
            if asked.method != "DELETE":
                return Given(200, (XML,), body, OTHER)
            del self._sessions[token]
            return Given(204, (), b"", OTHER)
        return self._refused(404, "There is no such environment.", OTHER)

    # -- documents and data ------------------------------------------------------------------

    def _zone(self, asked: Asked) -> Place | None:
        name = asked.says("zoneId")
        return self.places.get(name) if name else next(iter(self.places.values()))

    def _service(self, asked: Asked) -> Given:
        name = asked.steps[1] if len(asked.steps) > 1 else ""
        if name == "pods":
            return self._pods(asked)
        if name in UTILITIES or asked.steps[0] == "services":
            return self._refused(404, "This service is not offered.", OTHER)
        place = self._zone(asked)
        if place is None:
            return self._refused(404, "There is no such zone.", DATA, service=name)
        # A deletion needs no marker, it needs a right.
        deletes = "DELETE" in (asked.method, asked.headers.get("methodOverride").upper())
        refusal = None if deletes else self._gate(asked, place, DATA, name)
        return refusal or self._data(asked, place, name)

    def _pods(self, asked: Asked) -> Given:
        named = asked.says("zoneId")
        places = [one for one in self.places.values() if named in ("", one.zone)]
        shown = [one for one in places if one.shown is not None]
        if len(asked.steps) > 2:
            shown = [one for one in shown if trees.refid(_element(one)) == asked.steps[2]]
            if not shown:
                return self._refused(404, "There is no such document.", PODS)
        told = tuple((one.zone, one.pod.token) for one in shown if one.pod is not None)
        raw = next((one.raw for one in shown if one.raw), b"")
        if not shown:
            return Given(200, (XML,), trees.tostring(inf("pods")), PODS)
        elements = [_element(one) for one in shown]
        whole = elements[0] if len(asked.steps) > 2 else collection("pods", elements)
        return Given(200, (XML,), raw or trees.tostring(whole), PODS, shown[0].zone, "pods", told)

    def _gate(self, asked: Asked, place: Place, kind: str, service: str) -> Given | None:
        if self.script is not None and self.script.left > 0:
            self.script.left -= 1
            one = self.script
            return self._refused(one.status, "Not now.", kind, place.zone, service, one.sub_code)
        if place.zone in self.surprises:
            place.put_in_force(*self.surprises.pop(place.zone))
        marker = asked.headers.get(MARKER)
        if not marker:
            text = "The privacy marker is missing."
            return self._refused(403, text, kind, place.zone, service, "403-01")
        if place.pod is not None and marker == place.pod.token:
            return None
        if marker in place.retired:
            text = "The privacy marker is outdated."
            return self._refused(410, text, kind, place.zone, service, "410-20")
        text = "The privacy marker is unknown."
        return self._refused(403, text, kind, place.zone, service, "403-POD-UNKNOWN")

    def _data(self, asked: Asked, place: Place, name: str) -> Given:
        if asked.method not in ("GET", "HEAD"):
            return self._refused(403, "Only reading is granted.", DATA, place.zone, name)
        if name != "xStudents":
            return self._refused(403, "This is not granted.", DATA, place.zone, name)
        if {"where", "order"} & set(asked.given):
            return self._refused(400, "Conditions are not evaluated.", DATA, place.zone, name)
        # Never more than the grant, and now and then less: what is optional may be missing.
        held = [pruned(one, place.granted) for one in self.students[place.zone]]
        held = [sparse(one) for one in held] if self.sparse else held
        if len(asked.steps) > 2:
            wanted = trees.folded(asked.steps[2])
            found = [one for one in held if trees.folded(trees.refid(one)) == wanted]
            if not found:
                return self._refused(404, "There is no such student.", DATA, place.zone, name)
            return self._object(place, found[0])
        return self._page(asked, place, held)

    def _page(self, asked: Asked, place: Place, held: list[etree._Element]) -> Given:
        number, size = _number(asked, "navigationPage", 1), _number(asked, "navigationPageSize", 0)
        size = size or len(held)
        part = held[(number - 1) * size : number * size]
        last = -(-len(held) // size)
        lines = (
            ("navigationPage", str(number)), ("navigationPageSize", str(len(part))),
            ("navigationCount", str(len(held))), ("navigationLastPage", str(last)),
        )  # fmt: skip
        if not part:
            return Given(204, (*lines, *_marked(place)), b"", DATA, place.zone, "xStudents")
        return self._object(place, collection("xStudents", part), lines)

    def _object(
        self, place: Place, element: etree._Element, lines: tuple[tuple[str, str], ...] = ()
    ) -> Given:
        body = trees.tostring(element)
        return Given(200, (XML, *lines, *_marked(place)), body, DATA, place.zone, "xStudents")

    # -- queues and events -------------------------------------------------------------------

    def _queues(self, asked: Asked) -> Given:
        if asked.method == "POST":
            refid = str(uuid4())
            self.queues[refid] = Queue()
            made = trees.tostring(documents.queue(refid, self.url))
            return Given(201, (XML,), made, QUEUE)
        queue = self.queues.get(asked.steps[1]) if len(asked.steps) > 1 else None
        if queue is None:
            return self._refused(404, "There is no such queue.", QUEUE)
        if asked.method == "DELETE":
            del self.queues[asked.steps[1]]
            return Given(204, (), b"", QUEUE)
        if asked.steps[-1] != "messages":
            body = trees.tostring(documents.queue(asked.steps[1], self.url))
            return Given(200, (XML,), body, QUEUE)
        done = asked.given.get("deleteMessageId", "")
        queue.messages = [one for one in queue.messages if one[0] != done]
        return queue.messages[0][1] if queue.messages else Given(204, (), b"", MESSAGES)

    def _subscribe(self, asked: Asked) -> Given:
        try:
            told = trees.parse(asked.body)
        except trees.Unreadable:
            return self._refused(400, "A subscription is XML.", SUBSCRIPTION)
        queue = self.queues.get(trees.text(told, "queueId"))
        if asked.method != "POST" or queue is None:
            return self._refused(404, "There is no such queue.", SUBSCRIPTION)
        queue.services.add(trees.text(told, "serviceName"))
        told.set("id", str(uuid4()))
        return Given(201, (XML,), trees.tostring(told), SUBSCRIPTION)

    def _event(self, asked: Asked) -> Given:
        place = self._zone(asked)
        if place is None:
            return self._refused(404, "There is no such zone.", EVENT)
        name = asked.says("serviceName") or "".join(asked.steps[1:2])
        return self._gate(asked, place, EVENT, name) or Given(
            202, (), b"", EVENT, place.zone, name
        )  # fmt: skip

    # -- privacy services of our profile -----------------------------------------------------

    def _privacy(self, asked: Asked) -> Given:
        try:
            told = read_json(asked.body or b"{}")
        except ValueError:
            told = None
        if not isinstance(told, dict):
            return self._refused(422, "The body is no JSON object.", OTHER)
        match asked.method, asked.steps[1:]:
            case "POST", ("markers",):
                return self._marker(told)
            case "POST", ("pods", refid, "acknowledgements"):
                given = receipts.answer(refid, told, list(self.places.values()))
                return Given(given[0], (JSON,), json.dumps(given[1]).encode(), RECEIPT, given[2])
        return self._refused(404, "There is no such privacy service.", OTHER)

    def _marker(self, told: dict[str, object]) -> Given:
        zone = str(told.get("zoneId") or next(iter(self.places)))
        place = self.places.get(zone)
        if place is None or place.pod is None:
            return self._refused(404, "There is no document for the caller.", MARKERS, zone)
        pod = place.pod
        version = trees.text(pod.element, "podVersion")
        body = {"dataPrivacyMarker": pod.token, "podId": pod.refid, "podVersion": version}
        return Given(
            200, (JSON,), json.dumps(body).encode(), MARKERS, zone, "", ((zone, pod.token),)
        )

    def _refused(
        self,
        status: int,
        message: str,
        kind: str,
        zone: str = "",
        service: str = "",
        sub_code: str = "",
    ) -> Given:
        version = self.config.endpoint.infrastructure
        body = trees.tostring(documents.error(status, message, sub_code, version))
        return Given(status, (XML,), body, kind, zone, service)


def _element(place: Place) -> etree._Element:
    assert place.shown is not None
    return place.shown


def _marked(place: Place) -> tuple[tuple[str, str], ...]:
    return ((MARKER, place.pod.token),) if place.pod is not None else ()


def _number(asked: Asked, name: str, default: int) -> int:
    text = asked.says(name)
    return max(1, int(text)) if text.isdigit() else default
