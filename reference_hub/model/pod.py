"""The Privacy Obligations Document as the hub keeps it: identity, dates, and the granted paths."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from reference_hub.model.scope import Scope

DRAFT = "Draft"
PENDING = "Pending"
LIVE = "Live"
EXPIRED = "Expired"


@dataclass(frozen=True, slots=True)
class Pod:
    """One POD of one vendor in one zone. `granted` holds paths such as `xStudent/name/givenName`;
    each grants its subtree. `document` is the `pod` element as XML bytes (infrastructure 3.3)."""

    id: str
    vendor_id: int
    scope: Scope
    version: str
    token: str
    status: str
    starts: date
    ends: date | None
    granted: tuple[str, ...]
    document: bytes
    acknowledged: datetime | None
