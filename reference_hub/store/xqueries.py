"""The registry of named XQueries: stored as data, never run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, text


@dataclass(frozen=True, slots=True)
class XQuery:
    """`id` is the consumer's and unique in its zone; `application_key` tells who may delete it."""

    id: str
    zone_id: str
    application_key: str
    document: bytes


_SELECT = "SELECT id, zone_id, application_key, document FROM xquery"
_INSERT = text(
    """
    INSERT INTO xquery (id, zone_id, application_key, document)
    VALUES (:id, :zone, :key, :document) ON CONFLICT DO NOTHING RETURNING id
    """
)
_OF_ZONES = text(
    f"""
    {_SELECT} WHERE zone_id = ANY(CAST(:zones AS text[]))
    ORDER BY array_position(CAST(:zones AS text[]), zone_id), created, id
    """
)
_DELETE = text("DELETE FROM xquery WHERE zone_id = :zone AND id = :id")


def insert(connection: Connection, entry: XQuery) -> bool:
    """Store one; False when the zone has one of this id."""
    values = {
        "id": entry.id,
        "zone": entry.zone_id,
        "key": entry.application_key,
        "document": entry.document,
    }
    return connection.execute(_INSERT, values).first() is not None


def of_zones(connection: Connection, zones: Sequence[str]) -> list[XQuery]:
    """Everything registered in these zones, the first zone first."""
    rows = connection.execute(_OF_ZONES, {"zones": list(zones)})
    return [XQuery(row.id, row.zone_id, row.application_key, bytes(row.document)) for row in rows]


def delete(connection: Connection, entry: XQuery) -> None:
    """Remove it; its id is free again."""
    connection.execute(_DELETE, {"zone": entry.zone_id, "id": entry.id})
