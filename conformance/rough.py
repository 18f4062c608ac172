"""Lines that are rough: a body that arrives in pieces with pauses, or that ends in its middle."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass


class CutOff(ConnectionAbortedError):
    """The suite itself hung up in the middle of a request."""


@dataclass(frozen=True, slots=True)
class Rough:
    """How a body goes out: in `pieces` parts with `pause` seconds between, or cut after `part`.

    `part` of 0.6 sends six tenths of the bytes that Content-Length promises, and hangs up.
    """

    pieces: int = 1
    pause: float = 0.0
    part: float = 1.0

    def broken(self, message: bytes) -> Iterator[bytes]:
        """Head and body piece by piece; raises CutOff where the line breaks."""
        start = message.index(b"\r\n\r\n") + 4
        length = len(message) - start
        end = start + int(length * self.part)
        size = max(1, -(-(end - start) // self.pieces))
        yield message[:start]
        for place in range(start, end, size):
            time.sleep(self.pause)
            yield message[place : min(place + size, end)]
        if end < len(message):
            raise CutOff(f"the suite cut the request off after {end - start} of {length} bytes")
