"""What the console needs of the parts of the hub that talk to others; the application gives it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from reference_hub.registry.records import Snapshot


@dataclass(frozen=True, slots=True)
class Outside:
    """`registry` reads the registry of the settings (None: they name none; raises RegistryError).
    `refuse_url` raises SetupError for an address that the hub may not call. `secret` gives the
    secret of a place such as env:NAME; raises SetupError where it is not there."""

    registry: Callable[[], Snapshot | None]
    refuse_url: Callable[[str], None]
    secret: Callable[[str], str]
