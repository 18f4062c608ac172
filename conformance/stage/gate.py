"""The gate in front of the data: which marker opens it, and what is said to one that does not."""

from __future__ import annotations

from dataclasses import dataclass, field

from conformance.pods import Pod
from conformance.stage.calls import MARKER, Asked
from conformance.stage.places import FIRST_USE, Place


@dataclass(slots=True)
class Script:
    """Refusals that take the place of the gate's own answer for the next `left` covered calls."""

    status: int
    sub_code: str
    left: int


@dataclass(frozen=True, slots=True)
class Shut:
    """Why a call does not get through."""

    status: int
    text: str
    sub_code: str


@dataclass(slots=True)
class Gate:
    """`asks`: markers are asked for. `surprises` are documents by zone that come into force at the
    very moment when covered data is asked for."""

    asks: bool
    script: Script | None = None
    surprises: dict[str, tuple[Pod, tuple[str, ...]]] = field(default_factory=dict)

    def reset(self) -> None:
        """Judge by the documents alone."""
        self.script = None
        self.surprises.clear()

    def refusal(self, asked: Asked, place: Place) -> Shut | None:
        """Why a covered call is refused; None lets it through, and may make a document Live."""
        if self.script is not None and self.script.left > 0:
            self.script.left -= 1
            return Shut(self.script.status, "Not now.", self.script.sub_code)
        if not self.asks:
            return None
        if place.zone in self.surprises:
            place.put_in_force(*self.surprises.pop(place.zone))
        marker = asked.headers.get(MARKER)
        if not marker:
            return Shut(403, "The privacy marker is missing.", "403-01")
        if place.pod is not None and marker == place.pod.token:
            return _pending(place)
        if marker in place.retired:
            return Shut(410, "The privacy marker is outdated.", "410-20")
        return Shut(403, "The privacy marker is unknown.", "403-POD-UNKNOWN")


def _pending(place: Place) -> Shut | None:
    """The first use of its marker acknowledges a document, where that is what it waits for."""
    if place.waits == FIRST_USE:
        place.come_alive()
    if not place.waits:
        return None
    return Shut(403, "The document is not acknowledged yet.", "403-POD-UNACK")
