"""Objects a source takes back; a tombstone stays and is queued like any change."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from reference_hub.codec.xml import fold, namespace_of, parse
from reference_hub.journeys.writer import Writer
from reference_hub.model.change import DELETE, Change, StoredObject
from reference_hub.model.outcome import Outcome, failed
from reference_hub.problems import Refusal
from reference_hub.store import objects

if TYPE_CHECKING:
    from sqlalchemy import Connection


def delete(
    connection: Connection,
    writer: Writer,
    object_type: str,
    refids: Sequence[str],
    *,
    namespace: str = "",
) -> list[Outcome]:
    """One outcome per id, in order: 204, or 404 when there is no such object (any more).

    400 for an object that is not in the namespace, where one is given.
    """
    folded = [fold(writer.stored_id(object_type, refid)) for refid in refids]
    stored = objects.lock(connection, writer.scope, object_type, folded)
    present = set(stored)
    outcomes: list[Outcome] = []
    changes: list[Change] = []
    for refid, key in zip(refids, folded, strict=True):
        found = stored[key] if key in present else None
        if problem := _problem(found, object_type, namespace, writer):
            outcomes.append(failed(problem, refid=refid))
            continue
        present.discard(key)
        changes.append(Change(DELETE, object_type, key, None, previous=stored[key].version_id))
        outcomes.append(Outcome(204, refid))
    writer.accept(connection, changes)
    return outcomes


def _problem(
    found: StoredObject | None, object_type: str, namespace: str, writer: Writer
) -> Refusal | None:
    doing = f"Delete {object_type}"
    whole = parse(found.body) if found and (namespace or writer.pod) else None
    if found is None or (whole is not None and not writer.sees(whole)):
        return Refusal(404, doing, "There is no object with this id.")
    stored = namespace_of(whole) if whole is not None and namespace else ""
    if stored != namespace:
        return Refusal(400, doing, f"The stored object is in the namespace {stored}.")
    try:
        writer.refuse_unwritable(doing, whole, None)
    except Refusal as problem:
        return problem
    return None
