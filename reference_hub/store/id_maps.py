"""Which id an object has at a subscriber; an id that was retired is never given to another."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import Connection, text

from reference_hub.model.party import Subscriber

_CHUNK = 5000

_RECORD = text(
    """
    INSERT INTO id_map AS old
      (zone_id, context_id, subscriber_id, entity, refid, target_id, first_seen, last_seen)
    SELECT :zone, :context, :subscriber, entity, refid, target_id, :now, :now
    FROM unnest(CAST(:entities AS text[]), CAST(:refids AS text[]), CAST(:targets AS text[]))
         AS seen(entity, refid, target_id)
    ON CONFLICT (subscriber_id, entity, refid) DO UPDATE
    SET target_id = excluded.target_id, last_seen = excluded.last_seen, retired = NULL
    """
)

_RETIRE = text(
    """
    UPDATE id_map SET retired = :now
    WHERE subscriber_id = :subscriber AND entity = :entity AND refid = :refid AND retired IS NULL
    """
)

_RETIRE_UNSEEN = text(
    """
    UPDATE id_map SET retired = :now
    WHERE subscriber_id = :subscriber AND retired IS NULL AND last_seen < :now
    """
)

_TARGETS = text(
    """
    SELECT entity, refid, target_id FROM id_map
    WHERE subscriber_id = :subscriber AND refid = ANY(CAST(:refids AS text[]))
    """
)


def record(
    connection: Connection,
    subscriber: Subscriber,
    ids: Sequence[tuple[str, str, str]],
    now: datetime,
) -> None:
    """Remember (object type, folded RefId, id at the subscriber); a revived one is unretired."""
    fixed = {
        "zone": subscriber.scope.zone_id,
        "context": subscriber.scope.context_id,
        "subscriber": subscriber.id,
        "now": now,
    }
    for start in range(0, len(ids), _CHUNK):
        entities, refids, targets = zip(*ids[start : start + _CHUNK], strict=True)
        columns = {"entities": list(entities), "refids": list(refids), "targets": list(targets)}
        connection.execute(_RECORD, fixed | columns)


def retire(
    connection: Connection, subscriber: Subscriber, object_type: str, refid: str, now: datetime
) -> None:
    """The subscriber was told that the object is gone."""
    parameters = {"subscriber": subscriber.id, "entity": object_type, "refid": refid, "now": now}
    connection.execute(_RETIRE, parameters)


def retire_unseen(connection: Connection, subscriber: Subscriber, now: datetime) -> int:
    """Retire what a full bundle recorded at `now` no longer holds; how many they were."""
    parameters = {"subscriber": subscriber.id, "now": now}
    return connection.execute(_RETIRE_UNSEEN, parameters).rowcount


def targets(
    connection: Connection, subscriber: Subscriber, refids: Iterable[str]
) -> dict[tuple[str, str], str]:
    """The ids at the subscriber by (object type, folded RefId)."""
    parameters = {"subscriber": subscriber.id, "refids": list(refids)}
    rows = connection.execute(_TARGETS, parameters)
    return {(row.entity, row.refid): row.target_id for row in rows}
