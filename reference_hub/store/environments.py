"""Sessions of applications. One per application key, instance and user (INF-ENV-006)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, Row, text

from reference_hub.model.environment import Environment
from reference_hub.model.party import Application, Vendor
from reference_hub.model.rights import Grant, from_rows, to_rows
from reference_hub.model.scope import Scope

_SELECT = """
    SELECT e.id, e.instance_id, e.user_token, e.session_token, e.fingerprint,
           e.authentication_method, e.consumer_name, e.solution_id, e.namespace,
           e.infrastructure_version, e.data_model_namespace, e.type, e.rights AS provisioned,
           e.last_used, e.products,
           a.key, a.secret, a.kind, a.vendor_id, a.zone_id, a.context_id, a.environment_type,
           a.notation, a.rights, a.requestable, a.app_id, a.decision,
           v.name AS vendor_name, v.party_id, v.zone_id AS vendor_zone,
           v.context_id AS vendor_context, v.pod_policy, v.acknowledge_by
    FROM environment e JOIN application a ON a.key = e.application_key
    LEFT JOIN vendor v ON v.id = a.vendor_id
"""
_BY_TOKEN = text(f"{_SELECT} WHERE e.session_token = :token")
_BY_ID = text(f"{_SELECT} WHERE e.id = CAST(:id AS uuid) FOR UPDATE OF e")
_BY_IDENTITY = text(
    f"{_SELECT} WHERE e.application_key = :key AND e.instance_id = :instance"
    " AND e.user_token = :user"
)
_FINGERPRINTS = text(
    """
    SELECT e.fingerprint FROM environment e JOIN application a ON a.key = e.application_key
    WHERE a.vendor_id = :vendor AND a.zone_id = :zone AND a.context_id = :context
      AND :app IN ('', a.app_id)
    ORDER BY e.created, e.id
    """
)
_OF_APPLICATION = text(f"{_SELECT} WHERE e.application_key = :key ORDER BY e.created, e.id")

# ON CONFLICT waits for a rival that is not committed yet, so two at once cannot both succeed.
_INSERT = text(
    """
    INSERT INTO environment (id, application_key, instance_id, user_token, zone_id, context_id,
      session_token, fingerprint, authentication_method, consumer_name, solution_id, namespace,
      infrastructure_version, data_model_namespace, type, last_used, products)
    VALUES (CAST(:id AS uuid), :key, :instance_id, :user_digest, :zone, :context, :session_token,
      :fingerprint, :authentication_method, :consumer_name, :solution_id, :namespace,
      :infrastructure_version, :data_model_namespace, :type, COALESCE(:last_used, now()),
      CAST(:products AS jsonb))
    ON CONFLICT (application_key, instance_id, user_token) DO NOTHING RETURNING id
    """
)
# Readers lock a queue first and its environment after it; so does whoever deletes them.
_HOLD_QUEUES = text(
    "SELECT FROM queue WHERE environment_id = CAST(:id AS uuid) ORDER BY id FOR UPDATE"
)
_HOLD_IDLE_QUEUES = text(
    """
    SELECT FROM queue WHERE environment_id IN (SELECT id FROM environment WHERE last_used < :before)
    ORDER BY id FOR UPDATE
    """
)
_DELETE = text("DELETE FROM environment WHERE id = CAST(:id AS uuid)")
_DELETE_IDLE = text("DELETE FROM environment WHERE last_used < :before")
_TOUCH = text("UPDATE environment SET last_used = :now WHERE id = CAST(:id AS uuid)")
_PROVISION = text(
    "UPDATE environment SET rights = CAST(:rights AS jsonb) WHERE id = CAST(:id AS uuid)"
)
_TAKE_BACK = text("UPDATE environment SET rights = '[]'::jsonb WHERE application_key = :key")


def insert(connection: Connection, environment: Environment) -> bool:
    """Store a new session; False when the same identity has one already."""
    application = environment.application
    values = {
        "id": environment.id,
        "key": application.key,
        "zone": application.scope.zone_id,
        "context": application.scope.context_id,
        "products": json.dumps(environment.products),
    }
    for name in _PLAIN:
        values[name] = getattr(environment, name)
    return connection.execute(_INSERT, values).first() is not None


def by_session_token(connection: Connection, token: str) -> Environment | None:
    """The session with this token, with its application."""
    row = connection.execute(_BY_TOKEN, {"token": token}).first()
    return _environment(row) if row else None


def lock(connection: Connection, environment_id: str) -> Environment | None:
    """The session with this id, unchanged by others until the transaction ends."""
    row = connection.execute(_BY_ID, {"id": environment_id}).first()
    return _environment(row) if row else None


def by_identity(
    connection: Connection, key: str, instance_id: str, user_digest: str
) -> Environment | None:
    """The session of an application's instance and user."""
    values = {"key": key, "instance": instance_id, "user": user_digest}
    row = connection.execute(_BY_IDENTITY, values).first()
    return _environment(row) if row else None


def of_application(connection: Connection, key: str) -> list[Environment]:
    """Every session of an application, oldest first."""
    return [_environment(row) for row in connection.execute(_OF_APPLICATION, {"key": key})]


def fingerprints_of(
    connection: Connection, vendor_id: int, scope: Scope, app_id: str = ""
) -> list[str]:
    """The fingerprints of a vendor's sessions, with an app id only of that application's."""
    here = {"zone": scope.zone_id, "context": scope.context_id}
    asked = here | {"vendor": vendor_id, "app": app_id}
    return list(connection.execute(_FINGERPRINTS, asked).scalars())


def touch(connection: Connection, environment_id: str, now: datetime) -> None:
    """Note that the session was used."""
    connection.execute(_TOUCH, {"id": environment_id, "now": now})


def set_provisioned(connection: Connection, environment_id: str, grants: Sequence[Grant]) -> None:
    """Replace what provisionRequests settled in the session."""
    rows = json.dumps(to_rows(grants))
    connection.execute(_PROVISION, {"id": environment_id, "rights": rows})


def take_back_provisioned(connection: Connection, key: str) -> None:
    """Forget what was provisioned to all sessions of an application."""
    connection.execute(_TAKE_BACK, {"key": key})


def delete(connection: Connection, environment_id: str) -> None:
    """End the session; its token is worthless, its queues and subscriptions are gone."""
    connection.execute(_HOLD_QUEUES, {"id": environment_id})
    connection.execute(_DELETE, {"id": environment_id})


def delete_idle(connection: Connection, before: datetime) -> None:
    """End every session that was last used before that moment."""
    connection.execute(_HOLD_IDLE_QUEUES, {"before": before})
    connection.execute(_DELETE_IDLE, {"before": before})


_PLAIN = (
    "instance_id",
    "user_digest",
    "session_token",
    "fingerprint",
    "authentication_method",
    "consumer_name",
    "solution_id",
    "namespace",
    "infrastructure_version",
    "data_model_namespace",
    "type",
    "last_used",
)


def _environment(row: Row[tuple[object, ...]]) -> Environment:
    return Environment(
        id=str(row.id),
        application=application_of(row),
        instance_id=row.instance_id,
        user_digest=row.user_token,
        session_token=row.session_token,
        fingerprint=row.fingerprint,
        authentication_method=row.authentication_method,
        consumer_name=row.consumer_name,
        solution_id=row.solution_id,
        namespace=row.namespace,
        infrastructure_version=row.infrastructure_version,
        data_model_namespace=row.data_model_namespace,
        type=row.type,
        provisioned=from_rows(row.provisioned),
        last_used=row.last_used,
        products=row.products,
        vendor=_vendor(row),
    )


def _vendor(row: Row[tuple[object, ...]]) -> Vendor | None:
    if row.vendor_id is None:
        return None
    scope = Scope(row.vendor_zone, row.vendor_context)
    policies = (row.pod_policy, row.acknowledge_by)
    return Vendor(row.vendor_id, row.vendor_name, row.party_id, scope, *policies)


def application_of(row: Row[tuple[object, ...]]) -> Application:
    """The application in a row that holds all columns of its table but `created`."""
    return Application(
        row.key,
        row.secret,
        row.kind,
        row.vendor_id,
        Scope(row.zone_id, row.context_id),
        row.environment_type,
        row.notation,
        from_rows(row.rights),
        from_rows(row.requestable),
        row.app_id,
        row.decision,
    )
