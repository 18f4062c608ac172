"""What changed from one run of a collection to the next."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reference_hub.model.collection import Finding, Run
from reference_hub.model.scope import Scope
from reference_hub.store import collection_runs

if TYPE_CHECKING:
    from sqlalchemy import Connection

NEW, FIXED, STILL = "new", "fixed", "still there"


@dataclass(frozen=True, slots=True)
class Difference:
    """A run against the one before it of the same origin; None before the first one."""

    run: Run
    before: Run | None
    changes: tuple[tuple[str, Finding], ...]

    def count(self, kind: str) -> int:
        """How many findings are new, fixed or still there."""
        return sum(found == kind for found, _ in self.changes)

    @property
    def words(self) -> str:
        """The difference in a sentence."""
        if self.before is None:
            return f"Run {self.run.number}: the first one, {self.count(NEW)} findings."
        numbers = ", ".join(f"{self.count(kind)} {kind}" for kind in (FIXED, NEW, STILL))
        return f"Run {self.run.number} against run {self.before.number}: {numbers}."


def history(connection: Connection, scope: Scope, collection: str, origin: str) -> list[Difference]:
    """Each run of an origin against the one before, oldest first."""
    listed = collection_runs.listed(connection, scope, collection)
    runs = [run for run in listed if run.origin == origin]
    pairs = zip([None, *runs], runs, strict=False)
    return [_difference(connection, run, before) for before, run in pairs]


def _difference(connection: Connection, run: Run, before: Run | None) -> Difference:
    now = _by_key(collection_runs.findings(connection, run.id))
    past = _by_key(collection_runs.findings(connection, before.id)) if before else {}
    changes = [(STILL if key in past else NEW, finding) for key, finding in now.items()]
    changes += [(FIXED, finding) for key, finding in past.items() if key not in now]
    return Difference(run, before, tuple(changes))


def _by_key(findings: Iterable[Finding]) -> dict[tuple[str, str, str], Finding]:
    return {(each.object_type, each.refid, each.rule): each for each in findings}
