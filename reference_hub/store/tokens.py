"""Access tokens that the hub gave out: their digests, never the tokens."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, text

_INSERT = text(
    """
    INSERT INTO access_token (digest, application_key, scope, expires, created)
    VALUES (:digest, :key, :scope, :expires, :now)
    """
)
_FIND = text(
    "SELECT application_key, scope FROM access_token WHERE digest = :digest AND expires > :now"
)
_FORGET = text("DELETE FROM access_token WHERE expires <= :now")
_REVOKE = text("DELETE FROM access_token WHERE application_key = :key")


def insert(
    connection: Connection,
    digest: str,
    application_key: str,
    expires: datetime,
    now: datetime,
    scope: str = "",
) -> None:
    """Keep a token's digest and the scopes it was asked for, and forget those that have expired."""
    forget(connection, now)
    values = {"digest": digest, "key": application_key, "expires": expires, "now": now}
    connection.execute(_INSERT, values | {"scope": scope})


def find(connection: Connection, digest: str, now: datetime) -> str | None:
    """The application key of a token that has not expired."""
    found = find_scoped(connection, digest, now)
    return found[0] if found else None


def find_scoped(connection: Connection, digest: str, now: datetime) -> tuple[str, str] | None:
    """The application key and the scopes of a token that has not expired."""
    row = connection.execute(_FIND, {"digest": digest, "now": now}).one_or_none()
    return (row.application_key, row.scope) if row else None


def forget(connection: Connection, now: datetime) -> None:
    """Drop those that have expired."""
    connection.execute(_FORGET, {"now": now})


def revoke(connection: Connection, application_key: str) -> None:
    """Make every token of an application worthless."""
    connection.execute(_REVOKE, {"key": application_key})
