"""A session with a vendor's SFTP server, whose key was told beforehand.

HubError
└── Unreachable          no session: the text names the kind of failure
"""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

import asyncssh

from reference_hub.model.party import Subscriber
from reference_hub.problems import SetupError
from reference_hub.vendors.addresses import Reach, port_of
from reference_hub.vendors.sftp_folder import Folder
from reference_hub.vendors.sftp_terms import Terms, folder_of
from reference_hub.workers.transport import Unreachable

# It writes a line for each connection.
logging.getLogger("asyncssh").setLevel(logging.WARNING)


Socket = socket.socket
_LATE = "the vendor's server did not answer in time"
_FAREWELL_SECONDS = 2.0


class _Pinned(asyncssh.SSHClient):
    """Trusts the keys it was told, and remembers another one that the server showed."""

    def __init__(self, fingerprints: frozenset[str]) -> None:
        self._fingerprints = fingerprints
        self.shown = ""

    def validate_host_public_key(
        self,
        host: str,  # noqa: ARG002 the key alone tells who it is
        addr: str,  # noqa: ARG002
        port: int,  # noqa: ARG002
        key: asyncssh.SSHKey,
    ) -> bool:
        """Whether the server's key is one of those told as fingerprints."""
        self.shown = key.get_fingerprint("sha256").rstrip("=")
        return self.shown in self._fingerprints


def dial(reach: Reach, url: str, seconds: float) -> socket.socket:
    """A socket to the server of an sftp URL. Raises Unreachable."""
    parts = reach.check(url)
    if parts.scheme != "sftp":
        raise Unreachable("the vendor's address must begin with sftp://")
    opened = reach.dial(parts.hostname or "", port_of(parts), seconds)
    opened.setblocking(False)
    return opened


@asynccontextmanager
async def opened(
    opened_socket: socket.socket, to: Subscriber, terms: Terms, seconds: float
) -> AsyncIterator[Folder]:
    """The folder of the connection. Raises Unreachable when the server is not the right one or
    does not let us in, SetupError for a private key that is none; nothing was sent then."""
    owner = _Pinned(frozenset(key for key in terms.host_keys if key.startswith("SHA256:")))
    connection = await _connected(opened_socket, owner, to, terms, seconds)
    try:
        async with asyncio.timeout(seconds):
            sftp = await connection.start_sftp_client()
    except TimeoutError:
        connection.abort()
        raise Unreachable(_LATE) from None
    except (asyncssh.Error, OSError):
        connection.abort()
        raise Unreachable("the vendor's server lets us in, but offers no SFTP") from None
    try:
        yield Folder(sftp, folder_of(to.url), seconds)
        await _left(connection)
    finally:
        connection.abort()


async def _left(connection: asyncssh.SSHClientConnection) -> None:
    """Say good-bye; what was put lies there, whether or not the server answers."""
    connection.close()
    with suppress(TimeoutError):
        async with asyncio.timeout(_FAREWELL_SECONDS):
            await connection.wait_closed()


async def _connected(
    opened_socket: socket.socket, owner: _Pinned, to: Subscriber, terms: Terms, seconds: float
) -> asyncssh.SSHClientConnection:
    keys = _public_keys(terms)
    options: dict[str, Any] = _credentials(to) | {
        "client_factory": _made(owner),
        "known_hosts": (keys, [], []),
        "username": to.credentials["key"],
        # Nothing of the machine's own user: no configuration, no agent, no keys.
        "config": None,
        "agent_path": None,
        "gss_host": None,
        "keepalive_interval": seconds,
    }
    try:
        async with asyncio.timeout(seconds):
            return await asyncssh.connect(sock=opened_socket, **options)
    except asyncssh.HostKeyNotVerifiable:
        raise Unreachable(_another_key(owner.shown)) from None
    except asyncssh.PermissionDenied:
        raise Unreachable(
            "the vendor's server does not let us in; look at user and secret"
        ) from None
    except TimeoutError:
        raise Unreachable(_LATE) from None
    except (asyncssh.Error, OSError):
        raise Unreachable("the vendor's server ended the conversation") from None


def _another_key(shown: str) -> str:
    what = f"shows the key {shown}" if shown else "shows no key of the kind that was told"
    return (
        f"the vendor's server {what}, not the one that was told: nothing was sent. If the vendor "
        "says it is right, connect again with --host-key"
    )


def _made(owner: _Pinned) -> Callable[[], _Pinned]:
    return lambda: owner


def _public_keys(terms: Terms) -> list[asyncssh.SSHKey]:
    told = [key for key in terms.host_keys if not key.startswith("SHA256:")]
    return [asyncssh.import_public_key(key) for key in told]


def _credentials(to: Subscriber) -> dict[str, Any]:
    secret, private = to.credentials.get("secret", ""), to.credentials.get("private_key", "")
    if not private:
        ways = ["password", "keyboard-interactive"]
        return {"password": secret, "client_keys": None, "preferred_auth": ways}
    try:
        key = asyncssh.import_private_key(private, passphrase=secret or None)
    except (asyncssh.KeyImportError, asyncssh.KeyEncryptionError):
        raise SetupError(
            "The private key of the connection cannot be read; it must be PEM or OpenSSH, and its "
            "passphrase the secret of the connection."
        ) from None
    return {"client_keys": [key], "password": None, "preferred_auth": ["publickey"]}
