"""A POD as a row of its table and back; the entries as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import Row

from reference_hub.model.pod import Condition, Pod, Terms
from reference_hub.model.scope import Scope

# Entries as text: many reads in a row name the same POD, and parsing them again costs more than
# comparing.
COLUMNS = """
    id, vendor_id, zone_id, context_id, version, token, status, starts, ends, acknowledged,
    entries::text AS entries, app_id, agreement_id, content
"""
_LISTS = ("app_ids", "fingerprints", "endpoints", "granted", "writable")
_WORDS = ("namespace", "version_min", "version_max")
_DAYS = ("starts", "ends")


def to_row(pod: Pod) -> dict[str, object]:
    """The parameters of an insert."""
    return {
        "id": pod.id,
        "vendor_id": pod.vendor_id,
        "zone": pod.scope.zone_id,
        "context": pod.scope.context_id,
        "version": pod.version,
        "token": pod.token,
        "status": pod.status,
        "starts": pod.starts,
        "ends": pod.ends,
        "document": pod.document,
        "acknowledged": pod.acknowledged,
        "entries": json.dumps([_written(terms) for terms in pod.entries]),
        "objects": list(pod.objects),
        "app_id": pod.app_id,
        "agreement_id": pod.agreement_id,
        "content": pod.content,
    }


def from_row(row: Row[Any]) -> Pod:
    """The POD of a row that has COLUMNS, and `document` if it was asked for."""
    return Pod(
        id=str(row.id),
        vendor_id=row.vendor_id,
        scope=Scope(row.zone_id, row.context_id),
        version=row.version,
        token=row.token,
        status=row.status,
        starts=row.starts,
        ends=row.ends,
        document=bytes(getattr(row, "document", b"")),
        acknowledged=row.acknowledged,
        entries=read_entries(row.entries),
        app_id=row.app_id,
        agreement_id=row.agreement_id,
        content=row.content,
    )


def _written(terms: Terms) -> dict[str, Any]:
    row: dict[str, Any] = {name: list(getattr(terms, name)) for name in _LISTS}
    row |= {name: getattr(terms, name) for name in _WORDS}
    row |= {name: day.isoformat() for name in _DAYS if (day := getattr(terms, name))}
    row |= {"is_default": terms.is_default, "places": [list(place) for place in terms.places]}
    row["conditions"] = [
        [each.kind, each.path, each.op, each.value, each.name] for each in terms.conditions
    ]
    return {name: value for name, value in row.items() if value not in ([], "")}


@lru_cache(maxsize=256)
def read_entries(entries: str) -> tuple[Terms, ...]:
    """The privacy entries in the JSON of a row."""
    return tuple(map(_terms, json.loads(entries)))


def _terms(row: Mapping[str, Any]) -> Terms:
    told: dict[str, Any] = {name: date.fromisoformat(row[name]) for name in _DAYS if name in row}
    told |= {name: tuple(row.get(name, ())) for name in _LISTS}
    told |= {name: row.get(name, "") for name in _WORDS}
    return Terms(
        is_default=row.get("is_default", True),
        places=tuple((zone, context) for zone, context in row.get("places", ())),
        conditions=tuple(Condition(*each) for each in row.get("conditions", ())),
        **told,
    )
