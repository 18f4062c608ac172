"""HTTP as workers send it: one exchange, no redirect, no retry, bounded answers, bounded time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import requests

from reference_hub.problems import HubError

MAX_ANSWER = 2 * 1024 * 1024


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


class Http:
    """A pool of connections. `timeout` in seconds bounds connecting and each wait for bytes."""

    def __init__(self, timeout: float) -> None:
        self.timeout = timeout
        self._session = requests.Session()
        # The environment's .netrc would replace the Authorization header of a delivery.
        self._session.trust_env = False

    def send(self, method: str, url: str, headers: Mapping[str, str], body: bytes = b"") -> Answer:
        """One request and its answer, of whatever status.

        Raises Unreachable when no complete answer came in time or it was larger than 2 MiB.
        """
        try:
            with self._session.request(
                method,
                url,
                headers={name: value.encode("utf-8") for name, value in headers.items()},
                data=body or None,
                timeout=self.timeout,
                allow_redirects=False,
                stream=True,
            ) as reply:
                return Answer(reply.status_code, reply.headers, _bounded(reply))
        except requests.RequestException as error:
            raise Unreachable(_kind(error)) from None

    def close(self) -> None:
        """Close all connections."""
        self._session.close()


def _bounded(reply: requests.Response) -> bytes:
    parts: list[bytes] = []
    size = 0
    for part in reply.iter_content(64 * 1024):
        size += len(part)
        if size > MAX_ANSWER:
            raise Unreachable("the vendor's answer is larger than 2 MiB")
        parts.append(part)
    return b"".join(parts)


def _kind(error: requests.RequestException) -> str:
    if isinstance(error, requests.Timeout):
        return "the vendor did not answer in time"
    if isinstance(error, requests.exceptions.SSLError):
        return "the vendor's certificate was not accepted"
    if isinstance(error, requests.ConnectionError):
        return "the vendor cannot be reached"
    return "the exchange with the vendor failed"
