"""One way to page through a list: by the keys of the row where the last page ended, never by a
number of rows to skip. A page costs the same at the end of a list as at its beginning."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, text

SIZE = 50


@dataclass(frozen=True, slots=True)
class Order:
    """`keys`: SQL expressions that order the rows, the last one unique; `types`: their SQL types,
    each text, bigint or timestamptz. All ascend, or all descend."""

    keys: tuple[str, ...]
    types: tuple[str, ...]
    descending: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """The page after these keys, or the one before; the first one where both are empty."""

    after: tuple[str, ...] = ()
    before: tuple[str, ...] = ()
    size: int = SIZE


@dataclass(frozen=True, slots=True)
class Slice:
    """The rows of a page; the keys to ask for the one before and the one behind, () for none."""

    rows: tuple[Row[Any], ...]
    previous: tuple[str, ...] = ()
    following: tuple[str, ...] = ()


def page(
    connection: Connection,
    columns: str,
    source: str,
    order: Order,
    asked: Asked,
    parameters: Mapping[str, Any],
    where: Sequence[str] = (),
) -> Slice:
    """Run SELECT columns FROM source WHERE all of `where`, one page of it.

    Everything but `parameters` is SQL of ours. A page whose keys do not fit the order is the first.
    """
    marks = asked.before or asked.after
    if not _fit(marks, order):
        marks = ()
    backwards = bool(marks and asked.before)
    conditions, values = list(where), dict(parameters) | {"page_size": asked.size + 1}
    descending = order.descending != backwards
    if marks:
        conditions.append(_beyond(order, "<" if descending else ">"))
        values |= {f"mark_{at}": mark for at, mark in enumerate(marks)}
    keys = ", ".join(f"CAST({key} AS text) AS key_{at}" for at, key in enumerate(order.keys))
    direction = " DESC" if descending else ""
    ordered = ", ".join(f"{key}{direction}" for key in order.keys)
    statement = (
        f"SELECT {columns}, {keys} FROM {source} "  # noqa: S608 SQL of ours only
        f"WHERE {' AND '.join(conditions) or 'true'} ORDER BY {ordered} LIMIT :page_size"
    )
    found = list(connection.execute(text(statement), values))
    return _slice(found, len(order.keys), asked.size, bool(marks), backwards)


def _fit(marks: tuple[str, ...], order: Order) -> bool:
    if len(marks) != len(order.types):
        return False
    try:
        for mark, kind in zip(marks, order.types, strict=True):
            _READ.get(kind, str)(mark)
    except ValueError:
        return False
    return True


def _integer(mark: str) -> int:
    number = int(mark)
    if abs(number) >= 2**63:
        raise ValueError(mark)
    return number


# How a mark of a type is known to be one.
_READ: Mapping[str, Callable[[str], object]] = {
    "bigint": _integer,
    "timestamptz": datetime.fromisoformat,
}


def _beyond(order: Order, sign: str) -> str:
    marks = ", ".join(f"CAST(:mark_{at} AS {kind})" for at, kind in enumerate(order.types))
    return f"({', '.join(order.keys)}) {sign} ({marks})"


def _slice(found: list[Row[Any]], keys: int, size: int, is_marked: bool, backwards: bool) -> Slice:
    goes_on = len(found) > size
    rows = found[:size]
    if backwards:
        rows.reverse()
    if not rows:
        return Slice(())
    first, last = (tuple(row)[-keys:] for row in (rows[0], rows[-1]))
    has_previous = goes_on if backwards else is_marked
    has_following = backwards or goes_on
    return Slice(tuple(rows), first if has_previous else (), last if has_following else ())
