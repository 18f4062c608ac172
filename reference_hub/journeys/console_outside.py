"""What the console needs of the parts of the hub that talk to others; the application gives it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from reference_hub.journeys.console_openid import Provider
from reference_hub.registry.records import Snapshot


@dataclass(frozen=True, slots=True)
class Outside:
    """`registry` reads the registry of the settings (None: they name none; raises RegistryError).
    `refuse_url` raises SetupError for an address that the hub may not call, or that begins with
    none of the schemes that follow. `secret` gives the secret of a place such as env:NAME; raises
    SetupError where it is not there. `host_key` gives the key of an SFTP server as it is kept;
    raises SetupError for what is none. `openid`: the provider at which people may sign in too,
    None: there is none."""

    registry: Callable[[], Snapshot | None]
    refuse_url: Callable[..., None]
    secret: Callable[[str], str]
    host_key: Callable[[str], str]
    openid: Provider | None = None
