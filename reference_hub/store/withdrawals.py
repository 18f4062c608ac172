"""A person is never to be shared with a vendor any more, or is again: what is queued changes.

Only connections that the hub pushes to are looked at: who pulls, asks again.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, text

from reference_hub.model.scope import Scope

_PAIRS = """
    unnest(CAST(:vendors AS integer[]), CAST(:refids AS text[])) AS pair(vendor_id, refid)
"""
_HERE = "s.zone_id = :zone AND s.context_id = :context AND s.vendor_id = pair.vendor_id"

_PURGE = text(
    f"""
    UPDATE message m SET state = 'purged', reason = 'never to be shared', settled = now()
    FROM {_PAIRS}, subscriber s, object_version v
    WHERE {_HERE} AND s.id = m.subscriber_id AND v.id = m.version_id AND v.refid = pair.refid
      AND m.kind = 'event' AND m.action <> 'DELETE' AND m.state IN ('waiting', 'held')
    """  # noqa: S608 constants only
)

# The version is there to tell which object is meant; a delete sends nothing of it.
_TAKE_BACK = text(
    f"""
    INSERT INTO message (zone_id, context_id, subscriber_id, kind, action, object_type, version_id)
    SELECT s.zone_id, s.context_id, s.id, 'event', 'DELETE', o.object_type, o.version_id
    FROM {_PAIRS}
    JOIN subscriber s ON {_HERE}
    JOIN id_map i ON i.subscriber_id = s.id AND i.refid = pair.refid AND i.retired IS NULL
    JOIN sif_object o ON o.zone_id = s.zone_id AND o.context_id = s.context_id
      AND o.object_type = i.entity AND o.refid = i.refid
    WHERE s.transport <> 'http_put' AND NOT o.tombstone
    ORDER BY o.position, s.id
    """  # noqa: S608 constants only
)

_GIVE_AGAIN = text(
    f"""
    INSERT INTO message (zone_id, context_id, subscriber_id, kind, action, object_type, version_id)
    SELECT s.zone_id, s.context_id, s.id, 'event', 'CREATE', o.object_type, o.version_id
    FROM {_PAIRS}
    JOIN subscriber s ON {_HERE}
    JOIN sif_object o ON o.zone_id = s.zone_id AND o.context_id = s.context_id
      AND o.refid = pair.refid
    WHERE s.transport <> 'http_put' AND NOT o.tombstone AND s.objects ? o.object_type
    ORDER BY o.position, s.id
    """  # noqa: S608 constants only
)


def withdraw(connection: Connection, scope: Scope, pairs: Iterable[tuple[int, str]]) -> int:
    """Purge what waits of these people for these vendors, pairs of vendor and folded RefId, and
    queue a delete of each object of them that a vendor has; how many deletes."""
    asked = _columns(scope, pairs)
    connection.execute(_PURGE, asked)
    return connection.execute(_TAKE_BACK, asked).rowcount


def give_again(connection: Connection, scope: Scope, pairs: Iterable[tuple[int, str]]) -> int:
    """Queue the objects of these people anew; how many."""
    return connection.execute(_GIVE_AGAIN, _columns(scope, pairs)).rowcount


def _columns(scope: Scope, pairs: Iterable[tuple[int, str]]) -> dict[str, object]:
    listed = list(pairs)
    return {
        "zone": scope.zone_id,
        "context": scope.context_id,
        "vendors": [vendor_id for vendor_id, _ in listed],
        "refids": [refid for _, refid in listed],
    }
