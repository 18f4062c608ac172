"""Read a node of a format into canonical records, by its mapping table.

Every leaf ends in a field or in the ledger: a path the table does not name is a static loss.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from reference_hub.translate.calls import Call, Graph, Note
from reference_hub.translate.canonical import KEY, Record, key
from reference_hub.translate.ledger import MULTI_TO_ONE, NO_SLOT, Loss
from reference_hub.translate.lines import Line, Section, Table
from reference_hub.translate.places import TEXT, Node, nodes_at, text_of, texts_at
from reference_hub.translate.reading_order import ANYTHING, Order, Way, known, order

UNLISTED = "XW-235"
_NOT_READ = "not in the mapping table"
_NO_TYPE = "objects of this type are not translated"


@dataclass(frozen=True, slots=True)
class Reading:
    """The records of one node, each with its entity, and what was lost on the way."""

    records: tuple[tuple[str, Record], ...]
    losses: tuple[Loss, ...]


class TableReader:
    """Reads by one table; made once, safe to share between threads."""

    def __init__(self, table: Table) -> None:
        self.table = table
        sections = {name: table.of_collection(name) for name in table.collections}
        self._orders = {name: tuple(map(order, each)) for name, each in sections.items()}
        self._known = {name: known(each) for name, each in sections.items()}
        self.paths = _paths(table)

    def read(
        self,
        node: Node,
        collection: str,
        *,
        only: str = "",
        graph: Graph | None = None,
        settings: Mapping[str, Any] | None = None,
    ) -> Reading:
        """The records of a node; a collection the table does not have gives none and says so.

        `only` names the entity where a collection serves several and the caller knows which it is.
        """
        if collection not in self._orders:
            words = (UNLISTED, collection, "", NO_SLOT, _NO_TYPE)
            return Reading((), (Loss(collection, "", *words),))
        work = _Work(collection, node, graph, settings or {})
        for each in self._orders[collection]:
            if each.of:
                work.nested(each)
            elif _applies(each.section, node, only):
                work.own(each)
        work.unlisted(node, self._known[collection], collection)
        return Reading(tuple(work.records), tuple(work.losses))


def _applies(section: Section, node: Node, only: str) -> bool:
    """Whether a row is of this section: the caller's word, else its constants must agree."""
    if only:
        return section.entity == only
    for line in section.lines:
        if line.function.name == "constant":
            found = texts_at(node, line.places[0].segments)
            if found and found[0] != line.argument:
                return False
    return True


class _Work:
    """The work on one document. One call serves all lines, one after the other."""

    def __init__(
        self, collection: str, root: Node, graph: Graph | None, settings: Mapping[str, Any]
    ) -> None:
        self.collection, self.root, self.graph = collection, root, graph
        self.call = Call((), graph=graph, settings=settings)
        self.records: list[tuple[str, Record]] = []
        self.roots: dict[str, Record] = {}
        self.losses: dict[Loss, None] = {}

    def own(self, order: Order) -> None:
        """Read the record that the document is about."""
        record = self._record(order, self.root, {})
        if record:
            entity = order.section.entity
            self.roots.setdefault(entity, record)
            self.records.append((entity, record))

    def nested(self, order: Order) -> None:
        """Read the records inside the document."""
        if order.of not in self.roots:
            return
        section, owner = order.section, key(self.roots[order.of])
        for number, place in enumerate(section.containers):
            for each in nodes_at(self.root, place.segments):
                record: Record = {order.refers: owner}
                if order.chosen:
                    record[order.chosen] = "true" if number == 0 else "false"
                said = {KEY, *record}
                self._record(order, each if isinstance(each, dict) else {TEXT: each}, record)
                # An element that only wraps members says nothing itself (otherStaffs of Unity 4.0).
                if record.keys() - said:
                    self.records.append((section.entity, record))

    def _record(self, order: Order, node: Node, record: Record) -> Record:
        record.update(order.given)
        self._short(order, node, record, None, -1)
        graph = self.graph
        for way in order.ways:
            for name in way.begins:
                if name in node:
                    break
            else:
                if way.begins:
                    continue
            if way.items is not None:
                self._items(order, way, node, record)
            elif graph is not None or not way.plain or not _text_at(way.plain, node):
                self._line(order.section, way.line, node, record)
        for way in order.late:
            self._line(order.section, way.line, node, record)
        return record

    def _short(
        self, order: Order, node: Node, record: Record, owner: Record | None, number: int
    ) -> None:
        """Read the plain texts; where one is not plain, its function looks. With an owner the
        record is an item of a list of it."""
        for group in order.short:
            inner: Any = node
            for name in group.above:
                inner = inner.get(name)
                if inner.__class__ is not dict:
                    break
            if inner is None:
                continue
            plain = inner.__class__ is dict
            for column, field, turn, line in group.lines:
                if plain:
                    text = inner.get(column)
                    if text is None:
                        continue
                    if text.__class__ is str:
                        found = turn(text)
                        if found is not None:
                            record[field] = found
                            continue
                if owner is None:
                    self._line(order.section, line, node, record)
                else:
                    self._item_line(order.section, line, node, record, owner, number)

    def _line(self, section: Section, line: Line, node: Node, record: Record) -> None:
        function = line.function
        if function.read is None:
            return
        values, spare = self._values(line, node)
        if not function.late and not any(values):
            return
        found = function.read(self._called(section, line, values, record, node))
        if spare:
            self._note(section, line, Note(MULTI_TO_ONE, "another place was read"), record)
        for note in found.notes:
            self._note(section, line, note, record)
        if found.value is not None:
            self._store(line, found.value, record)

    def _values(self, line: Line, node: Node) -> tuple[Sequence[Any], bool]:
        function, root = line.function, self.root
        if function.raw or function.all_places:
            look = nodes_at if function.raw else texts_at
            each = [look(root if x.absolute else node, x.segments) for x in line.places]
            return each if function.all_places else next(filter(None, each), []), False
        values: list[str] = []
        spare = False
        for place in line.places:
            found = texts_at(root if place.absolute else node, place.segments)
            if not values:
                values = found
            elif found and set(found) - set(values):
                spare = True
        return values, spare

    def _called(
        self,
        section: Section,
        line: Line,
        values: Sequence[Any],
        record: Record,
        node: Node,
        it: Record | None = None,
    ) -> Call:
        call = self.call
        call.values, call.argument, call.fields = values, line.argument, line.names
        call.codes, call.meanings = line.codes, line.meanings
        call.record, call.node, call.it, call.entity = record, node, it, section.entity
        return call

    def _store(self, line: Line, value: Any, record: Record) -> None:
        path = line.fields[0]
        if isinstance(value, tuple):
            value = {x.name: y for x, y in zip(line.fields, value, strict=True) if x.own}
        if isinstance(value, dict):
            for name, each in value.items():
                held = record.get(name)
                if isinstance(held, list) and isinstance(each, list):
                    # Several places fill one list, each with what it adds.
                    held.extend(x for x in each if x not in held)
                elif each is not None:
                    record.setdefault(name, each)
        elif path.own:
            record.setdefault(path.field, value)
        elif not path.start and len(path.steps) == 1 and not path.steps[0].back and self.graph:
            step = path.steps[0]
            found = self.graph.find(step.entity, path.name, str(value))
            if found:
                record.setdefault(step.field, found)

    def _items(self, order: Order, way: Way, node: Node, record: Record) -> None:
        items: list[dict[str, str]] = []
        line, inner = way.line, way.items
        if inner is None:
            return
        for place in line.places:
            for each in nodes_at(self.root if place.absolute else node, place.segments):
                within = each if isinstance(each, dict) else {TEXT: each}
                item: Record = {}
                self._short(inner, within, item, record, len(items))
                for below in inner.ways:
                    self._item_line(order.section, below.line, within, item, record, len(items))
                if item:
                    items.append(item)  # type: ignore[arg-type]  # texts only
        held = record.get(line.field)
        if items:
            record[line.field] = [*held, *items] if isinstance(held, list) else items

    def _item_line(
        self,
        section: Section,
        line: Line,
        node: Node,
        item: Record,
        record: Record,
        number: int,
    ) -> None:
        if line.function.read is None:
            return
        values, spare = self._values(line, node)
        if not values:
            return
        found = line.function.read(self._called(section, line, values, record, node, item))
        notes = (*found.notes, *((Note(MULTI_TO_ONE, "another place was read"),) if spare else ()))
        for note in notes:
            self._note(section, line, Note(note.kind, note.text, item=number), record)
        if isinstance(found.value, dict):
            item.update({name: each for name, each in found.value.items() if each is not None})
        elif found.value is not None:
            item[line.fields[0].item] = found.value

    def _note(self, section: Section, line: Line, note: Note, record: Record) -> None:
        refid = key(record) or next((key(each) for each in self.roots.values()), "")
        place = f"{self.collection}/{_at(section, line)}"
        target = f"{section.entity}.{line.field}"
        loss = Loss(section.entity, refid, line.crosswalk_id, place, target, note.kind, note.text)
        self.losses[loss] = None

    def unlisted(self, node: Node, known: Mapping[str, Any], path: str) -> None:
        """Note the paths that the table does not name; each once."""
        for name, value in node.items():
            below = known.get(name)
            if below is None:
                for each in value if isinstance(value, list) else [value]:
                    self._unlisted_leaves(each, f"{path}/{name}" if name else path)
            elif value.__class__ is str or below is ANYTHING:
                continue
            elif isinstance(value, dict):
                self.unlisted(value, below, f"{path}/{name}")
            elif isinstance(value, list):
                for each in value:
                    if isinstance(each, dict):
                        self.unlisted(each, below, f"{path}/{name}")

    def _unlisted_leaves(self, value: Any, path: str) -> None:
        if isinstance(value, dict):
            for name, below in value.items():
                for each in below if isinstance(below, list) else [below]:
                    self._unlisted_leaves(each, f"{path}/{name}" if name else path)
        elif text_of(value).strip():
            entity = next(iter(self.roots), self.collection)
            self.losses[Loss(entity, "", UNLISTED, path, "", NO_SLOT, _NOT_READ)] = None


def _text_at(names: tuple[str, ...], node: Any) -> bool:
    """Whether there is one text, or nothing."""
    for name in names:
        if node.__class__ is not dict:
            return False
        node = node.get(name)
        if node is None:
            return True
    return node.__class__ is str


def _at(section: Section, line: Line) -> str:
    before = f"{section.containers[-1].path}/" if section.containers else ""
    return before + line.places[0].path


def _paths(table: Table) -> dict[str, str]:
    """Where each canonical field stands in the format: `Student.givenName` to a path."""
    found: dict[str, str] = {}
    for section in table.sections:
        for line in section.lines:
            base = f"{section.collection}/{_at(section, line)}"
            for path in line.fields:
                if path.own:
                    found.setdefault(f"{section.entity}.{path.name}", base)
            for below in line.items:
                name = f"{section.entity}.{below.field}"
                found.setdefault(name, f"{base}/{below.places[0].path}")
    return found
