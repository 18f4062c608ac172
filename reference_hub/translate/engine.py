"""Interprets a mapping table for one object: rows of the target, and the exact list of losses.

Every leaf of the source ends in one of two ways: a cell carries it, or the ledger names it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from lxml.etree import _Element

from reference_hub.codec.xml import fold
from reference_hub.translate import student
from reference_hub.translate.columns import REQUIRED
from reference_hub.translate.functions import REGISTRY, Call, Note, Written
from reference_hub.translate.ledger import MULTI_TO_ONE, NARROWED, NO_SLOT, Loss
from reference_hub.translate.mapping import Mapping, MappingError, Row, Source
from reference_hub.translate.record import Leaf, Record, read

UNLISTED = "XW-235"
# One row of these files per container, in this order; all other files get one row per object.
REPEATED = {"roles.csv": (student.MAIN, student.OTHER)}
_KEY_ONLY = frozenset({"demographics.csv"})


@dataclass(frozen=True, slots=True)
class Carried:
    """A leaf that stands in a cell: named as a loss should the whole row be left out later."""

    place: str
    path: str
    crosswalk_id: str
    target: str


@dataclass(frozen=True, slots=True)
class TargetRow:
    """One row of a file, blank cells left out. `refid` is the folded RefId it came from."""

    file: str
    entity: str
    object_type: str
    refid: str
    cells: dict[str, str]
    carried: tuple[Carried, ...]


@dataclass(frozen=True, slots=True)
class Translation:
    """What became of one object. `sources` pairs each written column with the paths it was
    written from, for the check against the grant."""

    rows: tuple[TargetRow, ...]
    losses: tuple[Loss, ...]
    sources: frozenset[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class _Cell:
    row: Row
    written: Written


def translate(element: _Element, mapping: Mapping) -> Translation:
    """Translate one object that is free of comments; an unknown object type gives no rows.

    Raises MappingError when the table names a function that does not exist.
    """
    record = read(element)
    key = record.under(record.object_type, "@refId")
    return _Work(record, mapping, fold(key.value) if key else "").result()


class _Work:
    """The state of one translation."""

    def __init__(self, record: Record, mapping: Mapping, refid: str) -> None:
        self.record, self.mapping, self.refid = record, mapping, refid
        self.targets = mapping.targets.get(record.object_type, {})
        self.written: list[TargetRow] = []
        self.losses: dict[Loss, None] = {}
        self.used: set[str] = set()
        self.lost: dict[str, tuple[Row, Note]] = {}
        self.sources: set[tuple[str, str]] = set()

    def result(self) -> Translation:
        """Evaluate all rows, then account for every leaf."""
        for file, rows in self.targets.items():
            for container in self._containers(file):
                self._file(file, [_Cell(row, self._cell(row, container)) for row in rows])
        for leaf in self.record.leaves:
            if leaf.place not in self.used:
                self._lose(leaf)
        return Translation(tuple(self.written), tuple(self.losses), frozenset(self.sources))

    def _containers(self, file: str) -> Iterable[str]:
        if file not in REPEATED:
            return [""]
        return [p for path in REPEATED[file] for p in self.record.containers.get(path, [])]

    def _cell(self, row: Row, container: str) -> Written:
        function = REGISTRY.get(row.function)
        if function is None:
            raise MappingError(f"{row.target} names the unknown function '{row.function}'.")
        leaves = tuple(leaf for source in row.sources for leaf in self._leaves(source, container))
        call = Call(self.record, leaves, row.argument, row.codes, row.sources[0].path)
        return _without_bare_cr(function(call))

    def _leaves(self, source: Source, container: str) -> Iterator[Leaf]:
        repeated = container and source.path.startswith(REPEATED["roles.csv"])
        for leaf in self.record.at(source.path):
            if repeated and leaf.parent != container:
                continue
            beside = self.record.beside(leaf, source.beside) if source.beside else None
            if not source.beside or (beside and beside.value.strip() == source.kind):
                yield leaf

    def _file(self, file: str, cells: list[_Cell]) -> None:
        values = {cell.row.field: cell.written.value for cell in cells if cell.written.value}
        entity = cells[-1].row.entity
        carried = tuple(each for cell in cells for each in self._carried(cell))
        row = TargetRow(file, entity, self.record.object_type, self.refid, values, carried)
        missing = [name for name in REQUIRED[file] if name not in values]
        again = any(
            old.file == file and old.cells["sourcedId"] == values.get("sourcedId")
            for old in self.written
        )
        self._note_lost(cells)
        if not carried or (file in _KEY_ONLY and values.keys() == {"sourcedId"}):
            return
        if missing:
            self._leave_out(row, f"left out: {', '.join(missing)} is required and not known")
        elif again:
            self._leave_out(row, "left out: it has the id of another row", MULTI_TO_ONE)
        else:
            self.written.append(row)
            self.used.update(each.place for each in carried)
            self.sources.update(pair for cell in cells for pair in self._sources_of(cell))
            self._remark(cells)

    def _sources_of(self, cell: _Cell) -> Iterator[tuple[str, str]]:
        if cell.written.value:
            used = [leaf.path for leaf in cell.written.used]
            seen = [source.path for source in cell.row.sources if self.record.at(source.path)]
            yield from ((cell.row.target, path) for path in used or seen)

    def _carried(self, cell: _Cell) -> Iterator[Carried]:
        for leaf in cell.written.used:
            yield Carried(leaf.place, leaf.path, _id(cell.row, leaf), cell.row.target)
        for leaf in self._implied(cell):
            yield Carried(leaf.place, leaf.path, _id(cell.row, leaf), cell.row.target)

    def _implied(self, cell: _Cell) -> Iterator[Leaf]:
        names = {source.beside for source in cell.row.sources if source.beside}
        for leaf in cell.written.used:
            for name in names:
                beside = self.record.beside(leaf, name)
                if beside:
                    yield beside

    def _leave_out(self, row: TargetRow, note: str, kind: str = NARROWED) -> None:
        for each in row.carried:
            cell = next(r for r in self.targets[row.file] if r.target == each.target)
            leaf = self.record.by_place[each.place]
            self.lost.setdefault(leaf.place, (cell, Note(leaf, kind, note)))

    def _note_lost(self, cells: list[_Cell]) -> None:
        for cell in cells:
            for note in cell.written.lost:
                self.lost.setdefault(note.leaf.place, (cell.row, note))

    def _remark(self, cells: list[_Cell]) -> None:
        for cell in cells:
            for note in cell.written.remarks:
                self._enter(cell.row, note)

    def _lose(self, leaf: Leaf) -> None:
        told = self.lost.get(leaf.place)
        if told:
            self._enter(*told)
            return
        found = self.mapping.reason(leaf.path)
        if found is None:
            self._enter_plain(leaf, UNLISTED, self._entity(), NO_SLOT, "not in the mapping table")
            return
        row, source = found
        self._enter_plain(leaf, source.crosswalk_id, row.entity, row.loss, row.note)

    def _entity(self) -> str:
        return next((rows[0].entity for rows in self.targets.values()), self.record.object_type)

    def _enter(self, row: Row, note: Note) -> None:
        place, target = note.leaf.place, row.target
        at = _id(row, note.leaf)
        self.losses[Loss(row.entity, self.refid, at, place, target, note.kind, note.text)] = None

    def _enter_plain(
        self, leaf: Leaf, crosswalk_id: str, entity: str, kind: str, note: str
    ) -> None:
        static = kind == NO_SLOT
        refid, at = ("", leaf.path) if static else (self.refid, leaf.place)
        self.losses[Loss(entity, refid, crosswalk_id, at, "", kind, note)] = None


def _id(row: Row, leaf: Leaf) -> str:
    exact = [source.crosswalk_id for source in row.sources if source.path == leaf.path]
    return exact[0] if exact else row.sources[0].crosswalk_id


def _without_bare_cr(written: Written) -> Written:
    if "\r" not in written.value:
        return written
    value = written.value.replace("\r\n", "\n").replace("\r", "\n")
    notes = tuple(Note(leaf, NARROWED, "line breaks became line feeds") for leaf in written.used)
    return Written(value, written.used, written.lost, (*written.remarks, *notes))
