"""Signed HTTP to a hub over one connection that stays open."""

from __future__ import annotations

import base64
import gzip
import http.client
import json
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from urllib.parse import SplitResult, urlsplit

from lxml import etree

from conformance.simulators.consumer.form import Form
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

    seconds = SECONDS
    label = "application/xml"
    # The JSON that is spoken, None for XML.
    form: Form | None = None
    # Whom a hub by https:// is believed; None: the issuers that this machine knows.
    trust: ssl.SSLContext | None = None

    def __init__(self, hub: str, user: str, secret: str) -> None:
        self.hub = hub.rstrip("/")
        self.user = user
        self._secret = secret
        self._place = ""
        self._connection: http.client.HTTPConnection | None = None

    def send(
        self, method: str, path: str, body: object = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """Send XML (an element), JSON (a mapping) or nothing to a path below the hub."""
        lines = self.lines() | dict(headers or {}) | self._signed()
        data = None
        if isinstance(body, etree._Element):
            data, lines["Content-Type"] = self.encoded(body), self.label
            if self.form is not None:
                data, lines["Content-Type"] = self.form.written(body), self.form.media
        elif body is not None:
            data, lines["Content-Type"] = json.dumps(body).encode(), "application/json"
        address = path if path.startswith("http") else f"{self.hub}/{path}"
        parts = urlsplit(address)
        target = self.target(f"{parts.path}?{parts.query}" if parts.query else parts.path)
        connection = self._open(address)
        connection.request(method, target, data, lines)
        return self.understood(self.received(connection.getresponse()))

    def target(self, path: str) -> str:
        """The path and the query of a call."""
        return path

    def encoded(self, element: etree._Element) -> bytes:
        """XML as it is sent."""
        return etree.tostring(element, encoding="UTF-8", xml_declaration=True)

    def lines(self) -> dict[str, str]:
        """The header lines of every call, but for who sends it."""
        wanted = "application/xml" if self.form is None else self.form.media
        return {"Accept": wanted, "Accept-Encoding": "gzip"}

    def received(self, answer: http.client.HTTPResponse) -> Answer:
        """The answer with its whole body, unpacked."""
        told = {name.lower(): value for name, value in answer.getheaders()}
        body = answer.read()
        if told.get("content-encoding", "").lower() == "gzip":
            body = gzip.decompress(body)
        return Answer(answer.status, told, body)

    def understood(self, answer: Answer) -> Answer:
        """The answer with its JSON as XML."""
        if self.form is None or "json" not in answer.headers.get("content-type", ""):
            return answer
        return replace(answer, body=self.form.read(answer.body))

    def close(self) -> None:
        """End the connection; the next call opens another."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _open(self, address: str) -> http.client.HTTPConnection:
        parts = urlsplit(address)
        place = f"{parts.scheme}://{parts.netloc}"
        if self._connection is not None and self._place != place:
            self.close()
        if self._connection is None:
            self._connection = self.connected(parts)
            self._place = place
        return self._connection

    def connected(self, parts: SplitResult) -> http.client.HTTPConnection:
        """A connection to this place, by TLS where the address says so."""
        host, seconds = parts.hostname or "", self.seconds
        if parts.scheme != "https":
            return http.client.HTTPConnection(host, parts.port, timeout=seconds)
        trust = self.trust or ssl.create_default_context()
        return http.client.HTTPSConnection(host, parts.port, timeout=seconds, context=trust)

    def moment(self, now: str) -> str:
        """The time that is signed."""
        return now

    def _signed(self) -> dict[str, str]:
        moment = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        moment = self.moment(moment)
        proof = f"{self.user}:{mac(self.user, self._secret, moment)}"
        token = base64.b64encode(proof.encode()).decode()
        return {"Authorization": f"{HMAC} {token}", "timestamp": moment}
