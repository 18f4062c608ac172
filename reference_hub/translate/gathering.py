"""How the values of a line are found, as closures: decided once for a line, not for each record.

A nightly load follows the same few hundred paths for every record. So what a path needs, one look
into the record or the way through others, is worked out when its table is loaded.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from reference_hub.translate.canonical import Record
from reference_hub.translate.graph import Near
from reference_hub.translate.paths import Path, aligned, collected

Get = Callable[[Near, Record], Any]
# One value for each path, None where unknown; from a record, and an item for paths of its own.
Gather = Callable[[Near, Record, Record | None], list[Any]]


def gatherer(paths: Sequence[Path], *, together: bool) -> Gather:
    """The values of several paths; `together` with gaps, so that paths through the same records
    give lists of equal length."""
    if all(path.own and not path.item for path in paths):
        return _own([path.field for path in paths])
    gets = [(bool(path.start), getter(path, together=together)) for path in paths]

    def gather(near: Near, record: Record, it: Record | None) -> list[Any]:
        values: list[Any] = []
        for of_item, get in gets:
            start = it if of_item else record
            values.append(None if start is None else get(near, start))
        return values

    return gather


def getter(path: Path, *, together: bool) -> Get:
    """The value that a path leads to from the record or item it starts at; None where unknown."""
    steps, field = path.steps, path.field
    gather = aligned if together else collected
    if steps and together and path.many and not path.item:
        return _of_each(path)
    if steps:
        return lambda near, start: gather(path, near.along(steps, start))
    if path.item:
        return lambda _near, start: gather(path, [start])
    return lambda _near, start: start.get(field)


def _of_each(path: Path) -> Get:
    """The field of each record that the path leads to."""
    steps, field = path.steps, path.field

    def get(near: Near, start: Record) -> Any:
        values = [each.get(field) for each in near.along(steps, start)]
        return values if values.count(None) < len(values) else None

    return get


def _own(names: Sequence[str]) -> Gather:
    """The values of fields that stand in the record itself."""
    if len(names) == 1:
        name = names[0]
        return lambda _near, record, _it: [record.get(name)]
    return lambda _near, record, _it: [record.get(name) for name in names]
