"""Vendors as the console lists them: pages of ids first, then all about these ids at once."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, text

from reference_hub.model.scope import Scope
from reference_hub.model.standing import (
    BEGINS,
    DEAD,
    ENDED,
    FAILING,
    HELD,
    LIVE,
    NONE,
    PAUSED,
    REJECTED,
    WAITS,
    Agreed,
    Flow,
    Receiver,
    health_of,
)
from reference_hub.store import console_paging
from reference_hub.store.console_paging import Asked, Order, Slice

_ORDER = Order(("lower(v.name)", "v.id"), ("text", "bigint"))

# Counts of one connection s; each is a look into a partial index.
FLOW = """
    LATERAL (SELECT count(*) FILTER (WHERE m.state <> 'held') AS waiting,
                    count(*) FILTER (WHERE m.state = 'held') AS held,
                    min(m.created) FILTER (WHERE m.state <> 'held') AS oldest
             FROM message m WHERE m.subscriber_id = s.id
               AND m.state IN ('waiting', 'leased', 'held')) open
    CROSS JOIN LATERAL (SELECT count(*) AS dead FROM message m
             WHERE m.subscriber_id = s.id AND m.state = 'dead') lost
"""
# The POD that counts of vendor v: in force, else acknowledged, else the newest that is no draft.
_POD = """
    LATERAL (SELECT p.version, p.status, p.starts, p.ends, p.acknowledged, p.rejected FROM pod p
             WHERE p.vendor_id = v.id
             ORDER BY (p.status = 'Draft'), (p.status = 'Expired'),
                      (p.acknowledged IS NULL OR p.starts > :today), p.created DESC, p.id
             LIMIT 1)
"""
_ABOUT = text(
    f"""
    SELECT v.id, v.name, v.party_id, v.zone_id, v.context_id, v.pod_policy,
           pod.version, pod.status, pod.starts, pod.ends, pod.acknowledged, pod.rejected,
           flow.*, apps.number AS apps
    FROM vendor v
    LEFT JOIN {_POD} pod ON true
    CROSS JOIN LATERAL (
      SELECT coalesce(array_agg(DISTINCT s.format), '{{}}') AS formats, count(*) AS connections,
             coalesce(sum(open.waiting), 0) AS waiting, coalesce(sum(open.held), 0) AS held,
             coalesce(sum(lost.dead), 0) AS dead, min(open.oldest) AS oldest,
             min(b.since) AS failing_since, max(b.paused_until) AS silent_until,
             min(s.paused) AS paused
      FROM subscriber s LEFT JOIN standstill b ON b.subscriber_id = s.id CROSS JOIN {FLOW}
      WHERE s.vendor_id = v.id) flow
    CROSS JOIN LATERAL (SELECT count(*) AS number FROM application a
                        WHERE a.vendor_id = v.id) apps
    WHERE v.id = ANY(CAST(:ids AS integer[])) ORDER BY array_position(CAST(:ids AS integer[]), v.id)
    """  # noqa: S608 constants only
)
# The same counts for all vendors at once, in the order of `health_of`.
_EVERY = text(
    """
    SELECT v.id, v.name, coalesce(flow.held, 0), coalesce(flow.dead, 0), flow.oldest,
           flow.failing_since, flow.silent_until, flow.paused,
           coalesce(flow.connections, 0) + coalesce(apps.number, 0)
    FROM vendor v
    LEFT JOIN (
      SELECT s.vendor_id, count(*) AS connections, sum(open.held) AS held, sum(lost.dead) AS dead,
             min(open.oldest) AS oldest, min(b.since) AS failing_since,
             max(b.paused_until) AS silent_until, min(s.paused) AS paused
      FROM subscriber s LEFT JOIN standstill b ON b.subscriber_id = s.id
      LEFT JOIN (SELECT m.subscriber_id, count(*) FILTER (WHERE m.state = 'held') AS held,
                        min(m.created) FILTER (WHERE m.state <> 'held') AS oldest
                 FROM message m WHERE m.state IN ('waiting', 'leased', 'held')
                 GROUP BY m.subscriber_id) open ON open.subscriber_id = s.id
      LEFT JOIN (SELECT m.subscriber_id, count(*) AS dead FROM message m WHERE m.state = 'dead'
                 GROUP BY m.subscriber_id) lost ON lost.subscriber_id = s.id
      GROUP BY s.vendor_id) flow ON flow.vendor_id = v.id
    LEFT JOIN (SELECT a.vendor_id, count(*) AS number FROM application a
               GROUP BY a.vendor_id) apps ON apps.vendor_id = v.id
    WHERE :zone = '' OR v.zone_id = :zone
    """
)

_ANY = "EXISTS (SELECT FROM pod p WHERE p.vendor_id = v.id AND {})"
_IN_FORCE = """p.acknowledged IS NOT NULL AND p.status IN ('Live', 'Pending')
    AND p.starts <= :today AND (p.ends IS NULL OR p.ends >= :today)"""
_WAITING = "p.status IN ('Live', 'Pending') AND p.acknowledged IS NULL"
_OPEN = "p.status IN ('Live', 'Pending') AND (p.ends IS NULL OR p.ends >= :today)"
_REFUSED, _SHOWN = "p.rejected IS NOT NULL", "p.status <> 'Draft'"
_AGREEMENT = {
    LIVE: _ANY.format(_IN_FORCE),
    WAITS: f"{_ANY.format(_WAITING)} AND NOT {_ANY.format(_IN_FORCE)}",
    BEGINS: f"{_ANY.format('p.acknowledged IS NOT NULL AND p.starts > :today')}"
    f" AND NOT {_ANY.format(_IN_FORCE)}",
    REJECTED: f"{_ANY.format(_REFUSED)} AND NOT {_ANY.format(_OPEN)}",
    ENDED: f"{_ANY.format(_SHOWN)} AND NOT {_ANY.format(_OPEN)} AND NOT {_ANY.format(_REFUSED)}",
    NONE: f"NOT {_ANY.format(_SHOWN)}",
}
_OF = "EXISTS (SELECT FROM subscriber s {} WHERE s.vendor_id = v.id{})"
_OF_MESSAGE = "JOIN message m ON m.subscriber_id = s.id AND m.state = '{}'"
_OF_FAILING = "JOIN standstill b ON b.subscriber_id = s.id"
_PROBLEM = {
    DEAD: _OF.format(_OF_MESSAGE.format("dead"), ""),
    FAILING: _OF.format(_OF_FAILING, ""),
    HELD: _OF.format(_OF_MESSAGE.format("held"), ""),
    PAUSED: _OF.format("", " AND s.paused IS NOT NULL"),
}
PROBLEMS = (*_PROBLEM, "any")
_PROBLEM["any"] = f"({' OR '.join(_PROBLEM.values())})"


def page(
    connection: Connection,
    zone_id: str,
    asked: Asked,
    today: date,
    *,
    words: str = "",
    agreement: str = "",
    problem: str = "",
) -> Slice:
    """The ids of a page of vendors by name. `words`: a part of name or party; `agreement` and
    `problem`: words of model/standing.py, others and '' mean any."""
    where = ["(:zone = '' OR v.zone_id = :zone)"]
    if words:
        where.append("(v.name ILIKE :like OR v.party_id ILIKE :like)")
    where += [found for found in (_AGREEMENT.get(agreement), _PROBLEM.get(problem)) if found]
    escaped = words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    values = {"zone": zone_id, "like": f"%{escaped}%", "today": today}
    return console_paging.page(connection, "v.id", "vendor v", _ORDER, asked, values, where)


def about(connection: Connection, today: date, ids: Sequence[int]) -> list[Receiver]:
    """All about these vendors, in this order."""
    values = {"today": today, "ids": list(ids)}
    return [_receiver(row) for row in connection.execute(_ABOUT, values)]


def health(connection: Connection, zone_id: str, now: datetime) -> list[tuple[int, str, str]]:
    """Id, name and health of every vendor of the zone, '' for any."""
    rows = connection.execute(_EVERY, {"zone": zone_id})
    return [(row[0], row[1], health_of(now, *row[2:])) for row in rows]


def _receiver(row: Row[Any]) -> Receiver:
    agreed = None
    if row.status is not None:
        agreed = Agreed(
            row.version, row.status, row.starts, row.ends, row.acknowledged, row.rejected
        )
    # A vendor that comes for its data needs no connection of ours.
    flow = flow_of(row, row.connections + row.apps)
    scope = Scope(row.zone_id, row.context_id)
    return Receiver(
        row.id, row.name, row.party_id, scope, row.pod_policy, tuple(row.formats), flow, agreed
    )


def flow_of(row: Row[Any], connections: int) -> Flow:
    """The Flow of a row that counts open, held and dead messages."""
    return Flow(
        int(row.waiting),
        int(row.held),
        int(row.dead),
        row.oldest,
        row.failing_since,
        row.silent_until,
        row.paused,
        connections,
    )


_TODAY = text(
    """
    SELECT a.actor, coalesce(a.detail ->> 'connection', '') AS connection,
           a.action LIKE 'accepted %' AS told, sum(a.count) AS number
    FROM audit a
    WHERE a.at >= :since AND (:zone = '' OR a.zone_id = :zone)
      AND (a.action = 'read' OR a.action LIKE 'delivered %' AND a.action <> 'delivered pod'
           OR a.action LIKE 'accepted %')
      AND (CAST(:names AS text[]) IS NULL
           OR a.actor IN (SELECT unnest(CAST(:names AS text[])))
           OR a.detail ->> 'connection' IN (SELECT unnest(CAST(:names AS text[]))))
    GROUP BY 1, 2, 3
    """
)


def moved_since(
    connection: Connection, zone_id: str, since: datetime, names: Collection[str] | None = None
) -> list[tuple[str, str, bool, int]]:
    """What moved, by the audit: who read, delivered or wrote; by which connection, '' for none;
    whether the hub was told it; how many objects. `names`: only of these keys and connections."""
    asked = {"zone": zone_id, "since": since, "names": None if names is None else list(names)}
    rows = connection.execute(_TODAY, asked)
    return [(row.actor, row.connection, row.told, int(row.number)) for row in rows]


_OWNERS = text(
    """
    SELECT 'app' AS kind, key AS name, vendor_id FROM application
    WHERE vendor_id IS NOT NULL
      AND (CAST(:ids AS integer[]) IS NULL OR vendor_id = ANY(CAST(:ids AS integer[])))
    UNION ALL SELECT 'connection', name, vendor_id FROM subscriber
    WHERE CAST(:ids AS integer[]) IS NULL OR vendor_id = ANY(CAST(:ids AS integer[]))
    """
)


def owners(connection: Connection, ids: Sequence[int] | None = None) -> dict[tuple[str, str], int]:
    """The vendor of each application key and each connection, by ('app' | 'connection', name);
    `ids`: only those of these vendors."""
    rows = connection.execute(_OWNERS, {"ids": None if ids is None else list(ids)})
    return {(row.kind, row.name): row.vendor_id for row in rows}


_SENDERS = text(
    """
    SELECT a.key, a.kind, a.notation, max(e.last_used) AS seen
    FROM application a LEFT JOIN environment e ON e.application_key = a.key
    WHERE a.vendor_id IS NULL AND (:zone = '' OR a.zone_id = :zone)
    GROUP BY a.key, a.kind, a.notation ORDER BY a.key
    """
)


def senders(connection: Connection, zone_id: str) -> list[tuple[str, str, str, datetime | None]]:
    """Applications of the district itself: key, kind, notation, when last seen."""
    rows = connection.execute(_SENDERS, {"zone": zone_id})
    return [(row.key, row.kind, row.notation, row.seen) for row in rows]


_ZONES = text("SELECT DISTINCT zone_id FROM vendor")


def zones(connection: Connection) -> set[str]:
    """The districts that have vendors."""
    return set(connection.execute(_ZONES).scalars())
