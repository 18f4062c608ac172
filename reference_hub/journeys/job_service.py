"""What a functional service declares of its jobs; the rest is the same for all of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from reference_hub.journeys.writer import Judging
from reference_hub.model.job import Phase, Submitted
from reference_hub.model.scope import Scope

if TYPE_CHECKING:
    from sqlalchemy import Connection


@dataclass(frozen=True, slots=True)
class Task:
    """What the work of a job may look at: the zone in one snapshot, and what was submitted.

    `model` is the data model of the zone, '' for any.
    """

    connection: Connection
    scope: Scope
    judge: Judging
    model: str
    submitted: tuple[Submitted, ...]


@dataclass(frozen=True, slots=True)
class Done:
    """A sentence about the result, without values of the data, and a document for later phases."""

    description: str
    documents: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class JobService:
    """`work` runs as soon as every phase before `work_phase` is over; then the job is complete."""

    name: str
    phases: tuple[Phase, ...]
    work_phase: str
    work: Callable[[Task], Done]
    timeout: timedelta

    @property
    def collection(self) -> str:
        """The name of the service in paths, rights and events."""
        return f"{self.name}s"

    def phase(self, name: str) -> Phase | None:
        """The phase of this name."""
        return next((phase for phase in self.phases if phase.name == name), None)

    def before_work(self) -> list[str]:
        """The phases that are the consumer's to go through."""
        names = [phase.name for phase in self.phases]
        return names[: names.index(self.work_phase)]
