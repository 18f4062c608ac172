"""What a district tells the public: products that get data, under which POD, by name."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row

from reference_hub.store import console_paging
from reference_hub.store.console_paging import Asked, Order, Slice
from reference_hub.store.pod_rows import read_entries

# A POD that lets data flow today, or a vendor that the district asks for none.
_SOURCE = """
    vendor v LEFT JOIN pod p ON p.vendor_id = v.id AND p.acknowledged IS NOT NULL
      AND p.status IN ('Live', 'Pending') AND p.starts <= :today
      AND (p.ends IS NULL OR p.ends >= :today)
"""
_COLUMNS = """
    v.name, v.party_id, p.app_id, p.ends, p.acknowledged, p.document, p.entries::text AS entries
"""
_FLOWS = """
    (p.id IS NOT NULL OR (v.pod_policy <> 'required' AND (
       EXISTS (SELECT FROM subscriber s WHERE s.vendor_id = v.id)
       OR EXISTS (SELECT FROM application a WHERE a.vendor_id = v.id))))
"""
_ORDER = Order(("lower(v.name)", "v.id", "coalesce(p.id::text, '')"), ("text", "bigint", "text"))


@dataclass(frozen=True, slots=True)
class Product:
    """`name`: the vendor's in the hub, `app_id` where the POD is for one product of several.
    `granted` None: the district asks for no agreement, so all may flow."""

    name: str
    company: str
    app_id: str
    ends: date | None
    acknowledged: datetime | None
    document: bytes
    granted: tuple[str, ...] | None


def page(connection: Connection, zone_id: str, asked: Asked, today: date) -> Slice:
    """Products of a district by name."""
    values = {"zone": zone_id, "today": today}
    where = ["v.zone_id = :zone", _FLOWS]
    return console_paging.page(connection, _COLUMNS, _SOURCE, _ORDER, asked, values, where)


def product(row: Row[Any]) -> Product:
    """The product in a row of a page."""
    granted = None
    if row.entries is not None:
        paths = (path for terms in read_entries(row.entries) for path in terms.granted)
        granted = tuple(dict.fromkeys(paths))
    return Product(
        row.name,
        row.party_id,
        row.app_id or "",
        row.ends,
        row.acknowledged,
        bytes(row.document or b""),
        granted,
    )
