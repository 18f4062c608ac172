"""Requests for rights; they end with the session that asked."""

from __future__ import annotations

import json
from datetime import datetime

from sqlalchemy import Connection, Row, text

from reference_hub.model.provision import ProvisionRequest
from reference_hub.model.rights import from_rows, to_rows

_SELECT = "SELECT id, environment_id, asked, decided, completion FROM provision_request"
_INSERT = text(
    """
    INSERT INTO provision_request (id, environment_id, asked, created)
    VALUES (CAST(:id AS uuid), CAST(:environment AS uuid), CAST(:asked AS jsonb), :now)
    """
)
_DECIDE = text(
    """
    UPDATE provision_request SET decided = CAST(:decided AS jsonb), completion = :completion
    WHERE id = CAST(:id AS uuid)
    """
)
_OWN = text(f"{_SELECT} WHERE environment_id = CAST(:environment AS uuid) ORDER BY created, id")
_FIND = text(f"{_SELECT} WHERE id = CAST(:id AS uuid)")
_PENDING = text(
    """
    SELECT p.id, p.environment_id, p.asked, p.decided, p.completion, e.application_key
    FROM provision_request p JOIN environment e ON e.id = p.environment_id
    WHERE p.completion IS NULL ORDER BY p.created, p.id
    """
)
_DELETE = text("DELETE FROM provision_request WHERE id = CAST(:id AS uuid)")


def insert(connection: Connection, request: ProvisionRequest, now: datetime) -> None:
    """Keep a request that is not decided yet."""
    values = {
        "id": request.id,
        "environment": request.environment_id,
        "asked": json.dumps(to_rows(request.asked)),
        "now": now,
    }
    connection.execute(_INSERT, values)


def decide(connection: Connection, request: ProvisionRequest) -> None:
    """Keep what was decided."""
    values = {
        "id": request.id,
        "decided": json.dumps(to_rows(request.decided)),
        "completion": request.completion,
    }
    connection.execute(_DECIDE, values)


def of_environment(connection: Connection, environment_id: str) -> list[ProvisionRequest]:
    """The requests of a session, oldest first."""
    rows = connection.execute(_OWN, {"environment": environment_id})
    return [_request(row) for row in rows]


def find(connection: Connection, request_id: str) -> ProvisionRequest | None:
    """One request; `request_id` is a UUID."""
    row = connection.execute(_FIND, {"id": request_id}).first()
    return _request(row) if row else None


def pending(connection: Connection) -> list[tuple[str, ProvisionRequest]]:
    """What waits for a decision, oldest first, each with the key of its application."""
    return [(row.application_key, _request(row)) for row in connection.execute(_PENDING)]


def delete(connection: Connection, request_id: str) -> None:
    """Forget a request; what was decided stays in force."""
    connection.execute(_DELETE, {"id": request_id})


def _request(row: Row[tuple[object, ...]]) -> ProvisionRequest:
    return ProvisionRequest(
        str(row.id),
        str(row.environment_id),
        from_rows(row.asked),
        from_rows(row.decided or ()),
        row.completion or "",
    )
