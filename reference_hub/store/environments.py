"""Sessions of applications. One per application key, instance and user (INF-ENV-006)."""

from __future__ import annotations

from sqlalchemy import Connection, Row, text

from reference_hub.model.environment import Environment
from reference_hub.model.party import Application
from reference_hub.model.rights import from_rows
from reference_hub.model.scope import Scope

_SELECT = """
    SELECT e.id, e.instance_id, e.user_token, e.session_token, e.fingerprint,
           e.authentication_method, e.consumer_name, e.solution_id, e.namespace,
           e.infrastructure_version, e.data_model_namespace, e.type, e.rights AS provisioned,
           a.key, a.secret, a.kind, a.vendor_id, a.zone_id, a.context_id, a.environment_type,
           a.notation, a.rights, a.requestable
    FROM environment e JOIN application a ON a.key = e.application_key
"""
_BY_TOKEN = text(f"{_SELECT} WHERE e.session_token = :token")

# ON CONFLICT waits for a rival that is not committed yet, so two at once cannot both succeed.
_INSERT = text(
    """
    INSERT INTO environment (id, application_key, instance_id, user_token, zone_id, context_id,
      session_token, fingerprint, authentication_method, consumer_name, solution_id, namespace,
      infrastructure_version, data_model_namespace, type)
    VALUES (CAST(:id AS uuid), :key, :instance_id, :user_digest, :zone, :context, :session_token,
      :fingerprint, :authentication_method, :consumer_name, :solution_id, :namespace,
      :infrastructure_version, :data_model_namespace, :type)
    ON CONFLICT (application_key, instance_id, user_token) DO NOTHING RETURNING id
    """
)
_DELETE = text("DELETE FROM environment WHERE id = CAST(:id AS uuid)")


def insert(connection: Connection, environment: Environment) -> bool:
    """Store a new session; False when the same identity has one already."""
    application = environment.application
    values = {
        "id": environment.id,
        "key": application.key,
        "zone": application.scope.zone_id,
        "context": application.scope.context_id,
    }
    for name in _PLAIN:
        values[name] = getattr(environment, name)
    return connection.execute(_INSERT, values).first() is not None


def by_session_token(connection: Connection, token: str) -> Environment | None:
    """The session with this token, with its application."""
    row = connection.execute(_BY_TOKEN, {"token": token}).first()
    return _environment(row) if row else None


def delete(connection: Connection, environment_id: str) -> None:
    """End the session; its token is worthless from now on."""
    connection.execute(_DELETE, {"id": environment_id})


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
    )


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
    )
