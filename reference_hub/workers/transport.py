"""HTTP as workers send it: one exchange, no redirect, no retry, bounded answers, bounded time."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from http.cookiejar import DefaultCookiePolicy
from typing import Protocol

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError, ReadTimeoutError

from reference_hub.problems import HubError
from reference_hub.workers.punctual import Dial, pools

MAX_ANSWER = 2 * 1024 * 1024
_LATE = "the vendor did not answer in time"


class Unreachable(HubError):
    """No answer came: the text names the kind of failure, neither address nor content."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back; header names are case-insensitive."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def header(self, name: str) -> str:
        """The header's value as the bytes came, read as UTF-8; '' when it is missing."""
        return self.headers.get(name, "").encode("latin-1", "replace").decode("utf-8", "replace")


class Exchange(Protocol):
    """A way to send one request: over HTTP, perhaps in another notation."""

    def send(self, method: str, url: str, headers: Mapping[str, str], body: bytes = b"") -> Answer:
        """One request and its answer, of whatever status. Raises Unreachable."""
        ...


class Http:
    """A pool of connections that threads may share.

    `timeout` in seconds bounds each of: connecting, the head of the answer, and its body;
    `largest` is the longest body in bytes. Header values are sent as `encoding`. `check` may
    refuse a URL and `dial` an address, both by Unreachable, before anything is sent.
    """

    def __init__(
        self,
        timeout: float,
        *,
        largest: int = MAX_ANSWER,
        encoding: str = "utf-8",
        check: Callable[[str], object] | None = None,
        dial: Dial | None = None,
    ) -> None:
        self.timeout, self.largest, self.encoding, self.check = timeout, largest, encoding, check
        self._session = requests.Session()
        adapter = HTTPAdapter()
        adapter.poolmanager.pool_classes_by_scheme = pools(dial)
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, adapter)
        # The environment's .netrc would replace the Authorization header of a delivery.
        self._session.trust_env = False
        # A cookie set in one consumer's exchange must not travel with another's.
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))

    def send(self, method: str, url: str, headers: Mapping[str, str], body: bytes = b"") -> Answer:
        """One request and its answer, of whatever status.

        Raises Unreachable when no complete answer came in time or it was too large.
        """
        if self.check is not None:
            self.check(url)
        try:
            with self._session.request(
                method,
                url,
                headers={name: value.encode(self.encoding) for name, value in headers.items()},
                data=body or None,
                timeout=self.timeout,
                allow_redirects=False,
                stream=True,
            ) as reply:
                return Answer(reply.status_code, reply.headers, self._bounded(reply))
        except requests.RequestException as error:
            raise Unreachable(_kind(error)) from None
        except ReadTimeoutError:
            raise Unreachable(_LATE) from None
        except HTTPError:
            raise Unreachable("the exchange with the vendor failed") from None

    def _bounded(self, reply: requests.Response) -> bytes:
        parts: list[bytes] = []
        size, deadline = 0, time.monotonic() + self.timeout
        for part in _parts(reply):
            size += len(part)
            if size > self.largest:
                raise Unreachable(f"the vendor's answer is larger than {self.largest >> 20} MiB")
            if time.monotonic() > deadline:
                raise Unreachable(_LATE)
            parts.append(part)
        return b"".join(parts)

    def close(self) -> None:
        """Close all connections."""
        self._session.close()


def _parts(reply: requests.Response) -> Iterator[bytes]:
    # As they come: reading a fixed amount would wait for a sender that drips.
    while part := reply.raw.read1(64 * 1024, decode_content=True):
        yield part


def _kind(error: requests.RequestException) -> str:
    if isinstance(error, requests.Timeout):
        return _LATE
    if isinstance(error, requests.exceptions.SSLError):
        return "the vendor's certificate was not accepted"
    if isinstance(error, requests.ConnectionError):
        return "the vendor cannot be reached"
    return "the exchange with the vendor failed"
