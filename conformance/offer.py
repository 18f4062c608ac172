"""What a provider offers, as the suite reads it: which services, and their objects.

offer = Offer(wire, config, rng, evidence)
offer.open()                      # environment; the services that its rights approve
offer.objects()                   # up to MOST_OBJECTS of the main collection, read once
reply = offer.page(2, 5)          # one page of it
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote

from lxml import etree

from conformance import pods, trees
from conformance.evidence import Evidence
from conformance.problems import NotApplicable, NotVerified
from conformance.reply import Reply
from conformance.sif import SifClient
from conformance.target import TargetConfig
from conformance.wire import Wire

MOST_OBJECTS = 400
MOST_SERVICES = 12
USUAL = ("xStudents", "StudentPersonals", "xStaffs", "xSchools", "SchoolInfos")
STEP = 50


class Offer:
    """One consumer of the provider for a whole run; what it has read is kept."""

    def __init__(
        self, wire: Wire, config: TargetConfig, rng: random.Random, evidence: Evidence
    ) -> None:
        self.sif = SifClient(wire, config, rng, evidence)
        self.config = config
        self._evidence = evidence
        self._read: dict[str, list[etree._Element]] = {}

    # -- what there is -----------------------------------------------------------------------

    def open(self) -> None:
        """Create an environment, take the marker in force if one is due, choose the service."""
        with self._kept("offer"):
            self._open()

    def _open(self) -> None:
        reply = self.sif.connect()
        if self.sif.environment is None or not self.sif.environment.requests:
            raise NotVerified(
                f"no usable environment: {reply.request} answered {reply.status}"
                f" (exchange {reply.exchange})"
            )
        if "pod" in self.config.capabilities:
            self._take_marker()
        self.sif.collection = self._main()

    def close(self) -> None:
        """Delete the environment."""
        self.sif.clean_up()

    @property
    def name(self) -> str:
        """The collection that most checks read, for example `xStudents`."""
        return self.sif.collection

    @property
    def services(self) -> tuple[str, ...]:
        """The collections to read: those of the target file, else the approved ones."""
        told = self.config.offer.services
        approved = [name for name, right in self.rights("OBJECT").items() if right == "APPROVED"]
        if len(approved) > MOST_SERVICES:
            approved.sort(key=lambda name: name not in USUAL)
        return (told or tuple(approved))[:MOST_SERVICES]

    def rights(self, kind: str, right: str = "QUERY") -> dict[str, str]:
        """What the environment says of this right, by service, in the zone that is used."""
        found: dict[str, str] = {}
        environment = self.sif.environment
        zones = trees.every(environment.element, "provisionedZone") if environment else []
        for zone in zones:
            if zone.get("id") != self.sif.zone:
                continue
            for service in trees.every(zone, "service"):
                if service.get("type") == kind:
                    told = [
                        one for one in trees.every(service, "right") if one.get("type") == right
                    ]
                    found[service.get("name") or ""] = (told[0].text or "").strip() if told else ""
        return found

    def _main(self) -> str:
        names = self.services
        if not names:
            raise NotVerified(
                "the environment approves no OBJECT service to be read in the zone, and"
                " [offer] services of the target file names none"
            )
        if self.config.offer.services:
            return names[0]
        return next((name for name in USUAL if name in names), names[0])

    def _take_marker(self) -> None:
        headers = {"serviceType": "UTILITY"}
        reply = self.sif.request("GET", "pods", headers=headers, marker=None)
        found = trees.every(reply.object, "pod") if reply.ok and reply.body else []
        tokens = [token for one in found if (token := trees.text(one, "podToken"))]
        if not tokens:
            raise NotVerified(
                f"no POD to read under: {reply.request} answered {reply.status}"
                f" (exchange {reply.exchange})"
            )
        self._evidence.token(tokens[-1])
        self.sif.use(
            pods.Pod(found[-1], trees.refid(found[-1]), tokens[-1], self.sif.zone, "DEFAULT")
        )

    # -- reading -----------------------------------------------------------------------------

    def get(self, refid: str, name: str = "", **options: Any) -> Reply:
        """GET one object."""
        return self.sif.request("GET", f"{name or self.name}/{quote(refid)}", **options)

    def listed(self, name: str = "", **options: Any) -> Reply:
        """GET a collection."""
        return self.sif.request("GET", name or self.name, **options)

    def page(self, number: object, size: object, name: str = "", **options: Any) -> Reply:
        """GET one page; the parameters travel as headers."""
        paging = {"navigationPage": str(number), "navigationPageSize": str(size)}
        headers = paging | dict(options.pop("headers", {}))
        return self.sif.request("GET", name or self.name, headers=headers, **options)

    def head(self) -> Reply:
        """HEAD of the main collection, or of a page of it where the whole is too large."""
        reply = self.sif.request("HEAD", self.name)
        if reply.status != 413:
            return reply
        paging = {"navigationPage": "1", "navigationPageSize": "1"}
        return self.sif.request("HEAD", self.name, headers=paging)

    def objects(self, name: str = "") -> Sequence[etree._Element]:
        """The first objects of a collection, at most MOST_OBJECTS; NotVerified if it has none."""
        name = name or self.name
        if name not in self._read:
            with self._kept(f"offer of {name}"):
                self._read[name] = self._read_all(name)
            self._evidence.register(*self._read[name])
        if not self._read[name]:
            raise NotVerified(f"{name} holds no object, so nothing can be read of it")
        return self._read[name]

    def some(self, count: int, name: str = "") -> Sequence[etree._Element]:
        """So many objects; NotVerified where there are fewer."""
        found = self.objects(name)
        if len(found) < count:
            raise NotVerified(f"{name or self.name} holds fewer than {count} objects")
        return found[:count]

    def one(self) -> str:
        """The id of an object of the main collection."""
        return trees.refid(self.objects()[0])

    @contextmanager
    def _kept(self, name: str) -> Iterator[None]:
        """What is read for the whole run is not recorded as read by the check that needs it first.

        So a replay finds it, whichever checks it repeats.
        """
        check, self._evidence.check = self._evidence.check, name
        try:
            yield
        finally:
            self._evidence.check = check

    def _read_all(self, name: str) -> list[etree._Element]:
        if "paging" not in self.config.capabilities:
            return members(self._served(self.listed(name)))[:MOST_OBJECTS]
        step = self.step
        found: list[etree._Element] = []
        for number in range(1, MOST_OBJECTS // step + 1):
            more = members(self._served(self.page(number, step, name)))
            found += more
            if len(more) < step:
                break
        return (found or members(self._served(self.listed(name))))[:MOST_OBJECTS]

    def _served(self, reply: Reply) -> Reply:
        if not reply.ok:
            raise NotVerified(
                f"there is nothing to judge: {reply.request} answered {reply.status}"
                f" (exchange {reply.exchange})"
            )
        return reply

    @property
    def step(self) -> int:
        """A page size that is not too large for the provider."""
        return min(STEP, self.config.offer.largest_page or STEP)

    # -- what is declared --------------------------------------------------------------------

    def declared(self, capability: str) -> bool:
        """Whether the target declares a capability."""
        return capability in self.config.capabilities

    def undeclared(self, capability: str) -> None:
        """Leave checks of a correct refusal to targets that do not offer the feature."""
        if self.declared(capability):
            raise NotApplicable(f"the target declares {capability}")


def members(reply: Reply) -> list[etree._Element]:
    """The objects of a collection, or the one object that was asked for; none in an error."""
    try:
        root = trees.parse(reply.body) if reply.body else None
    except trees.Unreadable:
        return []
    if root is None or trees.local(root) == "error":
        return []
    if trees.refid(root):
        return [root]
    # A wrapper too many is judged by a check of its own, and hides nothing from the others.
    found = [one for one in root if trees.refid(one)]
    return found or [one for inner in root for one in inner if trees.refid(one)]


def ids(reply: Reply) -> list[str]:
    """Folded ids of the objects in an answer, in their order."""
    return [trees.folded(trees.refid(one)) for one in members(reply)]
