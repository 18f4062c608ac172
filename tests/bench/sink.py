"""A vendor in a process of its own that takes everything at once, and notes when what came.

It acknowledges PODs as the conforming vendor does, but neither reads nor keeps the data: the time
of a delivery is the hub's. `GET /bench/moments` gives (kind, CLOCK_MONOTONIC) of each message.
"""

from __future__ import annotations

import re
import signal
import sys
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING

import msgspec

from conformance.simulators import message, server
from conformance.simulators.message import Request, Response
from conformance.simulators.receiver import Receiver

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

POD, DATA = "pod", "data"
# The whole of a large district comes as one file.
message.LARGEST_BODY = 1_000_000_000


class Sink(Receiver):
    """Takes what it is sent."""

    def __init__(self) -> None:
        super().__init__(secret="demo-secret-1")
        self.moments: list[tuple[str, float]] = []

    def receive_pod(self, request: Request) -> Response:
        """Note the moment, then as any vendor."""
        self.moments.append((POD, time.monotonic()))
        return super().receive_pod(request)

    def route_connector(self, request: Request, path: tuple[str, ...]) -> Response:
        """PODs as any vendor, objects of every type."""
        if path[:1] == ("pods",):
            return super().route_connector(request, path)
        self.authenticate_session(request)
        return self.gated(request, list(path))

    def receive_file(self, request: Request, name: str) -> Response:
        """Note the moment of a file."""
        self.moments.append((DATA, time.monotonic()))
        return Response(204)

    def gated(self, request: Request, path: list[str]) -> Response:
        """Note the moment; the answer is what was sent, of many objects what became of each."""
        self.moments.append((DATA, time.monotonic()))
        if len(path) == 1:
            return self.many(request)
        status = 204 if request.method == "DELETE" else 201
        return Response(status, request.body)

    def many(self, request: Request) -> Response:
        """Each object of a request was taken."""
        verb = (request.header("requestAction") or "").lower()
        refids = re.findall(r'(?:efId|delete id)="([^"]+)"', request.body.decode())
        items = "".join(
            f'<{verb} id="{each}" advisoryId="{each}" statusCode="200"/>' for each in refids
        )
        root = f"{verb}Response"
        return Response(200, f"<{root}><{verb}s>{items}</{verb}s></{root}>".encode())


class Shown:
    """WSGI around a Sink, with the address that shows the moments."""

    def __init__(self) -> None:
        self.vendor = Sink()
        self.base = self.vendor.base

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        """Serve the vendor or the moments."""
        if environ["PATH_INFO"] != "/bench/moments":
            return self.vendor(environ, start)
        body = msgspec.json.encode(self.vendor.moments)
        start("200 OK", [("Content-Length", str(len(body)))])
        return [body]


def main(port: int) -> None:
    """Serve until SIGTERM."""
    handle = server.serve(Shown(), port)
    signal.sigwait({signal.SIGTERM, signal.SIGINT})
    handle.close()


if __name__ == "__main__":
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGINT})
    main(int(sys.argv[1]))
