"""Signed HTTP to a hub over one connection that stays open."""

from __future__ import annotations

import base64
import http.client
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from lxml import etree

from conformance.simulators.documents import parse
from conformance.simulators.tokens import HMAC, mac

SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What the hub said; header names are in small letters."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def document(self) -> etree._Element:
        """The body as XML; raises Refusal for anything else."""
        return parse(self.body)


class Link:
    """One connection; `user` is the application key until there is a session token."""

    def __init__(self, hub: str, user: str, secret: str) -> None:
        self.hub = hub.rstrip("/")
        self.user = user
        self._secret = secret
        self._base = urlsplit(self.hub).path
        self._connection: http.client.HTTPConnection | None = None

    def send(
        self, method: str, path: str, body: object = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """Send XML (an element), JSON (a mapping) or nothing to a path below the hub."""
        lines = dict(headers or {}) | self._signed()
        data = None
        if isinstance(body, etree._Element):
            data = etree.tostring(body, encoding="UTF-8", xml_declaration=True)
            lines["Content-Type"] = "application/xml"
        elif body is not None:
            data, lines["Content-Type"] = json.dumps(body).encode(), "application/json"
        target = f"{self._base}/{path}"
        connection = self._open()
        connection.request(method, target, data, lines)
        answer = connection.getresponse()
        told = {name.lower(): value for name, value in answer.getheaders()}
        return Answer(answer.status, told, answer.read())

    def close(self) -> None:
        """End the connection; the next call opens another."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _open(self) -> http.client.HTTPConnection:
        if self._connection is None:
            parts = urlsplit(self.hub)
            kind: Any = http.client.HTTPConnection
            if parts.scheme == "https":
                kind = http.client.HTTPSConnection
            self._connection = kind(parts.hostname or "", parts.port, timeout=SECONDS)
        return self._connection

    def _signed(self) -> dict[str, str]:
        moment = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        proof = f"{self.user}:{mac(self.user, self._secret, moment)}"
        token = base64.b64encode(proof.encode()).decode()
        return {"Authorization": f"{HMAC} {token}", "timestamp": moment}
