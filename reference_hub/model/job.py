"""Jobs of functional services: a job runs through phases, each phase through states (INF-JOB)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from reference_hub.model.rights import APPROVED, REJECTED
from reference_hub.model.scope import Scope

NOTSTARTED, INPROGRESS, COMPLETED, FAILED = "NOTSTARTED", "INPROGRESS", "COMPLETED", "FAILED"
PENDING, SKIPPED, NOTAPPLICABLE = "PENDING", "SKIPPED", "NOTAPPLICABLE"
PHASE_STATES = (NOTAPPLICABLE, NOTSTARTED, PENDING, SKIPPED, INPROGRESS, COMPLETED, FAILED)
JOB_RIGHTS = ("QUERY", "CREATE", "UPDATE", "DELETE")
# A phase in one of these states is over, a job in one of the last two as well.
ENDED = (NOTAPPLICABLE, SKIPPED, COMPLETED, FAILED)


@dataclass(frozen=True, slots=True)
class Phase:
    """What a service declares of a phase: who may do what to its payload and to its states.

    `rights` and `states_rights` name what is approved. `accepts` are the objects that a consumer
    may submit to it.
    """

    name: str
    required: bool
    rights: tuple[str, ...] = ()
    states_rights: tuple[str, ...] = ("QUERY",)
    accepts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PhaseState:
    """One state that a phase was in; the newest one is the current one (INF-JOB-008)."""

    id: str
    phase: str
    type: str
    description: str
    created: datetime


@dataclass(frozen=True, slots=True)
class Job:
    """A job of one environment. `service` is the job's name; `timeout` in seconds.

    `due`: the hub is to work on it; `attempts`: how often a worker began to.
    """

    id: str
    service: str
    environment_id: str
    fingerprint: str
    scope: Scope
    state: str
    description: str
    state_description: str
    timeout: int
    created: datetime
    last_modified: datetime
    states: tuple[PhaseState, ...]
    due: bool = False
    attempts: int = 0

    @property
    def is_finished(self) -> bool:
        """Whether nothing of it changes any more."""
        return self.state in (COMPLETED, FAILED)

    def current(self, phase: str) -> str:
        """The type of the phase's newest state."""
        types = [state.type for state in self.states if state.phase == phase]
        return types[-1] if types else NOTSTARTED


@dataclass(frozen=True, slots=True)
class Submitted:
    """One object that a consumer handed to a phase."""

    object_type: str
    refid: str
    body: bytes


def rights_table(approved: tuple[str, ...]) -> Mapping[str, str]:
    """Every right with its value, as the `rights` of a phase list them."""
    return {right: APPROVED if right in approved else REJECTED for right in JOB_RIGHTS}
