"""The suite's own hub as a publisher meets it: it takes objects, events and registrations.

It is a lenient hub: what it can read it takes, so that the checks see the bytes and a run goes on
after a mistake. In the zone for posting it keeps the objects itself; in the zone for providing the
publisher registers as their provider and tells of changes by events.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import uuid4

from lxml import etree

from conformance import trees
from conformance.stage import documents, shelf
from conformance.stage.access import caller
from conformance.stage.calls import (
    ALL,
    CHANGE,
    ENVIRONMENT,
    EVENT,
    OTHER,
    REGISTRATION,
    Asked,
    Given,
)
from conformance.stage.documents import APPROVED, REJECTED, Rights
from conformance.stage.shelf import CREATE, DELETE, UPDATE, Outcome, Shelf
from conformance.stage.trouble import Trouble
from conformance.target import TargetConfig

XML = ("Content-Type", "application/xml;charset=UTF-8")
HTML, PAGE = ("Content-Type", "text/html"), b"<html><body>Please log in.</body></html>"
POSTS, PROVIDES = ("QUERY", CREATE, UPDATE, DELETE), ("QUERY", "PROVIDE")
ACTIONS = (CREATE, UPDATE, DELETE)


def rights_of(services: Sequence[str], denied: str, names: Sequence[str]) -> Rights:
    """The rights of a zone: these names on every service, none of them on the denied one."""
    given = {
        name: ("OBJECT", dict.fromkeys(names, REJECTED if name == denied else APPROVED))
        for name in services
    }
    return given | {"providers": ("UTILITY", dict.fromkeys(("QUERY", CREATE, DELETE), APPROVED))}


@dataclass(frozen=True, slots=True)
class Registered:
    """An entry of the registry of providers; `token` is the session that last asked for it."""

    refid: str
    zone: str
    context: str
    service: str
    location: str
    token: str


class Counter:
    """Answers one call at a time; `url` is what the publisher is told, set once it is known."""

    def __init__(self, config: TargetConfig, rights: Mapping[str, Rights], place: str) -> None:
        self.config = config
        self.url = ""
        self.rights = rights
        self.place = place
        self.shelf = Shelf()
        self.trouble: Trouble | None = None
        self.registered: list[Registered] = []
        self.sessions: dict[str, tuple[str, bytes]] = {}
        self.conflicts = self.distrusts = False
        self.lock = threading.RLock()
        self._routes: dict[str, Callable[[Asked], Given]] = {
            "requests": self._requests,
            "events": self._event,
            "environments": self._environment,
        }

    def answer(self, asked: Asked) -> Given:
        """The answer to one call."""
        with self.lock:
            steps = asked.steps
            if steps[:1] != ("environments",):
                # The connectors stand where nobody would guess them: NEG-002.
                if steps[:1] != (self.place,):
                    return self._refused(404, "There is no such place.")
                asked = replace(asked, steps=steps[1:])
            route = self._routes.get("".join(asked.steps[:1]))
            if self.trouble is not None and self.trouble.before and route is not None:
                self.trouble.before()
                self.trouble.before = None
            who = caller(asked.headers, self.config.secret)
            if self.distrusts or who is None or not self._known(steps, who[0]):
                return self._refused(401, "The credentials are not accepted, or not any more.")
            return route(asked) if route else self._refused(404, "There is no such service.")

    # -- the session -------------------------------------------------------------------------

    def forget(self, *, registry: bool = True) -> None:
        """What a restart does to a hub that keeps objects only: no session is known any more."""
        with self.lock:
            self.sessions.clear()
            if registry:
                self.registered.clear()

    def _known(self, steps: Sequence[str], user: str) -> bool:
        key = self.config.credentials.key
        return user in self.sessions or (steps[:1] == ("environments",) and user == key)

    def _environment(self, asked: Asked) -> Given:
        if asked.method == "POST":
            return self._make_environment(asked)
        for token, (refid, body) in list(self.sessions.items()):
            if refid in asked.steps:
                if asked.method != "DELETE":
                    return Given(200, (XML,), body, OTHER)
                del self.sessions[token]
                return Given(204)
        return self._refused(404, "There is no such environment.")

    def _make_environment(self, asked: Asked) -> Given:
        if self.conflicts and self.sessions:
            body = next(iter(self.sessions.values()))[1]
            return Given(409, (XML,), body, ENVIRONMENT)
        who = caller(asked.headers, self.config.secret)
        refid, token = str(uuid4()), str(uuid4())
        made = documents.environment(
            refid,
            token,
            f"{self.url}/{self.place}",
            self.config.credentials.key,
            who[1] if who else "",
            list(self.rights),
            self.rights,
        )
        self.sessions[token] = refid, trees.tostring(made)
        return Given(201, (XML,), self.sessions[token][1], ENVIRONMENT)

    # -- objects -----------------------------------------------------------------------------

    def _requests(self, asked: Asked) -> Given:
        service = "".join(asked.steps[1:2])
        if service == "providers":
            return self._registry(asked)
        zone = asked.says("zoneId") or next(iter(self.rights))
        if zone not in self.rights or service not in self.rights[zone]:
            return self._refused(
                404, "There is no such service in the zone.", CHANGE, zone, service
            )
        if asked.method in ("GET", "HEAD"):
            return self._read(asked, zone, service)
        action = action_of(asked)
        if not action or (asked.method == "DELETE" and len(asked.steps) != 3):
            return self._refused(405, "This cannot be done here.", CHANGE, zone, service)
        if self.rights[zone][service][1].get(action) != APPROVED:
            return self._refused(403, "There is no right to this.", CHANGE, zone, service)
        return self._troubled(
            zone, service, CHANGE, lambda: self._change(asked, action, zone, service)
        )

    def _read(self, asked: Asked, zone: str, service: str) -> Given:
        if len(asked.steps) == 3:
            found = self.shelf.find(zone, service, asked.steps[2])
            if found is None:
                return self._refused(404, "There is no such object.", OTHER, zone, service)
            return Given(200, (XML,), trees.tostring(found), OTHER, zone, service)
        held = self.shelf.of(zone, service)
        if not held or asked.says("navigationPage") not in ("", "1"):
            return Given(204, (), b"", OTHER, zone, service)
        body = trees.tostring(trees.collection(service, held))
        return Given(200, (XML,), body, OTHER, zone, service)

    def _troubled(self, zone: str, service: str, kind: str, do: Callable[[], Given]) -> Given:
        trouble = self.trouble
        if trouble is None or trouble.zone not in ("", zone):
            return do()
        lost = trouble.wait or trouble.cut or trouble.half
        whole = trouble.status or trouble.garbage or lost
        if not whole or not trouble.spend():
            return do()
        if trouble.status:
            given = self._refused(trouble.status, "Not now.", kind, zone, service)
            pause = (("Retry-After", trouble.retry_after),) if trouble.retry_after else ()
            return replace(given, headers=(*given.headers, *pause))
        if trouble.garbage:
            return Given(200, (HTML,), PAGE, kind, zone, service, refused=ALL)
        return replace(do(), wait=trouble.wait, lost=trouble.cut, cut=trouble.half)

    def _change(self, asked: Asked, action: str, zone: str, service: str) -> Given:
        single = len(asked.steps) == 3
        if action == DELETE and single:
            gone = trees.inf("delete", id=asked.steps[2])
            return self._single(action, self._do(action, zone, service, gone), zone, service)
        try:
            root, inside = shelf.members(asked.body)
        except trees.Unreadable:
            return self._refused(400, "The body is not XML.", CHANGE, zone, service)
        if single:
            outcome = self._do(action, zone, service, root)
            return self._single(action, outcome, zone, service)
        if self.trouble is not None and 0 < self.trouble.most < len(inside):
            return self._refused(413, "Too many objects at once.", CHANGE, zone, service)
        outcomes = [self._do(action, zone, service, one) for one in inside]
        body = trees.tostring(shelf.results(action, outcomes))
        refused = shelf.ids(outcomes)
        return Given(200, (XML,), body, CHANGE, zone, service, refused=refused)

    def _do(self, action: str, zone: str, service: str, element: etree._Element) -> Outcome:
        trouble, refid = self.trouble, trees.refid(element)
        values = {value for _, value in trees.leaves(element)}
        meant = trouble is not None and trouble.item_status and trouble.target in {refid, *values}
        if trouble is not None and meant and trouble.spend():
            return Outcome(refid, refid, trouble.item_status)
        return self.shelf.do(action, zone, service, element)

    def _single(self, action: str, outcome: Outcome, zone: str, service: str) -> Given:
        if not outcome.taken:
            given = self._refused(outcome.status, "This was not taken.", CHANGE, zone, service)
            return replace(given, refused=(outcome.advised,))
        made = self.shelf.find(zone, service, outcome.refid)
        if action == CREATE and made is not None:
            return Given(201, (XML,), trees.tostring(made), CHANGE, zone, service)
        return Given(204, (), b"", CHANGE, zone, service)

    # -- events ------------------------------------------------------------------------------

    def _event(self, asked: Asked) -> Given:
        zone = asked.headers.get("zoneId")
        service, action = asked.headers.get("serviceName"), asked.headers.get("eventAction")
        refused = self._unlawful(asked, zone, service, action)
        if refused is not None:
            return refused
        return self._troubled(
            zone, service, EVENT, lambda: self._keep_event(asked, action, zone, service)
        )

    def _unlawful(self, asked: Asked, zone: str, service: str, action: str) -> Given | None:
        if zone not in self.rights or action not in ACTIONS:
            text = "The event names no zone, or no action."
            return self._refused(400, text, EVENT, zone, service)
        try:
            trees.parse(asked.body)
        except trees.Unreadable:
            return self._refused(400, "The body is not XML.", EVENT, zone, service)
        if not any((one.zone, one.service) == (zone, service) for one in self.registered):
            return self._refused(403, "You are not the provider of this.", EVENT, zone, service)
        return None

    def _keep_event(self, asked: Asked, action: str, zone: str, service: str) -> Given:
        for one in shelf.members(asked.body)[1]:
            self.shelf.do(action, zone, service, one)
        return Given(202, (), b"", EVENT, zone, service)

    # -- the registry of providers -----------------------------------------------------------

    def _registry(self, asked: Asked) -> Given:
        if asked.method == "DELETE" and len(asked.steps) == 3:
            self.registered = [one for one in self.registered if one.refid != asked.steps[2]]
            return Given(204, (), b"", REGISTRATION)
        if asked.method != "POST":
            return self._refused(405, "Entries are made and deleted only.", REGISTRATION)
        try:
            root = trees.parse(asked.body)
        except trees.Unreadable:
            return self._refused(400, "The body is not XML.", REGISTRATION)
        user = (caller(asked.headers, self.config.secret) or ("", ""))[0]
        entries = [root] if trees.local(root) == "provider" else list(root)
        outcomes = [self._register(one, user) for one in entries]
        if trees.local(root) != "provider":
            body = trees.tostring(shelf.results(CREATE, outcomes))
            return Given(200, (XML,), body, REGISTRATION)
        if not outcomes[0].taken:
            return self._refused(outcomes[0].status, "The entry was not made.", REGISTRATION)
        root.set("id", outcomes[0].refid)
        return Given(201, (XML,), trees.tostring(root), REGISTRATION)

    def _register(self, entry: etree._Element, user: str) -> Outcome:
        named = {name: trees.text(entry, name) for name in ("zoneId", "contextId", "serviceName")}
        zone, context, service = named.values()
        advised = trees.refid(entry)
        location = trees.text(entry, "endPoint", "location")
        rights = self.rights.get(zone, {}).get(service)
        if not (zone and context and service and location):
            return Outcome(advised, advised, 400)
        if rights is None or rights[1].get("PROVIDE") != APPROVED:
            return Outcome(advised, advised, 403)
        for place, one in enumerate(self.registered):
            if (zone, service) == (one.zone, one.service):
                # The entry stays; requests go out with the token of the session in force.
                self.registered[place] = replace(one, token=user)
                return Outcome(advised, advised, 409)
        made = Registered(str(uuid4()), zone, context, service, location, user)
        self.registered.append(made)
        return Outcome(advised, made.refid, 201)

    def _refused(
        self, status: int, message: str, kind: str = OTHER, zone: str = "", service: str = ""
    ) -> Given:
        version = self.config.endpoint.infrastructure
        body = trees.tostring(documents.error(status, message, "", version))
        return Given(status, (XML,), body, kind, zone, service)


def action_of(asked: Asked) -> str:
    """What a request does with objects, empty for anything else."""
    override = asked.headers.get("methodOverride").upper()
    if asked.method == "PUT":
        return DELETE if override == DELETE else UPDATE
    return {"POST": CREATE, "DELETE": DELETE}.get(asked.method, "")
