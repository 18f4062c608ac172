"""A district's own vendor profiles, each with the mapping file it names."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, text

from reference_hub.model.scope import Scope

_PUT = text(
    """
    INSERT INTO vendor_profile (zone_id, context_id, name, content, mapping)
    VALUES (:zone, :context, :name, :content, :mapping)
    ON CONFLICT (zone_id, context_id, name)
    DO UPDATE SET content = excluded.content, mapping = excluded.mapping
    """
)
_FIND = text(
    """
    SELECT name, content, mapping FROM vendor_profile
    WHERE zone_id = :zone AND context_id = :context AND name = :name
    """
)
_ALL = text(
    """
    SELECT name, content, mapping FROM vendor_profile
    WHERE zone_id = :zone AND context_id = :context ORDER BY name
    """
)


@dataclass(frozen=True, slots=True)
class OwnProfile:
    """The text of a profile and that of its mapping file, '' without one."""

    name: str
    content: str
    mapping: str = ""


def put(connection: Connection, scope: Scope, profile: OwnProfile) -> None:
    """Add a profile, or put it in the place of the one of its name."""
    parameters = _at(scope) | {
        "name": profile.name,
        "content": profile.content,
        "mapping": profile.mapping,
    }
    connection.execute(_PUT, parameters)


def find(connection: Connection, scope: Scope, name: str) -> OwnProfile | None:
    """The district's own profile of that name."""
    row = connection.execute(_FIND, _at(scope) | {"name": name}).first()
    return OwnProfile(*row) if row else None


def every(connection: Connection, scope: Scope) -> list[OwnProfile]:
    """All profiles of a district."""
    return [OwnProfile(*row) for row in connection.execute(_ALL, _at(scope))]


def _at(scope: Scope) -> dict[str, str]:
    return {"zone": scope.zone_id, "context": scope.context_id}
