"""Records that came back from a vendor and name what nobody here knows: kept, never guessed."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, text

from reference_hub.model.party import Subscriber
from reference_hub.model.scope import Scope
from reference_hub.store.vendors import subscriber_from

_COLUMNS = "id, subscriber_id, entity, key, record, missing, reason, came, source_key"
_PUT = text(
    """
    INSERT INTO quarantine (zone_id, context_id, subscriber_id, entity, key, record, missing,
                            reason, came, source_key)
    VALUES (:zone, :context, :subscriber, :entity, :key, CAST(:record AS jsonb),
            CAST(:missing AS jsonb), :reason, :now, :source)
    ON CONFLICT (subscriber_id, entity, key) DO UPDATE
    SET record = excluded.record, missing = excluded.missing, reason = excluded.reason,
        came = excluded.came, source_key = excluded.source_key
    """
)
_LIST = text(
    f"""
    SELECT {_COLUMNS} FROM quarantine
    WHERE (CAST(:zone AS text) IS NULL OR zone_id = :zone) ORDER BY id LIMIT :limit
    """  # noqa: S608 constants only
)
_OF = text(
    f"SELECT {_COLUMNS} FROM quarantine WHERE subscriber_id = :subscriber ORDER BY id"  # noqa: S608
)
_WAITING = text(
    f"""
    SELECT {_COLUMNS} FROM quarantine
    WHERE subscriber_id = :subscriber AND missing ?| CAST(:names AS text[]) ORDER BY id
    """  # noqa: S608 constants only
)
_ONE = text(f"SELECT {_COLUMNS} FROM quarantine WHERE id = :id")  # noqa: S608 constants only
_FIND = text(
    f"""
    SELECT {_COLUMNS} FROM quarantine
    WHERE subscriber_id = :subscriber AND entity = :entity AND key = :key
    """  # noqa: S608 constants only
)
_DROP = text("DELETE FROM quarantine WHERE id = :id")
_CONNECTIONS = text(
    """
    SELECT s.* FROM subscriber s
    WHERE EXISTS (SELECT FROM quarantine q WHERE q.subscriber_id = s.id) ORDER BY s.id
    """
)


@dataclass(frozen=True, slots=True)
class Held:
    """One record in quarantine. `missing` names what it waits for, each as `Entity:key`; `came`:
    when it was last sent; `source_key`: by which application."""

    id: int
    subscriber_id: int
    entity: str
    key: str
    record: Mapping[str, Any]
    missing: tuple[str, ...]
    reason: str
    came: datetime
    source_key: str


def put(
    connection: Connection,
    to: Subscriber,
    entity: str,
    record: Mapping[str, Any],
    missing: Sequence[str],
    reason: str,
    now: datetime,
    source_key: str,
) -> None:
    """Keep a record by its `refId`; one that is there already is replaced."""
    given = {
        **_at(to.scope),
        "subscriber": to.id,
        "entity": entity,
        "key": record["refId"],
        "record": json.dumps(dict(record), ensure_ascii=False),
        "missing": json.dumps(list(missing)),
        "reason": reason,
        "now": now,
        "source": source_key,
    }
    connection.execute(_PUT, given)


def listed(connection: Connection, zone_id: str | None = None, limit: int = 1000) -> list[Held]:
    """What is kept, oldest first."""
    return _all(connection.execute(_LIST, {"zone": zone_id, "limit": limit}))


def of_connection(connection: Connection, subscriber_id: int) -> list[Held]:
    """What came over one connection, oldest first."""
    return _all(connection.execute(_OF, {"subscriber": subscriber_id}))


def waiting_for(connection: Connection, subscriber_id: int, names: Iterable[str]) -> list[Held]:
    """What waits for any of these, each as `Entity:key`."""
    wanted = {"subscriber": subscriber_id, "names": list(names)}
    return _all(connection.execute(_WAITING, wanted))


def get(connection: Connection, number: int) -> Held | None:
    """The one with this number."""
    return next(iter(_all(connection.execute(_ONE, {"id": number}))), None)


def find(connection: Connection, subscriber_id: int, entity: str, key: str) -> Held | None:
    """The one of a connection by entity and key."""
    wanted = {"subscriber": subscriber_id, "entity": entity, "key": key}
    return next(iter(_all(connection.execute(_FIND, wanted))), None)


def drop(connection: Connection, number: int) -> bool:
    """Forget one; False where there is none of this number."""
    return connection.execute(_DROP, {"id": number}).rowcount > 0


def connections(connection: Connection) -> list[Subscriber]:
    """The connections that anything is kept of."""
    return [subscriber_from(row) for row in connection.execute(_CONNECTIONS).mappings()]


def _at(scope: Scope) -> dict[str, str]:
    return {"zone": scope.zone_id, "context": scope.context_id}


def _all(rows: Iterable[Row[Any]]) -> list[Held]:
    return [
        Held(
            row.id, row.subscriber_id, row.entity, row.key, row.record, tuple(row.missing),
            row.reason, row.came, row.source_key,
        )
        for row in rows
    ]  # fmt: skip
