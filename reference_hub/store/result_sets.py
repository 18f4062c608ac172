"""Result sets that stay the same from page to page: numbers of versions, kept for a while."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, text

from reference_hub.model.scope import Scope
from reference_hub.model.uuids import canonical
from reference_hub.store.listings import VERSIONS, Version

MOST = 50


@dataclass(frozen=True, slots=True)
class ResultSet:
    """`query` is what was asked for when it was made, `count` how many objects it holds."""

    id: str
    query: Mapping[str, str]
    count: int


# Skipping what is locked, so that two requests that tidy up never wait for each other.
_TIDY = text(
    """
    DELETE FROM result_set WHERE id IN (
      SELECT id FROM result_set
      WHERE expires < :now OR id IN (
        SELECT id FROM result_set WHERE environment_id = CAST(:environment AS uuid)
        ORDER BY expires DESC OFFSET :most)
      FOR UPDATE SKIP LOCKED)
    """
)

_FORGET = text("DELETE FROM result_set WHERE expires < :now")

_INSERT = text(
    """
    INSERT INTO result_set (id, environment_id, query, versions, expires)
    VALUES (CAST(:id AS uuid), CAST(:environment AS uuid), :query, CAST(:versions AS bigint[]),
            :expires)
    """
)

_INSERT_ALL = text(
    """
    INSERT INTO result_set (id, environment_id, query, versions, expires)
    SELECT CAST(:id AS uuid), CAST(:environment AS uuid), :query,
           COALESCE(array_agg(version_id ORDER BY position), '{}'), :expires
    FROM sif_object
    WHERE zone_id = :zone AND context_id = :context AND object_type = :object_type
      AND NOT tombstone
    RETURNING cardinality(versions)
    """
)

_FIND = text(
    """
    SELECT id::text, query, cardinality(versions) AS number FROM result_set
    WHERE id = CAST(:id AS uuid) AND environment_id = CAST(:environment AS uuid)
      AND expires >= :now
    """
)

_RENEW = text("UPDATE result_set SET expires = :expires WHERE id = CAST(:id AS uuid)")

_WINDOW = (
    "(SELECT versions[CAST(:first AS integer) : CAST(:last AS integer)]"
    " FROM result_set WHERE id = CAST(:id AS uuid))"
)
_SLICE = text(VERSIONS.format(numbers=_WINDOW))


def insert(
    connection: Connection,
    kept: ResultSet,
    environment_id: str,
    versions: Sequence[int],
    expires: datetime,
) -> None:
    """Keep the versions in this order."""
    row = _row(kept, environment_id, expires)
    connection.execute(_INSERT, row | {"versions": list(versions)})


def insert_all(
    connection: Connection,
    kept: ResultSet,
    environment_id: str,
    scope: Scope,
    object_type: str,
    expires: datetime,
) -> int:
    """Keep every object of the type as it is now; how many they are."""
    row = _row(kept, environment_id, expires)
    here = {"zone": scope.zone_id, "context": scope.context_id, "object_type": object_type}
    return int(connection.execute(_INSERT_ALL, row | here).scalar_one())


def find(connection: Connection, id_: str, environment_id: str, now: datetime) -> ResultSet | None:
    """The environment's own result set, None when unknown, expired or another one's."""
    where = {"id": canonical(id_) or None, "environment": environment_id, "now": now}
    row = connection.execute(_FIND, where).first()
    return ResultSet(row.id, json.loads(row.query), row.number) if row else None


def renew(connection: Connection, id_: str, expires: datetime) -> None:
    """Keep it until then."""
    connection.execute(_RENEW, {"id": id_, "expires": expires})


def page(connection: Connection, id_: str, *, limit: int, offset: int) -> list[Version]:
    """A part of the set; the versions are given back even where the object was deleted since."""
    window = {"id": id_, "first": offset + 1, "last": offset + limit}
    return [Version(*row) for row in connection.execute(_SLICE, window)]


def tidy(connection: Connection, environment_id: str, now: datetime) -> None:
    """Drop what has expired, and an environment's oldest sets when it has very many."""
    connection.execute(_TIDY, {"now": now, "environment": environment_id, "most": MOST - 1})


def forget(connection: Connection, now: datetime) -> None:
    """Drop what has expired, whoever's it is."""
    connection.execute(_FORGET, {"now": now})


def _row(kept: ResultSet, environment_id: str, expires: datetime) -> dict[str, object]:
    return {
        "id": kept.id,
        "environment": environment_id,
        "query": json.dumps(dict(kept.query)),
        "expires": expires,
    }
