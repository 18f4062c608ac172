"""What a party says of one POD: the acknowledgement record of our profile.

The standard has none; the marker on each message is all that it knows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Statement:
    """`decision`: ACKNOWLEDGED | REJECTED. `pod_token` is the marker, `pod_hash` names the text
    that was read. The rest says who, when and for which place, '' where it was not told.
    """

    pod_id: str
    pod_version: str
    pod_token: str = field(repr=False)
    pod_hash: str
    decision: str
    reason: str = ""
    acknowledged_at: str = ""
    system: str = ""
    contact: str = ""
    zone_id: str = ""
    context_id: str = ""
    app_id: str = ""

    @property
    def given_by(self) -> Mapping[str, str]:
        """Who says so, as far as told."""
        told = {
            "system": self.system,
            "contact": self.contact,
            "acknowledgedAt": self.acknowledged_at,
        }
        return {name: text for name, text in told.items() if text}


@dataclass(frozen=True, slots=True)
class Heard:
    """How a vendor answered when its POD was pushed to it: the marker that it echoed, the record
    that it signed, or the status by which it refused the document."""

    echoed: str = field(default="", repr=False)
    statement: Statement | None = None
    refused: int = 0
