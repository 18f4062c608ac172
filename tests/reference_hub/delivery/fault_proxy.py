"""A TCP proxy in front of a vendor that does to the connection what networks do."""

from __future__ import annotations

import socket
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

GARBAGE = b"\x16\x03\x01 this is no answer at all\r\n\r\n"
BUSY = b"HTTP/1.1 503 Busy\r\nRetry-After: 1\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
MODES = ("pass", "down", "hang", "slow", "reset", "cut", "garbage", "busy")


@dataclass
class Proxy:
    """The way to `target`, and what happens on it.

    `mode`: pass | down (the connection is refused) | hang (taken, never answered) | slow (each
    answer is late) | reset (after the request was passed on, before its answer comes) | cut (in the
    middle of the request) | garbage | busy (503 and Retry-After, the vendor sees nothing).
    """

    target: int
    mode: str = "pass"
    port: int = 0
    accepted: int = 0
    open: list[socket.socket] = field(default_factory=list)
    ended: bool = False

    def serve(self, listener: socket.socket) -> None:
        """Take connections until the listener is closed."""
        while not self.ended:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            if self.ended:
                client.close()
                return
            self.accepted += 1
            self.open.append(client)
            threading.Thread(target=self.exchange, args=(client,), daemon=True).start()

    def exchange(self, client: socket.socket) -> None:
        """One connection, in the mode of each moment."""
        try:
            self._exchange(client)
        except OSError:
            pass
        finally:
            client.close()

    def _exchange(self, client: socket.socket) -> None:
        first = b"" if self.mode == "down" else client.recv(65536)
        while self.mode == "hang" and not self.ended:
            time.sleep(0.02)
        if self.mode in ("garbage", "busy"):
            client.sendall(GARBAGE if self.mode == "garbage" else BUSY)
        elif first:
            self._pass_on(client, first)
        else:
            _reset(client)

    def _pass_on(self, client: socket.socket, first: bytes) -> None:
        with socket.create_connection(("127.0.0.1", self.target)) as vendor:
            self.open.append(vendor)
            if self.mode == "cut":
                client.settimeout(0.2)
                vendor.sendall(first + _half_of_next(client))
                _reset(client)
                return
            vendor.sendall(first)
            back = threading.Thread(target=self._answers, args=(vendor, client), daemon=True)
            back.start()
            while part := client.recv(65536):
                vendor.sendall(part)
            vendor.shutdown(socket.SHUT_WR)
            back.join()

    def _answers(self, vendor: socket.socket, client: socket.socket) -> None:
        with suppress(OSError):
            while part := vendor.recv(65536):
                if self.mode == "slow":
                    time.sleep(0.1)
                if self.mode in ("reset", "down"):
                    _reset(client)
                    return
                client.sendall(part)
            client.shutdown(socket.SHUT_WR)


def _half_of_next(client: socket.socket) -> bytes:
    try:
        part = client.recv(65536)
    except TimeoutError:
        return b""
    return part[: len(part) // 2]


def _reset(client: socket.socket) -> None:
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.shutdown(socket.SHUT_RDWR)
    client.close()


@contextmanager
def proxied(target: int) -> Iterator[Proxy]:
    """A proxy in front of a port of this machine."""
    proxy = Proxy(target)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        proxy.port = listener.getsockname()[1]
        thread = threading.Thread(target=proxy.serve, args=(listener,))
        thread.start()
        try:
            yield proxy
        finally:
            proxy.ended = True
            with suppress(OSError), socket.create_connection(("127.0.0.1", proxy.port)):
                pass
            thread.join(5)
            for each in proxy.open:
                each.close()
