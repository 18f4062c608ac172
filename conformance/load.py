"""Steady load on one receiver: synthetic students, a bounded rate, ids that tell test data.

`conformance.load_locust` lets Locust drive this; nothing here needs it. No verdict comes of it: how
a product answers is judged by the checks, how long it takes is told by Locust.
"""

from __future__ import annotations

import dataclasses
import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import msgspec
from lxml import etree

from conformance import drawn, target, trees
from conformance.pacing import Pacing
from conformance.problems import ConformanceError, Finding, SetupFault
from conformance.reply import Reply
from conformance.sif import SifClient
from conformance.target import TargetConfig
from conformance.wire import Capture, Limits, Wire

VARIABLE = "CONFORMANCE_LOAD"
MOST_USERS, MOST_PER_SECOND, MOST_SECONDS = 50, 200, 3600
# RefIds of a load begin with it, so that whoever looks at a target knows what they are.
MARK = "10AD"
# So many students are deleted with one request at the end; more is much for one body.
_TOGETHER = 100
# How often each step is taken, of thirteen.
_WEIGHTS = {"create": 3, "read": 4, "page": 3, "update": 2, "delete": 1}
_NEEDS = {"read": "query", "page": "paging"}
_PAGE = 20
_RECEIVERS = "Load is for receivers that declare the capability create."
_ONLY = (
    "Load goes to the target of the file and nowhere else; if this is the target, name it there."
)


class Wish(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What one load is: a target file, a seed, requests a second over all callers, `keep`."""

    target: str
    seed: int
    rate: float
    keep: bool = False


@dataclass(frozen=True, slots=True)
class Done:
    """One step: `milliseconds` from the request to the whole answer; `fault` is empty if it went.

    `name` is the same for all steps of a kind; it holds no id.
    """

    verb: str
    name: str
    milliseconds: float
    size: int
    fault: str = ""


class _Watch:
    """A recorder that keeps the time of the last exchange and nothing else."""

    def __init__(self) -> None:
        self.number, self.milliseconds = 0, 0.0

    def record(self, capture: Capture) -> int:
        """Note how long it took."""
        self.number, self.milliseconds = self.number + 1, capture.milliseconds
        return self.number

    def settle(self) -> None:
        """Nothing is kept."""


class Load:
    """One load: a session at the target, and callers with connections of their own.

    Raises SetupFault for a target that is none for this, also when its environment names another
    address than the target file does: load goes there and nowhere else.
    """

    def __init__(self, wish: Wish) -> None:
        config = target.load(Path(wish.target))
        if config.vendor.role != "receiver" or "create" not in config.capabilities:
            raise SetupFault("vendor.role", f"this target is a {config.vendor.role}.", _RECEIVERS)
        limit = min(wish.rate, MOST_PER_SECOND)
        rate = min(limit, config.route.requests_per_second or limit)
        route = dataclasses.replace(config.route, requests_per_second=rate)
        # What was created is deleted here, not by the client: a load makes more than a run.
        self.config: TargetConfig = dataclasses.replace(config, route=route, keep=True)
        self.deletes = "delete" in config.capabilities and not wish.keep
        self.seed, self._pacing, self._callers = wish.seed, Pacing(route), 0
        self.made: dict[str, None] = {}
        self.mark = f"{MARK}{wish.seed % 2**16:04X}"
        self._wire = self._new_wire(_Watch())
        self.sif = SifClient(self._wire, self.config, random.Random(wish.seed))  # noqa: S311

    def refuse_other(self, address: str) -> None:
        """SetupFault for an address that is not at the origin of the target file."""
        if _origin(address) != _origin(self.config.endpoint.url):
            raise SetupFault("endpoint.url", f"{address} is another address.", _ONLY)

    def begin(self) -> None:
        """Open the session that all callers share, with a POD in force where one is needed."""
        reply = self.sif.connect(f"load-{self.mark}")
        environment = self.sif.environment
        if environment is None or not environment.requests:
            seen = f"{reply.request} answered {reply.status}, which is no environment."
            raise SetupFault("credentials", seen, "`conformance doctor` says more.")
        try:
            for address in (environment.requests, *environment.services.values()):
                self.refuse_other(address)
        except SetupFault:
            self.sif.environment = None
            raise
        if "pod" in self.config.capabilities:
            self.sif.acknowledge()

    def caller(self) -> Caller:
        """The next caller, with its own connection and its own students."""
        self._callers += 1
        watch = _Watch()
        return Caller(self, self.sif.beside(self._new_wire(watch)), watch, self._callers)

    def end(self) -> int:
        """Delete what may stand at the target, unless it is kept, and the session; what is left.

        A second call finds nothing to do.
        """
        if self.sif.environment is not None:
            if self.deletes:
                self._delete()
            self.sif.clean_up()
        self._wire.close()
        return len(self.made)

    def _delete(self) -> None:
        waiting = list(self.made)
        while waiting:
            some, waiting = waiting[:_TOGETHER], waiting[_TOGETHER:]
            try:
                gone = _gone(self.sif.delete_many(some), some)
            except ConformanceError:
                return
            for refid in gone:
                del self.made[refid]

    def _new_wire(self, watch: _Watch) -> Wire:
        given = self.config.endpoint
        limits = Limits(given.connect_seconds, given.read_seconds, given.total_seconds)
        return Wire(limits, watch, self.config.route, pacing=self._pacing)


class Caller:
    """Takes one step after the other with students of its own."""

    def __init__(self, load: Load, sif: SifClient, watch: _Watch, number: int) -> None:
        self._load, self._sif, self._watch, self._number = load, sif, watch, number
        self._rng = random.Random(f"{load.seed}/{number}")  # noqa: S311
        self._made = 0
        self._known: dict[str, etree._Element] = {}
        self._steps: dict[str, Callable[[], tuple[str, Reply]]] = {
            "create": self._create, "read": self._read, "page": self._page,
            "update": self._update, "delete": self._delete,
        }  # fmt: skip

    def step(self) -> Done:
        """The next step, drawn; what does not go is told and never raised."""
        name = self._drawn()
        before = self._watch.number
        try:
            verb, reply = self._steps[name]()
        except ConformanceError as error:
            took = self._watch.milliseconds if self._watch.number > before else 0.0
            return Done("", name, took, 0, f"{type(error).__name__}: {error}")
        fault = "" if reply.ok else f"answered {reply.status}"
        return Done(verb, name, self._watch.milliseconds, len(reply.raw or reply.body), fault)

    def _drawn(self) -> str:
        offered = self._load.config.capabilities
        names = ["create"] * _WEIGHTS["create"]
        if self._known:
            names = [one for one, times in _WEIGHTS.items() for _ in range(times)
                     if _NEEDS.get(one, one) in offered]  # fmt: skip
        return self._rng.choice(names)

    def _create(self) -> tuple[str, Reply]:
        self._made += 1
        # So many students belong to a caller that no two have one in common.
        number = self._number * 20_000 + self._made
        student = drawn.student(self._sif.model.id, self._load.seed, number)
        refid = f"{self._load.mark}-{self._number:04X}-4000-8000-{self._made:012X}"
        student.set(trees.key_of(student), refid)
        # Noted before: what is not answered, or with a 500, may have been stored.
        self._load.made[refid] = None
        reply = self._sif.create(student, headers={"mustUseAdvisory": "true"})
        if reply.ok:
            self._known[refid] = student
        elif reply.status < 500:
            del self._load.made[refid]
        return "POST", reply

    def _read(self) -> tuple[str, Reply]:
        return "GET", self._sif.get(self._one())

    def _page(self) -> tuple[str, Reply]:
        return "GET", self._sif.query(navigationPage=1, navigationPageSize=_PAGE)

    def _update(self) -> tuple[str, Reply]:
        refid = self._one()
        return "PUT", self._sif.update(refid, self._known[refid])

    def _delete(self) -> tuple[str, Reply]:
        refid = self._one()
        del self._known[refid]
        reply = self._sif.delete(refid)
        if reply.ok:
            del self._load.made[refid]
        return "DELETE", reply

    def _one(self) -> str:
        return self._rng.choice(list(self._known))


def _gone(reply: Reply, refids: list[str]) -> list[str]:
    """Those of a `deleteRequest` that no longer stand at the target; 404 tells that too."""
    if not reply.ok:
        return []
    try:
        results = trees.every(reply.object, "delete")
    except Finding:
        return []
    told = {one.get("id", ""): one.get("statusCode", "") for one in results}
    return [refid for refid in refids if told.get(refid, "")[:1] == "2" or told.get(refid) == "404"]


def _origin(address: str) -> tuple[str, str, int]:
    parts = urlsplit(address)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    return parts.scheme.lower(), (parts.hostname or "").lower(), port
