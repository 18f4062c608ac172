"""What an operator does about deliveries: try again, send everything anew. Both are audited."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from reference_hub.clock import Clock
from reference_hub.model.party import Subscriber
from reference_hub.problems import SetupError
from reference_hub.store import audits, outbox, redeliveries, standstills, vendors
from reference_hub.store.deliveries import Single

if TYPE_CHECKING:
    from sqlalchemy import Connection

OPERATOR = "operator"


def retry_one(connection: Connection, message: Single, clock: Clock) -> bool:
    """Try one message at once; False when a younger one has overtaken it, and it is dropped.

    Raises SetupError for a message that is delivered, dropped, or just being sent.
    """
    if message.state not in ("dead", "held", "waiting"):
        raise SetupError(
            f"Message {message.id} is {message.state}; only what is dead, held or waiting can be "
            "tried again. To send everything anew: reference-hub deliveries resync"
        )
    (to,) = _of(connection, message.vendor, [message.subscriber_id])
    tried, _ = _again(connection, [message.id], [to], clock)
    return tried == 1


def retry_dead(connection: Connection, vendor: str, clock: Clock) -> tuple[int, int]:
    """Try all dead letters of a vendor, oldest first; how many, and how many younger ones have
    overtaken."""
    found = vendors.required_vendor(connection, vendor)
    connections = vendors.subscribers_of(connection, found.id)
    return _again(connection, redeliveries.dead_of(connection, vendor), connections, clock)


def probe(connection: Connection, vendor: str, clock: Clock) -> tuple[int, int]:
    """Let the paused connections of a vendor be tried at once, and files go that gather changes;
    how many of the connections fail now, and how many files go."""
    found = vendors.required_vendor(connection, vendor)
    ids = [to.id for to in vendors.subscribers_of(connection, found.id)]
    woken = standstills.probe_now(connection, ids, clock.now())
    opened = redeliveries.close_windows(connection, ids, clock.now())
    outbox.notify(connection)
    return woken, opened


def resync(connection: Connection, to: Subscriber, clock: Clock) -> int:
    """Send everything granted anew by one connection; how many messages that is."""
    queued = redeliveries.resync(connection, to, clock.now())
    _note(connection, to, "resynchronised", queued, clock)
    outbox.notify(connection)
    return queued


def _again(
    connection: Connection, ids: Sequence[int], to: Sequence[Subscriber], clock: Clock
) -> tuple[int, int]:
    tried, overtaken = redeliveries.retry(connection, ids, clock.now())
    standstills.probe_now(connection, [each.id for each in to], clock.now())
    for each in to[:1]:
        _note(connection, each, "retried", tried, clock)
    outbox.notify(connection)
    return tried, overtaken


def _of(connection: Connection, vendor: str, ids: Sequence[int]) -> list[Subscriber]:
    found = vendors.required_vendor(connection, vendor)
    return [to for to in vendors.subscribers_of(connection, found.id) if to.id in ids]


def _note(connection: Connection, to: Subscriber, what: str, count: int, clock: Clock) -> None:
    entry = audits.Entry(OPERATOR, what, "", count, {"connection": to.name})
    audits.add(connection, to.scope, clock.now(), entry)
