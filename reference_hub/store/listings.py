"""Many objects at once: whole pages put together by the database, scans in chunks, versions by id.

A page that nobody prunes is never parsed: PostgreSQL joins the stored bytes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, text

from reference_hub.model.scope import Scope
from reference_hub.store import audits, identity

CHUNK = 500


@dataclass(frozen=True, slots=True)
class State:
    """What a tag of a listing is made of: the life of the store, and how often each type was
    changed. `present` counts the objects of the first type."""

    epoch: str
    changes: tuple[int, ...]
    present: int


@dataclass(frozen=True, slots=True)
class Joined:
    """The objects of a page one after the other, and how many they are."""

    state: State
    body: bytes
    number: int


@dataclass(frozen=True, slots=True)
class Version:
    """A version by its number. `body` is None for a deletion; `last` is then what was deleted."""

    version_id: int
    body: bytes | None
    last: bytes | None


@dataclass(frozen=True, slots=True)
class Single:
    """The current version of one object; `is_noted`: the audit took what it was given."""

    epoch: str
    version_id: int
    body: bytes
    is_noted: bool = True


_FOUND = """
    SELECT (SELECT epoch FROM hub_identity) AS epoch, v.id, v.body
    FROM sif_object o JOIN object_version v ON v.id = o.version_id
    WHERE o.zone_id = :zone AND o.context_id = :context AND o.object_type = :object_type
      AND o.refid = :refid AND o.tombstone IS NOT TRUE
"""
_ONE = text(_FOUND)
_ONE_NOTED = text(
    f"""
    WITH found AS ({_FOUND}), noted AS (
      {audits.INSERT} WHERE EXISTS (SELECT FROM found) AND {audits.IN_FORCE}
      RETURNING 1)
    SELECT epoch, id, body, EXISTS (SELECT FROM noted) AS noted FROM found
    """  # noqa: S608 constants only
)

# One row per type asked for, in the order asked.
_STATE = text(
    """
    SELECT (SELECT epoch FROM hub_identity) AS epoch,
           COALESCE(t.changes, 0) AS changes, COALESCE(t.present, 0) AS present
    FROM unnest(CAST(:types AS text[])) WITH ORDINALITY AS asked(object_type, n)
    LEFT JOIN object_tally t ON t.zone_id = :zone AND t.context_id = :context
      AND t.object_type = asked.object_type
    ORDER BY asked.n
    """
)

# The tally is read with the page, but a page that is too large is not put together. Text travels
# in half the bytes of a bytea; what is stored was judged to be UTF-8 before.
_JOINED = text(
    """
    SELECT (SELECT epoch FROM hub_identity) AS epoch, t.changes, t.present, page.number,
           convert_from(page.body, 'UTF8') AS body
    FROM object_tally t, LATERAL (
      SELECT count(*) AS number, string_agg(v.body, ''::bytea ORDER BY found.position) AS body
      FROM (
        SELECT o.version_id, o.position FROM sif_object o
        WHERE o.zone_id = :zone AND o.context_id = :context AND o.object_type = :object_type
          AND NOT o.tombstone
          AND (CAST(:size AS bigint) IS NOT NULL OR t.present <= :largest)
        ORDER BY o.position LIMIT COALESCE(:size, :largest) OFFSET :offset
      ) found JOIN object_version v ON v.id = found.version_id
    ) page
    WHERE t.zone_id = :zone AND t.context_id = :context AND t.object_type = :object_type
    """
)

_CHUNK = text(
    """
    SELECT o.position, v.id, v.body FROM sif_object o JOIN object_version v ON v.id = o.version_id
    WHERE o.zone_id = :zone AND o.context_id = :context AND o.object_type = :object_type
      AND NOT o.tombstone AND o.position > :after
    ORDER BY o.position LIMIT :limit
    """
)

VERSIONS = """
    SELECT v.id, v.body, last.body AS last
    FROM unnest({numbers}) WITH ORDINALITY AS asked(id, n)
    JOIN object_version v ON v.id = asked.id
    LEFT JOIN LATERAL (
      SELECT b.body FROM object_version b
      WHERE v.body IS NULL AND b.refid = v.refid AND b.id < v.id AND b.body IS NOT NULL
        AND b.zone_id = v.zone_id AND b.context_id = v.context_id
        AND b.object_type = v.object_type
      ORDER BY b.id DESC LIMIT 1
    ) last ON true
    ORDER BY asked.n
"""
_VERSIONS = text(VERSIONS.format(numbers="CAST(:numbers AS bigint[])"))


def state(connection: Connection, scope: Scope, types: Sequence[str]) -> State:
    """The state of the types, to be read before the objects: an older state is harmless."""
    at = {"zone": scope.zone_id, "context": scope.context_id, "types": list(types)}
    rows = connection.execute(_STATE, at).all()
    epoch = str(rows[0].epoch or identity.epoch(connection))
    return State(epoch, tuple(row.changes for row in rows), rows[0].present)


def joined(
    connection: Connection,
    scope: Scope,
    object_type: str,
    *,
    size: int | None,
    offset: int,
    largest: int,
) -> Joined:
    """A page in the order of creation; without a size all objects, none of more than `largest`."""
    window = {"size": size, "offset": offset, "largest": largest}
    row = connection.execute(_JOINED, _of(scope, object_type) | window).first()
    if row is None:
        return Joined(state(connection, scope, [object_type]), b"", 0)
    epoch = str(row.epoch or identity.epoch(connection))
    return Joined(State(epoch, (row.changes,), row.present), (row.body or "").encode(), row.number)


def one(
    connection: Connection,
    scope: Scope,
    object_type: str,
    refid: str,
    *,
    note: audits.Entry | None = None,
    at: datetime | None = None,
    pod_id: str | None = None,
    excluded: Iterable[str] = (),
) -> Single | None:
    """The current version, None when unknown or deleted. With a `note`, a version that is found is
    audited by the same statement, unless the POD it is read under has ended by then, or leaves out
    more than the `excluded` people."""
    wanted = _of(scope, object_type) | {"refid": refid}
    if note is None or at is None:
        row = connection.execute(_ONE, wanted).first()
    else:
        asked = audits.columns(scope, at, [note]) | wanted
        asked |= {"pod": pod_id, "excluded": list(excluded)}
        row = connection.execute(_ONE_NOTED, asked).first()
    if row is None:
        return None
    noted = note is None or bool(row.noted)
    return Single(str(row.epoch or identity.epoch(connection)), row.id, row.body, noted)


def scan(connection: Connection, scope: Scope, object_type: str) -> Iterator[tuple[int, bytes]]:
    """Number and body of every object, in the order of creation, a chunk at a time."""
    after = 0
    while True:
        window = {"after": after, "limit": CHUNK}
        rows = connection.execute(_CHUNK, _of(scope, object_type) | window).all()
        yield from ((row.id, row.body) for row in rows)
        if len(rows) < CHUNK:
            return
        after = rows[-1].position


def versions(connection: Connection, numbers: Sequence[int]) -> list[Version]:
    """These versions in this order, deleted since or not."""
    rows = connection.execute(_VERSIONS, {"numbers": list(numbers)})
    return [Version(*row) for row in rows]


def _of(scope: Scope, object_type: str) -> dict[str, object]:
    return {"zone": scope.zone_id, "context": scope.context_id, "object_type": object_type}
