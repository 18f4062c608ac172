"""What a check does with the suite's own hub: set a scene, let the client act, look at its calls.

stage.renew()                         a fresh document in every zone
calls = stage.synchronise(until=...)  the client acts; every call since then
stage.watch(bad=...)                  nothing of this kind may come in `watch_seconds`
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from lxml import etree

from conformance import pods, trees
from conformance.pods import Pod
from conformance.problems import HubFault, NotApplicable, NotVerified
from conformance.roles import Setting
from conformance.stage import district, documents, movers
from conformance.stage.beside import Beside
from conformance.stage.calls import DATA, TRAP, Asked, Call, Given
from conformance.stage.doors import Doors, aside, other_name
from conformance.stage.gate import Script
from conformance.stage.hub import Hub
from conformance.stage.papers import Papers
from conformance.stage.relay import Relay
from conformance.stage.weather import Manner, Weather

# Plain small letters and digits: only the checks of the spelling use other tokens.
_PLAIN = "0123456789abcdef"
GIVE_UP_AFTER = 3
OWN_HUB = "it needs the suite's own hub, and this run goes through a relay to another one"

Enough = Callable[[Sequence[Call]], bool]


class Theatre:
    """The hub of one run: listening from the first use to the end, its calls kept in order."""

    def __init__(self, setting: Setting) -> None:
        self.setting = setting
        config = setting.config
        place = f"connectors-{random.Random(setting.seed).randrange(16**6):06x}"  # noqa: S311
        self.relay = Relay(config, place) if config.consumer.relay else None
        self._zones = (config.endpoint.zone or "zone-a", config.pod.second_zone or "zone-b")
        people = [district.students(setting.seed, number) for number in range(len(self._zones))]
        for drawn in people:
            setting.evidence.register(*drawn)
        self.hub = Hub(config, self._zones, people, place)
        self.silences = 0
        # One start of the client, for all checks that only look; how many students were new.
        self.life: list[Call] = []
        self.once: dict[str, list[Call]] = {}
        self.newcomers = 0
        answers = self.hub if self.relay is None else self.relay
        self._doors = Doors(setting, answers.answer, Papers(self._papers, self._zones))
        self.log, self.port = self._doors.log, self._doors.port
        self.url = answers.url = self._doors.url
        self.clock = self.hub.post.clock = self._doors.clock
        # Another host, which the hub is no part of: its calls come into the same log.
        self._other = aside(setting, _strange, self.log.stray)
        self.elsewhere = other_name(self.url, self._other.port)
        self.beside = Beside(setting, self._doors, answers.answer, self._zones)

    @property
    def zones(self) -> tuple[str, ...]:
        """The zones of the hub, as far as it told them through a relay; the first is the usual."""
        return self._zones if self.relay is None else self.relay.read.zones

    def _papers(self) -> list[etree._Element]:
        return [one.shown for one in self.hub.places.values() if one.shown is not None]

    def record(self) -> None:
        """Hand the calls that came to the evidence, and give them their numbers."""
        self._doors.record()

    def close(self) -> None:
        """Stop listening."""
        self._other.close()
        self.beside.close()
        self._doors.close()
        if self.relay is not None:
            self.relay.close()


def _strange(_: Asked) -> Given:
    return Given(404, (), b"", TRAP)


class Stage:
    """The hub as one check sees it: only what happens after the check began."""

    def __init__(self, theatre: Theatre, rng: random.Random) -> None:
        self._theatre = theatre
        self._setting = theatre.setting
        self._rng = rng
        self._version = 0
        self.config = theatre.setting.config
        self.relayed = theatre.relay is not None
        self.began = theatre.log.mark()
        with theatre.hub.lock:
            theatre.hub.gate.reset()
            theatre.hub.sparse = False
            theatre.hub.weather, theatre.hub.manner = None, Manner()
            theatre.hub.late.clear()

    @property
    def zones(self) -> tuple[str, ...]:
        """The zones of the hub; the first is the usual one."""
        return self._theatre.zones

    # -- the scene ---------------------------------------------------------------------------

    def renew(
        self,
        fields: tuple[str, ...] = district.GRANTED,
        *,
        token: Callable[[], str] | None = None,
        alter: Callable[[etree._Element], None] | None = None,
        announce: bool = False,
        when_asked: bool = False,
        waits: str = "",
    ) -> dict[str, Pod]:
        """A new document in every zone, by zone: in force at once, or when data is asked for.

        `token` draws the token, `alter` changes the document before it is shown, `announce` puts
        it into the queues too. With `waits` it is Pending until this has happened.
        """
        status = "Pending" if waits else "Live"
        made = {zone: self._pod(zone, fields, token, alter, status) for zone in self.zones}
        with self.hub.lock:
            for zone, pod in made.items():
                if when_asked:
                    self.hub.gate.surprises[zone] = (pod, fields)
                    continue
                self.hub.places[zone].put_in_force(pod, fields, waits)
                if announce:
                    self.hub.announce(zone)
        return made

    def _pod(
        self,
        zone: str,
        fields: tuple[str, ...],
        token: Callable[[], str] | None,
        alter: Callable[[etree._Element], None] | None,
        status: str,
    ) -> Pod:
        self._version += 1
        version = f"{self._version}.0.0"
        terms = replace(self.terms(zone), fields=fields, version=version, status=status)
        if token is not None:
            terms = replace(terms, token=token())
            self._setting.evidence.token(terms.token)
        pod = pods.build(terms)
        if alter is not None:
            alter(pod.element)
        return pod

    def terms(self, zone: str) -> pods.Terms:
        """What an ordinary document for this vendor says in a zone, with a fresh id and token."""
        config = self.config
        token = pods.fresh_token(self._rng, 40, _PLAIN).lower()
        self._setting.evidence.token(token)
        return pods.Terms(
            refid=pods.fresh_id(),
            token=token,
            party=config.party,
            app=config.pod.app or config.credentials.key,
            zone=zone,
            context=config.endpoint.context or "DEFAULT",
            data_model=config.endpoint.data_model,
            fields=district.GRANTED,
        )

    def show(self, pod_of: Callable[[pods.Terms], Pod], raw: Callable[[Pod], bytes] | None = None
             ) -> dict[str, Pod]:  # fmt: skip
        """Show a document that opens nothing in every zone, or these bytes instead of the list."""
        made = {zone: pod_of(self.terms(zone)) for zone in self.zones}
        with self.hub.lock:
            for zone, pod in made.items():
                self.hub.places[zone].show(pod.element, raw(pod) if raw else b"")
        return made

    def come_alive(self) -> None:
        """The Pending documents become Live, and their readers are told."""
        with self.hub.lock:
            for zone, place in self.hub.places.items():
                place.come_alive()
                self.hub.announce(zone)

    def withhold(self) -> None:
        """No document in any zone; the tokens of the last ones are outdated."""
        with self.hub.lock:
            for place in self.hub.places.values():
                place.withdraw()

    def end(self) -> None:
        """The agreements end: the documents are shown as Expired, their tokens are outdated."""
        with self.hub.lock:
            for place in self.hub.places.values():
                ended = place.shown
                place.withdraw()
                status = trees.child(ended, "podStatus") if ended is not None else None
                if ended is not None and status is not None:
                    status.text = "Expired"
                    place.shown = ended

    def refuse(self, status: int, sub_code: str, times: int = 10_000) -> None:
        """Answer the next covered calls with this error, whatever marker they carry."""
        with self.hub.lock:
            self.hub.gate.script = Script(status, sub_code, times)

    def admit(self) -> None:
        """Answer covered calls by the gate again."""
        with self.hub.lock:
            self.hub.gate.script = None

    def thin_out(self, on: bool = True) -> None:
        """Leave away what is optional in a student, or give it again."""
        with self.hub.lock:
            self.hub.sparse = on

    def behave(self, **ways: Any) -> None:
        """Let the hub speak in lawful ways that are rare: the fields of Manner."""
        with self.hub.lock:
            self.hub.manner = Manner(**ways)

    @contextmanager
    def weather(self, trouble: Weather) -> Iterator[Weather]:
        """The hub misbehaves inside the block."""
        with self.hub.lock:
            self.hub.weather = trouble
        try:
            yield trouble
        finally:
            with self.hub.lock:
                self.hub.weather = None

    @property
    def hub(self) -> Hub:
        """The suite's own hub, for what a check does to it; NotApplicable through a relay."""
        if self.relayed:
            raise NotApplicable(OWN_HUB)
        self._theatre.clock.step()
        return self._theatre.hub

    def newcomer(self, zone: str) -> etree._Element:
        """A student that nobody has seen in this run."""
        self._theatre.newcomers += 1
        at = 500 + 1_000 * self.zones.index(zone) + self._theatre.newcomers
        (made,) = district.students(self._setting.seed, 0, 1, at)
        self._setting.evidence.register(made)
        return made

    def error(self, status: int, message: str) -> bytes:
        """An error object, as the hub writes it."""
        version = self.config.endpoint.infrastructure
        return trees.tostring(documents.error(status, message, "", version))

    @property
    def beside(self) -> Beside:
        """What stands beside the hub: its way in by TLS, a second hub."""
        return self._theatre.beside

    @property
    def elsewhere(self) -> str:
        """The address of a host that is no part of the hub."""
        return self._theatre.elsewhere

    # -- the client --------------------------------------------------------------------------

    def synchronise(
        self, until: Enough | None = None, order: str = "synchronise", *, silence: bool = False
    ) -> list[Call]:
        """Let the client act and return its calls since then, waited for until they are enough.

        Without `until` a covered call that was answered is enough. Raises NotVerified if no call
        came at all, unless `silence` is fine; whether they were enough is up to the check.
        """
        theatre, log, waits = self._theatre, self._theatre.log, self.config.consumer
        if theatre.silences >= GIVE_UP_AFTER:
            raise NotVerified(f"the client was silent {GIVE_UP_AFTER} times, so nothing was asked")
        mark = log.mark()
        zone = next(iter(self.zones), "")
        facts = {"hub": theatre.url, "zone": zone, "key": self.config.credentials.key,
                 "notation": self.config.endpoint.notation, **theatre.beside.facts()}  # fmt: skip
        theatre.clock.order({})
        done = movers.act(self._setting, order, facts)
        log.wait(mark, until or answered, waits.watch_seconds if silence else waits.wait_seconds)
        if not done and log.since(mark):
            log.quiet(min(waits.watch_seconds, waits.poll_seconds / 2), waits.wait_seconds)
        theatre.record()
        calls = self._of_a_hub(log.since(mark))
        if calls or not silence:
            theatre.silences = 0 if calls else theatre.silences + 1
        if not calls and not silence:
            wait = f"{waits.wait_seconds:g} s"
            raise NotVerified(f"the client made no call in {wait}; the hub is at {theatre.url}")
        return calls

    def life(self) -> list[Call]:
        """The calls of one start of the client, made once in a run."""
        if not self._theatre.life:
            self.agree()
            if not self.relayed:
                self.hub.forget()
            self._theatre.life = self.synchronise(order="restart")
        return self._theatre.life

    def once(self, scene: str, play: Callable[[], list[Call]]) -> list[Call]:
        """The calls of a scene that several checks look at, played for the first of them."""
        known = self._theatre.once
        if scene not in known:
            known[scene] = play()
        return known[scene]

    def agree(self) -> None:
        """A document is in force in every zone, a new one where there is none."""
        if not self.relayed and any(
            one.pod is None or one.waits for one in self.hub.places.values()
        ):
            self.renew()

    def by_machine(self, order: str) -> bool:
        """Whether an order is carried out for certain, or a person may have missed it."""
        return self._setting.move is not None or bool(getattr(self.config.consumer, order))

    @property
    def rounds(self) -> int:
        """How often the client can be asked for the same; a person is not asked twenty times."""
        return 20 if self.by_machine("synchronise") else 4

    def watch(self, bad: Callable[[Call], bool], seconds: float = 0.0) -> list[Call]:
        """The calls of this check from now on, until a bad one comes or the time is over."""
        mark = self._theatre.log.mark()
        some: Enough = lambda calls: any(bad(one) for one in calls)  # noqa: E731
        self._theatre.log.wait(mark, some, seconds or self.config.consumer.watch_seconds)
        self._theatre.record()
        return self._of_a_hub(self._theatre.log.since(mark))

    def _of_a_hub(self, calls: list[Call]) -> list[Call]:
        """The calls; raises HubFault where the hub behind a relay was none to one of them."""
        astray = next((one.given.astray for one in calls if one.given.astray), "")
        if astray:
            raise HubFault(f"{astray}, so the client could do nothing with it")
        return calls

    @property
    def place(self) -> str:
        """How the first step of every address begins that an environment told (NEG-002)."""
        relay = self._theatre.relay
        return self._theatre.hub.place if relay is None else relay.addresses.place

    def documents(self, calls: Iterable[Call]) -> dict[str, Pod]:
        """By zone the last document for this party that the hub behind a relay told in them."""
        relay = self._theatre.relay
        known = relay.read.pods if relay is not None else {}
        told = (pair for one in calls for pair in one.given.tokens)
        return {pair[0]: known[pair] for pair in told if pair in known}

    def calls(self, *, of_the_run: bool = False) -> list[Call]:
        """Every call since the check began, or since the run did."""
        self._theatre.record()
        return self._theatre.log.since(0 if of_the_run else self.began)

    @property
    def subscribed(self) -> bool:
        """Whether a queue of the client waits for documents."""
        return bool(self.hub.post.subscribed("pods"))

    @property
    def url(self) -> str:
        """The address of the hub as the client knows it."""
        return self._theatre.url


def answered(calls: Sequence[Call]) -> bool:
    """Whether a covered request for data was answered with data."""
    return any(one.covered and one.given.kind == DATA and one.given.status < 300 for one in calls)


def covered(calls: Iterable[Call]) -> list[Call]:
    """The calls that an obligation document covers."""
    return [one for one in calls if one.covered]
