"""The audit trail page by page, newest first, as the console shows it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from reference_hub.store import console_paging
from reference_hub.store.console_paging import Asked, Order, Slice

_COLUMNS = "a.id, a.at, a.actor, a.action, a.object_type, a.count, a.detail, a.seal_id"
_ORDER = Order(("a.id",), ("bigint",), descending=True)


def page(
    connection: Connection,
    zone_id: str,
    asked: Asked,
    since: datetime,
    until: datetime,
    *,
    actor: str = "",
    action: str = "",
    object_type: str = "",
) -> Slice:
    """Entries of a district in a span. `actor` is a part of a name, `action` how an action begins,
    both as they were written, small or large; '' for any."""
    where = ["a.zone_id = :zone", "a.at >= :since", "a.at < :until"]
    values = {
        "zone": zone_id,
        "since": since,
        "until": until,
        "actor": f"%{_plainly(actor)}%",
        "action": f"{_plainly(action)}%",
        "object_type": object_type,
    }
    if actor:
        where.append("a.actor LIKE :actor")
    if action:
        where.append("a.action LIKE :action")
    if object_type:
        where.append("a.object_type = :object_type")
    return console_paging.page(connection, _COLUMNS, "audit a", _ORDER, asked, values, where)


def _plainly(words: str) -> str:
    return words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
