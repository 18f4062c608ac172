"""Code sets that an operator brought in, beside those the hub comes with."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, text

from reference_hub.model.code_set import CodeItem, CodeSet

_SELECT = "SELECT id, zone_id, version, changed, items FROM code_set"
_OF_ZONES = text(f"{_SELECT} WHERE zone_id = ANY(CAST(:zones AS text[])) ORDER BY zone_id, id")
_LOCK = text(f"{_SELECT} WHERE zone_id = :zone AND id = :id FOR UPDATE")
_SAVE = text(
    """
    INSERT INTO code_set (zone_id, id, version, changed, items)
    VALUES (:zone, :id, :version, :changed, CAST(:items AS jsonb))
    ON CONFLICT (zone_id, id) DO UPDATE
    SET version = excluded.version, changed = excluded.changed, items = excluded.items
    """
)


def of_zones(connection: Connection, zones: Sequence[str]) -> list[CodeSet]:
    """Every stored set of these zones."""
    return [_code_set(row) for row in connection.execute(_OF_ZONES, {"zones": list(zones)})]


def lock(connection: Connection, zone_id: str, set_id: str) -> CodeSet | None:
    """One set, held against other writers until the transaction ends."""
    row = connection.execute(_LOCK, {"zone": zone_id, "id": set_id}).first()
    return _code_set(row) if row else None


def save(connection: Connection, codes: CodeSet) -> None:
    """Store the set in place of the one with its zone and id."""
    values = {
        "zone": codes.zone_id,
        "id": codes.id,
        "version": codes.version,
        "changed": codes.changed,
        "items": json.dumps([_row(item) for item in codes.items]),
    }
    connection.execute(_SAVE, values)


def _row(item: CodeItem) -> dict[str, str]:
    return {
        "code": item.code,
        "value": item.value,
        "description": item.description,
        "action": item.action,
        "at": item.at.isoformat(),
    }


def _code_set(row: Row[Any]) -> CodeSet:
    items = tuple(_item(item) for item in row.items)
    return CodeSet(row.id, row.zone_id, row.version, row.changed, items)


def _item(row: Mapping[str, str]) -> CodeItem:
    at = datetime.fromisoformat(row["at"])
    return CodeItem(row["code"], row["value"], row["description"], row["action"], at)
