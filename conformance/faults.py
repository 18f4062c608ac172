"""Put the many ways in which a connection fails into one plain sentence each."""

from __future__ import annotations

import http.client
import re
import ssl
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, urlsplit

import requests
import urllib3

from conformance.problems import NotVerified, TimedOut, Unreachable
from conformance.rough import CutOff
from conformance.route import place_of

if TYPE_CHECKING:
    from conformance.wire import Limits


class TooLong(Exception):
    """The body went over the limit."""


CUT_BY_US = "cut by us"
CAUGHT = (
    requests.RequestException,
    urllib3.exceptions.HTTPError,
    http.client.HTTPException,
    OSError,
    TooLong,
)


_TUNNEL = re.compile(r"Tunnel connection failed: (\d{3}[^\r\n]*)")
# Codes of OpenSSL's X509_verify_cert and words of its handshake.
_VERIFIED = {
    9: "tls-early",
    10: "tls-expired",
    18: "tls-self-signed",
    19: "tls-self-signed",
    20: "tls-issuer",
    21: "tls-issuer",
    62: "tls-host",
    64: "tls-host",
}
_SAID = {
    "WRONG_VERSION": "tls-plain",
    "RECORD_LAYER_FAILURE": "tls-plain",
    "HTTP_REQUEST": "tls-plain",
    "CERTIFICATE_REQUIRED": "tls-client",
    "ALERT_HANDSHAKE_FAILURE": "tls-client",
    "ALERT_BAD_CERTIFICATE": "tls-client",
    "ALERT_UNKNOWN_CA": "tls-client",
    "ALERT_CERTIFICATE": "tls-client",
}
_HUNG_UP = (ConnectionResetError, ConnectionAbortedError, BrokenPipeError,
            http.client.RemoteDisconnected)  # fmt: skip


def usable_address(url: str) -> SplitResult:
    """The parts of an absolute http or https URL; raises Unreachable for anything else."""
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise Unreachable(f"{url[:100]!r} is not an absolute http or https address", "address")
    return parts


def explain(
    error: BaseException, parts: SplitResult, limits: Limits, proxy: str = ""
) -> NotVerified:
    """TimedOut or Unreachable with a reason that names host, limit and likely cause."""
    place = place_of(parts.geturl())
    chain = list(_chain(error))
    if proxy and (fault := _at_proxy(chain, place_of(proxy), place)):
        return fault
    if ended := next((one for one in chain if isinstance(one, CutOff)), None):
        return Unreachable(str(ended), CUT_BY_US)
    if isinstance(error, TooLong):
        return TimedOut(f"{place} sent more than {limits.body_bytes} bytes in one body")
    connecting = _any(chain, requests.ConnectTimeout, urllib3.exceptions.ConnectTimeoutError)
    if connecting and not _any(chain, urllib3.exceptions.NewConnectionError):
        return TimedOut(f"{place} did not accept a connection in {limits.connect_seconds:g} s")
    if _any(chain, TimeoutError, requests.ReadTimeout, urllib3.exceptions.ReadTimeoutError):
        return TimedOut(
            f"{place} did not finish its answer within {limits.read_seconds:g} s of silence"
            f" or {limits.total_seconds:g} s in all"
        )
    return _unreachable(chain, place)


def recalled(reason: str) -> NotVerified:
    """The fault that a recorded reason tells of."""
    late = ("did not finish its answer", "did not accept a connection", "bytes in one body")
    if any(words in reason for words in late):
        return TimedOut(reason)
    kinds = {"the suite cut": CUT_BY_US, "the proxy ": "proxy", "is not known": "dns",
             "nothing listens": "refused", "TLS with": "tls", "in the middle": "cut",
             "sizes are wrong": "chunked",
             "closed the connection": "reset", "with HTTP/1.1": "protocol"}  # fmt: skip
    kind = next((kind for words, kind in kinds.items() if words in reason), "connect")
    return Unreachable(reason, kind)


def _unreachable(chain: list[BaseException], place: str) -> Unreachable:
    if _any(chain, urllib3.exceptions.NameResolutionError):
        return Unreachable(f"the host name of {place} is not known", "dns")
    if _any(chain, ConnectionRefusedError):
        return Unreachable(f"nothing listens at {place}", "refused")
    tls = next((one for one in chain if isinstance(one, ssl.SSLError)), None)
    if tls is not None or _any(chain, requests.exceptions.SSLError):
        return _tls_fault(tls, place)
    # Windows tells of an aborted connection where others tell of a reset one.
    if _any(chain, *_HUNG_UP):
        return Unreachable(f"{place} closed the connection without an answer", "reset")
    if any(isinstance(one, ValueError) and "base 16" in str(one) for one in chain):
        return Unreachable(f"{place} sent a chunked body whose sizes are wrong", "chunked")
    if _any(chain, http.client.IncompleteRead, urllib3.exceptions.IncompleteRead):
        return Unreachable(f"{place} closed the connection in the middle of its answer", "cut")
    if _any(chain, http.client.HTTPException, urllib3.exceptions.ProtocolError):
        return Unreachable(f"{place} did not answer with HTTP/1.1", "protocol")
    return Unreachable(f"no connection to {place} ({type(chain[-1]).__name__})", "connect")


def _at_proxy(chain: list[BaseException], proxy: str, place: str) -> Unreachable | None:
    """What the proxy is to blame for: it is not there, or it does not let us through."""
    told = next((m for one in chain if (m := _TUNNEL.search(str(one)))), None)
    if told is not None:
        return Unreachable(f"the proxy {proxy} refuses the way to {place}: {told[1]}", "proxy")
    if _any(chain, urllib3.exceptions.ProxyError):
        if _any(chain, urllib3.exceptions.NameResolutionError):
            return Unreachable(f"the host name of the proxy {proxy} is not known", "proxy")
        return Unreachable(f"the proxy {proxy} cannot be reached", "proxy")
    return None


def _tls_fault(error: ssl.SSLError | None, place: str) -> Unreachable:
    why = getattr(error, "verify_message", "") or getattr(error, "reason", "") or "handshake failed"
    kind = _VERIFIED.get(getattr(error, "verify_code", 0), "")
    kind = kind or next((one for words, one in _SAID.items() if words in why.upper()), "tls")
    if isinstance(error, ssl.SSLEOFError):
        kind, why = "tls-ended", "it ended the connection"
    return Unreachable(f"TLS with {place} failed: {why.rstrip('.')}", kind)


def _any(chain: list[BaseException], *kinds: type[BaseException]) -> bool:
    return any(isinstance(one, kinds) for one in chain)


def _chain(error: BaseException) -> list[BaseException]:
    """The error and all that lie under it: causes, contexts and wrapped arguments."""
    found: list[BaseException] = []
    todo: list[object] = [error]
    while todo and len(found) < 20:
        one = todo.pop(0)
        if isinstance(one, BaseException) and one not in found:
            found.append(one)
            todo += [getattr(one, "reason", None), one.__cause__, one.__context__, *one.args]
    return found
