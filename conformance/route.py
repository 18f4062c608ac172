"""How requests travel to the target: certificates, proxies, and how fast they may follow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class Route:
    """Files are paths, empty where none is named. `proxies` are addresses by scheme of the target.

    `exempt` are hosts (with all below them) that are reached without a proxy; `*` means all.
    `secrets` must never be written. Seconds: `longest_pause` after one 429, `longest_wait` after
    all of a run; `requests_per_second` 0: no cap. `read_only`: nothing is sent that changes data;
    `offline`: nothing is sent at all, a recording answers.
    """

    ca_file: str = ""
    client_certificate: str = ""
    client_key: str = ""
    key_password: str | None = None
    proxies: Mapping[str, str] = field(default_factory=dict)
    exempt: tuple[str, ...] = ()
    requests_per_second: float = 0.0
    longest_pause: float = 60.0
    longest_wait: float = 600.0
    secrets: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    read_only: bool = False
    offline: bool = False

    def proxy_for(self, url: str) -> str:
        """The address of the proxy for this URL, empty if the way is direct."""
        parts = urlsplit(url)
        host = (parts.hostname or "").lower()
        if any(one == "*" or host == one or host.endswith(f".{one}") for one in self.exempt):
            return ""
        return self.proxies.get(parts.scheme, "")

    @property
    def proxy_places(self) -> tuple[str, ...]:
        """Host and port of each proxy, without what proves who asks."""
        return tuple(sorted({place_of(one) for one in self.proxies.values()}))


def place_of(url: str) -> str:
    """`host:port` of an address."""
    parts = urlsplit(url)
    return f"{parts.hostname}:{parts.port or (443 if parts.scheme == 'https' else 80)}"


DIRECT = Route()
