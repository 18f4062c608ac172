"""Many readers at once around one moment: who got data, and when by the clock of the suite.

A request that was answered with data before the moment began is too early; one that was sent after
the moment was over and still got data (or was still refused) is too late. What overlaps the moment
may go either way.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from conformance.crowd import SharedRecorder, own_wire
from conformance.hub_client import HubClient
from conformance.hub_stage import HubStage
from conformance.problems import NotVerified
from conformance.reply import Reply
from conformance.sif import MARKER
from conformance.target import TargetConfig

READERS = 12
LONGEST = 5.0  # seconds of reading on either side of the moment
MOST_READS = 400  # of one reader


@dataclass(frozen=True, slots=True)
class Read:
    """One answer: when it was asked for and when it was there, by the monotonic clock."""

    sent: float
    came: float
    reply: Reply


@dataclass(slots=True)
class Race:
    """All reads, and the moment: from just before it was asked for until it was confirmed."""

    reads: list[Read] = field(default_factory=list)
    began: float = 0.0
    over: float = 0.0

    def wait(self, stop: threading.Event) -> None:
        """Until twice as many reads as readers have ended, at most LONGEST seconds."""
        enough, deadline = len(self.reads) + 2 * READERS, time.monotonic() + LONGEST
        while len(self.reads) < enough and time.monotonic() < deadline:
            stop.wait(0.01)

    def before(self) -> list[Reply]:
        """Answers that were there before the moment began."""
        return [one.reply for one in self.reads if one.came < self.began]

    def after(self) -> list[Reply]:
        """Answers to what was asked for when the moment was over."""
        return [one.reply for one in self.reads if one.sent > self.over]


def race(stage: HubStage, who: HubClient, token: str, moment: Callable[[], None]) -> Race:
    """Let READERS read the list with this marker, if any, while `moment` happens once.

    Raises what `moment` raises, after all readers have ended.
    """
    run, shared, stop = Race(), SharedRecorder(stage.evidence, stage.wire.pacing), threading.Event()
    readers = [_Reader(stage.config, shared, who, token, run, stop) for _ in range(READERS)]
    usual = stage.wire
    own = own_wire(stage.config, shared)
    stage.operator.wire = who.sif.wire = own
    for one in readers:
        one.start()
    try:
        run.wait(stop)
        run.began = time.monotonic()
        moment()
        run.over = time.monotonic()
        run.wait(stop)
    finally:
        stop.set()
        for one in readers:
            one.join()
        stage.operator.wire = who.sif.wire = usual
        own.close()
        stage.evidence.settle()
    return run


class _Reader(threading.Thread):
    """Reads the list over a connection of its own."""

    def __init__(
        self,
        config: TargetConfig,
        shared: SharedRecorder,
        who: HubClient,
        token: str,
        run: Race,
        stop: threading.Event,
    ) -> None:
        super().__init__(daemon=True)
        self._wire = own_wire(config, shared)
        self._who = who
        self._token = token
        self._run = run
        self._halted = stop

    def run(self) -> None:
        environment = self._who.sif.environment
        url = f"{environment.requests if environment else ''}/xStudents"
        with self._wire:
            for _ in range(MOST_READS):
                if self._halted.is_set():
                    return
                marker = {MARKER: self._token} if self._token else {}
                headers = {**self._who.sif.sign().headers, "Accept": "application/xml", **marker}
                sent = time.monotonic()
                try:
                    reply = self._wire.send("GET", url, headers, None, "xStudents")
                except NotVerified:
                    return
                self._run.reads.append(Read(sent, time.monotonic(), reply))
