"""The open door of the suite's own hub: it listens for a whole run and keeps every call."""

from __future__ import annotations

from typing import Protocol
from urllib.parse import urlsplit

from conformance.problems import SuiteFault
from conformance.roles import Setting
from conformance.stage.calls import ELSEWHERE, Asked, Given, Log
from conformance.stage.clock import Clock
from conformance.stage.entrance import Entrance, entrance_of
from conformance.stage.ledger import Ledger
from conformance.stage.papers import Papers
from conformance.stage.server import Answer, Keep, Server


class Door(Protocol):
    """A host that a product can call; `troubles` are faults of our own in its answers."""

    url: str
    port: int
    troubles: list[Exception]

    def close(self) -> None:
        """Stop listening."""


def other_name(url: str, port: int) -> str:
    """The same address in clear text at another port; on loopback the host has another name too."""
    parts = urlsplit(url)
    names = {"127.0.0.1": "localhost", "localhost": "127.0.0.1"}
    host = parts.hostname or ""
    place = f"{names.get(host, host)}:{port}"
    return parts._replace(scheme="http", netloc=place).geturl()


def clock_of(setting: Setting) -> Clock:
    """The clock of a run: the real one, or that of the recording that is played."""
    if setting.understudy is not None:
        return setting.understudy.clock
    return Clock(lambda: setting.evidence.check)


def opened(
    setting: Setting,
    answer: Answer,
    keep: Keep,
    papers: Papers,
    entrance: Entrance | None = None,
) -> Door:
    """The door of the hub itself; where a recording is played nobody else can come in."""

    def answered(asked: Asked) -> Given:
        # An answer may be the end of a document, which the call is about all the same.
        papers.look()
        return answer(asked)

    if setting.understudy is not None:
        setting.understudy.papers = papers
        return setting.understudy.door(answered, keep)
    told = setting.config.listener
    return Server(told.host, told.port, answered, keep, entrance)


def aside(setting: Setting, answer: Answer, keep: Keep) -> Door:
    """The door of another host, at a free port."""
    if setting.understudy is not None:
        return setting.understudy.door(answer, keep, ELSEWHERE)
    return Server(setting.config.listener.host, 0, answer, keep)


class Doors:
    """Listens from now on; `url` is the address that the product is told."""

    def __init__(self, setting: Setting, answer: Answer, papers: Papers) -> None:
        self.clock = clock_of(setting)
        self.log = Log(self.clock)
        self.papers = papers
        self._recorded = 0
        self.entrance = entrance_of(setting)
        self._door = opened(setting, answer, self.log.add, papers, self.entrance)
        self.port = self._door.port
        self.url = setting.config.listener.public_url.rstrip("/") or self._door.url
        self.ledger = Ledger(setting, self.clock, self.url, papers)

    def record(self) -> None:
        """Hand the calls that came to the evidence, and give them their numbers.

        Raises SuiteFault if the hub itself failed: the product is not to blame for that.
        """
        if self._door.troubles:
            raise SuiteFault("the suite's own hub failed") from self._door.troubles[0]
        for call in self.log.since(self._recorded):
            self.ledger.take(call)
            self._recorded += 1

    def close(self) -> None:
        """Stop listening."""
        self._door.close()
        if not self._door.troubles:
            self.record()
