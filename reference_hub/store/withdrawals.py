"""A person is never to be shared with a vendor any more, or is again: what is queued changes.

Only connections that the hub pushes to are looked at: who pulls, asks again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, text

from reference_hub.model.scope import Scope

# Ids are told from the text of each document, once for all people: 15 microseconds for one of 2 kB.
_MENTIONING = text(
    r"""
    WITH about AS MATERIALIZED (
      SELECT o.object_type, o.refid, o.version_id, o.position, v.body
      FROM sif_object o JOIN object_version v ON v.id = o.version_id
      WHERE o.zone_id = :zone AND o.context_id = :context AND NOT o.tombstone
        AND (o.refid = ANY(CAST(:refids AS text[])) OR EXISTS (
          SELECT FROM regexp_matches(lower(convert_from(v.body, 'UTF8')),
            '[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}', 'g') AS found(id)
          WHERE replace(found.id[1], '-', '') = ANY(CAST(:refids AS text[]))))
    )
    SELECT s.id AS subscriber_id, s.vendor_id, about.object_type, about.refid, about.version_id,
           about.body, i.refid IS NOT NULL AS is_there
    FROM about
    JOIN subscriber s ON s.zone_id = :zone AND s.context_id = :context
      AND s.transport NOT IN ('http_put', 'sftp') AND s.objects ? about.object_type
    LEFT JOIN id_map i ON i.subscriber_id = s.id AND i.entity = about.object_type
      AND i.refid = about.refid AND i.retired IS NULL
    WHERE s.vendor_id = ANY(CAST(:vendors AS integer[]))
    ORDER BY about.position, s.id
    """
)

_COLUMNS = """
    unnest(CAST(:subscribers AS integer[]), CAST(:actions AS text[]), CAST(:types AS text[]),
           CAST(:refids AS text[]), CAST(:versions AS bigint[]))
           WITH ORDINALITY AS step(subscriber_id, action, object_type, refid, version_id, n)
"""

_PURGE = text(
    f"""
    UPDATE message m SET state = 'purged', reason = 'never to be shared', settled = now()
    FROM {_COLUMNS}, object_version v
    WHERE m.subscriber_id = step.subscriber_id AND v.id = m.version_id
      AND v.object_type = step.object_type AND v.refid = step.refid
      AND m.kind = 'event' AND m.state IN ('waiting', 'held')
    """  # noqa: S608 constants only
)

# The version tells which object is meant, also where its message is a delete and sends nothing.
_QUEUE = text(
    f"""
    INSERT INTO message (zone_id, context_id, subscriber_id, kind, action, object_type, version_id)
    SELECT :zone, :context, subscriber_id, 'event', action, object_type, version_id
    FROM {_COLUMNS} ORDER BY n
    """  # noqa: S608 constants only
)


@dataclass(frozen=True, slots=True)
class Mentioning:
    """A stored object that is or names one of the people, and a connection that takes such
    objects; `is_there`: the vendor has it."""

    subscriber_id: int
    vendor_id: int
    object_type: str
    refid: str
    version_id: int
    body: bytes
    is_there: bool


@dataclass(frozen=True, slots=True)
class Step:
    """A message to queue: CREATE, UPDATE or DELETE of an object for one connection."""

    action: str
    of: Mentioning


def mentioning(
    connection: Connection, scope: Scope, vendor_ids: Iterable[int], refids: Iterable[str]
) -> list[Mentioning]:
    """The objects with any of these folded RefIds in them, for each connection of these vendors.

    Every object of the scope is read for it.
    """
    asked = _at(scope) | {"vendors": list(vendor_ids), "refids": list(refids)}
    return [Mentioning(*row) for row in connection.execute(_MENTIONING, asked)]


def queue(connection: Connection, scope: Scope, steps: Sequence[Step]) -> None:
    """Queue the messages, in place of what waits of the same objects for the same connections."""
    columns = {
        "subscribers": [each.of.subscriber_id for each in steps],
        "actions": [each.action for each in steps],
        "types": [each.of.object_type for each in steps],
        "refids": [each.of.refid for each in steps],
        "versions": [each.of.version_id for each in steps],
    }
    connection.execute(_PURGE, columns)
    connection.execute(_QUEUE, _at(scope) | columns)


def _at(scope: Scope) -> dict[str, object]:
    return {"zone": scope.zone_id, "context": scope.context_id}
