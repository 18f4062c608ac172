"""Put the many ways in which a connection fails into one plain sentence each."""

from __future__ import annotations

import http.client
import ssl
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, urlsplit

import requests
import urllib3

from conformance.problems import NotVerified, TimedOut, Unreachable

if TYPE_CHECKING:
    from conformance.wire import Limits


class TooLong(Exception):
    """The body went over the limit."""


CAUGHT = (
    requests.RequestException,
    urllib3.exceptions.HTTPError,
    http.client.HTTPException,
    OSError,
    TooLong,
)


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


def explain(error: BaseException, parts: SplitResult, limits: Limits) -> NotVerified:
    """TimedOut or Unreachable with a reason that names host, limit and likely cause."""
    place = f"{parts.hostname}:{parts.port or (443 if parts.scheme == 'https' else 80)}"
    chain = list(_chain(error))
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


def _unreachable(chain: list[BaseException], place: str) -> Unreachable:
    if _any(chain, urllib3.exceptions.NameResolutionError):
        return Unreachable(f"the host name of {place} is not known", "dns")
    if _any(chain, ConnectionRefusedError):
        return Unreachable(f"nothing listens at {place}", "refused")
    tls = next((one for one in chain if isinstance(one, ssl.SSLError)), None)
    if tls is not None or _any(chain, requests.exceptions.SSLError):
        why = getattr(tls, "verify_message", "") or getattr(tls, "reason", "") or "handshake failed"
        return Unreachable(f"TLS with {place} failed: {why}", "tls")
    if _any(chain, ConnectionResetError, BrokenPipeError, http.client.RemoteDisconnected):
        return Unreachable(f"{place} closed the connection without an answer", "reset")
    if _any(chain, http.client.IncompleteRead, urllib3.exceptions.IncompleteRead):
        return Unreachable(f"{place} closed the connection in the middle of its answer", "reset")
    if _any(chain, http.client.HTTPException, urllib3.exceptions.ProtocolError):
        return Unreachable(f"{place} did not answer with HTTP/1.1", "protocol")
    return Unreachable(f"no connection to {place} ({type(chain[-1]).__name__})", "connect")


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
