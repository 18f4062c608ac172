"""The audit trail as a chain: each seal covers a run of entries and names the seal before it.

Entries are sealed in the background, so no request waits for another one's. Whoever alters or
removes a sealed entry breaks every digest from there on; whoever cuts the end off is found out by a
head that was noted elsewhere (`audit verify --head`).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from operator import attrgetter
from typing import Any

from sqlalchemy import Connection, Row, text

GENESIS = "0" * 64
# Any fixed number: only sealers take it.
_LOCK = text("SELECT pg_advisory_xact_lock(5160003)")
_LAST = text("SELECT digest FROM audit_seal ORDER BY id DESC LIMIT 1")
_COLUMNS = "id, zone_id, context_id, at, actor, action, object_type, count, detail, seal_id"
_OPEN = text(
    f"SELECT {_COLUMNS} FROM audit WHERE seal_id IS NULL ORDER BY id LIMIT :most"  # noqa: S608
)
_SEAL = text(
    """
    INSERT INTO audit_seal (at, entries, previous, digest)
    VALUES (:at, :entries, :previous, :digest) RETURNING id
    """
)
_MARK = text("UPDATE audit SET seal_id = :seal WHERE id = ANY(CAST(:ids AS bigint[]))")
_SEALS = text("SELECT id, at, entries, previous, digest FROM audit_seal ORDER BY id")
# In the order of the seals, so that one walk over both is enough.
_SEALED = text(
    f"SELECT {_COLUMNS} FROM audit WHERE seal_id IS NOT NULL ORDER BY seal_id, id"  # noqa: S608
)
_UNSEALED = text("SELECT count(*) FROM audit WHERE seal_id IS NULL")
_ALL = text(f"SELECT {_COLUMNS} FROM audit WHERE id > :after ORDER BY id LIMIT :most")  # noqa: S608


@dataclass(frozen=True, slots=True)
class Verified:
    """What a walk along the chain found; no faults: every sealed entry is as it was written."""

    seals: int
    entries: int
    unsealed: int
    head: str
    faults: tuple[str, ...]
    heads: frozenset[str]


def seal(connection: Connection, at: datetime, most: int = 5000) -> tuple[int, str]:
    """Seal up to `most` open entries; how many, and the digest of the chain's new head."""
    connection.execute(_LOCK)
    previous = connection.execute(_LAST).scalar() or GENESIS
    rows = connection.execute(_OPEN, {"most": most}).all()
    if not rows:
        return 0, previous
    digest = _digest(previous, at, rows)
    values = {"at": at, "entries": len(rows), "previous": previous, "digest": digest}
    number = connection.execute(_SEAL, values).scalar_one()
    connection.execute(_MARK, {"seal": number, "ids": [row.id for row in rows]})
    return len(rows), digest


def verify(connection: Connection) -> Verified:
    """Walk along the whole chain; `connection` should see one snapshot."""
    faults: list[str] = []
    expected, entries, heads = GENESIS, 0, {GENESIS}
    seals = connection.execute(_SEALS).all()
    streamed = connection.execution_options(stream_results=True, yield_per=5000).execute(_SEALED)
    groups = groupby(streamed, attrgetter("seal_id"))
    waiting = next(groups, None)
    for each in seals:
        rows: list[Row[Any]] = []
        if waiting is not None and waiting[0] == each.id:
            rows, waiting = list(waiting[1]), next(groups, None)
        if each.previous != expected:
            faults.append(f"seal {each.id} does not follow the one before it")
        if len(rows) != each.entries:
            faults.append(f"seal {each.id} covered {each.entries} entries, {len(rows)} are there")
        elif _digest(each.previous, each.at, rows) != each.digest:
            faults.append(f"an entry under seal {each.id} is not what was sealed")
        entries += len(rows)
        expected = each.digest
        heads.add(each.digest)
    unsealed = connection.execute(_UNSEALED).scalar_one()
    return Verified(len(seals), entries, unsealed, expected, tuple(faults), frozenset(heads))


def entries(connection: Connection, most: int = 5000) -> Iterator[Mapping[str, Any]]:
    """Every entry of every zone as plain JSON values, oldest first."""
    after = 0
    while rows := connection.execute(_ALL, {"after": after, "most": most}).all():
        yield from (plain(row) for row in rows)
        after = rows[-1].id


def plain(row: Row[Any]) -> Mapping[str, Any]:
    """One entry as plain JSON values; `seal` is None where it is not sealed yet."""
    return {
        "id": row.id,
        "zone": row.zone_id,
        "context": row.context_id,
        "at": row.at.astimezone(UTC).isoformat(),
        "actor": row.actor,
        "action": row.action,
        "object": row.object_type,
        "count": row.count,
        "detail": row.detail,
        "seal": row.seal_id,
    }


def _digest(previous: str, at: datetime, rows: Iterable[Row[Any]]) -> str:
    total = hashlib.sha256(f"{previous}\n{at.astimezone(UTC).isoformat()}".encode())
    for row in rows:
        told = {name: value for name, value in plain(row).items() if name != "seal"}
        line = json.dumps(told, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        total.update(f"\n{line}".encode())
    return total.hexdigest()
