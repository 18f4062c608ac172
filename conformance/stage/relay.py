"""Between a client and any hub: each call goes on to the hub, and is read as it passes.

Bytes go through as they are, but for Host, the framing of bodies, and the addresses that the hub
tells in environments, queues and Location: they are replaced by addresses of the relay below a
step that nobody would guess, so that the client stays in it. Signatures of SIF (Base
Architecture 3.2.1, 4.1) cover neither Host nor address.
"""

from __future__ import annotations

import ssl
import threading
import zlib
from dataclasses import replace
from urllib.parse import SplitResult, urlsplit

from conformance.listener import LARGEST_BODY, Incoming, Passed, Silent, Upstream
from conformance.reply import Headers
from conformance.stage import meaning
from conformance.stage.calls import Asked, Given
from conformance.stage.told import Addresses
from conformance.target import TargetConfig

HERE = {"host", "expect", "proxy-connection"}
FRAMING = {"connection", "keep-alive", "transfer-encoding", "content-length"}


class Relay:
    """Passes calls on to `[consumer] relay`; `url` is what the client is told, set once known.

    `read` is what the hub told of zones and documents so far.
    """

    def __init__(self, config: TargetConfig, place: str) -> None:
        self.url = ""
        self.hub = config.consumer.relay.rstrip("/")
        self.read = meaning.Hub(config.party, config.endpoint.zone)
        self.addresses = Addresses(self.hub, place)
        self._context = _context(config)
        self._free: list[tuple[str, Upstream]] = []
        self._lock = threading.Lock()

    def answer(self, asked: Asked) -> Given:
        """What the hub says to a call; 502 with `astray` where it says nothing."""
        address, steps = self.addresses.leads(asked.path, asked.steps)
        try:
            got = self.passed(asked.method, address, asked.headers, asked.body)
        except Silent as error:
            body = b"The relay got no answer from the hub."
            seen = f"the hub at {self.hub} gave no answer ({error.kind})"
            return Given(502, (("Content-Type", "text/plain"),), body, steps=steps, astray=seen)
        asked = replace(asked, steps=steps)
        with self._lock:
            return self._given(asked, got)

    def passed(self, method: str, address: str, headers: Headers, body: bytes) -> Passed:
        """Send one request on; raises Silent."""
        parts = urlsplit(address)
        path = address.split(parts.netloc, 1)[1] or "/"
        lines = tuple((name, value) for name, value in headers if name.lower() not in HERE)
        request = Incoming(method, path, Headers((("Host", parts.netloc), *lines)), body)
        up = self._connection(parts)
        got = up.ask(request)
        with self._lock:
            self._free.append((parts.netloc, up))
        return got

    def _connection(self, parts: SplitResult) -> Upstream:
        with self._lock:
            found = next((one for one in self._free if one[0] == parts.netloc), None)
            if found is not None:
                self._free.remove(found)
                return found[1]
        try:
            return Upstream(parts.scheme, parts.hostname or "", parts.port, self._context)
        except ValueError:
            raise Silent("no such address") from None

    def close(self) -> None:
        """Hang up on the hub."""
        with self._lock:
            for _, up in self._free:
                up.close()
            self._free.clear()

    def _given(self, asked: Asked, got: Passed) -> Given:
        headers = Headers(got.headers)
        body = _unpacked(got.body, headers.get("Content-Encoding"))
        given = self.read.understood(asked, Given(got.status, got.headers, body))
        if given.astray:
            given = replace(given, astray=f"the hub at {self.hub} {given.astray}")
        lines, told_body = self.addresses.replaced(asked, given, self.url)
        lines = tuple(one for one in lines if one[0].lower() not in FRAMING)
        framed = got.body if told_body == given.body != got.body else b""
        if told_body != given.body:
            lines = tuple(one for one in lines if one[0].lower() != "content-encoding")
        return replace(given, headers=lines, body=told_body, framed=framed, steps=asked.steps)


def _unpacked(body: bytes, coding: str) -> bytes:
    """The body without gzip; as it is where it is something else, or too large."""
    if coding.strip().lower() not in ("gzip", "x-gzip"):
        return body
    unpacker = zlib.decompressobj(31)
    try:
        plain = unpacker.decompress(body, LARGEST_BODY)
    except zlib.error:
        return body
    return plain if unpacker.eof else body


def _context(config: TargetConfig) -> ssl.SSLContext | None:
    if not config.consumer.relay.startswith("https:"):
        return None
    route = config.route
    context = ssl.create_default_context(cafile=route.ca_file or None)
    if route.client_certificate:
        context.load_cert_chain(route.client_certificate, route.client_key, route.key_password)
    return context
