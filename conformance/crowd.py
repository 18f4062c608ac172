"""Many requests at the same time: each caller has a connection of its own, all are recorded."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from conformance.evidence import Evidence
from conformance.pacing import Pacing
from conformance.sif import SifClient
from conformance.target import TargetConfig
from conformance.wire import Capture, Limits, Wire

Seen = TypeVar("Seen")


class SharedRecorder:
    """One recorder for the wires of all callers."""

    def __init__(self, evidence: Evidence, pacing: Pacing) -> None:
        self.pacing = pacing
        self._evidence = evidence
        self._lock = threading.Lock()

    def record(self, capture: Capture) -> int:
        """Number and keep one exchange."""
        with self._lock:
            return self._evidence.record(capture)

    def settle(self) -> None:
        """Write what was kept."""
        with self._lock:
            self._evidence.settle()


def own_wire(config: TargetConfig, shared: SharedRecorder) -> Wire:
    """A wire for one caller, with the limits of the target file."""
    given = config.endpoint
    limits = Limits(given.connect_seconds, given.read_seconds, given.total_seconds)
    return Wire(limits, shared, config.route, pacing=shared.pacing)


def at_once(sif: SifClient, calls: Sequence[Callable[[SifClient], Seen]]) -> list[Seen]:
    """What the calls give, in their order; they begin together in the session of `sif`.

    Raises what the first of them raises, after all have ended.
    """
    shared = SharedRecorder(sif.evidence, sif.wire.pacing)
    gate = threading.Barrier(len(calls))

    def one(call: Callable[[SifClient], Seen]) -> Seen:
        with own_wire(sif.config, shared) as wire:
            caller = sif.beside(wire)
            gate.wait()
            return call(caller)

    with ThreadPoolExecutor(len(calls)) as pool:
        running = [pool.submit(one, call) for call in calls]
    sif.evidence.settle()
    return [each.result() for each in running]
