"""Objects a source takes back; a tombstone stays and is queued like any change."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from reference_hub.codec.xml import fold
from reference_hub.journeys.writer import Writer
from reference_hub.model.change import DELETE, Change
from reference_hub.model.outcome import Outcome, failed
from reference_hub.problems import Refusal
from reference_hub.store import objects

if TYPE_CHECKING:
    from sqlalchemy import Connection


def delete(
    connection: Connection, writer: Writer, object_type: str, refids: Sequence[str]
) -> list[Outcome]:
    """One outcome per id, in order: 204, or 404 when there is no such object (any more)."""
    folded = [fold(refid) for refid in refids]
    stored = objects.lock(connection, writer.scope, object_type, folded)
    present = set(stored)
    outcomes: list[Outcome] = []
    changes: list[Change] = []
    for refid, key in zip(refids, folded, strict=True):
        if key not in present:
            problem = Refusal(404, f"Delete {object_type}", "There is no object with this id.")
            outcomes.append(failed(problem, refid=refid))
            continue
        present.discard(key)
        changes.append(Change(DELETE, object_type, key, None, previous=stored[key].version_id))
        outcomes.append(Outcome(204, refid))
    writer.accept(connection, changes)
    return outcomes
