"""Whose turn it is: what one program at a time may do in a zone and context."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine, text

from reference_hub.model.scope import Scope

_TAKE = text("SELECT pg_try_advisory_lock(hashtextextended(:name, 0))")
_LEAVE = text("SELECT pg_advisory_unlock(hashtextextended(:name, 0))")


@contextmanager
def turn(engine: Engine, scope: Scope, doing: str) -> Iterator[Connection | None]:
    """A connection whose program does this alone; None when another one is at it.

    The turn ends with the context, and with the connection: a program that was killed holds none.
    """
    name = {"name": f"{doing} {scope.zone_id} {scope.context_id}"}
    with engine.connect() as connection:
        with connection.begin():
            is_ours = bool(connection.execute(_TAKE, name).scalar_one())
        if not is_ours:
            yield None
            return
        try:
            yield connection
        finally:
            with connection.begin():
                connection.execute(_LEAVE, name)
