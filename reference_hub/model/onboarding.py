"""A vendor that is being taken on: what is known of it, and which steps are done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from reference_hub.model.console_run import RUNNING, Decision, Run, Way
from reference_hub.model.pod import Pod
from reference_hub.model.scope import Scope
from reference_hub.model.vendor_kind import KINDS

OPEN, ON, OVER = "open", "on", "ended"
STEPS = (
    "agreement",
    "preview",
    "connection",
    "doctor",
    "sandbox",
    "run",
    "summary",
    "decision",
    "data",
)


@dataclass(frozen=True, slots=True)
class Onboarding:
    """`agreement`: the records of a registry that it is made of (district, vendor, product,
    agreement); `read_by`: who has read what it opens; `way` None: not connected yet; `vendor_id`:
    the vendor once connected, `sandbox_id` its double with made-up students."""

    id: int
    scope: Scope
    name: str
    party: str
    version: int
    state: str
    agreement: Mapping[str, Any]
    read_by: str
    way: Way | None
    vendor_id: int | None
    sandbox_id: int | None
    started: datetime
    started_by: str


@dataclass(frozen=True, slots=True)
class Tried:
    """What became of the made-up students: counts by state of their messages, the reasons of what
    did not arrive, and how the POD of the sandbox stands; `rows` of another form than SIF that went
    out, `read`: objects that a vendor came for."""

    pod: str
    done: int
    open: int
    dead: int
    reasons: tuple[str, ...]
    rows: int = 0
    read: int = 0


@dataclass(frozen=True, slots=True)
class Facts:
    """All that the steps of one vendor depend on. `doctor`: of the way as it is now; `past`: the
    newest POD where none is open any more."""

    case: Onboarding
    doctor: Run | None = None
    tried: Tried | None = None
    run: Run | None = None
    decision: Decision | None = None
    pod: Pod | None = None
    needs_decision: bool = True
    past: Pod | None = None


def done(facts: Facts) -> dict[str, bool]:
    """Each step of STEPS and whether it is done."""
    case = facts.case
    ran = facts.run is not None and bool(facts.run.outcome)
    return {
        "agreement": True,
        "preview": bool(case.read_by),
        "connection": case.way is not None,
        "doctor": facts.doctor is not None and facts.doctor.exit_code == 0,
        "sandbox": _has_tried(case, facts.tried),
        "run": ran,
        "summary": ran,
        "decision": facts.decision is not None,
        "data": case.state == ON,
    }


def _has_tried(case: Onboarding, tried: Tried | None) -> bool:
    if tried is None or case.way is None:
        return False
    if KINDS[case.way.kind].comes:
        return tried.read > 0
    return tried.done > 0 and not tried.open


def current(facts: Facts) -> str:
    """The first step that is not done; the last one where all are."""
    return next((step for step, is_done in done(facts).items() if not is_done), STEPS[-1])


def barred(facts: Facts) -> str:
    """Why real data may not be switched on now, as a word; '' where it may."""
    if facts.case.way is None:
        return "unconnected"
    if facts.decision is not None and facts.decision.verdict == "refused":
        return "refused"
    if facts.needs_decision and facts.decision is None:
        return "undecided"
    if facts.pod is None:
        return "unpublished"
    if facts.pod.acknowledged is None:
        return "unacknowledged"
    return ""


def settled(facts: Facts) -> str:
    """Why another kind or form cannot be chosen any more, as a word; '' where it can: nothing was
    sent to the vendor, no run was made of it, and nothing was decided."""
    if facts.case.state != OPEN:
        return "over"
    if facts.run is not None:
        return "ran"
    if facts.tried is not None:
        return "tried"
    if facts.pod is not None or facts.past is not None:
        return "published"
    if facts.decision is not None:
        return "decided"
    if facts.doctor is not None and facts.doctor.state == RUNNING:
        return "looking"
    return ""
