"""Runs of the conformance suite as the console knows them, and decisions that rest on them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from reference_hub.model.scope import Scope
from reference_hub.model.vendor_kind import PUSH

DOCTOR, RUN = "doctor", "run"
RUNNING, ENDED, CANCELLED = "running", "ended", "cancelled"
# `late`: stopped by the hub when its time was over; `interrupted`: the hub itself stopped.
LATE, INTERRUPTED = "late", "interrupted"
STATES = (RUNNING, ENDED, CANCELLED, LATE, INTERRUPTED)
APPROVED, CONDITIONS, REFUSED = "approved", "conditions", "refused"
VERDICTS = (APPROVED, CONDITIONS, REFUSED)


@dataclass(frozen=True, slots=True)
class Way:
    """How a product is reached and what it says that it does. `secret`: where the secret is, never
    the secret itself; `users`, `demographics`: where it shows what it stored, below `url`; `kind`:
    one of model/vendor_kind, `more`: what only that kind asks for."""

    url: str
    key: str
    secret: str
    method: str = "SIF_HMACSHA256"
    format: str = "sif-xml"
    capabilities: tuple[str, ...] = ()
    users: str = ""
    demographics: str = ""
    kind: str = PUSH
    more: Mapping[str, str] = field(default_factory=dict, hash=False)

    @classmethod
    def told(cls, stored: Mapping[str, Any]) -> Way:
        """What `asdict` made of one, as JSON keeps it."""
        return cls(**{**stored, "capabilities": tuple(stored.get("capabilities", ()))})


@dataclass(frozen=True, slots=True)
class Run:
    """One call of the suite. `folder`: the name of its folder, made by the hub; `options`: what was
    asked; `result`: outcome, counts or fault, as the suite wrote them; `exit_code` as the suite
    documents it, None while it runs and where it was stopped."""

    id: int
    scope: Scope
    vendor_id: int
    vendor: str
    kind: str
    state: str
    folder: str
    options: Mapping[str, Any]
    started: datetime
    started_by: str
    ended: datetime | None = None
    cancelled_by: str = ""
    exit_code: int | None = None
    result: Mapping[str, Any] = field(default_factory=dict)

    @property
    def way(self) -> Way | None:
        """How the product was reached; None for runs of before this was kept."""
        stored = self.options.get("way")
        return Way.told(stored) if stored else None

    @property
    def outcome(self) -> str:
        """conforms, does not conform, ... as verdict.json says; '' while there is none."""
        return str(self.result.get("outcome", ""))

    @property
    def is_whole(self) -> bool:
        """Whether everything was judged, so that a decision may rest on it."""
        return self.state == ENDED and bool(self.outcome) and not self.options.get("quick")


@dataclass(frozen=True, slots=True)
class Decision:
    """What the district decided about a vendor: APPROVED, CONDITIONS or REFUSED, in whose words."""

    verdict: str
    conditions: str
    decided: datetime
    decided_by: str
    run_id: int | None = None
