"""The ids that a vendor chose for what it wrote itself, in place of the RefIds made from them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from reference_hub.codec.xml import fold
from reference_hub.model import roster_query as kinds
from reference_hub.model.party import Subscriber
from reference_hub.model.roster_query import Kept, Test, Wanted, Within
from reference_hub.store import target_reading
from reference_hub.translate.identity import as_uuid

if TYPE_CHECKING:
    from sqlalchemy import Connection

_COLLECTIONS = ("categories", "lineItems", "results")
_COLUMNS = ("lineItemSourcedId", "categorySourcedId")


@dataclass(frozen=True, slots=True)
class Ancestor:
    """An object that must be there for what is below it; `name` is told where it is not."""

    name: str
    collection: str
    key: str
    within: tuple[Within, ...] = ()


@dataclass(frozen=True, slots=True)
class OwnIds:
    """The ids of one connection."""

    connection: Connection
    to: Subscriber

    def key(self, id_: str) -> str:
        """The key of the row that the vendor means by this id of a gradebook object."""
        if as_uuid(id_):
            return id_
        known = target_reading.chosen(self.connection, self.to.id, ids=[id_])
        return next((as_uuid(refid) for refid, chosen in known.items() if chosen == id_), id_)

    def parent(self, wanted: Ancestor) -> Ancestor:
        """The same object by its key."""
        if wanted.collection not in _COLLECTIONS:
            return wanted
        return replace(wanted, key=self.key(wanted.key))

    def meant(self, wanted: Wanted) -> Wanted:
        """The same query by keys."""
        if wanted.collection not in _COLLECTIONS:
            return wanted
        within = tuple(
            replace(each, value=self.key(each.value)) if each.column in _COLUMNS else each
            for each in wanted.within
        )
        return replace(wanted, within=within, tests=tuple(map(self._test, wanted.tests)))

    def shown(self, collection: str, rows: Sequence[Kept]) -> tuple[Kept, ...]:
        """The rows with the vendor's ids."""
        if collection not in _COLLECTIONS:
            return tuple(rows)
        keys = {fold(name) for row in rows for name in _names(row)}
        known = target_reading.chosen(self.connection, self.to.id, refids=keys)
        return tuple(_renamed(row, known) for row in rows) if known else tuple(rows)

    def _test(self, test: Test) -> Test:
        is_id = test.field.kind == kinds.KEY or test.field.column in _COLUMNS
        if not is_id or test.operator not in (kinds.EQUAL, kinds.OTHER):
            return test
        return replace(test, value=self.key(str(test.value)))


def _names(row: Kept) -> Iterable[str]:
    cells = (row.body.get(column) for column in _COLUMNS)
    return (row.key, *(cell for cell in cells if isinstance(cell, str)))


def _renamed(row: Kept, known: dict[str, str]) -> Kept:
    body = dict(row.body)
    for column in _COLUMNS:
        cell = body.get(column)
        if isinstance(cell, str):
            body[column] = known.get(fold(cell), cell)
    return replace(row, key=known.get(fold(row.key), row.key), body=body)
