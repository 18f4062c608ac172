"""Records whose natural key changed: an old row that goes and a new one that comes, by RefId."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from reference_hub.vendors.edfi_parents import key_parts
from reference_hub.vendors.edfi_rows import GONE, Row


@dataclass(frozen=True, slots=True)
class Move:
    """One record: what the host has of it, under the old key, and what it should have."""

    old: Row
    new: Row


def moves(rows: Iterable[Row], keys: Mapping[str, tuple[str, ...]]) -> list[Move]:
    """Pair old and new rows of a record.

    A record may have several rows in a resource (a section of two terms): those that differ in the
    fewest parts of the key belong together, and only while there is one nearest.
    """
    groups: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        if (row.state == GONE) == bool(row.remote_id):
            groups.setdefault((row.collection, row.refid), []).append(row)
    found: list[Move] = []
    for group in groups.values():
        old = [row for row in group if row.state == GONE]
        new = [row for row in group if row.state != GONE]
        found += _pairs(old, new, keys)
    return found


def _pairs(old: list[Row], new: list[Row], keys: Mapping[str, tuple[str, ...]]) -> list[Move]:
    if not old or not new:
        return []
    found: list[Move] = []
    taken: set[str] = set()
    for row in old:
        distances = sorted((_distance(row, one, keys), one.key) for one in new)
        is_clear = len(distances) == 1 or distances[0][0] < distances[1][0]
        nearest = distances[0][1]
        if is_clear and nearest not in taken:
            taken.add(nearest)
            found.append(Move(row, next(one for one in new if one.key == nearest)))
    return found


def _distance(one: Row, other: Row, keys: Mapping[str, tuple[str, ...]]) -> int:
    ours, theirs = dict(key_parts(one, keys)), dict(key_parts(other, keys))
    return sum(ours.get(name) != theirs.get(name) for name in {*ours, *theirs})
