"""Where the hub may deliver to: schemes, and the addresses behind a vendor's name.

A name is resolved when the connection to it is made, every address is looked at, and the socket is
opened to one of these very addresses: an answer of the name server that changes in between does not
matter.

HubError
└── Unreachable
    └── Forbidden        the vendor's address is one that the settings do not allow
"""

from __future__ import annotations

import socket
import time
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import SplitResult, urlsplit

from reference_hub.problems import SetupError
from reference_hub.settings import Settings
from reference_hub.workers.transport import Unreachable

SCHEMES = ("http", "https", "sftp")
# Where clouds tell a machine its own secrets; nothing allows these.
_METADATA = tuple(
    map(ip_network, ("169.254.169.254/32", "169.254.170.2/32", "100.100.100.200/32",
                     "fd00:ec2::254/128", "168.63.129.16/32"))
)  # fmt: skip
# Translated and tunnelled addresses carry an IPv4 address that counts.
_NAT64 = ip_network("64:ff9b::/96")
_PORTS = {"http": 80, "https": 443, "sftp": 22}

Address = IPv4Address | IPv6Address


class Forbidden(Unreachable):
    """The address is not allowed: the text names the kind, not the address."""


@dataclass(frozen=True, slots=True)
class Reach:
    """Which addresses besides public ones are allowed."""

    private: bool = False
    loopback: bool = False

    def check(self, url: str) -> SplitResult:
        """The parts of a URL that may be delivered to. Raises Forbidden for one that may not,
        whatever its name resolves to."""
        try:
            parts = urlsplit(url)
            is_whole = bool(parts.hostname) and (parts.port is None or parts.port > 0)
        except ValueError:
            is_whole = False
        if not is_whole or parts.scheme not in SCHEMES:
            raise Forbidden(f"the vendor's address must be one of {', '.join(SCHEMES)}")
        if "@" in parts.netloc:
            raise Forbidden(
                "the vendor's address holds a user or a password; neither belongs there"
            )
        return parts

    def addresses(self, host: str, port: int) -> list[str]:
        """All addresses of a name. Raises Forbidden when one of them is not allowed, Unreachable
        when there is none."""
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            raise Unreachable("the vendor's name cannot be resolved") from None
        texts = list(dict.fromkeys(str(info[4][0]) for info in found))
        for text in texts:
            self._refuse(ip_address(text.partition("%")[0]))
        return texts

    def dial(self, host: str, port: int, timeout: float) -> socket.socket:
        """A socket to one of the checked addresses of `host`, within `timeout` seconds for all of
        them together. Raises Forbidden, Unreachable."""
        deadline = time.monotonic() + timeout
        texts = self.addresses(host, port)
        for text in texts:
            left = deadline - time.monotonic()
            if left <= 0:
                break
            try:
                return socket.create_connection((text, port), left)
            except OSError:
                continue
        raise Unreachable("the vendor cannot be reached")

    def _refuse(self, address: Address) -> None:
        address = _meant(address)
        if any(address in network for network in _METADATA):
            raise Forbidden("the vendor's address is one where machines keep their own secrets")
        if address.is_loopback and self.loopback:
            return
        if address.is_loopback:
            raise Forbidden(
                "the vendor's address is this machine itself; delivery.allow_private allows it"
            )
        if address.is_multicast or address.is_unspecified or address.is_reserved:
            raise Forbidden("the vendor's address is that of no machine")
        if not address.is_global and not self.private:
            raise Forbidden(
                "the vendor's address is in a private network; delivery.allow_private allows it"
            )


def reach_of(settings: Settings) -> Reach:
    """What the settings allow. A hub that listens on this machine alone may deliver to it."""
    private = settings.delivery.allow_private
    return Reach(private, private or is_local(settings.server.host))


def is_local(host: str) -> bool:
    """Whether a name or an address in a setting is this machine, without asking a name server."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def refuse_url(url: str, reach: Reach, *, schemes: tuple[str, ...]) -> None:
    """Raise SetupError for a vendor's URL that may not be delivered to, in words for a person.

    A name that cannot be resolved now is left to the deliveries.
    """
    try:
        parts = reach.check(url)
    except Forbidden as error:
        raise SetupError(f"--url: {error}; write it such as https://vendor.example/sif3") from None
    if parts.scheme not in schemes:
        raise SetupError(f"--url must begin with {' or '.join(f'{each}://' for each in schemes)}.")
    if parts.scheme == "http" and not is_local(parts.hostname or ""):
        raise SetupError(
            "--url must begin with https:// where the vendor is on another machine: students' data "
            "and the privacy marker must not travel in the clear."
        )
    try:
        reach.addresses(parts.hostname or "", port_of(parts))
    except Forbidden as error:
        raise SetupError(f"--url: {error}. Correct it, or the settings.") from None
    except Unreachable:
        return


def port_of(parts: SplitResult) -> int:
    """The port of an address, the usual one of its scheme where it names none."""
    return parts.port or _PORTS[parts.scheme]


def _meant(address: Address) -> Address:
    if isinstance(address, IPv4Address):
        return address
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or address
