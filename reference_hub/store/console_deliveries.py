"""Deliveries of one vendor as the console shows them: connections, what is open and why, page by
page what arrived. Never a body, never whom it is about."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, text

from reference_hub.model.standing import Flow
from reference_hub.store import console_paging
from reference_hub.store.console_paging import Asked, Order, Slice
from reference_hub.store.console_vendors import FLOW, flow_of
from reference_hub.store.standstills import Standstill

_CONNECTIONS = text(
    f"""
    SELECT s.id, s.name, s.format, s.transport, s.url, s.objects, s.app_id, s.state, s.paused_by,
           open.waiting, open.held, open.oldest, lost.dead, s.paused, b.since AS failing_since,
           b.paused_until AS silent_until, b.failures, b.pauses, b.reason AS failing, last.settled
    FROM subscriber s LEFT JOIN standstill b ON b.subscriber_id = s.id CROSS JOIN {FLOW}
    LEFT JOIN LATERAL (SELECT m.settled FROM message m
                       WHERE m.subscriber_id = s.id AND m.settled IS NOT NULL AND m.state = 'done'
                       ORDER BY m.settled DESC, m.id DESC LIMIT 1) last ON true
    WHERE s.vendor_id = :vendor ORDER BY s.id
    """  # noqa: S608 constants only
)
# Two halves, so that each finds its own partial index.
_OPEN = text(
    """
    SELECT m.subscriber_id, m.state, m.reason, count(*) AS number, min(m.created) AS oldest,
           min(m.not_before) AS next_try
    FROM message m JOIN subscriber s ON s.id = m.subscriber_id
    WHERE s.vendor_id = :vendor AND m.state IN ('waiting', 'leased', 'held')
    GROUP BY m.subscriber_id, m.state, m.reason
    UNION ALL
    SELECT m.subscriber_id, m.state, m.reason, count(*), min(m.created), min(m.not_before)
    FROM message m JOIN subscriber s ON s.id = m.subscriber_id
    WHERE s.vendor_id = :vendor AND m.state = 'dead'
    GROUP BY m.subscriber_id, m.state, m.reason
    ORDER BY 1, 2, 4 DESC
    """
)
_HELD_ROWS = text(
    """
    SELECT 'held' AS kind, t.collection, t.reason, count(*) AS number
    FROM target_row t JOIN subscriber s ON s.id = t.subscriber_id
    WHERE s.vendor_id = :vendor AND t.state = 'held' GROUP BY t.collection, t.reason
    UNION ALL
    SELECT 'refused', t.collection, t.answer, count(*)
    FROM target_row t JOIN subscriber s ON s.id = t.subscriber_id
    WHERE s.vendor_id = :vendor AND t.answer_state IN ('refused', 'rejected')
    GROUP BY t.collection, t.answer
    UNION ALL
    SELECT 'quarantine', q.entity, q.reason, count(*)
    FROM quarantine q JOIN subscriber s ON s.id = q.subscriber_id
    WHERE s.vendor_id = :vendor GROUP BY q.entity, q.reason
    ORDER BY 1, 4 DESC, 2, 3 LIMIT 60
    """
)
_COLUMNS = """
    m.id, m.message_id, m.kind, m.action, m.object_type, m.state, m.reason, m.attempts, m.created,
    m.not_before, m.settled
"""
OPEN, LOST, ARRIVED = "open", "dead", "settled"
_LISTS = {
    OPEN: ("m.state IN ('waiting', 'leased', 'held')", Order(("m.id",), ("bigint",))),
    LOST: ("m.state = 'dead'", Order(("m.id",), ("bigint",))),
    ARRIVED: (
        "m.settled IS NOT NULL",
        Order(("m.settled", "m.id"), ("timestamptz", "bigint"), descending=True),
    ),
}
LISTS = tuple(_LISTS)
_PAUSE = text(
    """
    UPDATE subscriber SET paused = :now, paused_by = :who
    WHERE vendor_id = :vendor AND paused IS NULL
    """
)
_GO_ON = text(
    """
    UPDATE subscriber SET paused = NULL, paused_by = ''
    WHERE vendor_id = :vendor AND paused IS NOT NULL
    """
)


@dataclass(frozen=True, slots=True)
class Line:
    """One connection. `still`: how it fails, None where it works; `last`: when something arrived
    last; `paused_by`: who of the district lets nothing go, '' for nobody."""

    id: int
    name: str
    format: str
    transport: str
    url: str
    objects: tuple[str, ...]
    app_id: str
    state: str
    flow: Flow
    still: Standstill | None
    last: datetime | None
    paused_by: str


@dataclass(frozen=True, slots=True)
class Group:
    """Messages of one connection in one state for one reason."""

    connection_id: int
    state: str
    reason: str
    number: int
    oldest: datetime
    next_try: datetime


@dataclass(frozen=True, slots=True)
class Kept:
    """Records that did not go (`kind` held), that the vendor did not take (refused), or that it
    wrote and the hub did not take (quarantine); `what`: their kind, `reason`: ours or the
    vendor's words."""

    kind: str
    what: str
    reason: str
    number: int


def connections(connection: Connection, vendor_id: int) -> list[Line]:
    """The connections of a vendor, oldest first."""
    return [_line(row) for row in connection.execute(_CONNECTIONS, {"vendor": vendor_id})]


def _line(row: Row[Any]) -> Line:
    still = None
    if row.failures is not None:
        still = Standstill(
            row.failures, row.pauses, row.silent_until, row.failing, row.failing_since
        )
    return Line(
        row.id,
        row.name,
        row.format,
        row.transport,
        row.url,
        tuple(row.objects),
        row.app_id,
        row.state,
        flow_of(row, 1),
        still,
        row.settled,
        row.paused_by,
    )


def open_groups(connection: Connection, vendor_id: int) -> list[Group]:
    """What has not arrived, by connection, state and reason."""
    return [Group(*row) for row in connection.execute(_OPEN, {"vendor": vendor_id})]


def kept(connection: Connection, vendor_id: int) -> list[Kept]:
    """Records held, refused or in quarantine by kind and reason, at most 60 of these."""
    return [Kept(*row) for row in connection.execute(_HELD_ROWS, {"vendor": vendor_id})]


def page(connection: Connection, connection_id: int, which: str, asked: Asked) -> Slice:
    """Messages of one connection: `which` is one of LISTS; those that wait in the order in which
    they go, those that ended newest first."""
    condition, order = _LISTS[which]
    where = ["m.subscriber_id = :connection", condition]
    values = {"connection": connection_id}
    return console_paging.page(connection, _COLUMNS, "message m", order, asked, values, where)


def pause(connection: Connection, vendor_id: int, who: str, now: datetime) -> int:
    """Let nothing go to the vendor; how many connections that stops. What is being sent arrives."""
    values = {"vendor": vendor_id, "who": who, "now": now}
    return connection.execute(_PAUSE, values).rowcount


def go_on(connection: Connection, vendor_id: int) -> int:
    """Let it go again; how many connections were paused."""
    return connection.execute(_GO_ON, {"vendor": vendor_id}).rowcount
