"""How a request that must wait leaves its thread: under a server that parks, it is run again later.

The server runs the whole request anew when the bell rings or the time is over, so what must happen
once (an acknowledgement) happens in the first run only.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from reference_hub.store.bells import Wait

OFFERED = "reference_hub.parking_offered"
ASKED = "reference_hub.parking_asked"
RESUMED = "reference_hub.parking_resumed"


@dataclass(frozen=True, slots=True)
class Parking:
    """What a parked request waits for, until which reading of the monotonic clock; when it came."""

    wait: Wait
    deadline: float
    arrived: datetime


def is_offered(environ: dict[str, Any]) -> bool:
    """Whether the server parks requests."""
    return bool(environ.get(OFFERED))


def ask(environ: dict[str, Any], parking: Parking) -> None:
    """Park this request; the server ends the wait, and what the view returns is thrown away."""
    environ[ASKED] = parking


def is_asked(environ: dict[str, Any]) -> bool:
    """Whether the answer to this request is none yet."""
    return ASKED in environ


def resumed(environ: dict[str, Any]) -> Parking | None:
    """How the request was parked, where it was."""
    found: Parking | None = environ.get(RESUMED)
    return found
