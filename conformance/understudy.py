"""Stands in for a product that calls: its recorded calls come again, each where it stood.

The checks run anew before the suite's own hub, which gives other ids and tokens than then. Each
answer is held against the recorded one: that shows which present word stands for which recorded
one, and whether the hub is where it was. If it is not, nobody knows what the product would have
done, so what follows in this check is not recorded.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import takewhile
from urllib.parse import quote, urlsplit

from conformance.evidence import Evidence
from conformance.exchange import Arrival, Exchange
from conformance.player import NOT_RECORDED, head_of, is_partial, status_of
from conformance.present import Present
from conformance.recall import Memory, fresh_words
from conformance.redaction import SECRET
from conformance.reply import Headers
from conformance.runfile import Header
from conformance.stage.calls import Asked, Call, Given
from conformance.stage.clock import Clock
from conformance.stage.papers import Papers
from conformance.stage.server import taken_apart
from conformance.stage.signing import Signed, Signing, tokens_of
from conformance.wire import Capture

# These tell of the connection, or when the answer was written.
_ASIDE = {"date", "content-length", "transfer-encoding", "content-encoding", "retry-after"}
# A call came a little after the hub was made ready for it.
_SHORTLY = 0.005
_LAST_PORT = 65535


class PlayedClock(Clock):
    """The clock of the recording: it stands at the call that comes next."""

    waits = False

    def __init__(self, understudy: Understudy, check: Callable[[], str], started: datetime) -> None:
        super().__init__(check)
        self._understudy = understudy
        self._began = started.timestamp()
        # So that what a check counts back from now is the time of the recording.
        self.opened = time.monotonic() - (time.time() - self._began)
        self.seconds = 0.0
        self.moments: deque[float] = deque()

    def monotonic(self) -> float:
        return self.opened + self._here()

    def epoch(self) -> float:
        return self._began + self._here()

    def draw(self, seconds: float) -> float:
        return self.moments.popleft() if self.moments else seconds

    def catch_up(self) -> None:
        self._understudy.catch_up()

    def _here(self) -> float:
        if not self._understudy.busy:
            self.seconds = max(self.seconds, self._understudy.next_at() - _SHORTLY)
        return self.seconds


class Curtain:
    """The door of a hub that nobody calls from outside."""

    def __init__(self, url: str, port: int, answer: Callable[[Asked], Given],
                 keep: Callable[[Call], None]) -> None:  # fmt: skip
        self.url, self.port, self.answer, self.keep = url, port, answer, keep
        self.troubles: list[Exception] = []

    def close(self) -> None:
        """Nobody comes."""


class Understudy:
    """Plays the calls of a run.

    `played` holds check, number and capture of each, in order; `unknown` how many masked values
    nobody could tell, by number. `doubts` says by check why it cannot be judged again.
    """

    def __init__(
        self, header: Header, exchanges: Sequence[Exchange], evidence: Evidence, memory: Memory,
        signing: Signing,
    ) -> None:  # fmt: skip
        self.played: list[tuple[str, int, Capture]] = []
        self.unknown: dict[int, int] = {}
        self.doubts: dict[str, str] = {}
        self.papers = Papers(list, ())
        self._header, self._signing = header, signing
        self._memory = memory
        # By check, in the order of the run.
        self._left: dict[str, list[tuple[Exchange, Arrival]]] = {}
        self._tokens: dict[int, str] = {}
        self._doors: dict[str, Curtain] = {}
        self.busy = False
        started = datetime.fromisoformat(header.started)
        self.clock = PlayedClock(self, lambda: evidence.check, started)
        for one in exchanges:
            if one.arrival is not None:
                self._left.setdefault(one.arrival.check, []).append((one, one.arrival))
                self.clock.moments += one.arrival.drawn

    def door(
        self, answer: Callable[[Asked], Given], keep: Callable[[Call], None], name: str = ""
    ) -> Curtain:
        """Who answers the calls from now on, and who keeps them; see `Arrival.door`."""
        url, port = self._header.endpoint, urlsplit(self._header.endpoint).port or 0
        if name:
            # Another free port each time: it is known by the answers that tell it.
            parts, port = urlsplit(url), _LAST_PORT - len(self._doors)
            url = parts._replace(netloc=f"{parts.hostname}:{port}").geturl()
        self._doors[name] = Curtain(url, port, answer, keep)
        return self._doors[name]

    def act(self) -> None:
        """What the product did when it was told to."""
        self.catch_up()

    def next_at(self) -> float:
        """When the next call came, in seconds since the hub opened."""
        return next((at.seconds for left in self._left.values() for _, at in left), 0.0)

    def catch_up(self) -> None:
        """Play every call that had come before the present step."""
        if self.busy or not self._doors:
            return
        self.busy = True
        try:
            with self.clock.still():
                for call in self._due():
                    self._play(*call)
        finally:
            self.busy = False

    def _due(self) -> list[tuple[Exchange, Arrival]]:
        now = self.clock.now()
        if now.check not in self._left:
            return []
        found: list[tuple[Exchange, Arrival]] = []
        # What was not played with the checks before this one is over as well.
        for check in list(takewhile(lambda one: one != now.check, self._left)):
            found += self._left.pop(check)
        here = (now.order, now.step)
        mine = self._left[now.check]
        self._left[now.check] = [one for one in mine if (one[1].order, one[1].step) > here]
        return found + [one for one in mine if (one[1].order, one[1].step) <= here]

    # -- one call ----------------------------------------------------------------------------

    def _play(self, exchange: Exchange, at: Arrival) -> None:
        answered = at.seconds + exchange.milliseconds / 1000
        self.clock.seconds = max(self.clock.seconds, answered)
        asked = self._asked(exchange, at)
        door = self._doors.get(at.door, self._doors[""])
        try:
            given = door.answer(asked)
        except Exception as error:  # told as our fault, as the listening hub does
            door.troubles.append(error)
            given = Given(500)
        shown = b"" if given.lost or asked.method == "HEAD" else given.spoken or given.body
        capture = _captured(exchange, asked, given, shown)
        asked = replace(asked, body=given.heard) if given.heard else asked
        moment = self.clock.opened + at.seconds
        call = Call(asked, given, capture, moment, exchange.number, at.connection, at.early)
        door.keep(call)
        self.played.append((exchange.check, exchange.number, capture))
        self._compare(exchange, at, given, shown)
        for token in tokens_of(given):
            self._tokens[exchange.number] = token

    def _asked(self, exchange: Exchange, at: Arrival) -> Asked:
        message, now = exchange.request, self.clock.now()
        for name, mask in at.facts.items():
            if name in now.facts:
                self._memory.masks[f"#{mask.rpartition('#')[2]}"] = mask, now.facts[name]
        self.papers.look()
        present = Present(self._memory, at.said, self.papers)
        method, _, rest = message.start.partition(" ")
        pairs = [(name, present.text(value)) for name, value in message.headers]
        stamp = Headers(tuple(pairs)).get("timestamp")
        path = present.text(rest.rpartition(" ")[0])
        origin = "/".join(self._header.endpoint.split("/")[:3])
        about = Signed(method, origin + path, stamp)
        proof = self._proof(at.signed, about)
        lines = tuple((name, proof if name.lower() == "authorization" else value)
                      for name, value in pairs)  # fmt: skip
        secret = self._proof(at.address, about).partition(" ")[2] or self._signing.secret
        path = path.replace(SECRET, quote(secret, safe=""))
        body = present.body(message.body).replace(SECRET, self._signing.secret)
        steps, given = taken_apart(path)
        self.unknown[exchange.number] = present.unknown
        if is_partial(message):
            self._doubt(exchange, "was written down in part only")
        return Asked(method, path, steps, given, Headers(lines), body.encode("utf-8", "replace"))

    def _proof(self, words: str, about: Signed) -> str:
        try:
            return self._signing.again(words, about, self._tokens)
        except (LookupError, ValueError):
            return "unknown"

    # -- what the hub says to it ---------------------------------------------------------------

    def _compare(self, exchange: Exchange, at: Arrival, given: Given, shown: bytes) -> None:
        """Learn the present words of the answer; doubt the check where it is another answer."""
        answer = exchange.response
        if answer is None:
            if not given.lost:
                self._doubt(exchange, "was not answered then")
            return
        if status_of(answer) != given.status:
            told = f"was answered {status_of(answer)} then, and is answered {given.status} now"
            self._doubt(exchange, told)
            return
        for name, value in answer.headers:
            if name.lower() not in _ASIDE:
                self._memory.alike(value, Headers(given.headers).get(name), name)
        words = fresh_words(shown.decode("utf-8", "replace")) if at.told else []
        if len(words) == len(at.told):
            self._memory.renewed(at.told, words)
        if not self._memory.same_body(answer.body, shown):
            self._doubt(exchange, "was answered otherwise then")

    def _doubt(self, exchange: Exchange, why: str) -> None:
        told = f"{NOT_RECORDED}: the call {exchange.number} {why}"
        self.doubts.setdefault(exchange.check, told)


def _captured(exchange: Exchange, asked: Asked, given: Given, shown: bytes) -> Capture:
    start = f"{asked.method} {asked.path} {exchange.request.start.rpartition(' ')[2]}"
    first = exchange.response.start if exchange.response is not None else ""
    return Capture(
        method=asked.method,
        url=asked.path,
        sent=head_of(start, list(asked.headers)) + asked.body,
        body=asked.body,
        head=head_of(first, given.headers) if first else b"",
        raw=shown,
        decoded=shown,
        headers=Headers(given.headers),
        fault=exchange.fault,
        milliseconds=exchange.milliseconds,
        direction="received",
    )
