"""What a check does with a publisher: let it act, trouble it, look at what it sent.

life = desk.life()                   one student entered, changed and deleted, once in a run
sent = desk.enrol(person)            another student is entered; the objects sent about it
with desk.troubled(Trouble(...)):    the hub misbehaves meanwhile
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

from lxml import etree

from conformance import auth, trees
from conformance.problems import NotVerified, TimedOut
from conformance.reply import Reply
from conformance.roles import Setting
from conformance.stage import movers
from conformance.stage.calls import Call, Log
from conformance.stage.counter import POSTS, PROVIDES, Counter, Registered, rights_of
from conformance.stage.doors import Doors
from conformance.stage.papers import Papers
from conformance.stage.sendings import Sent, sendings
from conformance.stage.shelf import CREATE, DELETE, UPDATE
from conformance.stage.trouble import Trouble

GIVE_UP_AFTER = 3
_GIVEN = ("Anna", "Ben", "Carla", "David", "Emma", "Farid", "Grace", "Hugo")
_FAMILY = ("Baker", "Castle", "Dunn", "Evans", "Fields", "Grant", "Hayes", "Irwin")
# Signs of two, three and four bytes, a straight and a typographic apostrophe, a mark of its own.
AWKWARD_GIVEN, AWKWARD_FAMILY = "Zoë \u5c0f\u9f8d", "O'Brien\u2019s-N\u00fa\u00f1ez \U0001d4d0"

Enough = Callable[[Sequence[Call]], bool]


@dataclass(frozen=True, slots=True)
class Person:
    """A student that the vendor's people enter; dates as year-month-day."""

    given_name: str
    family_name: str
    local_id: str
    birth_date: str

    @property
    def facts(self) -> dict[str, str]:
        """What a command or a person is told."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class Life:
    """One student's way through the system under test; `renamed` is what it was changed to.

    `quiet` are the orders after which no call came at all.
    """

    person: Person
    renamed: Person
    added: list[Sent]
    changed: list[Sent]
    deleted: list[Sent]
    quiet: frozenset[str]

    def heard(self, order: str) -> None:
        """Raises TimedOut if no call came after this order."""
        if order in self.quiet:
            raise TimedOut(f"no call came after the order {order}")


class Office:
    """The hub of one run for a publisher, and what is known of the publisher."""

    def __init__(self, setting: Setting) -> None:
        self.setting = setting
        config = setting.config
        names = (config.endpoint.zone or "zone-a", config.pod.second_zone or "zone-b")
        ways = [one for one in ("post", "provide") if one in config.capabilities]
        self.zones: dict[str, str] = dict(zip(ways, names, strict=False))
        told = config.publisher
        rights = {
            zone: rights_of(told.services, told.denied, POSTS if way == "post" else PROVIDES)
            for way, zone in self.zones.items()
        }
        place = f"connectors-{random.Random(setting.seed).randrange(16**6):06x}"  # noqa: S311
        self.counter = Counter(config, rights, place)
        self.silences = 0
        self.life: Life | None = None
        self.ready = False
        self.people = 0
        self._doors = Doors(setting, self.counter.answer, Papers(list, names))
        self.clock = self._doors.clock
        self.log: Log = self._doors.log
        self.port = self._doors.port
        self.url = self.counter.url = self._doors.url

    def record(self) -> None:
        """Hand the calls that came to the evidence."""
        self._doors.record()

    def close(self) -> None:
        """Stop listening."""
        self._doors.close()


class Desk:
    """The hub as one check sees it."""

    def __init__(self, office: Office, rng: random.Random) -> None:
        self._office, self._rng = office, rng
        self._setting = office.setting
        self.config = office.setting.config
        self.waits = self.config.publisher
        self.zones = office.zones
        self.url = office.url
        self.began = office.log.mark()

    @property
    def counter(self) -> Counter:
        """The suite's own hub, for what a check does to it."""
        self._office.clock.step()
        return self._office.counter

    # -- moving the publisher ----------------------------------------------------------------

    def let(
        self,
        order: str,
        person: Person | None = None,
        until: Enough | None = None,
        *,
        silence: bool = False,
    ) -> list[Call]:
        """Let the publisher act; its calls since then, waited for until they are enough.

        Without `until` the calls must have come to rest. Raises NotVerified if none came at all,
        unless `silence` is fine.
        """
        office, log, waits = self._office, self._office.log, self.waits
        if office.silences >= GIVE_UP_AFTER:
            reason = f"the publisher was silent {GIVE_UP_AFTER} times, so nothing was asked"
            raise NotVerified(reason)
        mark = log.mark()
        facts = {"hub": office.url, "key": self.config.credentials.key}
        facts |= person.facts if person else {}
        office.clock.order(person.facts if person else {})
        done = movers.act(self._setting, order, facts)
        log.wait(mark, until or bool, waits.watch_seconds if silence else waits.wait_seconds)
        if not done and log.since(mark):
            log.quiet(waits.watch_seconds, waits.wait_seconds)
        office.record()
        calls = log.since(mark)
        if calls or not silence:
            office.silences = 0 if calls else office.silences + 1
        if not calls and not silence:
            wait = f"{waits.wait_seconds:g} s"
            raise TimedOut(f"the publisher made no call in {wait}; the hub is at {office.url}")
        return calls

    def prepare(self) -> None:
        """Everything was published once in this run; else nothing can be told."""
        if not self._office.ready:
            self.let("publish")
            self._office.ready = True

    def person(self, given: str = "", family: str = "") -> Person:
        """A student nobody has seen: the local id begins with zeros."""
        self._office.people += 1
        draw = random.Random(f"{self._setting.seed}:{self._office.people}")  # noqa: S311
        made = Person(
            given or draw.choice(_GIVEN),
            family or draw.choice(_FAMILY),
            f"00{draw.randrange(10**7, 10**8)}",
            f"{draw.randrange(2010, 2018)}-0{draw.randrange(1, 10)}-{draw.randrange(10, 29)}",
        )
        self._setting.evidence.register(*made.facts.values())
        return made

    def altered(self, person: Person, **facts: str) -> Person:
        """The student with other facts, which are personal too."""
        self._setting.evidence.register(*facts.values())
        return replace(person, **facts)

    def enrol(self, person: Person) -> list[Sent]:
        """Let a student be entered; what was sent about it, in every way that is claimed."""
        return self._moved("add", CREATE, person, lambda one: names(one.element, person))

    def rename(self, person: Person, given: str) -> tuple[Person, list[Sent]]:
        """Let the given name be changed; what was sent about the student."""
        renamed = self.altered(person, given_name=given)
        known = self.keys(person)
        sent = self._moved("change", UPDATE, renamed, lambda one: one.key in known)
        return renamed, sent

    def remove(self, person: Person) -> list[Sent]:
        """Let the student be deleted; what was sent about it."""
        known = self.keys(person)
        return self._moved("delete", DELETE, person, lambda one: one.key in known)

    def _moved(
        self, order: str, action: str, person: Person, about: Callable[[Sent], bool]
    ) -> list[Sent]:
        self.prepare()
        wanted = set(self.zones.values())

        def enough(calls: Sequence[Call]) -> bool:
            done = [one for one in sendings(calls) if one.taken and one.action == action]
            return {one.zone for one in done if about(one)} >= wanted

        return [one for one in sendings(self.let(order, person, enough)) if about(one)]

    def keys(self, person: Person) -> set[tuple[str, str, str]]:
        """Zone, collection and folded id of the objects that the hub holds of a student."""
        with self.counter.lock:
            held = dict(self.counter.shelf.objects)
        return {key for key, element in held.items() if names(element, person)}

    def life(self) -> Life:
        """A student entered, changed and deleted, once in a run; that it was entered must come."""
        office = self._office
        if office.life is None:
            person, quiet = self.person(), list[str]()
            added = self.enrol(person)
            if not any(one.action == CREATE for one in added):
                raise NotVerified("nothing was sent about the student that was added")
            renamed = self.altered(person, given_name=f"{person.given_name}-Maria")
            changed, silent = _heard(lambda: self.rename(person, renamed.given_name)[1])
            quiet += ["change"] if silent else []
            deleted, silent = _heard(lambda: self.remove(person))
            quiet += ["delete"] if silent else []
            office.life = Life(person, renamed, added, changed, deleted, frozenset(quiet))
        return office.life

    def calls(self) -> list[Call]:
        """Every call of the run, from the first on."""
        self._office.record()
        return self._office.log.since(0)

    def sent(self, calls: Sequence[Call]) -> list[Sent]:
        """The objects of these calls."""
        return sendings(calls)

    def recent(self) -> list[Call]:
        """The calls since the check began."""
        return self.calls()[self.began :]

    def rest(self) -> None:
        """Wait until no call comes any more, at most as long as calls are watched for."""
        self._office.log.quiet(self.waits.watch_seconds / 4, self.waits.watch_seconds)

    # -- trouble -----------------------------------------------------------------------------

    @contextmanager
    def troubled(self, trouble: Trouble) -> Iterator[Trouble]:
        """The hub misbehaves inside the block."""
        with self.counter.lock:
            self.counter.trouble = trouble
        try:
            yield trouble
        finally:
            with self.counter.lock:
                self.counter.trouble = None

    def struck(self, trouble: Trouble, before: int) -> None:
        """Raises NotVerified if the fault never met a message."""
        if trouble.left >= before:
            raise NotVerified("no message came that the fault could meet")

    # -- the publisher as a provider ---------------------------------------------------------

    def offered(self) -> Registered:
        """An entry of the publisher in the registry."""
        self.prepare()
        if not self.counter.registered:
            raise NotVerified("the publisher did not register as a provider")
        found = self.counter.registered
        return next(
            (one for one in found if self.counter.shelf.of(one.zone, one.service)), found[0]
        )

    def forward(
        self,
        entry: Registered,
        path: str = "",
        method: str = "GET",
        lines: Mapping[str, str] | None = None,
        *,
        user: str = "",
        secret: str = "",
        moment: str = "",
        body: bytes | None = None,
    ) -> Reply:
        """Ask the provider as its hub does, with its own token unless another user is named."""
        config = self.config
        moment = moment or auth.stamp(auth.now())
        token = user or entry.token
        signed = auth.sign(config.credentials.method, token, secret or config.secret, moment)
        told = {
            "timestamp": moment, "messageId": message_id(self._rng), "messageType": "REQUEST",
            "serviceType": "OBJECT", "sourceName": "suite-consumer", "fingerprint": "fp-suite",
        }  # fmt: skip
        address = f"{entry.location.rstrip('/')}/{entry.service}{path}"
        address += f";zoneId={entry.zone};contextId={entry.context}"
        headers = told | signed.headers | dict(lines or {})
        return self._setting.wire.send(method, address, headers, body)


def names(element: etree._Element, person: Person) -> bool:
    """Whether an object is about this student: its local id, also where zeros were lost."""
    bare = person.local_id.lstrip("0")
    return any(value.strip().lstrip("0") == bare for _, value in trees.leaves(element))


def _heard(move: Callable[[], list[Sent]]) -> tuple[list[Sent], bool]:
    """What was sent, and whether there was no call at all."""
    try:
        return move(), False
    except TimedOut:
        return [], True


def message_id(rng: random.Random) -> str:
    """A version 4 UUID drawn from the seed."""
    bits = rng.getrandbits(128)
    plain = f"{bits:032x}"
    return f"{plain[:8]}-{plain[8:12]}-4{plain[13:16]}-a{plain[17:20]}-{plain[20:]}"
