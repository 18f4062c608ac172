"""Write canonical records as rows of a format, by its mapping table, with the exact losses.

A row that lacks what the format requires is held with the reason; a value without a place is named
in the ledger; nothing is written that no field, constant or mark of inference stands behind.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from reference_hub.translate.calls import Function, Graph, named
from reference_hub.translate.canonical import Record, entities
from reference_hub.translate.ledger import NO_SLOT, Loss
from reference_hub.translate.links import Links
from reference_hub.translate.paths import Path
from reference_hub.translate.rows import Rules, make_rows
from reference_hub.translate.tables import Section, Slotless, Table
from reference_hub.translate.work import HELD, READY, TargetRow, Work
from reference_hub.translate.writing_order import order

__all__ = ["HELD", "READY", "TableWriter", "TargetRow", "Writing"]
_NO_PLACE = "the format has no place for it"
# What a section is marked with whose rows others write.
READING_ONLY = "@reading_only"


# Not frozen: made by the million (translate/ledger.py).
@dataclass(slots=True)
class Writing:
    """What became of one record: its rows, what was lost of this record, and what the format has no
    place for at all: `static` is the same tuple for all records that say the same fields. `looks`
    are the other records it depends on, as translate/graph.py names them."""

    rows: tuple[TargetRow, ...]
    of_record: tuple[Loss, ...]
    static: tuple[Loss, ...] = ()
    looks: tuple[tuple[str, str, str], ...] = ()

    @property
    def losses(self) -> tuple[Loss, ...]:
        """The whole ledger."""
        return (*self.of_record, *self.static)


class TableWriter:
    """Writes by one table; made once, safe to share between threads."""

    def __init__(self, table: Table, settings: Mapping[str, Any] | None = None) -> None:
        self.table, self.settings = table, settings or {}
        self._own = {
            name: tuple(order(x, self._function) for x in table.of_entity(name))
            for name in entities()
        }
        nested = {
            name: tuple(order(x, self._function) for x in table.of_collection(name) if x.containers)
            for name in table.collections
        }
        self._used = _used(table)
        self._lists = {x: tuple(_lists(x, used).items()) for x, used in self._used.items()}
        self._without_place: dict[tuple[str, tuple[str, ...]], tuple[Loss, ...]] = {}
        self._rules = Rules(nested, Links(table).of)

    def write(self, entity: str, record: Record, graph: Graph) -> Writing:
        """The rows made from a record, and the ledger of what they could not carry."""
        work = Work(entity, record, graph, self.settings)
        for each in self._own.get(entity, ()):
            make_rows(self._rules, each, work)
        static = self._static(entity, tuple(self._unused(entity, record)))
        return Writing(tuple(work.rows), tuple(work.losses), static, work.near.looks)

    def _static(self, entity: str, names: tuple[str, ...]) -> tuple[Loss, ...]:
        found = self._without_place.get((entity, names))
        if found is None:
            found = tuple(self._missing(entity, name) for name in names)
            self._without_place[entity, names] = found
        return found

    def _missing(self, entity: str, name: str) -> Loss:
        reason = self.reason(entity, name)
        at = (reason.crosswalk_id, f"{entity}.{name}", "", reason.loss, reason.note)
        return Loss(entity, "", *at)

    def _function(self, name: str) -> Function:
        found = named(name, self.table.settings.get("dialect", ""))
        if found is None:
            raise KeyError(name)
        return found

    def reason(self, entity: str, name: str) -> Slotless:
        """Why a field has no place; the table's words, or plain ones."""
        known = self.table.slotless
        given = known.get(f"{entity}.{name}") or known.get(f"{entity}.{name.split('.')[0]}")
        given = given or known.get(f"{entity}.*")
        if given and given.crosswalk_id and given.note:
            return given
        found = entities()[entity].fields.get(name)
        crosswalk_id = found.crosswalk_id if found else ""
        plain = given or Slotless(NO_SLOT, "", "")
        return replace(
            plain, crosswalk_id=plain.crosswalk_id or crosswalk_id, note=plain.note or _NO_PLACE
        )

    def _unused(self, entity: str, record: Record) -> list[str]:
        used = self._used.get(entity, frozenset())
        names = [name for name in record if name not in used and record[name]]
        for name, members in self._lists.get(entity, ()):
            items: Any = record.get(name)
            if items and items[0].__class__ is dict:
                inside = [each for item in items for each in item if each not in members]
                if inside:
                    names += sorted({f"{name}.{each}" for each in inside})
        return names


def _lists(entity: str, used: frozenset[str]) -> dict[str, frozenset[str]]:
    """The list fields that some line writes from, each with the members of its items."""
    lists = (name for name, field in entities()[entity].fields.items() if field.kind == "list")
    parts = {tuple(name.split(".", 1)) for name in used if "." in name}
    return {
        name: frozenset(member for of, member in parts if of == name)
        for name in lists
        if name in used
    }


def _used(table: Table) -> dict[str, frozenset[str]]:
    """The fields of each entity that some line writes from, reached directly or by a path."""
    used: dict[str, set[str]] = {}
    for section in table.sections:
        used.setdefault(section.entity, set())
        if READING_ONLY in section.arguments:
            continue
        for path in _all_paths(section):
            here = section.entity
            for step in path.steps:
                used.setdefault(step.entity if step.back else here, set()).add(step.field)
                here = step.entity
            if path.entity:
                used.setdefault(path.entity, set()).update((path.name, path.field))
        if section.containers:
            used[section.entity].update(x.partition("=")[0] for x in section.arguments)
        elif section.function == "when":
            names = (x.partition("=")[0].removeprefix("!") for x in section.arguments)
            used[section.entity].update(names)
    return {entity: frozenset(names) for entity, names in used.items()}


def _all_paths(section: Section) -> Iterator[Path]:
    yield from section.sources
    for line in section.lines:
        yield from line.fields
        for below in line.items:
            yield from below.fields
