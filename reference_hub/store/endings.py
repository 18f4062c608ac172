"""An agreement ends: nothing waits, nothing is subscribed any more; the next one begins anew."""

from __future__ import annotations

from sqlalchemy import Connection, text

from reference_hub.model.pod import Pod

# Connections and applications that no other POD of the vendor covers.
_UNCOVERED = """
    (:app = '' OR {side}.app_id = :app) AND NOT EXISTS (
      SELECT FROM pod p
      WHERE p.vendor_id = :vendor AND p.zone_id = :zone AND p.context_id = :context
        AND p.app_id IN ('', {side}.app_id) AND p.status IN ('Pending', 'Live'))
"""

_CUT_OFF = text(
    f"""
    WITH cut AS (
      UPDATE subscriber s SET cut_off = true
      WHERE s.vendor_id = :vendor AND s.zone_id = :zone AND s.context_id = :context
        AND {_UNCOVERED.format(side="s")}
      RETURNING s.id
    )
    UPDATE message m SET state = 'purged', reason = 'agreement ended', settled = now()
    FROM cut
    WHERE m.subscriber_id = cut.id AND m.kind <> 'pod' AND m.state IN ('waiting', 'held')
      AND (m.kind = 'file' OR m.action <> 'DELETE')
    """  # noqa: S608 constants only
)

_OWN_QUEUES = f"""
    SELECT q.id FROM queue q
    JOIN environment e ON e.id = q.environment_id
    JOIN application a ON a.key = e.application_key
    WHERE a.vendor_id = :vendor AND a.zone_id = :zone AND a.context_id = :context
      AND {_UNCOVERED.format(side="a")}
"""  # noqa: S608 constants only

_EMPTY = text(
    f"""
    UPDATE message m SET state = 'purged', reason = 'agreement ended', settled = now()
    WHERE m.queue_id IN ({_OWN_QUEUES}) AND m.state IN ('waiting', 'leased')
      AND m.kind IN ('event', 'response') AND (m.payload_id IS NULL OR EXISTS (
        SELECT FROM payload c WHERE c.id = m.payload_id
          AND coalesce(c.headers ->> 'serviceType', 'OBJECT') IN ('OBJECT', 'SERVICEPATH')))
    """  # noqa: S608 constants only
)

_UNSUBSCRIBE = text(
    f"""
    DELETE FROM subscription s
    WHERE s.queue_id IN ({_OWN_QUEUES}) AND s.service_type = 'OBJECT'
    """  # noqa: S608 constants only
)

# What changes from now on reaches them no more: their rows are no longer to be trusted.
_DISTRUST = text(
    """
    DELETE FROM projection p USING subscriber s
    WHERE s.id = p.subscriber_id AND s.cut_off
      AND s.vendor_id = :vendor AND s.zone_id = :zone AND s.context_id = :context
    """
)

_AFRESH = text(
    """
    WITH back AS (
      UPDATE subscriber s SET cut_off = false
      WHERE s.vendor_id = :vendor AND s.zone_id = :zone AND s.context_id = :context AND s.cut_off
        AND (:app = '' OR s.app_id = :app)
      RETURNING s.id, s.zone_id, s.context_id, s.format, s.objects
    ), dropped AS (
      UPDATE message m SET state = 'purged', reason = 'sent afresh', settled = now()
      FROM back
      WHERE m.subscriber_id = back.id AND m.kind = 'event' AND m.state IN ('waiting', 'held')
        AND m.action <> 'DELETE'
    )
    INSERT INTO message (zone_id, context_id, subscriber_id, kind, action, object_type, version_id)
    SELECT o.zone_id, o.context_id, back.id, 'event', 'CREATE', o.object_type, o.version_id
    FROM back JOIN sif_object o ON o.zone_id = back.zone_id AND o.context_id = back.context_id
    WHERE back.format = 'sif-xml' AND NOT o.tombstone AND back.objects ? o.object_type
    ORDER BY o.position
    """
)


def stop(connection: Connection, pod: Pod) -> int:
    """Purge what waits for the vendor of a POD that has ended, and end its subscriptions to data,
    as far as no other POD covers them. Deletes stay. How many messages were purged."""
    of = _of(pod)
    purged = connection.execute(_CUT_OFF, of).rowcount + connection.execute(_EMPTY, of).rowcount
    connection.execute(_DISTRUST, of)
    connection.execute(_UNSUBSCRIBE, of)
    return purged


def begin_afresh(connection: Connection, pod: Pod) -> None:
    """Queue everything stored for connections that an earlier end has cut off."""
    connection.execute(_AFRESH, _of(pod))


def _of(pod: Pod) -> dict[str, object]:
    return {
        "vendor": pod.vendor_id,
        "zone": pod.scope.zone_id,
        "context": pod.scope.context_id,
        "app": pod.app_id,
    }
