"""The providers registry: who answers for a service of a zone and context."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, Row, text

from reference_hub.model.environment import Environment
from reference_hub.model.provider import Provider
from reference_hub.model.scope import Scope
from reference_hub.store import environments

_SELECT = """
    SELECT id, application_key, environment_id, zone_id, context_id, service_type, service_name,
           name, endpoint, query_support, media_types
    FROM provider
"""
_FIND = text(
    f"""{_SELECT} WHERE zone_id = :zone AND context_id = :context
        AND service_type = :service_type AND service_name = :service_name"""
)
_GET = text(f"{_SELECT} WHERE id = CAST(:id AS uuid)")
_ALL = text(f"{_SELECT} ORDER BY zone_id, context_id, service_type, service_name")
_OF = text(f"{_SELECT} WHERE environment_id = CAST(:environment AS uuid) ORDER BY created, id")
# ON CONFLICT waits for a rival that is not committed yet, so two at once cannot both succeed.
_INSERT = text(
    """
    INSERT INTO provider (id, application_key, environment_id, zone_id, context_id, service_type,
      service_name, name, endpoint, query_support, media_types)
    VALUES (CAST(:id AS uuid), :key, CAST(:environment AS uuid), :zone, :context, :service_type,
      :service_name, :name, :endpoint, CAST(:query_support AS jsonb), CAST(:media AS jsonb))
    ON CONFLICT (zone_id, context_id, service_type, service_name) DO NOTHING RETURNING id
    """
)
_STORED = text(
    """
    SELECT zone_id, context_id, object_type FROM object_tally
    WHERE zone_id = ANY(CAST(:zones AS text[])) AND present > 0
    ORDER BY zone_id, context_id, object_type
    """
)
_DELETE = text("DELETE FROM provider WHERE id = CAST(:id AS uuid)")


def find(
    connection: Connection, scope: Scope, service_type: str, service_name: str
) -> Provider | None:
    """The one provider of the service in this place."""
    values = _at(scope) | {"service_type": service_type, "service_name": service_name}
    row = connection.execute(_FIND, values).first()
    return _provider(row) if row else None


def get(connection: Connection, provider_id: str) -> Provider | None:
    """The entry with this id."""
    row = connection.execute(_GET, {"id": provider_id}).first()
    return _provider(row) if row else None


def everywhere(connection: Connection) -> list[Provider]:
    """All entries, by place and service."""
    return [_provider(row) for row in connection.execute(_ALL)]


def of(connection: Connection, environment_id: str) -> list[Provider]:
    """The entries that a session registered, oldest first."""
    rows = connection.execute(_OF, {"environment": environment_id})
    return [_provider(row) for row in rows]


def stored(connection: Connection, zones: Iterable[str]) -> list[tuple[Scope, str]]:
    """The object types that the hub itself holds in these zones, with their place."""
    rows = connection.execute(_STORED, {"zones": list(zones)})
    return [(Scope(row.zone_id, row.context_id), row.object_type) for row in rows]


def insert(connection: Connection, provider: Provider) -> bool:
    """Store a new entry; False when the service has a provider in this place."""
    values = _at(provider.scope) | {
        "id": provider.id,
        "key": provider.application_key,
        "environment": provider.environment_id,
        "service_type": provider.service_type,
        "service_name": provider.service_name,
        "name": provider.name,
        "endpoint": provider.endpoint,
        "query_support": json.dumps(dict(provider.query_support)),
        "media": json.dumps(list(provider.media_types)),
    }
    return connection.execute(_INSERT, values).first() is not None


def delete(connection: Connection, provider_id: str) -> None:
    """Remove the entry; requests find no provider from now on."""
    connection.execute(_DELETE, {"id": provider_id})


def session_of(connection: Connection, provider: Provider) -> Environment | None:
    """The provider's own environment; None while it has none.

    Where the operator named the address it is the application's newest.
    """
    sessions = environments.of_application(connection, provider.application_key)
    wanted = provider.environment_id
    fitting = [each for each in sessions if each.may_provide and wanted in (None, each.id)]
    return fitting[-1] if fitting else None


def _at(scope: Scope) -> dict[str, Any]:
    return {"zone": scope.zone_id, "context": scope.context_id}


def _provider(row: Row[Any]) -> Provider:
    return Provider(
        id=str(row.id),
        application_key=row.application_key,
        environment_id=str(row.environment_id) if row.environment_id else None,
        scope=Scope(row.zone_id, row.context_id),
        service_type=row.service_type,
        service_name=row.service_name,
        name=row.name,
        endpoint=row.endpoint,
        query_support=row.query_support,
        media_types=tuple(row.media_types),
    )
