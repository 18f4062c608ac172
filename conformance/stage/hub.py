"""The suite's own small hub: registration, documents, data behind the gate, queues.

It is a lawful hub: nothing covered leaves it without the marker of the document in force, and
never more than that document grants. The first covered request with the right marker is the
acknowledgement; the explicit one and the marker service are offered besides (our profile).
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from uuid import uuid4

from lxml import etree

from conformance import trees
from conformance.reply import read_json
from conformance.stage import documents, receipts, weather
from conformance.stage.access import caller
from conformance.stage.calls import (
    ALERT,
    DATA,
    ENVIRONMENT,
    EVENT,
    MARKER,
    MARKERS,
    OTHER,
    PODS,
    RECEIPT,
    TRAP,
    XML,
    Asked,
    Given,
)
from conformance.stage.district import pruned, sparse
from conformance.stage.gate import Gate
from conformance.stage.history import History
from conformance.stage.pages import Sets, page
from conformance.stage.places import FIRST_USE, Place
from conformance.stage.post import Post
from conformance.stage.speech import Speech
from conformance.target import TargetConfig
from conformance.trees import collection, inf

# Services about the hub itself, which no document covers.
UTILITIES = {"alerts", "codeSets", "namespaces", "providers", "xquerys", "zones"}
JSON = ("Content-Type", "application/json;charset=UTF-8")


class Hub:
    """Answers one call at a time; `url` is what the client is told, set once it is known."""

    def __init__(
        self,
        config: TargetConfig,
        zones: Sequence[str],
        students: Sequence[list[etree._Element]],
        place: str = "connectors",
    ) -> None:
        self.config = config
        self.place = place
        self.url = ""
        # Another address of this hub, in clear text, where requests are said to go.
        self.in_clear = ""
        self.places = {zone: Place(zone) for zone in zones}
        self.students = dict(zip(zones, students, strict=True))
        self.gate = Gate("pod" in config.capabilities)
        self.sparse = False
        self.speech = Speech(config.endpoint)
        self.post = Post(self._refused)
        self.history = History(self.students)
        self.manner = weather.Manner()
        self.weather: weather.Weather | None = None
        self.late: list[Callable[[], None]] = []
        self.sets = Sets()
        self._shown: dict[tuple[etree._Element, tuple[str, ...]], etree._Element] = {}
        self.lock = threading.RLock()
        self._sessions: dict[str, tuple[str, bytes]] = {}
        self._routes: dict[str, Callable[[Asked], Given]] = {
            "environments": self._environments,
            "queues": lambda asked: self.post.route(asked, self.below, self.manner),
            "mail": self.post.by_place,
            "subscriptions": self.post.subscribe,
            "events": self._event,
            "privacy": self._privacy,
            "entity": lambda _: Given(200, (XML,), b"text", TRAP),
        }

    @property
    def below(self) -> str:
        """The address below which the connectors stand: nobody would guess it (NEG-002)."""
        return f"{self.url}/{self.place}"

    def answer(self, asked: Asked) -> Given:
        """The answer to one call; the addresses that a client may have guessed work as well."""
        with self.lock:
            if asked.steps[:1] == (self.place,):
                asked = replace(asked, steps=asked.steps[1:])
            heard = self.speech.heard(asked)
            given = self.speech.said(heard, self._in_weather(heard))
            return given if heard is asked else replace(given, heard=heard.body)

    def _in_weather(self, asked: Asked) -> Given:
        trouble = self.weather
        if trouble is None or not trouble.strikes(asked):
            return self.manner.worn(asked, self._answer(asked))
        if trouble.before is not None:
            trouble.before()
            trouble.before = None
        data = asked.steps[:1] == ("requests",) and not UTILITIES & set(asked.steps)
        given = Given(0) if trouble.status else self._answer(asked)
        zone = (asked.says("zoneId") or next(iter(self.places))) if data else given.zone
        return trouble.over(given, DATA if data else given.kind, zone)

    def _answer(self, asked: Asked) -> Given:
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

    def forget(self) -> None:
        """A restart: no session, no queue and no kept result is known any more."""
        with self.lock:
            self._sessions.clear()
            self.post.clear()
            self.sets.clear()

    def announce(self, zone: str) -> None:
        """Put the document of a zone as an event into every queue that subscribed to documents."""
        place = self.places[zone]
        if place.pod is not None:
            body = trees.tostring(collection("pods", [place.pod.element]))
            told = ((zone, place.pod.token),)
            self.tell(zone, "pods", "UPDATE", body, told=told, kind="UTILITY")

    def tell(
        self,
        zone: str,
        service: str,
        action: str,
        body: bytes,
        *,
        told: tuple[tuple[str, str], ...] = (),
        kind: str = "OBJECT",
        message_id: str = "",
    ) -> int:
        """Put an event into the queues that subscribed to the service; to how many."""
        lines: tuple[tuple[str, str], ...] = (
            ("messageType", "EVENT"), ("eventAction", action), ("serviceName", service),
            ("serviceType", kind), ("zoneId", zone), ("contextId", "DEFAULT"),
        )  # fmt: skip
        lines += (("Replacement", "PARTIAL"),) if action == "UPDATE" else ()
        waiting = self.post.subscribed(service, zone)
        for queue in waiting:
            queue.put(lines, body, zone, told, message_id)
        return len(waiting)

    # -- registration ------------------------------------------------------------------------

    def _known(self, first: str, user: str) -> bool:
        key = self.config.credentials.key
        # Without an environment of its own a client signs with its key throughout.
        by_key = first == "environments" or "environment" not in self.config.capabilities
        return user == key if by_key and user == key else user in self._sessions

    def _environments(self, asked: Asked) -> Given:
        if asked.method == "POST":
            if self.manner.conflicts and self._sessions:
                known = next(iter(self._sessions.values()))[1]
                return Given(409, (XML,), known, ENVIRONMENT)
            who = caller(asked.headers, self.config.secret)
            method = who[1] if who else ""
            refid, token = str(uuid4()), str(uuid4())
            made = documents.environment(
                refid, token, self.below, self.config.credentials.key, method, list(self.places)
            )
            if self.in_clear:
                documents.lead(made, "requestsConnector", f"{self.in_clear}/{self.place}/requests")
            self._sessions[token] = refid, trees.tostring(made)
            return Given(201, (XML,), self._sessions[token][1], ENVIRONMENT)
        found = {token: body for token, (one, body) in self._sessions.items() if one in asked.steps}
        for token, body in found.items():
            if asked.method != "DELETE":
                return Given(200, (XML,), body, OTHER)
            del self._sessions[token]
            self.post.clear()
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
        if name == "alerts" and asked.method == "POST":
            return Given(201, (XML,), asked.body, ALERT)
        if name in UTILITIES or asked.steps[0] == "services":
            return self._refused(404, "This service is not offered.", OTHER)
        place = self._zone(asked)
        if place is None:
            return self._refused(404, "There is no such zone.", DATA, service=name)
        # A deletion needs no marker, it needs a right.
        deletes = "DELETE" in (asked.method, asked.headers.get("methodOverride").upper())
        refusal = None if deletes else self._gate(asked, place, DATA, name)
        if refusal is not None:
            return refusal
        if asked.headers.get("requestType").upper() == "DELAYED":
            return self._later(asked, place, name)
        return self._data(asked, place, name)

    def _later(self, asked: Asked, place: Place, name: str) -> Given:
        """Take a request whose answer goes into the queue that it names."""
        queue, mark = self.post.queues.get(asked.says("queueId")), asked.says("requestId")
        if queue is None or not mark:
            text = "A delayed request names a queue of its sender and a requestId."
            return self._refused(404 if mark else 400, text, DATA, place.zone, name)
        given = self._data(asked, place, name)
        hand = partial(queue.answer, asked, replace(given, zone=place.zone, service=name))
        if self.manner.holds:
            self.late.append(hand)
        else:
            hand()
        return Given(202, (), b"", DATA, place.zone, name)

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
        shut = self.gate.refusal(asked, place)
        if shut is None:
            return None
        return self._refused(shut.status, shut.text, kind, place.zone, service, shut.sub_code)

    def _data(self, asked: Asked, place: Place, name: str) -> Given:
        if asked.method not in ("GET", "HEAD"):
            return self._refused(403, "Only reading is granted.", DATA, place.zone, name)
        if name != "xStudents":
            return self._refused(403, "This is not granted.", DATA, place.zone, name)
        if {"where", "order"} & set(asked.given):
            return self._refused(400, "Conditions are not evaluated.", DATA, place.zone, name)
        # Never more than the grant, and now and then less: what is optional may be missing.
        held = self.shown(place, self.students[place.zone])
        if "changesSinceMarker" in asked.given:
            return self._changes(asked, place)
        if len(asked.steps) > 2:
            wanted = trees.folded(asked.steps[2])
            found = [one for one in held if trees.folded(trees.refid(one)) == wanted]
            if not found:
                return self._refused(404, "There is no such student.", DATA, place.zone, name)
            return self._object(place, found[0])
        return self._page(asked, place, held)

    def shown(self, place: Place, students: Sequence[etree._Element]) -> list[etree._Element]:
        """What the document of the zone grants of these students."""
        if place.zone in self.manner.empty:
            return []
        held = [self._pruned(one, place.granted) for one in students]
        return [sparse(one) for one in held] if self.sparse else held

    def _pruned(self, student: etree._Element, granted: tuple[str, ...]) -> etree._Element:
        """What is granted of a student, made once: a student that changes is another element."""
        key = student, granted
        if key not in self._shown:
            self._shown[key] = pruned(student, granted)
        return self._shown[key]

    def _changes(self, asked: Asked, place: Place) -> Given:
        seen = self.history.seen(place.zone, asked.given["changesSinceMarker"])
        if seen is None or seen < 0:
            status, text = (400, "unknown") if seen is None else (410, "too old")
            return self._refused(
                status, f"The changesSinceMarker is {text}.", DATA, place.zone, "xStudents"
            )
        changed, gone = self.history.since(place.zone, seen)
        space = f"{{{self.config.endpoint.data_model}}}"
        deleted = [etree.Element(f"{space}xStudent", refId=one) for one in gone]
        return self._page(asked, place, [*self.shown(place, changed), *deleted])

    def _page(self, asked: Asked, place: Place, held: list[etree._Element]) -> Given:
        found = self.sets.of(asked, held, self.manner.keeps)
        if found is None:
            text = "There is no such result any more."
            return self._refused(404, text, DATA, place.zone, "xStudents")
        lines, part = page(asked, found[1], self.manner.totals)
        lines += (("navigationId", found[0]),) if found[0] else ()
        if asked.says("navigationPage") in ("", "1"):
            lines += (("changesSinceMarker", self.history.marker(place.zone)),)
        if not part:
            return Given(204, (*lines, *_marked(place)), b"", DATA, place.zone, "xStudents")
        return self._object(place, collection("xStudents", part), lines)

    def _object(
        self, place: Place, element: etree._Element, lines: tuple[tuple[str, str], ...] = ()
    ) -> Given:
        body = trees.tostring(element)
        return Given(200, (XML, *lines, *_marked(place)), body, DATA, place.zone, "xStudents")

    # -- events ----------------------------------------------------------------------------

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
        if place.waits and place.waits != FIRST_USE:
            return self._refused(409, "The document is not acknowledged yet.", MARKERS, zone)
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
