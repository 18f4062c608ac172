"""What the command line shows: counts per connection, the ledger in short."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, func, select, text

from reference_hub.store.tables import loss, message, subscriber, vendor


def deliveries(connection: Connection) -> list[dict[str, str]]:
    """Messages per connection, kind, state and reason."""
    columns = (subscriber.c.name, message.c.kind, message.c.state, message.c.reason)
    statement = (
        select(*columns, func.count())
        .join_from(message, subscriber)
        .group_by(*columns)
        .order_by(*columns)
    )
    names = ("connection", "kind", "state", "reason", "messages")
    return [
        dict(zip(names, map(str, row), strict=True)) for row in connection.execute(statement).all()
    ]


def losses(connection: Connection, vendor_name: str) -> list[dict[str, str]]:
    """Lost fields of one vendor with the number of records concerned (0: every record)."""
    columns = (loss.c.entity, loss.c.source_path, loss.c.kind, loss.c.note)
    statement = (
        select(*columns, func.count(loss.c.refid))
        .join_from(loss, subscriber)
        .join(vendor)
        .where(vendor.c.name == vendor_name)
        .group_by(*columns)
        .order_by(*columns)
    )
    names = ("entity", "field", "kind", "note", "records")
    return [
        dict(zip(names, map(str, row), strict=True)) for row in connection.execute(statement).all()
    ]


def server_version(connection: Connection) -> str:
    """PostgreSQL's own version, for example 18.4."""
    return str(connection.execute(text("SHOW server_version")).scalar_one())


def server_time(connection: Connection) -> datetime:
    """What PostgreSQL's clock shows."""
    found: datetime = connection.execute(text("SELECT clock_timestamp()")).scalar_one()
    return found
