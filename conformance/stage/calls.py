"""What the client under test sent, call by call, and a log that can be waited for."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from conformance.reply import Headers, Reply
from conformance.stage.clock import Clock, Moment
from conformance.wire import Capture

MARKER = "dataPrivacyMarker"

# What a call asks for: the kinds that a document covers are DATA and EVENT.
ENVIRONMENT, PODS, MARKERS, RECEIPT = "environment", "pods", "markers", "receipt"
QUEUE, SUBSCRIPTION, MESSAGES = "queue", "subscription", "messages"
DATA, EVENT, TRAP, OTHER = "data", "event", "trap", "other"
# What a publisher does besides: objects it sends, and its entry in the registry of providers.
CHANGE, REGISTRATION = "change", "registration"
# What a client says of a message that it could not use.
ALERT = "alert"
XML = ("Content-Type", "application/xml;charset=UTF-8")
# Hosts beside the hub: one that is no part of it, and a second hub.
ELSEWHERE, SECOND = "elsewhere", "second"
# In the place of the ids of what was not taken: none of it was.
ALL = ("*",)


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as it arrived, its address taken apart.

    `steps` are the parts of the path below the base; `given` holds matrix and query parameters.
    """

    method: str
    path: str
    steps: tuple[str, ...]
    given: Mapping[str, str]
    headers: Headers
    body: bytes

    def says(self, name: str) -> str:
        """A parameter of the address, else the header of this name, else empty."""
        return self.given.get(name) or self.headers.get(name)


@dataclass(frozen=True, slots=True)
class Given:
    """An answer of the hub. `tokens` are (zone, token) that it told the client.

    `wait` seconds pass before it is sent; `cut` ends the connection in the middle of the body,
    `lost` before the first byte. `refused` are the ids of single objects that were not taken.
    `packed`: the body goes by gzip; `chunked`: in pieces whose number is not told before.

    In JSON: `spoken` are the bytes that go out for the body, `heard` is what was asked as XML.

    Through a relay: `framed` are the bytes as the hub framed them, where these are not the body;
    `steps` are where the address leads, and `astray` says why this is no answer of a hub.
    """

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    kind: str = OTHER
    zone: str = ""
    service: str = ""
    tokens: tuple[tuple[str, str], ...] = ()
    wait: float = 0.0
    cut: bool = False
    lost: bool = False
    refused: tuple[str, ...] = ()
    packed: bool = False
    chunked: bool = False
    spoken: bytes = b""
    heard: bytes = b""
    framed: bytes = b""
    steps: tuple[str, ...] = ()
    astray: str = ""

    def line(self, name: str) -> str:
        """The header line of this name, empty if there is none."""
        return Headers(self.headers).get(name)


@dataclass(slots=True)
class Call:
    """One call of the client. `moment` is monotonic seconds; `exchange` the number in the run.

    `connection` is the number of the connection it came on; `early`: more bytes had come on it
    before the answer was sent; `at` is where the check stood when it was answered. `door`
    names the host where it came, empty for the hub itself.
    """

    asked: Asked
    given: Given
    capture: Capture
    moment: float
    exchange: int = 0
    connection: int = 0
    early: bool = False
    at: Moment = field(default_factory=Moment)
    door: str = ""

    @property
    def elsewhere(self) -> bool:
        """Whether it came to a host that is no part of the hub."""
        return self.door == ELSEWHERE

    @property
    def marker(self) -> str | None:
        """The marker as it was sent, None if the header is not there."""
        values = self.asked.headers.all(MARKER)
        return values[0] if values else None

    @property
    def covered(self) -> bool:
        """Whether an obligation document covers the call: data and events, but no deletion."""
        override = self.asked.headers.get("methodOverride").upper()
        deletes = "DELETE" in (self.asked.method, override)
        return self.given.kind in (DATA, EVENT) and not deletes

    @property
    def message(self) -> Reply:
        """The request in the form that `expect` judges."""
        return Reply(
            status=self.given.status,
            headers=self.asked.headers,
            body=self.asked.body,
            exchange=self.exchange,
            request=f"{self.asked.method} {'/'.join(self.asked.steps)}",
        )

    @property
    def zone(self) -> str:
        """The zone that the call is about."""
        return self.given.zone


@dataclass(slots=True)
class Log:
    """All calls of a run in the order of their answers; safe for several threads."""

    clock: Clock = field(default_factory=Clock)
    calls: list[Call] = field(default_factory=list)
    news: threading.Condition = field(default_factory=threading.Condition)

    def add(self, call: Call) -> None:
        """Keep a call and wake whoever waits."""
        with self.news:
            call.at = self.clock.now()
            self.calls.append(call)
            self.news.notify_all()

    def stray(self, call: Call) -> None:
        """Keep a call that came to the other host."""
        call.door = ELSEWHERE
        self.add(call)

    def since(self, mark: int) -> list[Call]:
        """The calls from this position on."""
        with self.news:
            self.clock.step()
            return self.calls[mark:]

    def mark(self) -> int:
        """The position behind the last call."""
        with self.news:
            self.clock.step()
            return len(self.calls)

    def wait(self, mark: int, enough: Callable[[Sequence[Call]], bool], seconds: float) -> bool:
        """Whether the calls from `mark` on became enough in the time given."""
        deadline = time.monotonic() + seconds
        with self.news, self.clock.still():
            self.clock.catch_up()
            while not enough(self.calls[mark:]):
                left = deadline - time.monotonic()
                if left <= 0 or not self.clock.waits:
                    return False
                self.news.wait(left)
        return True

    def quiet(self, seconds: float, most: float) -> None:
        """Wait until no call came for this long, at most `most` seconds."""
        deadline = time.monotonic() + most
        with self.news:
            before = -1 if self.clock.waits else len(self.calls)
            while before != len(self.calls) and time.monotonic() < deadline:
                before = len(self.calls)
                self.news.wait(seconds)
