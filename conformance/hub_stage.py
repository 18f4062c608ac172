"""Two vendors and the district's operator at a hub under test: what every check of a hub needs.

pod = stage.grant(stage.a, *NAMES)       # published, read back from `pods`; not acknowledged yet
pod = stage.open(stage.a, *NAMES)        # acknowledged too: its token opens the data
pod = stage.usable(stage.a, *NAMES)      # the same for a check that does not care which one

The district is loaded and the environments are created once a run; PODs are made by each check.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import replace

from lxml import etree

from conformance import hub_pods, trees
from conformance.evidence import Evidence
from conformance.hub_client import HubClient, first, second
from conformance.hub_district import HubDistrict
from conformance.hub_operator import HubOperator
from conformance.hub_pods import Entry, Seen
from conformance.problems import NotApplicable, NotVerified, SuiteFault
from conformance.reply import Reply
from conformance.target import TargetConfig
from conformance.wire import Wire


class HubStage:
    """The stage of one check. `kept` is the same for all checks of a run."""

    def __init__(
        self,
        wire: Wire,
        config: TargetConfig,
        rng: random.Random,
        evidence: Evidence,
        seed: int,
        kept: dict[str, object],
    ) -> None:
        self.wire = wire
        self.config = config
        self.rng = rng
        self.evidence = evidence
        kept_operator = kept.setdefault("operator", HubOperator(wire, config))
        assert isinstance(kept_operator, HubOperator)
        self.operator = kept_operator
        self._seed = seed
        self._kept = kept
        self._registered = False
        self._receipts: list[HubClient] = []
        self._opened: list[tuple[HubClient, str]] = []

    @property
    def a(self) -> HubClient:
        """The first vendor, connected."""
        return self._client("a")

    @property
    def b(self) -> HubClient:
        """The second vendor, connected."""
        return self._client("b")

    @property
    def district(self) -> HubDistrict:
        """The synthetic district; loaded into the hub when it is first asked for."""
        return self.fill()

    def fill(self) -> HubDistrict:
        """Load the district once a run; raises NotVerified again if that went wrong."""
        kept = self._kept.get("district")
        if isinstance(kept, NotVerified):
            raise kept
        if not isinstance(kept, HubDistrict):
            kept = self._loaded()
        if not self._registered:
            self.evidence.register(*kept.students)
            self._registered = True
        return kept

    def _loaded(self) -> HubDistrict:
        district = HubDistrict(self._seed)
        try:
            for name, document in district.documents.items():
                self.evidence.register(*document)
                self.operator.load(trees.tostring(document), name)
        except NotVerified as error:
            self._kept["district"] = error
            raise
        self._kept["district"] = district
        return district

    def _client(self, name: str) -> HubClient:
        kept = self._kept.get(name)
        if not isinstance(kept, HubClient):
            who = first(self.config) if name == "a" else second(self.config)
            kept = HubClient(self.wire, self.config, self.rng, self.evidence, who)
            try:
                kept.connect()
            except BaseException:
                kept.sif.clean_up()
                raise
            self._kept[name] = kept
        return kept

    # -- PODs --------------------------------------------------------------------------------

    def publish(self, who: HubClient, *entries: Entry) -> Seen:
        """Publish a POD with these entries, for this application where they name none; read it.

        The district is loaded before. Mixed with PODs for all applications, one for this
        application would compete with them.
        """
        self.fill()
        own = [replace(one, app=one.app or who.who.key) for one in entries]
        document = hub_pods.document(who.who.party, *own)
        self.operator.publish(who.who.vendor, document)
        return who.current(hub_pods.seen(trees.parse(document)).contract)

    def grant(self, who: HubClient, *fields: str) -> Seen:
        """Publish a POD that grants these paths for reading, to this application."""
        return self.publish(who, Entry(fields))

    def open(self, who: HubClient, *fields: str) -> Seen:
        """The same, acknowledged by a first request that is answered."""
        return self.acknowledged(who, self.grant(who, *fields))

    def usable(self, who: HubClient, *fields: str) -> Seen:
        """A POD that grants these paths and opens them, the one of before if nothing moved."""
        known = self._kept.get(f"usable {who.who.key}")
        state = (fields, self.operator.moves)
        if isinstance(known, tuple) and known[0] == state:
            pod: Seen = known[1]
            return pod
        pod = self.open(who, *fields)
        self._kept[f"usable {who.who.key}"] = ((fields, self.operator.moves), pod)
        return pod

    def acknowledged(self, who: HubClient, pod: Seen) -> Seen:
        """Use the token once; raises NotVerified if that opens nothing."""
        control(who.students(pod.token), "the token of the current POD opens the list")
        return pod

    def receipts_only(self, who: HubClient) -> None:
        """Let only the explicit receipt acknowledge, until the check is over."""
        self.operator.policy(who.who.vendor, "receipt")
        self._receipts.append(who)

    # -- what is offered ---------------------------------------------------------------------

    def offers(self, *capabilities: str) -> bool:
        """Whether the target declares all of these."""
        return set(capabilities) <= self.config.capabilities

    def need(self, *capabilities: str) -> None:
        """Raise NotApplicable unless the target declares all of these."""
        lacking = sorted(set(capabilities) - self.config.capabilities)
        if lacking:
            raise NotApplicable(f"the target does not declare {', '.join(lacking)}")

    def changed(self, number: int, *names: str, text: str) -> etree._Element:
        """Load student number n with another text at this place, as the district would.

        What a student lacks can only be a middle name.
        """
        student = trees.parse(trees.tostring(self.district.student(number)))
        place = trees.child(student, *names)
        if place is None:
            place = _middle_name(student)
        place.text = text
        self.evidence.register(student)
        self.operator.load(trees.tostring(trees.collection("xStudents", [student])), "xStudents")
        return student

    def restore(self, number: int) -> None:
        """Load student number n as it was."""
        student = self.district.student(number)
        self.operator.load(trees.tostring(trees.collection("xStudents", [student])), "xStudents")

    def queue(self, who: HubClient, *services: str) -> str:
        """A queue of this check."""
        made = who.queue(*services)
        self._opened.append((who, made))
        return made

    def eventually(self, look: Callable[[], bool]) -> bool:
        """Whether it comes true within the target's `settle_seconds`."""
        deadline = time.monotonic() + self.config.operator.settle_seconds
        while not look():
            if time.monotonic() > deadline:
                return False
            time.sleep(0.1)
        return True

    def clean_up(self) -> None:
        """Take policies and queues of this check back."""
        for who in self._receipts:
            self.operator.policy(who.who.vendor, "marker")
        for who, queue in self._opened:
            place = who.sif.config.url(f"queues/{queue}")
            environment = who.sif.environment
            known = environment.services.get("queues", "") if environment else ""
            who.send("DELETE", f"{known.rstrip('/')}/{queue}" if known else place)
        for name in ("a", "b"):
            kept = self._kept.get(name)
            if isinstance(kept, HubClient):
                kept.forget()


def control(reply: Reply, claim: str) -> Reply:
    """The proper request beside a wrong one was served; else nothing is proven."""
    if not reply.ok:
        raise NotVerified(
            f"the positive control failed, so nothing is proven: {claim}, but {reply.request}"
            f" answered {reply.status} (exchange {reply.exchange})"
        )
    return reply


def _middle_name(student: etree._Element) -> etree._Element:
    """An empty middle name at its place in the schema, behind the given name."""
    given = trees.child(student, "name", "givenName")
    if given is None:
        raise SuiteFault("a student of the district has no given name")
    made = etree.Element(f"{{{trees.namespace(student)}}}middleName")
    given.addnext(made)
    return made


def close(kept: dict[str, object]) -> None:
    """Delete the environments of the run."""
    for one in kept.values():
        if isinstance(one, HubClient):
            one.sif.clean_up()
    kept.clear()
