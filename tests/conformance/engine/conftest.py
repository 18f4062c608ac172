"""Servers that misbehave on the level of bytes, a conforming vendor, and targets for both."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from conformance import target
from conformance.simulators import Receiver, serve
from conformance.target import TargetConfig

SECRET = "a-secret-of-the-tests"
Conversation = Callable[[socket.socket], None]


class Listening:
    """A socket server on a free port that leaves every connection to the conversation."""

    def __init__(self, conversation: Conversation) -> None:
        self.connections = 0
        self._conversation = conversation
        self._open: list[socket.socket] = []
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            self.connections += 1
            self._open.append(connection)
            threading.Thread(target=self._talk, args=(connection,), daemon=True).start()

    def _talk(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError):
            self._conversation(connection)
        with contextlib.suppress(OSError):
            connection.close()

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        for connection in self._open:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        self._thread.join(5)


def request_of(connection: socket.socket) -> bytes:
    """Read one request with its body."""
    data = b""
    while b"\r\n\r\n" not in data:
        piece = connection.recv(65536)
        if not piece:
            return data
        data += piece
    head, _, body = data.partition(b"\r\n\r\n")
    lines = [line.lower() for line in head.split(b"\r\n")]
    length = next((int(line[15:]) for line in lines if line.startswith(b"content-length:")), 0)
    while len(body) < length:
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body


def answering(*answers: bytes) -> Conversation:
    """Give these answers to the requests of a connection, the last one again and again."""

    def conversation(connection: socket.socket) -> None:
        number = 0
        while request_of(connection):
            connection.sendall(answers[min(number, len(answers) - 1)])
            number += 1

    return conversation


def http(status: str, body: bytes = b"", *headers: str) -> bytes:
    """One answer as bytes."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode("latin-1") + body


@pytest.fixture
def listen() -> Iterator[Callable[[Conversation], Listening]]:
    """Start a socket server with this conversation."""
    servers: list[Listening] = []

    def start(conversation: Conversation) -> Listening:
        servers.append(Listening(conversation))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


@pytest.fixture(scope="module")
def vendor() -> Iterator[str]:
    """The URL of a conforming vendor."""
    with serve(Receiver(secret=SECRET)) as handle:
        yield handle.url


def table(url: str, **tables: dict[str, Any]) -> dict[str, Any]:
    """A target table for the conforming vendor, with these tables changed."""
    plain: dict[str, Any] = {
        "vendor": {"name": "Example Reading App"},
        "endpoint": {"url": url, "read_seconds": 10, "total_seconds": 20},
        "credentials": {"key": "demo-vendor", "secret": SECRET},
        "capabilities": dict.fromkeys(target.CAPABILITIES, True),
    }
    return {name: plain.get(name, {}) | tables.get(name, {}) for name in plain | tables}


def config_for(url: str, **tables: dict[str, Any]) -> TargetConfig:
    """The checked form of `table`."""
    return target.from_table(table(url, **tables), environ={})
