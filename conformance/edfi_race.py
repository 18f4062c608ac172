"""The same request from several connections at once."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any

from conformance.crowd import SharedRecorder, own_wire
from conformance.edfi import EdfiClient
from conformance.problems import NotVerified
from conformance.reply import Reply
from conformance.wire import Wire

AT_ONCE = 4


def posted_at_once(host: EdfiClient, name: str, body: Mapping[str, Any]) -> list[Reply]:
    """Post one body AT_ONCE times at the same moment; the answers that came."""
    host.open()
    shared = SharedRecorder(host.evidence, host.wire.pacing)
    start = threading.Barrier(AT_ONCE)
    replies: list[Reply] = []
    wires = [own_wire(host.config, shared) for _ in range(AT_ONCE)]
    threads = [
        threading.Thread(target=_post, args=(host, name, body, wire, start, replies))
        for wire in wires
    ]
    host.unsettled.append((name, body))
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    host.evidence.settle()
    return replies


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
