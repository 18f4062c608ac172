"""What a check does with the suite's own OneRoster face: set a scene, let the client act, look.

scene.renew(...)                the roster changed as a whole, told in this style
scene.play(trick, ...)          what the face does to single answers from now on
calls = scene.synchronise()     the client acts; every call since then
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import replace

from lxml import etree

from conformance import pods
from conformance.pods import Pod
from conformance.problems import NotVerified, SuiteFault, TimedOut
from conformance.reply import read_json
from conformance.roles import Setting
from conformance.stage import movers
from conformance.stage.calls import TRAP, Asked, Call, Given, Log
from conformance.stage.district import GRANTED
from conformance.stage.doors import aside, clock_of, opened, other_name
from conformance.stage.ledger import Ledger
from conformance.stage.oneroster_face import Face, Trick
from conformance.stage.oneroster_pages import ORDINARY, ROSTER, Style
from conformance.stage.oneroster_query import BadFilter, parts
from conformance.stage.oneroster_roster import TICK, Roster
from conformance.stage.papers import Papers

GIVE_UP_AFTER = 3
Enough = Callable[[Sequence[Call]], bool]
CHANGED = "dateLastModified"
_PLAIN = "0123456789abcdef"


class RosterTheatre:
    """The face of one run, and another host that it is no part of; calls are kept in order."""

    def __init__(self, setting: Setting) -> None:
        self.setting = setting
        self.clock = clock_of(setting)
        self.log, self.strange = Log(self.clock), Log(self.clock)
        self.face = Face(setting.config, setting.evidence.secret)
        self.face.counter.clock = self.clock
        self.silences = 0
        self.versions = 0
        self.latest = 0.0
        self._recorded = [0, 0]
        papers = Papers(self._papers, (setting.config.endpoint.zone or "zone-a",))
        self._door = opened(setting, self.face.answer, self.log.add, papers)
        self.port = self._door.port
        self.url = setting.config.listener.public_url.rstrip("/") or self._door.url
        self.face.url = self.url
        self._other = aside(setting, _trap, self.strange.stray)
        self._ledger = Ledger(setting, self.clock, self.url, papers)
        self.elsewhere = other_name(self.url, self._other.port)
        self._in_force()

    def _papers(self) -> list[etree._Element]:
        shown = self.face.place.shown
        return [shown] if shown is not None else []

    def _in_force(self) -> None:
        if "pod" in self.setting.config.capabilities:
            drawn = random.Random(f"{self.setting.seed}:roster")  # noqa: S311
            self.face.place.put_in_force(self.document(drawn), GRANTED)

    def document(
        self, rng: random.Random, alter: Callable[[pods.Terms], pods.Terms] | None = None
    ) -> Pod:
        """A new document for this vendor, in force unless `alter` says otherwise."""
        config = self.setting.config
        self.versions += 1
        token = pods.fresh_token(rng, 40, _PLAIN).lower()
        self.setting.evidence.token(token)
        terms = pods.Terms(
            refid=pods.fresh_id(),
            token=token,
            party=config.party,
            app=config.pod.app or config.credentials.key,
            zone=config.endpoint.zone or "zone-a",
            context=config.endpoint.context or "DEFAULT",
            version=f"{self.versions}.0.0",
            data_model=config.endpoint.data_model,
            fields=GRANTED,
        )
        return pods.build(alter(terms) if alter is not None else terms)

    def moment(self, room: float = 0.0) -> float:
        """Now and a little, in seconds of the epoch; `room` before it is later than ever before."""
        now = max(self.clock.epoch(), self.latest + 0.002) + room
        self.latest = self.clock.draw(now)
        return self.latest

    def record(self) -> None:
        """Hand the calls that came to the evidence; raises SuiteFault if the face failed."""
        for at, (door, log) in enumerate(((self._door, self.log), (self._other, self.strange))):
            if door.troubles:
                raise SuiteFault("the suite's own service failed") from door.troubles[0]
            for call in log.since(self._recorded[at]):
                self._ledger.take(call)
                self._recorded[at] += 1

    def close(self) -> None:
        """Stop listening."""
        self._door.close()
        self._other.close()
        if not self._door.troubles:
            self.record()


def _trap(_: Asked) -> Given:
    return Given(200, (("Content-Type", "application/json"),), b"{}", TRAP)


class Scene:
    """The face as one check sees it: only what happens after the check began."""

    def __init__(self, theatre: RosterTheatre, rng: random.Random) -> None:
        self._theatre, self._setting, self._rng = theatre, theatre.setting, rng
        self.config = theatre.setting.config
        self.url, self.elsewhere = theatre.url, theatre.elsewhere
        self.began = theatre.log.mark()
        self._strange = theatre.strange.mark()
        self.face.counter.ordinary()
        self.renew()
        if "pod" in self.config.capabilities and self.face.place.pod is None:
            self.agree()

    @property
    def face(self) -> Face:
        """The suite's own service, for what a check does to it."""
        self._theatre.clock.step()
        return self._theatre.face

    # -- the scene ---------------------------------------------------------------------------

    def renew(
        self, style: Style = ORDINARY, *, people: int = 0, extra: int = 0, behind: float = 0.0
    ) -> Roster:
        """Everything changed just now, by the clock of a service that is `behind` seconds late.

        The ids stay as they are; other `people` have other values. No trick is played any more.
        """
        moment = self._theatre.moment(TICK) - behind
        roster = Roster(self._setting.seed, people, moment, extra)
        self._setting.evidence.register(*roster.values())
        with self.face.lock:
            self.face.roster, self.face.style = roster, style
            self.face.tricks.clear()
        return roster

    def play(self, *tricks: Trick) -> None:
        """Play these tricks and no others."""
        with self.face.lock:
            self.face.tricks[:] = tricks

    def moment(self) -> float:
        """Now, in seconds of the epoch, and later than anything that was told."""
        return self._theatre.moment()

    def outdate(self) -> None:
        """Every token that was given out is unknown from now on."""
        with self.face.lock:
            self.face.counter.given.clear()

    def agree(self, alter: Callable[[pods.Terms], pods.Terms] | None = None) -> Pod:
        """A new document is in force; data stays shut until it is acknowledged."""
        pod = self._theatre.document(self._rng, alter)
        with self.face.lock:
            self.face.place.put_in_force(pod, GRANTED)
        return pod

    def show(self, alter: Callable[[pods.Terms], pods.Terms], spoil: Callable[[Pod], None]) -> Pod:
        """Show a document that opens nothing."""
        pod = self._theatre.document(self._rng, alter)
        spoil(pod)
        with self.face.lock:
            self.face.place.show(pod.element)
        return pod

    def end(self) -> None:
        """The agreement is over: no document, and the data is gone."""
        with self.face.lock:
            self.face.place.withdraw()

    # -- the client --------------------------------------------------------------------------

    def synchronise(
        self,
        until: Enough | None = None,
        order: str = "synchronise",
        *,
        silence: bool = False,
        endless: bool = False,
    ) -> list[Call]:
        """Let the client act and return its calls since then, waited for until they are enough.

        Without `until` some rosters that were read to their end are enough. Raises TimedOut if no
        call came at all, unless `silence` is fine. With `endless` the calls of a command that did
        not end, or ended badly, are good enough to be judged.
        """
        theatre, log, waits = self._theatre, self._theatre.log, self.config.consumer
        if theatre.silences >= GIVE_UP_AFTER:
            raise TimedOut(f"the client was silent {GIVE_UP_AFTER} times, so nothing was asked")
        mark = log.mark()
        facts = {
            "hub": theatre.url, "roster": self.face.root, "token_url": f"{theatre.url}/oauth/token",
            "key": self.config.credentials.key,
        }  # fmt: skip
        theatre.clock.order({})
        try:
            done = movers.act(self._setting, order, facts)
        except NotVerified:
            if not (endless and log.since(mark)):
                raise
            done = True
        log.wait(mark, until or self.whole, waits.watch_seconds if silence else waits.wait_seconds)
        if not done and log.since(mark):
            log.quiet(min(waits.watch_seconds, waits.poll_seconds / 2), waits.wait_seconds)
        theatre.record()
        calls = log.since(mark)
        if calls or not silence:
            theatre.silences = 0 if calls else theatre.silences + 1
        if not calls and not silence:
            wait = f"{waits.wait_seconds:g} s"
            raise TimedOut(f"the client made no call in {wait}; the service is at {theatre.url}")
        return calls

    def calls(self, *, of_the_run: bool = False) -> list[Call]:
        """Every call since the check began, or since the run did."""
        self._theatre.record()
        return self._theatre.log.since(0 if of_the_run else self.began)

    def strays(self) -> list[Call]:
        """The calls to the other host since the check began."""
        self._theatre.record()
        return self._theatre.strange.since(self._strange)

    def missing(self, calls: Sequence[Call]) -> dict[str, set[str]]:
        """By collection and condition what a client that read these has not been given.

        Everything changed at the last renewal, so who asks for changes is to be given all too.
        """
        wanted: dict[str, set[str]] = {}
        given: dict[str, set[str]] = {}
        for call in calls:
            key = series(call)
            if not key:
                continue
            try:
                ids = {one["sourcedId"] for one in self.face.matching(whatever_changed(call))}
            except (BadFilter, LookupError):
                continue
            wanted.setdefault(key, ids)
            given.setdefault(key, set()).update(ids_of(call))
        return {key: ids - given[key] for key, ids in wanted.items() if ids - given[key]}

    def whole(self, calls: Sequence[Call]) -> bool:
        """Whether some rosters were read, and each of them to its end."""
        return any(map(good, calls)) and not self.missing(calls)


def series(call: Call) -> str:
    """What a call for a list of rosters is about, whatever its page; empty for all others."""
    steps = call.given.service.split("/")
    if call.given.kind != ROSTER or not call.given.zone or len(steps) % 2 == 0:
        return ""
    return f"{call.given.service} {whatever_changed(call).given.get('filter', '')}".strip()


def whatever_changed(call: Call) -> Asked:
    """The call without its condition, if that asks for what changed."""
    asked = call.asked
    try:
        found, _ = parts(asked.given.get("filter", ""))
    except BadFilter:
        return asked
    left = [one for one in found if one[0] != CHANGED]
    if len(left) == len(found):
        return asked
    told = "".join(f"{field}{sign}'{value}'" for field, sign, value in left)
    return replace(asked, given={**asked.given, "filter": told})


def good(call: Call) -> bool:
    """Whether rosters were given, whole."""
    return call.given.kind == ROSTER and call.given.status == 200 and not call.given.cut


def ids_of(call: Call) -> list[str]:
    """The sourcedIds of the objects that a call was given, in their order."""
    return [str(one.get("sourcedId")) for one in objects_of(call)]


def objects_of(call: Call) -> list[dict[str, object]]:
    """The objects of a page that was given; none where it was refused, cut or spoiled."""
    if not good(call):
        return []
    try:
        body = read_json(call.given.body)
    except ValueError:
        return []
    found = body.get(call.given.zone) if isinstance(body, dict) else None
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []
