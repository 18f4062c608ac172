"""People whose data a vendor, or every vendor, must never get (person privacy obligations)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, text

from reference_hub.model.scope import Scope

_HERE = "zone_id = :zone AND context_id = :context"
_INSERT = text(
    """
    INSERT INTO exclusion (zone_id, context_id, refid, vendor_id, source)
    SELECT :zone, :context, :refid, vendor_id, :source
    FROM unnest(CAST(:vendors AS integer[])) AS vendor_id
    ON CONFLICT DO NOTHING
    """
)
_FORGET = text(f"DELETE FROM exclusion WHERE {_HERE} AND source = :source")  # noqa: S608 constants
_REMOVE = text(
    f"""
    DELETE FROM exclusion WHERE {_HERE} AND refid = :refid AND source = :source
      AND vendor_id IS NOT DISTINCT FROM :vendor
    """  # noqa: S608 constants only
)
_LIST = text(
    f"""
    SELECT refid, vendor_id, source FROM exclusion WHERE {_HERE} ORDER BY refid, vendor_id, source
    """  # noqa: S608 constants only
)


@dataclass(frozen=True, slots=True)
class Exclusion:
    """`refid` is folded; `vendor_id` None stands for every vendor. `source`: operator, or the
    folded id of the document that says so."""

    refid: str
    vendor_id: int | None
    source: str


def add(
    connection: Connection, scope: Scope, refid: str, vendor_ids: Iterable[int | None], source: str
) -> int:
    """Exclude the person (folded RefId) from these vendors, None for all; how many were new."""
    asked = _at(scope) | {"refid": refid, "vendors": list(vendor_ids), "source": source}
    return connection.execute(_INSERT, asked).rowcount


def remove(
    connection: Connection, scope: Scope, refid: str, vendor_id: int | None, source: str
) -> bool:
    """Take one back; False where there was none."""
    asked = _at(scope) | {"refid": refid, "vendor": vendor_id, "source": source}
    return connection.execute(_REMOVE, asked).rowcount > 0


def forget(connection: Connection, scope: Scope, source: str) -> None:
    """Drop what a document said, before its new state is kept."""
    connection.execute(_FORGET, _at(scope) | {"source": source})


def everyone(connection: Connection, scope: Scope) -> list[Exclusion]:
    """All of the scope."""
    return [Exclusion(*row) for row in connection.execute(_LIST, _at(scope))]


def _at(scope: Scope) -> dict[str, object]:
    return {"zone": scope.zone_id, "context": scope.context_id}
