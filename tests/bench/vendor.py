"""A conforming product with repeatable ids, in a process of its own, that keeps what it is sent.

`GET /bench/recorded` gives the requests so far with the moment of the first (CLOCK_MONOTONIC, one
clock for all processes); `POST /bench/fresh` starts again from nothing with the same ids.
"""

from __future__ import annotations

import io
import random
import signal
import sys
import time
import uuid
from collections.abc import Iterable
from typing import TYPE_CHECKING

import msgspec

from conformance.simulators import server
from conformance.simulators.provider import Provider
from conformance.simulators.receiver import Receiver

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment


class Recorded(msgspec.Struct, frozen=True):
    """One request as it came: enough to send it again, byte for byte."""

    method: str
    target: str
    headers: list[tuple[str, str]]
    body: bytes


class Repeatable(Receiver):
    """Draws its ids and tokens from a fixed seed, so that a replay gets the same answers."""

    def new_id(self) -> str:
        """The next UUID 4 of the seeded sequence."""
        if not hasattr(self, "_drawn"):
            self._drawn = random.Random(1)
        return str(uuid.UUID(int=self._drawn.getrandbits(128), version=4))


class RepeatableProvider(Provider):
    """The same for what a provider draws."""

    def new_id(self) -> str:
        """The next UUID 4 of the seeded sequence."""
        if not hasattr(self, "_drawn"):
            self._drawn = random.Random(1)
        return str(uuid.UUID(int=self._drawn.getrandbits(128), version=4))


PRODUCTS: dict[str, type[Repeatable | RepeatableProvider]] = {
    "receiver": Repeatable,
    "provider": RepeatableProvider,
}


class Recorder:
    """WSGI middleware around the product of a role that can be started afresh."""

    def __init__(self, role: str) -> None:
        self.product = PRODUCTS[role]
        self.vendor = self.product(secret="demo-secret-1")
        self.base = self.vendor.base
        self.requests: list[Recorded] = []
        self.first = 0.0

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        """Serve the vendor, or one of the two bench addresses."""
        path = environ["PATH_INFO"]
        if path == "/bench/recorded":
            return self.answer(start, msgspec.json.encode((self.first, self.requests)))
        if path == "/bench/fresh":
            self.vendor = self.product(secret="demo-secret-1")
            self.requests, self.first = [], 0.0
            return self.answer(start, b"")
        self.keep(environ)
        return self.vendor(environ, start)

    def keep(self, environ: WSGIEnvironment) -> None:
        """Remember a request before it is answered."""
        self.first = self.first or time.monotonic()
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"] = io.BytesIO(body)
        headers = [
            (name[5:].replace("_", "-"), value)
            for name, value in environ.items()
            if name.startswith("HTTP_") and name not in ("HTTP_HOST", "HTTP_CONNECTION")
        ]
        if environ.get("CONTENT_TYPE"):
            headers.append(("Content-Type", environ["CONTENT_TYPE"]))
        target = environ.get("RAW_URI") or environ["REQUEST_URI"]
        self.requests.append(Recorded(environ["REQUEST_METHOD"], target, headers, body))

    @staticmethod
    def answer(start: StartResponse, body: bytes) -> Iterable[bytes]:
        """Answer with bytes."""
        start("200 OK", [("Content-Length", str(len(body)))])
        return [body]


def main(port: int, role: str) -> None:
    """Serve until SIGTERM."""
    handle = server.serve(Recorder(role), port)
    signal.sigwait({signal.SIGTERM, signal.SIGINT})
    handle.close()


if __name__ == "__main__":
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGINT})
    main(int(sys.argv[1]), sys.argv[2])
