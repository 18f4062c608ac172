"""Speak to a hub under test as one of its vendors would: PODs, objects by every door, queues.

a = HubClient(wire, config, rng, evidence, first(config))
a.connect()
pod = a.current()                        # the POD that counts, read from the service `pods`
reply = a.students(marker=pod.token)

Every answer is kept in `heard`, head and body, until `forget()`.
"""

from __future__ import annotations

import json
import random
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from lxml import etree

from conformance import hub_pods, pod_forms, trees
from conformance.evidence import Evidence
from conformance.hub_pods import LIVE, PENDING, Seen
from conformance.problems import NotVerified
from conformance.reply import Reply, read_json
from conformance.sif import HeaderValues, SifClient
from conformance.target import TargetConfig
from conformance.trees import inf
from conformance.wire import Wire

UTILITY = {"serviceType": "UTILITY"}
JSON = {"Accept": "application/json"}
MOST_MESSAGES = 200
MOST_PAUSE = 5.0


@dataclass(frozen=True, slots=True)
class Who:
    """A vendor at the hub: party of its PODs, name for the operator, and how it signs."""

    party: str
    vendor: str
    key: str
    secret: str
    method: str


def first(config: TargetConfig) -> Who:
    """The vendor of `[vendor]` and `[credentials]`."""
    own = config.credentials
    vendor = config.operator.vendor or own.key
    return Who(config.party, vendor, own.key, config.secret, own.method)


def second(config: TargetConfig) -> Who:
    """The vendor of `[second]`; raises NotVerified if there is none."""
    own = config.second
    if not own.key:
        raise NotVerified("the target file has no [second] vendor")
    vendor = config.operator.second or own.key
    return Who(own.name, vendor, own.key, config.second_secret, own.method)


class HubClient:
    """One vendor with one environment; not for use by several threads."""

    def __init__(
        self, wire: Wire, config: TargetConfig, rng: random.Random, evidence: Evidence, who: Who
    ) -> None:
        self.who = who
        self.sif = SifClient(wire, config, rng, evidence)
        self.heard: list[Reply] = []
        self._config = config
        self._evidence = evidence

    def connect(self) -> None:
        """Create the environment; raises NotVerified if that does not go well."""
        who = self.who
        reply = self.sif.connect(key=who.key, secret=who.secret, method=who.method)
        if self.sif.environment is None or not self.sif.environment.requests:
            raise NotVerified(
                f"no usable environment for {who.key}: {reply.request} answered {reply.status}"
                f" (exchange {reply.exchange})"
            )

    def forget(self) -> None:
        """Keep no answers from before."""
        self.heard.clear()

    def send(
        self,
        verb: str,
        path: str,
        marker: str | None = None,
        headers: HeaderValues | None = None,
        body: bytes | etree._Element | None = None,
        query: Mapping[str, str] | None = None,
    ) -> Reply:
        """Any request of the session; a path without `://` stands below the requests connector."""
        reply = self.sif.request(
            verb, path, body=body, headers=headers, marker=marker, query=query or {}
        )
        self.heard.append(reply)
        return reply

    # -- PODs --------------------------------------------------------------------------------

    def pods(self, marker: str | None = None, headers: HeaderValues | None = None) -> Reply:
        """GET the service `pods`."""
        return self.send("GET", "pods", marker, UTILITY | dict(headers or {}))

    def pod(self, refid: str, marker: str | None = None) -> Reply:
        """GET one POD."""
        return self.send("GET", f"pods/{quote(refid)}", marker, UTILITY)

    def listed(self) -> list[Seen]:
        """The PODs that the hub shows; raises NotVerified unless the answer is 2xx."""
        reply = self.pods()
        if not reply.ok:
            raise NotVerified(
                f"the PODs cannot be read: {reply.request} answered {reply.status}"
                f" (exchange {reply.exchange})"
            )
        found = trees.every(reply.object, "pod") if reply.body else []
        shown = list(map(hub_pods.seen, found))
        for one in shown:
            self._evidence.token(one.token)
        return shown

    def current(self, contract: str = "") -> Seen:
        """The POD in use of this agreement, else that which waits, else that which counts.

        Raises NotVerified if there is none.
        """
        usable = [one for one in self.listed() if one.status in (PENDING, LIVE)]
        named = [one for one in usable if contract and one.contract == contract]
        waiting = named or [one for one in usable if one.status == PENDING]
        if not usable:
            raise NotVerified(f"the hub shows no POD in use for {self.who.key}")
        return (waiting or usable)[-1]

    def receipt(self, pod: Seen, **changes: str) -> Reply:
        """POST the explicit acknowledgement (profile); changes replace its members."""
        told = {
            "podId": pod.id,
            "podVersion": pod.version,
            "podToken": pod.token,
            "podHash": changes.get("podHash") or self.hash_of(pod),
            "decision": "ACKNOWLEDGED",
        }
        return self.post_receipt(pod.id, told | changes)

    def post_receipt(self, refid: str, told: Mapping[str, object]) -> Reply:
        """POST any receipt to a POD."""
        place = self._config.url(f"privacy/pods/{quote(refid)}/acknowledgements")
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        return self.send("POST", place, None, headers, json.dumps(told).encode())

    def hash_of(self, pod: Seen) -> str:
        """The hash of a POD, over its JSON form as the hub shows it, else over our own form."""
        if "json" not in self._config.capabilities:
            return min(pod_forms.hashes(pod.element))
        reply = self.pods(headers=JSON)
        for one in _wrapped(reply):
            if one.get("id", one.get("@id")) == pod.id:
                return hub_pods.hash_of(one)
        raise NotVerified(f"the POD has no JSON form to hash (exchange {reply.exchange})")

    def marker_service(self) -> Reply:
        """POST to the marker service (profile)."""
        zone = {"zoneId": self.sif.zone, "contextId": "DEFAULT", "appId": self.who.key}
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        place = self._config.url("privacy/markers")
        return self.send("POST", place, None, headers, json.dumps(zone).encode())

    # -- objects, door by door ---------------------------------------------------------------

    def students(self, marker: str | None = None, name: str = "xStudents", **headers: str) -> Reply:
        """GET the list."""
        return self.send("GET", name, marker, headers)

    def one(self, refid: str, marker: str | None = None, name: str = "xStudents") -> Reply:
        """GET one object."""
        return self.send("GET", f"{name}/{quote(refid)}", marker)

    def where(self, path: str, value: str, marker: str | None = None) -> Reply:
        """GET the students with this value at a path below xStudent."""
        return self.send("GET", "xStudents", marker, query={"where": f'[{path}="{value}"]'})

    def order(self, path: str, way: str, marker: str | None = None) -> Reply:
        """GET the students in the order of a path below xStudent, ascending or descending."""
        return self.send("GET", "xStudents", marker, query={"order": f"[{path}={way}]"})

    def example(self, example: etree._Element, marker: str | None = None) -> Reply:
        """POST a query by example."""
        return self.send("POST", "xStudents", marker, {"methodOverride": "GET"}, example)

    def path(self, school: str, marker: str | None = None) -> Reply:
        """GET the students of a school by the service path."""
        headers = {"serviceType": "SERVICEPATH"}
        return self.send("GET", f"xSchools/{quote(school)}/xStudents", marker, headers)

    def page(self, number: int, size: int, marker: str | None = None, **headers: str) -> Reply:
        """GET one page of the students."""
        paging = {"navigationPage": str(number), "navigationPageSize": str(size)}
        return self.send("GET", "xStudents", marker, paging | headers)

    def since(self, place: str, marker: str | None = None) -> Reply:
        """GET the changes since a marker of changes."""
        return self.send("GET", "xStudents", marker, query={"changesSinceMarker": place})

    def head(self, marker: str | None = None) -> Reply:
        """HEAD of the list, with a page size, which brings the counts."""
        paging = {"navigationPage": "1", "navigationPageSize": "1"}
        return self.send("HEAD", "xStudents", marker, paging)

    def update(self, refid: str, student: etree._Element, marker: str | None = None) -> Reply:
        """PUT a partial student."""
        return self.send("PUT", f"xStudents/{quote(refid)}", marker, body=student)

    def users(self, marker: str | None = None) -> Reply:
        """GET the OneRoster 1.2 users."""
        place = self._config.url("ims/oneroster/rostering/v1p2/users")
        return self.send("GET", place, marker, JSON)

    # -- queues ------------------------------------------------------------------------------

    def queue(self, *services: str) -> str:
        """Create a queue, subscribe it to services such as `xStudents`, and give its id."""
        made = self._create("queues", inf("queue", inf("polling", "IMMEDIATE")))
        for name in services:
            kind = "UTILITY" if name == "pods" else "OBJECT"
            told = {"zoneId": self.sif.zone, "contextId": "DEFAULT", "serviceType": kind,
                    "serviceName": name, "queueId": made}  # fmt: skip
            parts = (inf(key, value) for key, value in told.items() if value)
            self._create("subscriptions", inf("subscription", *parts))
        return made

    def messages(self, queue: str, marker: str | None = None, done: str = "") -> Reply:
        """GET the oldest message; `done` is the id of the one before.

        A hub may ask for a pause after an empty queue (503); it is made, up to MOST_PAUSE seconds.
        """
        place = self._infrastructure("queues")
        tail = f";deleteMessageId={quote(done)}" if done else ""
        waited = 0.0
        while True:
            reply = self.send("GET", f"{place}/{quote(queue)}/messages{tail}", marker)
            if reply.status != 503 or waited >= MOST_PAUSE:
                return reply
            asked = reply.headers.get("Retry-After")
            pause = min(float(asked) if asked.isdecimal() else 1.0, MOST_PAUSE)
            time.sleep(pause)
            waited += max(pause, 0.1)

    def drained(self, queue: str, marker: str | None = None) -> Iterator[Reply]:
        """Read message after message until none is left or one is refused; gives all answers."""
        done = ""
        for _ in range(MOST_MESSAGES):
            reply = self.messages(queue, marker, done)
            yield reply
            if reply.status != 200:
                return
            done = reply.headers.get("messageId")
        raise NotVerified(f"a queue gave more than {MOST_MESSAGES} messages")

    def _create(self, service: str, element: etree._Element) -> str:
        place = f"{self._infrastructure(service)}/{trees.local(element)}"
        reply = self.send("POST", place, None, None, element)
        if not reply.ok:
            raise NotVerified(
                f"{reply.request} answered {reply.status}, so there is no queue to read"
                f" (exchange {reply.exchange})"
            )
        return reply.object.get("id") or ""

    def _infrastructure(self, service: str) -> str:
        environment = self.sif.environment
        known = environment.services.get(service, "") if environment else ""
        return known.rstrip("/") or self._config.url(service)


def _wrapped(reply: Reply) -> list[dict[str, Any]]:
    try:
        told = read_json(reply.body)
    except ValueError:
        return []
    listed = told if isinstance(told, list) else []
    found = [one.get("pod") for one in listed if isinstance(one, dict)]
    return [one for one in found if isinstance(one, dict)]
