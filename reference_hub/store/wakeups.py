"""A worker's ear: LISTEN on the channel that an accepted change notifies."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

import psycopg
from sqlalchemy import Engine
from sqlalchemy.exc import InterfaceError, OperationalError

from reference_hub.store.outbox import CHANNEL


class Wakeups:
    """An open LISTEN connection."""

    def __init__(self, connection: psycopg.Connection) -> None:
        self._connection = connection

    def wait(self, seconds: float) -> bool:
        """Sleep until a notification comes, at most so long; True when one came."""
        return any(True for _ in self._connection.notifies(timeout=seconds, stop_after=1))

    def heard(self, seconds: float) -> list[str]:
        """What the next notifications carry, [] when none came in that time.

        Raises an OperationalError of psycopg when the connection is lost.
        """
        found = self._connection.notifies(timeout=seconds, stop_after=1)
        return [notification.payload for notification in found]


@contextmanager
def listen(engine: Engine, channel: str = CHANNEL) -> Iterator[Wakeups]:
    """Hold a connection of its own that listens; it is closed, not pooled, afterwards."""
    pooled = engine.raw_connection()
    connection = cast(psycopg.Connection, pooled.driver_connection)
    pooled.detach()
    try:
        connection.rollback()
        connection.autocommit = True
        connection.execute(f"LISTEN {channel}")
        yield Wakeups(connection)
    finally:
        connection.close()


def is_outage(error: Exception) -> bool:
    """Whether the database could not be reached, as opposed to a fault of ours."""
    return isinstance(error, OperationalError | InterfaceError | psycopg.OperationalError)
