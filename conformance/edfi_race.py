"""The same request from several connections at once."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any

from conformance.edfi import EdfiClient
from conformance.evidence import Evidence
from conformance.pacing import Pacing
from conformance.problems import NotVerified
from conformance.reply import Reply
from conformance.wire import Capture, Limits, Wire

AT_ONCE = 4


class _Shared:
    """One recorder for all connections."""

    def __init__(self, evidence: Evidence) -> None:
        self._evidence = evidence
        self._lock = threading.Lock()

    def record(self, capture: Capture) -> int:
        """Take one exchange at a time."""
        with self._lock:
            return self._evidence.record(capture)

    def settle(self) -> None:
        """Write what was taken."""
        with self._lock:
            self._evidence.settle()


def posted_at_once(host: EdfiClient, name: str, body: Mapping[str, Any]) -> list[Reply]:
    """Post one body AT_ONCE times at the same moment; the answers that came."""
    host.open()
    shared, start = _Shared(host.evidence), threading.Barrier(AT_ONCE)
    replies: list[Reply] = []
    usual = host.wire.pacing
    threads = [
        threading.Thread(
            target=_post, args=(host, name, body, _wire(host, shared, usual), start, replies)
        )
        for _ in range(AT_ONCE)
    ]
    host.unsettled.append((name, body))
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    host.evidence.settle()
    return replies


def _wire(host: EdfiClient, shared: _Shared, pacing: Pacing) -> Wire:
    told = host.config.endpoint
    limits = Limits(told.connect_seconds, told.read_seconds, told.total_seconds)
    return Wire(limits, shared, host.config.route, pacing=pacing)


def _post(
    host: EdfiClient,
    name: str,
    body: Mapping[str, Any],
    wire: Wire,
    start: threading.Barrier,
    replies: list[Reply],
) -> None:
    with wire:
        start.wait()
        try:
            replies.append(host.over(wire, name, body))
        except NotVerified:
            return
