"""What the calls to a hub that is not the suite's own are about, read from call and answer."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from lxml import etree

from conformance import trees
from conformance.pods import Pod
from conformance.reply import read_json
from conformance.stage.calls import (
    ALERT,
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
    Asked,
    Given,
)

# Services about the hub itself, which no document covers.
UTILITIES = {"alerts", "codeSets", "namespaces", "providers", "xquerys", "zones"}
_PAGE = re.compile(rb"\s*<(?:!doctype\s+html|html)", re.IGNORECASE)
HUB_DOWN = (502, 504)
Told = tuple[tuple[str, str], ...]


def plain(steps: tuple[str, ...]) -> tuple[str, ...]:
    """The steps of an address without the place where the connectors of this run stand."""
    return steps[1:] if steps[:1] and steps[0].startswith("connectors-") else steps


class Hub:
    """What a hub told so far; `zones` are those of the last environment.

    `pods` are its documents for this party that are in force, by zone and token.
    """

    def __init__(self, party: str, zone: str) -> None:
        self.party = party
        self.zones: tuple[str, ...] = (zone,) if zone else ()
        self.default = zone
        self.pods: dict[tuple[str, str], Pod] = {}
        self.strangers: set[str] = set()

    def understood(self, asked: Asked, given: Given) -> Given:
        """The answer with its kind, zone, service and tokens."""
        steps = plain(asked.steps)
        kind = _kind(asked, steps)
        # The objects of a service path are those of its last step: xSchools/{id}/xStudents.
        service = steps[1::2][-1] if kind in (DATA, PODS) else asked.says("serviceName")
        zone = asked.says("zoneId") or self.default
        told: Told = ()
        if kind == MESSAGES:
            zone, service = given.line("zoneId"), given.line("serviceName")
        if given.status in (200, 201, 409) and steps[:1] == ("environments",):
            self._environment(given.body)
            zone = ""
        elif given.status == 200 and (kind == PODS or (kind == MESSAGES and service == "pods")):
            told = tuple(self._documents(given.body, zone))
        elif given.status == 200 and kind == MARKERS:
            told = _marker(given.body, zone)
        made = replace(given, kind=kind, zone=zone, service=service, tokens=told)
        return replace(made, astray=astray(given.status, given.body))

    def _environment(self, body: bytes) -> None:
        try:
            root = trees.parse(body)
        except trees.Unreadable:
            return
        zones = [one.get("id") or "" for one in trees.every(root, "provisionedZone")]
        first = next((one.get("id") or "" for one in trees.every(root, "defaultZone")), "")
        self.zones = tuple(dict.fromkeys(filter(None, (first, *zones)))) or self.zones
        self.default = first or self.default or next(iter(self.zones), "")

    def _documents(self, body: bytes, asked: str) -> Iterator[tuple[str, str]]:
        try:
            root = trees.parse(body)
        except trees.Unreadable:
            return
        for one in root.iter("{*}pod"):
            token, party = trees.text(one, "podToken"), trees.text(one, "partyId")
            named = {(it.text or "").strip() for it in trees.every(one, "zoneId")}
            # A hub may show a document as Pending until the client takes it.
            usable = trees.text(one, "podStatus") in ("Live", "Pending")
            ours = party == self.party and usable
            if party != self.party:
                self.strangers.add(party)
            for zone in sorted(named & {*self.zones, asked}) or [asked]:
                if ours:
                    self.pods[zone, token] = Pod(one, trees.refid(one), token, zone, "")
                yield zone, token


def granted(pod: Pod) -> tuple[str, ...]:
    """The field paths that a document names."""
    return tuple((one.text or "").strip() for one in trees.every(pod.element, "fieldName"))


def _kind(asked: Asked, steps: tuple[str, ...]) -> str:
    match steps:
        case ("environments", *_):
            return ENVIRONMENT if asked.method == "POST" else OTHER
        case ("mail", *_) | ("queues", _, "messages", *_):
            return MESSAGES
        case ("queues", *_):
            return QUEUE
        case ("subscriptions", *_):
            return SUBSCRIPTION
        case ("events", *_):
            return EVENT
        case ("privacy", "markers"):
            return MARKERS
        case ("privacy", "pods", _, "acknowledgements"):
            return RECEIPT
        case ("requests" | "services", "pods", *_):
            return PODS
        case ("requests", "alerts", *_) if asked.method == "POST":
            return ALERT
        case ("requests", name, *_) if name not in UTILITIES and not _utility(asked):
            return DATA
    return OTHER


def _utility(asked: Asked) -> bool:
    return asked.headers.get("serviceType").upper() == "UTILITY"


def _marker(body: bytes, zone: str) -> Told:
    try:
        told = read_json(body)
    except ValueError:
        return ()
    marker = told.get(MARKER) if isinstance(told, dict) else None
    return ((str(told.get("zoneId") or zone), str(marker)),) if marker else ()


def astray(status: int, body: bytes) -> str:
    """Why an answer is none of a hub, empty if it may be one; 4xx with a page is the caller's."""
    page = is_page(body)
    if page and not 400 <= status < 500:
        return f"answered {status} with a web page"
    return f"answered {status}" if status in HUB_DOWN else ""


def is_page(body: bytes) -> bool:
    """Whether a body is a web page."""
    return bool(_PAGE.match(body[:200]))


def ids(body: bytes) -> list[etree._Element]:
    """The objects of a list, those that have an id."""
    try:
        return [one for one in trees.parse(body) if trees.refid(one)]
    except trees.Unreadable:
        return []
