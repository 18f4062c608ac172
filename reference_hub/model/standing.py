"""How a vendor stands: its agreement and its deliveries, in counts, never in data."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from reference_hub.model.pod import DRAFT, EXPIRED
from reference_hub.model.scope import Scope

# Of an agreement.
OFF, NONE, WAITS, BEGINS, LIVE, ENDED, REJECTED = (
    "off", "none", "waits", "begins", "live", "ended", "rejected",
)  # fmt: skip
AGREEMENTS = (LIVE, WAITS, BEGINS, ENDED, REJECTED, NONE, OFF)
# Of its deliveries, the worst first.
DEAD, SILENT, FAILING, PAUSED, HELD, LATE, WELL, UNCONNECTED = (
    "dead", "silent", "failing", "paused", "held", "late", "well", "unconnected",
)  # fmt: skip
HEALTH = (DEAD, SILENT, FAILING, PAUSED, HELD, LATE, WELL, UNCONNECTED)
TROUBLE = HEALTH[:6]
LATE_SECONDS = 3600


def health_of(
    now: datetime,
    held: int,
    dead: int,
    oldest: datetime | None,
    failing_since: datetime | None,
    silent_until: datetime | None,
    paused: datetime | None,
    connections: int,
) -> str:
    """One of HEALTH, of what a Flow holds: thousands of vendors are judged for one page."""
    if dead:
        return DEAD
    if silent_until is not None and silent_until > now:
        return SILENT
    if failing_since is not None:
        return FAILING
    if paused is not None:
        return PAUSED
    if held:
        return HELD
    if oldest is not None and (now - oldest).total_seconds() > LATE_SECONDS:
        return LATE
    return WELL if connections else UNCONNECTED


@dataclass(frozen=True, slots=True)
class Agreed:
    """The POD that counts: the one in force, else the newest. `rejected`: by the vendor."""

    version: str
    status: str
    starts: date
    ends: date | None
    acknowledged: datetime | None
    rejected: datetime | None

    def state(self, today: date) -> str:
        """One of AGREEMENTS for the district's day."""
        if self.rejected is not None:
            return REJECTED
        if self.status == EXPIRED or (self.ends is not None and self.ends < today):
            return ENDED
        if self.status == DRAFT:
            return NONE
        if self.acknowledged is None:
            return WAITS
        return BEGINS if self.starts > today else LIVE


@dataclass(frozen=True, slots=True)
class Flow:
    """What lies in the queues of one connection or all of a vendor; `oldest` of what waits.

    `failing_since`: since when the deliveries fail in a row; `silent_until`: the hub leaves the
    vendor alone until then; `paused`: since when somebody of the district lets nothing go.
    """

    waiting: int = 0
    held: int = 0
    dead: int = 0
    oldest: datetime | None = None
    failing_since: datetime | None = None
    silent_until: datetime | None = None
    paused: datetime | None = None
    connections: int = 0

    def health(self, now: datetime) -> str:
        """One of HEALTH."""
        moments = (self.oldest, self.failing_since, self.silent_until, self.paused)
        return health_of(now, self.held, self.dead, *moments, self.connections)


@dataclass(frozen=True, slots=True)
class Receiver:
    """A vendor. `sent`: objects that it got today, pushed or read; `told`: that it wrote today."""

    id: int
    name: str
    party: str
    scope: Scope
    policy: str
    formats: tuple[str, ...]
    flow: Flow
    agreed: Agreed | None
    sent: int = 0
    told: int = 0

    def agreement(self, today: date) -> str:
        """One of AGREEMENTS."""
        if self.agreed is not None:
            return self.agreed.state(today)
        return OFF if self.policy == "off" else NONE


@dataclass(frozen=True, slots=True)
class Sender:
    """What feeds the hub: an application's key, or the name under which files are loaded.

    `kind`: source | provider | files; `told`: objects accepted today; `seen`: when its session was
    last used.
    """

    name: str
    kind: str
    notation: str
    told: int
    seen: datetime | None
