"""Subscriptions: which events go into which queue (INF-SUB)."""

from __future__ import annotations

import re

from sqlalchemy import Connection, Row, text

from reference_hub.codec.xml import fold
from reference_hub.model.queue import Subscription
from reference_hub.model.scope import Scope

_ID = re.compile(r"[0-9a-f]{32}")
_SELECT = """
    SELECT id, environment_id, queue_id, zone_id, context_id, service_type, service_name
    FROM subscription
"""
_GET = text(f"{_SELECT} WHERE id = CAST(:id AS uuid)")
_OF = text(f"{_SELECT} WHERE environment_id = CAST(:environment AS uuid) ORDER BY created, id")

# ON CONFLICT waits for a rival that is not committed yet, so two at once cannot both succeed.
_INSERT = text(
    """
    INSERT INTO subscription (id, environment_id, queue_id, zone_id, context_id, service_type,
                              service_name)
    VALUES (CAST(:id AS uuid), CAST(:environment_id AS uuid), CAST(:queue_id AS uuid), :zone,
            :context, :service_type, :service_name)
    ON CONFLICT (environment_id, zone_id, context_id, service_type, service_name) DO NOTHING
    RETURNING id
    """
)
_DELETE = text("DELETE FROM subscription WHERE id = CAST(:id AS uuid)")


def get(connection: Connection, subscription_id: str) -> Subscription | None:
    """The subscription, None where there is none or the id is no UUID."""
    if not _ID.fullmatch(fold(subscription_id)):
        return None
    row = connection.execute(_GET, {"id": fold(subscription_id)}).first()
    return _subscription(row) if row else None


def of(connection: Connection, environment_id: str) -> list[Subscription]:
    """The subscriptions of an environment, oldest first."""
    found = connection.execute(_OF, {"environment": environment_id})
    return [_subscription(row) for row in found]


def insert(connection: Connection, subscription: Subscription) -> bool:
    """Store it; False when the environment has one to the same service already."""
    values = {
        "id": subscription.id,
        "environment_id": subscription.environment_id,
        "queue_id": subscription.queue_id,
        "zone": subscription.scope.zone_id,
        "context": subscription.scope.context_id,
        "service_type": subscription.service_type,
        "service_name": subscription.service_name,
    }
    return connection.execute(_INSERT, values).first() is not None


def delete(connection: Connection, subscription_id: str) -> None:
    """End it; what is queued already stays."""
    connection.execute(_DELETE, {"id": subscription_id})


def _subscription(row: Row[tuple[object, ...]]) -> Subscription:
    scope = Scope(row.zone_id, row.context_id)
    return Subscription(
        str(row.id),
        str(row.environment_id),
        str(row.queue_id),
        scope,
        row.service_type,
        row.service_name,
    )
