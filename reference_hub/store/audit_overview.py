"""What the audit trail says of each vendor: read and delivered, under which POD, which fields."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from sqlalchemy import Connection, text

from reference_hub.model.party import Vendor

_SENT = text(
    """
    SELECT a.object_type, a.count AS number, a.detail
    FROM audit a
    WHERE a.zone_id = :zone AND a.context_id = :context AND a.action IN ('read', 'delivered CREATE',
        'delivered UPDATE', 'delivered file')
      AND (a.actor IN (SELECT key FROM application WHERE vendor_id = :vendor)
           OR a.detail ->> 'connection' IN (SELECT name FROM subscriber WHERE vendor_id = :vendor))
    ORDER BY a.id
    """
)
_REFUSED = text(
    """
    SELECT count(*) FROM audit
    WHERE zone_id = :zone AND context_id = :context AND action = 'refused'
      AND actor IN (SELECT key FROM application WHERE vendor_id = :vendor)
    """
)


@dataclass(slots=True)
class Sent:
    """Objects by type, and of how many each granted path was sent; per id of the POD, which is ''
    where the district asked for none."""

    objects: Counter[tuple[str, str]] = field(default_factory=Counter)
    fields: Counter[tuple[str, str]] = field(default_factory=Counter)
    refused: int = 0


def sent_to(connection: Connection, vendor: Vendor) -> Sent:
    """Everything that left for a vendor, as (id of the POD, object or path) with numbers."""
    of = {
        "vendor": vendor.id,
        "zone": vendor.scope.zone_id,
        "context": vendor.scope.context_id,
    }
    found = Sent(refused=connection.execute(_REFUSED, of).scalar_one())
    for row in connection.execute(_SENT, of):
        pod_id = str(row.detail.get("pod", ""))
        found.objects[pod_id, row.object_type] += row.number
        for path, number in row.detail.get("fields", {}).items():
            found.fields[pod_id, path] += number
    return found
