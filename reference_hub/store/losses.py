"""The loss ledger of each subscriber: which fields its format could not carry, and why."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, text

from reference_hub.model.party import Subscriber
from reference_hub.translate.ledger import Loss

_CHUNK = 5000

_RECORD = text(
    """
    INSERT INTO loss (zone_id, context_id, subscriber_id, message_id, entity, refid, crosswalk_id,
                      source_path, target_field, kind, original_kept, note, seen)
    SELECT :zone, :context, :subscriber, CAST(:message AS uuid), entity, nullif(refid, ''),
           crosswalk_id, source_path, nullif(target_field, ''), kind, kept, note, :now
    FROM unnest(CAST(:entities AS text[]), CAST(:refids AS text[]), CAST(:crosswalks AS text[]),
                CAST(:paths AS text[]), CAST(:targets AS text[]), CAST(:kinds AS text[]),
                CAST(:kept AS boolean[]), CAST(:notes AS text[]))
         AS entry(entity, refid, crosswalk_id, source_path, target_field, kind, kept, note)
    ON CONFLICT (subscriber_id, crosswalk_id, source_path, kind, refid) DO UPDATE
    SET message_id = excluded.message_id, note = excluded.note, seen = excluded.seen,
        target_field = excluded.target_field
    """
)

_FORGET = text("DELETE FROM loss WHERE subscriber_id = :subscriber AND seen < :before")


def record(
    connection: Connection,
    subscriber: Subscriber,
    message_id: str,
    losses: Iterable[Loss],
    now: datetime,
) -> None:
    """Add the entries, or freshen those that are there; equal ones are written once."""
    unique = {(x.crosswalk_id, x.source_path, x.kind, x.refid): x for x in losses}
    entries = list(unique.values())
    fixed = {
        "zone": subscriber.scope.zone_id,
        "context": subscriber.scope.context_id,
        "subscriber": subscriber.id,
        "message": message_id,
        "now": now,
    }
    for start in range(0, len(entries), _CHUNK):
        connection.execute(_RECORD, fixed | _columns(entries[start : start + _CHUNK]))


def forget(connection: Connection, subscriber: Subscriber, before: datetime) -> int:
    """Drop entries not seen since: after a full bundle they no longer hold. How many they were."""
    parameters = {"subscriber": subscriber.id, "before": before}
    return connection.execute(_FORGET, parameters).rowcount


def _columns(entries: list[Loss]) -> dict[str, object]:
    return {
        "entities": [each.entity for each in entries],
        "refids": [each.refid for each in entries],
        "crosswalks": [each.crosswalk_id for each in entries],
        "paths": [each.source_path for each in entries],
        "targets": [each.target_field for each in entries],
        "kinds": [each.kind for each in entries],
        "kept": [each.original_kept for each in entries],
        "notes": [each.note for each in entries],
    }
