"""One hostile request as bytes, and what came back."""

from __future__ import annotations

import base64
import contextlib
import gzip
import http.client
import socket
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

# Stands in every document, path and header below; no answer and no log may hold it.
CANARY = "Kanarie7"
_SECONDS = 20
_ECHOED = ("requestid", "generatorid")


@dataclass(frozen=True, slots=True)
class Aim:
    """Whom to attack: the hub's port, two sessions and the id of a stored student."""

    port: int
    session: str
    provider: str
    key: str
    refid: str


@dataclass(frozen=True, slots=True)
class Attack:
    """`sent` and `times` copies of `filling`; `also` are statuses beside 4xx that are right."""

    name: str
    sent: bytes
    also: frozenset[int] = frozenset()
    filling: bytes = b""
    times: int = 0


@dataclass(frozen=True, slots=True)
class Reply:
    """Status 0: the connection was closed without an answer."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def everything(self) -> bytes:
        """Head and body, without the two header fields that the standard has echoed."""
        kept = {k: v for k, v in self.headers.items() if k.lower() not in _ECHOED}
        head = "\n".join(f"{name}: {value}" for name, value in kept.items())
        return head.encode("latin-1", "replace") + b"\n" + self.body


def basic(user: str, secret: str) -> str:
    """The value of an Authorization header."""
    return "Basic " + base64.b64encode(f"{user}:{secret}".encode()).decode()


def head(verb: str, target: str, fields: Iterable[tuple[str, str]]) -> bytes:
    """The head of a request; nothing is checked or encoded, Latin-1 apart."""
    lines = [f"{verb} {target} HTTP/1.1", "Host: hub", "Connection: close"]
    lines += [f"{name}: {value}" for name, value in fields]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def whole(verb: str, target: str, authorization: str, body: bytes = b"", **more: str) -> bytes:
    """A request that keeps to HTTP; underscores in header names become hyphens."""
    fields = {"Authorization": authorization} | {
        name.replace("_", "-"): value for name, value in more.items()
    }
    if body:
        fields = {"Content-Type": "application/xml"} | fields | {"Content-Length": str(len(body))}
    return head(verb, target, fields.items()) + body


def carry_out(attack: Attack, port: int) -> Reply:
    """Send it on a connection of its own and read one answer."""
    with socket.create_connection(("127.0.0.1", port), timeout=_SECONDS) as connection:
        # A hub that has said no may close before all has been sent.
        with contextlib.suppress(OSError):
            connection.sendall(attack.sent)
            for _ in range(attack.times):
                connection.sendall(attack.filling)
            connection.shutdown(socket.SHUT_WR)
        verb = attack.sent.partition(b" ")[0].decode("latin-1")
        response = http.client.HTTPResponse(connection, method=verb)
        try:
            response.begin()
            return Reply(response.status, dict(response.getheaders()), _plain(response))
        except (ConnectionError, http.client.HTTPException):
            return Reply(0, {}, b"")
        finally:
            response.close()


def _plain(response: http.client.HTTPResponse) -> bytes:
    body = response.read()
    packed = body and response.headers.get("Content-Encoding") == "gzip"
    return gzip.decompress(body) if packed else body
