"""The door of the suite's own hub by TLS: what it shows, and what became of each handshake."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from conformance import authority
from conformance.authority import GOOD
from conformance.roles import Setting

HANDSHAKE = b"\x16"
SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Attempt:
    """A connection: what was shown to it, why the handshake failed, or that there was none."""

    shown: str
    fault: str = ""
    in_clear: bool = False


class Entrance:
    """Shakes hands with everybody who comes; `attempts` are in their order."""

    def __init__(self, issuer: authority.Authority) -> None:
        self.attempts: list[Attempt] = []
        self._issuer = issuer
        self._contexts: dict[str, ssl.SSLContext] = {}
        self._open: set[ssl.SSLSocket] = set()
        self._lock = threading.Lock()
        self._shown = GOOD
        self._context(GOOD)

    def _context(self, kind: str) -> ssl.SSLContext:
        if kind not in self._contexts:
            self._contexts[kind] = self._issuer.context(kind)
        return self._contexts[kind]

    def show(self, kind: str) -> None:
        """Show another certificate from now on; who is in comes anew."""
        with self._lock:
            self._shown = kind
            self._context(kind)
            for one in self._open:
                with contextlib.suppress(OSError):
                    one.shutdown(socket.SHUT_RDWR)

    @contextlib.contextmanager
    def admitted(self, plain: socket.socket) -> Iterator[ssl.SSLSocket]:
        """The connection after its handshake, until the end of the block; raises OSError."""
        with self._lock:
            shown, context = self._shown, self._context(self._shown)
        plain.settimeout(SECONDS)
        first = plain.recv(1, socket.MSG_PEEK)
        if first != HANDSHAKE:
            if first:
                self.attempts.append(Attempt(shown, in_clear=True))
            raise ConnectionAbortedError("no TLS")
        try:
            inner = context.wrap_socket(plain, server_side=True)
        except OSError as error:
            why = getattr(error, "reason", None) or type(error).__name__
            self.attempts.append(Attempt(shown, fault=str(why)))
            raise
        self.attempts.append(Attempt(shown))
        self._open.add(inner)
        try:
            yield inner
        finally:
            self._open.discard(inner)
            inner.close()


def entrance_of(setting: Setting) -> Entrance | None:
    """The entrance that the target file asks for; none where a recording is played."""
    path = setting.config.doors.authority
    if not path or setting.understudy is not None:
        return None
    told = setting.config.listener
    public = urlsplit(told.public_url).hostname if told.public_url else ""
    hosts = tuple(dict.fromkeys(filter(None, (told.host, public, "localhost"))))
    return Entrance(authority.kept(path, hosts))
