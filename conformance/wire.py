"""The only module that sends HTTP: no retries, no redirects, bounded time, bounded size."""

from __future__ import annotations

import itertools
import threading
import time
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Protocol, Self
from urllib.parse import SplitResult

import requests
from urllib3 import BaseHTTPResponse, HTTPConnectionPool, HTTPHeaderDict, Timeout

from conformance import faults
from conformance.pacing import TOO_MANY_REQUESTS, Pacing
from conformance.problems import NotVerified, RateLimited, SuiteFault, Unreachable
from conformance.reply import Headers, Reply
from conformance.restraint import refuse_change
from conformance.rough import Rough
from conformance.route import DIRECT, Route
from conformance.tape import Tape, TapedAdapter

AGENT = "sif-conformance-kit"
GIVE_UP_AFTER = 5
STALE_SECONDS = 2.0

HeaderLines = Mapping[str, str] | Iterable[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Limits:
    """How long and how much: seconds to connect, between bytes, in all; bytes of one body."""

    connect_seconds: float = 5.0
    read_seconds: float = 10.0
    total_seconds: float = 30.0
    body_bytes: int = 10_000_000


@dataclass(frozen=True, slots=True)
class Capture:
    """One exchange as bytes. `fault` is empty or says why `answer` is incomplete or missing.

    `direction` is `to target`, or `received` for a request of the target and our answer to it.
    """

    method: str
    url: str
    sent: bytes
    body: bytes
    head: bytes
    raw: bytes
    decoded: bytes
    headers: Headers
    fault: str
    milliseconds: float
    direction: str = "to target"


class Recorder(Protocol):
    """Whoever keeps the exchanges; numbers them from 1."""

    def record(self, capture: Capture) -> int:
        """Take one exchange and return its number."""

    def settle(self) -> None:
        """Write what was taken; called while the next answer is on its way."""


class Player(Protocol):
    """Whoever answers in place of the network."""

    def play(
        self, method: str, url: str, lines: Sequence[tuple[str, str]], body: bytes
    ) -> tuple[int, NotVerified | None, Capture]:
        """Status, fault and capture as the network would have brought them."""


class Counting:
    """A recorder that keeps nothing but the number."""

    def __init__(self) -> None:
        self._numbers = itertools.count(1)

    def record(self, capture: Capture) -> int:  # noqa: ARG002
        """Return the next number."""
        return next(self._numbers)

    def settle(self) -> None:
        """Nothing is kept."""


class Wire:
    """Sends one request at a time over kept-alive connections and records every byte."""

    def __init__(
        self,
        limits: Limits | None = None,
        recorder: Recorder | None = None,
        route: Route = DIRECT,
        player: Player | None = None,
        pacing: Pacing | None = None,
        silent: int = 0,
    ) -> None:
        self.limits = limits or Limits()
        self.pacing = pacing or Pacing(route, _at_once if player else time.sleep)
        self._route = route
        self._player = player
        self._recorder = recorder or Counting()
        self._tape = Tape(meanwhile=self._recorder.settle)
        self._session = requests.Session()
        self._session.trust_env = False
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, TapedAdapter(self._tape))
        self._pools: dict[str, HTTPConnectionPool] = {}
        self._timeout = Timeout(connect=self.limits.connect_seconds, read=self.limits.read_seconds)
        self._lock = threading.Lock()
        self._last = time.monotonic()
        # Requests in a row that got no answer.
        self.silent = silent

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._drop_connections()

    @contextmanager
    def roughly(self, rough: Rough) -> Iterator[None]:
        """Bodies that are sent meanwhile go out like this."""
        self._tape.rough = rough
        try:
            yield
        finally:
            self._tape.rough = None

    def send(
        self,
        method: str,
        url: str,
        headers: HeaderLines = (),
        body: bytes | None = None,
        named: str = "",
    ) -> Reply:
        """Send one request and read the whole answer; `named` is the path to tell people.

        Headers may be pairs to send a name twice. Raises Unreachable or TimedOut; what was read
        until then is recorded all the same. After five such failures in a row it gives up. After a
        429 it waits as long as `[network]` allows and sends again; then RateLimited. A read-only
        run raises NotVerified in place of a change.
        """
        parts = faults.usable_address(url)
        if self._route.offline and self._player is None:
            raise NotVerified("not recorded: a connection beside the first one is not played")
        if self._route.read_only:
            refuse_change(method, url, _lines(method, headers, body).items())
        for repeats in itertools.count():
            reply = self._once(method, parts, headers, body, named or parts.path)
            if self.pacing.waits_for(reply.status, reply.headers.get("Retry-After"), repeats):
                continue
            if reply.status != TOO_MANY_REQUESTS:
                break
            try:
                self.pacing.again(reply.headers.get("Retry-After"), repeats)
            except RateLimited as error:
                raise RateLimited(f"{reply.request}: {error.reason}") from None
        return reply

    def _once(
        self, method: str, parts: SplitResult, headers: HeaderLines, body: bytes | None, named: str
    ) -> Reply:
        self.pacing.before()
        with self._lock:
            if self.silent >= GIVE_UP_AFTER:
                raise Unreachable(
                    f"the target gave no answer to {GIVE_UP_AFTER} requests in a row,"
                    " so no further request was sent",
                    "gave up",
                )
            lines = _lines(method, headers, body)
            if self._player is not None:
                status, fault, capture = self._player.play(
                    method, parts.geturl(), list(lines.iteritems()), body or b""
                )
            else:
                status, fault, capture = self._exchange(method, parts, lines, body)
            number = self._recorder.record(capture)
            ours = fault is None or self._tape.rough is not None
            self.silent = 0 if ours else self.silent + 1
        if self._tape.trouble is not None:
            raise SuiteFault("an exchange could not be recorded") from self._tape.trouble
        if fault is not None or not status:
            raise fault or Unreachable(f"no answer to {method} {parts.geturl()}")
        return Reply(
            status=status,
            headers=capture.headers,
            body=capture.decoded,
            exchange=number,
            request=f"{method} {named}",
            raw=capture.raw,
            head=capture.head,
        )

    def _exchange(
        self, method: str, parts: SplitResult, lines: HTTPHeaderDict, body: bytes | None
    ) -> tuple[int, NotVerified | None, Capture]:
        self._drop_stale()
        self._tape.rewind(self.limits.read_seconds, self.limits.total_seconds)
        started = time.perf_counter()
        raw = bytearray()
        answer, fault = self._read(method, parts, lines, body, raw)
        # HTTP forbids a body here (204, 304, HEAD); what came all the same is evidence.
        raw += self._tape.surplus
        elapsed = (time.perf_counter() - started) * 1000
        seen = Headers(tuple(answer.headers.iteritems()) if answer is not None else ())
        decoded = _decode(bytes(raw), seen.get("Content-Encoding"), self.limits.body_bytes)
        capture = Capture(
            method=method,
            url=parts.geturl(),
            sent=bytes(self._tape.sent),
            body=body or b"",
            head=bytes(self._tape.head),
            raw=bytes(raw),
            decoded=decoded,
            headers=seen,
            fault=str(fault) if fault else "",
            milliseconds=elapsed,
        )
        return answer.status if answer is not None else 0, fault, capture

    def _read(
        self,
        method: str,
        parts: SplitResult,
        lines: HTTPHeaderDict,
        body: bytes | None,
        raw: bytearray,
    ) -> tuple[BaseHTTPResponse | None, NotVerified | None]:
        answer: BaseHTTPResponse | None = None
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        place = f"{parts.scheme}://{parts.netloc}"
        proxy = self._route.proxy_for(place)
        if proxy and parts.scheme == "http":
            target = place + target  # a proxy is told the whole address (RFC 9112, 3.2.2)
        try:
            # Below requests' own Response, which would only copy what the tape holds already.
            answer = self._pool(place, proxy).urlopen(
                method,
                target,
                body,
                lines,
                retries=False,
                redirect=False,
                assert_same_host=False,
                timeout=self._timeout,
                preload_content=False,
                decode_content=False,
            )
            while piece := answer.read1(65536, decode_content=False):
                raw += piece
                if len(raw) > self.limits.body_bytes:
                    raise faults.TooLong(self.limits.body_bytes)
        except faults.CAUGHT as error:
            if answer is not None:
                answer.close()
            self._drop_connections()
            return answer, faults.explain(error, parts, self.limits, proxy)
        return answer, None

    def _pool(self, place: str, proxy: str) -> HTTPConnectionPool:
        if place not in self._pools:
            adapter: Any = self._session.get_adapter(place)
            verify = self._route.ca_file or True
            request = requests.Request("GET", place).prepare()
            proxies = {"all": proxy} if proxy else None
            pool = adapter.get_connection_with_tls_context(request, verify, proxies)
            adapter.cert_verify(pool, place, verify, None)
            if self._route.client_certificate:
                pool.cert_file = self._route.client_certificate
                pool.key_file = self._route.client_key
                pool.key_password = self._route.key_password
            self._pools[place] = pool
        return self._pools[place]

    def _drop_connections(self) -> None:
        self._pools.clear()
        self._session.close()

    def _drop_stale(self) -> None:
        # A server may close an idle connection just as we reuse it; without retries that would
        # look like a fault of the target.
        now = time.monotonic()
        if now - self._last > STALE_SECONDS:
            self._drop_connections()
        self._last = now


def _at_once(seconds: float) -> None:
    """What is played back has waited already."""


def _lines(method: str, headers: HeaderLines, body: bytes | None) -> HTTPHeaderDict:
    """Exactly these header lines in this order, then what HTTP cannot do without."""
    lines = HTTPHeaderDict()
    for name, value in headers.items() if isinstance(headers, Mapping) else headers:
        lines.add(name, value)
    if "User-Agent" not in lines:
        lines.add("User-Agent", AGENT)
    if "Content-Length" not in lines and body is None and method in ("POST", "PUT"):
        lines.add("Content-Length", "0")
    return lines


def _decode(raw: bytes, encoding: str, limit: int) -> bytes:
    modes = {"gzip": 31, "x-gzip": 31, "deflate": 15}
    if encoding.strip().lower() not in modes or not raw:
        return raw
    try:
        return zlib.decompressobj(modes[encoding.strip().lower()]).decompress(raw, limit)
    except zlib.error:
        return raw
