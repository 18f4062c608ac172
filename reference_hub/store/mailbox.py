"""Messages at the end of consumers' queues; each statement also wakes who polls for them.

A payload is stored once, however many queues it reaches, and goes with its last message.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from sqlalchemy import Connection, text

from reference_hub.model.queue import Payload
from reference_hub.model.scope import Scope
from reference_hub.model.uuids import fits_schema
from reference_hub.store.objects import Versioned

CHANNEL = "hub_queues"

_HELD = """
    held AS (
      INSERT INTO payload (headers, content_type, body)
      SELECT CAST(:headers AS jsonb), :content_type, CAST(:body AS bytea)
      WHERE EXISTS (SELECT FROM receivers)
      RETURNING id
    )
"""

# The writer's own id is kept, unless the queue holds a message with it already.
_SENT = """
    own AS (SELECT CAST(nullif(CAST(:message_id AS text), '') AS uuid) AS id),
    sent AS (
      INSERT INTO message (message_id, zone_id, context_id, queue_id, kind, action, object_type,
                           payload_id)
      SELECT CASE WHEN own.id IS NULL OR EXISTS (
               SELECT FROM message m WHERE m.message_id = own.id AND m.queue_id = r.id)
             THEN gen_random_uuid() ELSE own.id END,
             :zone, :context, r.id, :kind, :action, :object_type, held.id
      FROM receivers r CROSS JOIN held CROSS JOIN own ORDER BY r.id
      RETURNING queue_id
    )
"""

_RING = """
    SELECT (SELECT pg_notify(:channel, q.id::text) WHERE q.polling = 'LONG')
    FROM queue q WHERE q.id IN (SELECT queue_id FROM sent)
"""

# FOR KEY SHARE: a queue that somebody deletes at this moment is passed over, not an error.
_ONE = "receivers AS (SELECT id FROM queue WHERE id = CAST(:queue AS uuid) FOR KEY SHARE)"
_SUBSCRIBED = """
    receivers AS (
      SELECT q.id
      FROM subscription s JOIN queue q ON q.id = s.queue_id
      JOIN environment e ON e.id = s.environment_id
      WHERE s.zone_id = :zone AND s.context_id = :context AND s.service_type = :service_type
        AND s.service_name = :service_name
        AND (:fingerprint = '' OR e.fingerprint = :fingerprint)
        AND NOT (:for_district AND EXISTS (
          SELECT FROM application a WHERE a.key = e.application_key AND a.kind = 'vendor'))
      FOR KEY SHARE OF q
    )
"""
_PUT = text(f"WITH {_ONE}, {_HELD}, {_SENT} {_RING}")
_PUBLISH = text(f"WITH {_SUBSCRIBED}, {_HELD}, {_SENT} {_RING}")

_ENQUEUE = text(
    f"""
    WITH receivers AS (
      SELECT q.id, s.service_name
      FROM subscription s JOIN queue q ON q.id = s.queue_id
      WHERE s.zone_id = :zone AND s.context_id = :context AND s.service_type = 'OBJECT'
        AND s.service_name = ANY(CAST(:names AS text[]))
      FOR KEY SHARE OF q
    ), runs AS (
      SELECT run, min(action) AS action, min(object_type) AS object_type,
             array_agg(version ORDER BY n) AS versions
      FROM unnest(CAST(:runs AS integer[]), CAST(:versions AS bigint[]),
                  CAST(:actions AS text[]), CAST(:types AS text[]))
           WITH ORDINALITY AS added(run, version, action, object_type, n)
      GROUP BY run
    ), sent AS (
      INSERT INTO message (zone_id, context_id, queue_id, kind, action, object_type, versions)
      SELECT :zone, :context, r.id, 'event', runs.action, runs.object_type, runs.versions
      FROM runs JOIN receivers r ON r.service_name = runs.object_type || 's'
      ORDER BY runs.run, r.id
      RETURNING queue_id
    )
    {_RING}
    """  # noqa: S608 constants only
)


def put(
    connection: Connection,
    queue_id: str,
    kind: str,
    scope: Scope,
    object_type: str,
    action: str,
    payload: Payload,
) -> None:
    """One message (`kind`: response | error | event) at the end of the queue, if there is one."""
    written = {"queue": queue_id, "kind": kind, "object_type": object_type, "action": action}
    connection.execute(_PUT, _at(scope) | written | _columns(payload))


def publish(
    connection: Connection,
    scope: Scope,
    service_type: str,
    service_name: str,
    action: str,
    payload: Payload,
    *,
    fingerprint: str = "",
    for_district: bool = False,
) -> int:
    """Copy the event into the queue of every subscription that fits; how many these are.

    With a fingerprint only the environment that has it gets the event (INF-EVT-012), `for_district`
    no vendor does.
    """
    written = {
        "kind": "event",
        "service_type": service_type,
        "service_name": service_name,
        "object_type": service_name.removesuffix("s"),
        "action": action,
        "fingerprint": fingerprint,
        "for_district": for_district,
    }
    return len(connection.execute(_PUBLISH, _at(scope) | written | _columns(payload)).all())


def enqueue(connection: Connection, scope: Scope, runs: Sequence[Sequence[Versioned]]) -> None:
    """One event for each run, in order, for every subscription to the type; all of a run are of
    one object type and action. Bodies are put together when the event is read."""
    added = [(number, version) for number, run in enumerate(runs) for version in run]
    columns = {
        "names": sorted({f"{version.object_type}s" for _, version in added}),
        "runs": [number for number, _ in added],
        "versions": [version.version_id for _, version in added],
        "actions": [version.action for _, version in added],
        "types": [version.object_type for _, version in added],
    }
    connection.execute(_ENQUEUE, _at(scope) | columns)


def _columns(payload: Payload) -> dict[str, object]:
    named = {name.lower(): value for name, value in payload.headers.items()}
    own_id = named.get("messageid", "")
    return {
        "headers": json.dumps(dict(payload.headers)),
        "content_type": payload.content_type,
        "body": payload.body,
        "message_id": own_id if fits_schema(own_id) else "",
    }


def _at(scope: Scope) -> dict[str, object]:
    return {"zone": scope.zone_id, "context": scope.context_id, "channel": CHANNEL}
