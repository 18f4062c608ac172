"""From an accepted change to rows in the subscribers' queues; workers take over from there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, text

from reference_hub.model.pod import Pod
from reference_hub.model.scope import Scope
from reference_hub.store.objects import Versioned

CHANNEL = "hub_messages"


@dataclass(frozen=True, slots=True)
class Route:
    """A subscriber of the scope, its vendor's POD policy, the objects granted in part today, and
    the settings of the connection."""

    subscriber_id: int
    transport: str
    objects: tuple[str, ...]
    pod_policy: str
    granted: tuple[str, ...]
    delivery: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Destination:
    """Where the versions of one object type go, in which state they begin there, and when a file
    is due; None: at once."""

    subscriber_id: int
    object_type: str
    state: str
    reason: str = ""
    due: datetime | None = None


_ROUTES = text(
    """
    SELECT s.id, s.transport, s.objects, s.delivery, v.pod_policy, p.granted, queues.hear
    FROM (
      SELECT EXISTS (
        SELECT FROM subscription
        WHERE zone_id = :zone AND context_id = :context AND service_type = 'OBJECT'
          AND service_name = ANY(CAST(:names AS text[]))) AS hear
    ) queues
    LEFT JOIN (subscriber s JOIN vendor v ON v.id = s.vendor_id)
      ON s.zone_id = :zone AND s.context_id = :context
    LEFT JOIN LATERAL (
      SELECT objects AS granted FROM pod
      WHERE vendor_id = v.id AND zone_id = s.zone_id AND context_id = s.context_id
        AND app_id IN ('', s.app_id)
        AND acknowledged IS NOT NULL AND status IN ('Live', 'Pending')
        AND starts <= :today AND (ends IS NULL OR ends >= :today)
      ORDER BY (app_id <> '') DESC, created DESC, id LIMIT 1
    ) p ON true
    ORDER BY s.id
    """
)

_EVENTS = text(
    """
    INSERT INTO message (zone_id, context_id, subscriber_id, kind, action, object_type, version_id,
                         state, reason, not_before)
    SELECT :zone, :context, d.subscriber_id, 'event', added.action, added.object_type, added.id,
           d.state, d.reason, :at
    FROM unnest(CAST(:ids AS bigint[]), CAST(:actions AS text[]), CAST(:types AS text[]))
         AS added(id, action, object_type)
    JOIN unnest(CAST(:subscribers AS integer[]), CAST(:wanted AS text[]), CAST(:states AS text[]),
                CAST(:reasons AS text[])) AS d(subscriber_id, object_type, state, reason)
      ON d.object_type = added.object_type
    ORDER BY added.id, d.subscriber_id
    """
)

# One file carries the whole roster, so one open row per subscriber is enough: what changes while
# its window is open travels with it.
_FILES = text(
    """
    INSERT INTO message (zone_id, context_id, subscriber_id, kind, action, object_type,
                         state, reason, not_before)
    SELECT :zone, :context, d.subscriber_id, 'file', 'CREATE', d.object_type, d.state, d.reason,
           coalesce(d.due, :at)
    FROM unnest(CAST(:subscribers AS integer[]), CAST(:wanted AS text[]), CAST(:states AS text[]),
                CAST(:reasons AS text[]), CAST(:dues AS timestamptz[]))
         AS d(subscriber_id, object_type, state, reason, due)
    ORDER BY d.subscriber_id
    ON CONFLICT (subscriber_id) WHERE kind = 'file' AND state IN ('waiting', 'held') DO NOTHING
    """
)

_RELEASE = text(
    """
    UPDATE message m SET state = 'waiting', reason = ''
    FROM subscriber s
    WHERE s.id = m.subscriber_id AND m.state = 'held'
      AND s.vendor_id = :vendor AND s.zone_id = :zone AND s.context_id = :context
    """
)

_PURGE_PODS = text(
    """
    UPDATE message m SET state = 'purged', reason = 'a newer POD was issued', settled = now()
    FROM subscriber s, pod p
    WHERE s.id = m.subscriber_id AND m.kind = 'pod' AND m.state IN ('waiting', 'held')
      AND s.vendor_id = :vendor AND s.zone_id = :zone AND s.context_id = :context
      AND p.id = m.pod_id AND p.app_id = :app
    """
)

# Documents travel over SIF connections; where a vendor has none, each transport gets its chance.
_PODS = text(
    """
    INSERT INTO message (zone_id, context_id, subscriber_id, kind, action, object_type, pod_id)
    SELECT :zone, :context, s.id, 'pod', 'CREATE', 'pod', CAST(:pod AS uuid)
    FROM subscriber s
    WHERE s.vendor_id = :vendor AND s.zone_id = :zone AND s.context_id = :context
      AND :app IN ('', s.app_id)
      AND (s.transport = 'sif_push' OR NOT EXISTS (
      SELECT FROM subscriber other WHERE other.vendor_id = s.vendor_id
        AND other.zone_id = s.zone_id AND other.context_id = s.context_id
        AND other.transport = 'sif_push'))
    ORDER BY s.id
    """
)

# Another grant makes another file, also where nothing changed since the last one.
_RENEW_FILES = text(
    """
    INSERT INTO message (zone_id, context_id, subscriber_id, kind, action, object_type)
    SELECT s.zone_id, s.context_id, s.id, 'file', 'CREATE', '' FROM subscriber s
    WHERE s.vendor_id = :vendor AND s.zone_id = :zone AND s.context_id = :context
      AND (s.transport IN ('http_put', 'sftp') OR s.format <> 'sif-xml')
      AND EXISTS (SELECT FROM sif_object o WHERE o.zone_id = s.zone_id
                  AND o.context_id = s.context_id AND s.objects ? o.object_type)
    ON CONFLICT (subscriber_id) WHERE kind = 'file' AND state IN ('waiting', 'held') DO NOTHING
    """
)

# A part at a time, so that the first time does not take for ever.
_FORGET = text(
    """
    DELETE FROM message WHERE id IN (
      SELECT id FROM message WHERE state IN ('done', 'purged') AND settled < :before LIMIT 10000)
    """
)

_NOTIFY = text("SELECT pg_notify(:channel, '')")


def routes(
    connection: Connection, scope: Scope, object_types: Iterable[str], today: date
) -> tuple[list[Route], bool]:
    """All subscribers of the scope with the grants in force today, and whether any queue has a
    subscription to one of the types."""
    names = [f"{name}s" for name in object_types]
    rows = connection.execute(_ROUTES, _at(scope) | {"today": today, "names": names}).all()
    found = [
        Route(
            row.id,
            row.transport,
            tuple(row.objects),
            row.pod_policy,
            tuple(row.granted or ()),
            row.delivery,
        )
        for row in rows
        if row.id is not None
    ]
    return found, bool(rows[0].hear)


def queue_events(
    connection: Connection,
    scope: Scope,
    added: Sequence[Versioned],
    destinations: Sequence[Destination],
    at: datetime,
) -> None:
    """One row per version and subscriber, in version order."""
    versions = {
        "ids": [version.version_id for version in added],
        "actions": [version.action for version in added],
        "types": [version.object_type for version in added],
    }
    connection.execute(_EVENTS, _at(scope) | versions | _columns(destinations) | {"at": at})


def queue_files(
    connection: Connection,
    scope: Scope,
    destinations: Sequence[Destination],
    at: datetime,
) -> None:
    """One row per subscriber that has no open one yet, due when its window closes, else `at`."""
    times = {"at": at, "dues": [each.due for each in destinations]}
    connection.execute(_FILES, _at(scope) | _columns(destinations) | times)


def release(connection: Connection, vendor_id: int, scope: Scope) -> int:
    """Let the vendor's held rows of the scope wait again; how many they were."""
    return connection.execute(_RELEASE, _at(scope) | {"vendor": vendor_id}).rowcount


def renew_files(connection: Connection, vendor_id: int, scope: Scope) -> None:
    """Queue a fresh bundle for each file connection of the vendor that has none open."""
    connection.execute(_RENEW_FILES, _at(scope) | {"vendor": vendor_id})


def queue_pod(connection: Connection, pod: Pod) -> None:
    """Send the document to the vendor ahead of data; older documents still waiting are purged."""
    here = _at(pod.scope) | {"vendor": pod.vendor_id, "app": pod.app_id}
    connection.execute(_PURGE_PODS, here)
    connection.execute(_PODS, here | {"pod": pod.id})
    notify(connection)


def forget_settled(connection: Connection, before: datetime) -> None:
    """Drop messages, pushed or pulled, that were delivered or purged before that moment."""
    connection.execute(_FORGET, {"before": before})


def notify(connection: Connection) -> None:
    """Wake the workers when this transaction commits."""
    connection.execute(_NOTIFY, {"channel": CHANNEL})


def _at(scope: Scope) -> dict[str, object]:
    return {"zone": scope.zone_id, "context": scope.context_id}


def _columns(destinations: Sequence[Destination]) -> dict[str, object]:
    return {
        "subscribers": [destination.subscriber_id for destination in destinations],
        "wanted": [destination.object_type for destination in destinations],
        "states": [destination.state for destination in destinations],
        "reasons": [destination.reason for destination in destinations],
    }
