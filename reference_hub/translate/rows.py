"""Evaluate the sections of a mapping table for one record: rows, and what they could not carry."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from reference_hub.translate import paths
from reference_hub.translate.calls import Call, Graph, Note
from reference_hub.translate.canonical import Record, entities, key
from reference_hub.translate.graph import Near
from reference_hub.translate.ledger import INFERRED, MULTI_TO_ONE, NARROWED, Loss
from reference_hub.translate.lines import Line, Section
from reference_hub.translate.paths import Path, Step, aligned, collected, records_at, value_at
from reference_hub.translate.places import TEXT, Node, Segment, add, put, texts_at
from reference_hub.translate.writing_order import Condition, Order, Task

READY, HELD = "ready", "held"
_ONCE: tuple[Record | None, ...] = (None,)
_NONE: Mapping[str, str] = {}
_NO_ROOM = "the format has room for fewer"
_INCOMPLETE = "left out: it lacks what the format requires"
_CHOSEN = "none is marked as the main one; the first of a stable order stands there"


@dataclass(frozen=True, slots=True)
class TargetRow:
    """One row, document or resource. `key` joins its key places with |; `refid` is the key of the
    canonical record it is made from. Held rows say in `reason` what they wait for. `needs` are the
    rows it points to and cannot go without, `wants` those of columns that may stay blank, each as
    `collection:key`."""

    collection: str
    key: str
    entity: str
    refid: str
    body: Node
    state: str = READY
    reason: str = ""
    needs: tuple[str, ...] = ()
    wants: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rules:
    """What the rows of a table need to know: sections inside a collection, what a row points to,
    the settings of the connection."""

    nested: Mapping[str, tuple[Order, ...]]
    links: Callable[[Section, Node], tuple[tuple[str, ...], tuple[str, ...]]]
    settings: Mapping[str, Any]


class RowMaker:
    """The work on one record. One call serves all lines, one after the other."""

    def __init__(self, rules: Rules, entity: str, record: Record, graph: Graph) -> None:
        self.rules, self.entity, self.record = rules, entity, record
        self.refid = key(record)
        self.rows: list[TargetRow] = []
        self.losses: dict[Loss, None] = {}
        self.near = Near(graph)
        self._reached: dict[tuple[int, int], list[Record]] = {}
        self._call = Call((), graph=self.near, settings=rules.settings)

    def items(self, order: Order) -> Iterable[Record | None]:
        """What a section makes a row for: the record, or each item; nothing where not meant."""
        section = order.section
        if section.function == "each":
            return _each(section.sources[0], self.record, self.near)
        if all(self._meets(section, each) for each in order.conditions):
            return _ONCE
        return ()

    def _meets(self, section: Section, condition: Condition) -> bool:
        if condition.path is not None:
            value = value_at(condition.path, self.record, None, self.near)
            if condition.wanted is not None:
                return bool(value == condition.wanted)
            return bool((value in (None, [], "", "false")) == condition.absent)
        if condition.decide is None:
            return True
        call = self._call
        call.values = [self._value(x, self.record, None, aligned) for x in section.sources]
        call.argument, call.fields, call.codes, call.meanings = "", (), _NONE, _NONE
        call.record, call.it, call.entity = self.record, None, section.entity
        decided = condition.decide.write(call)
        for note in decided.notes:
            self._decided(section, note)
        return decided.value is not None

    def _decided(self, section: Section, note: Note) -> None:
        source, crosswalk_id = section.entity, ""
        if 0 <= note.field < len(section.sources):
            path = section.sources[note.field]
            source = f"{path.entity}.{path.name}"
            found = entities()[path.entity].fields.get(path.name)
            crosswalk_id = found.crosswalk_id if found else ""
        at = (crosswalk_id, source, section.collection, note.kind, note.text)
        self.losses[Loss(section.entity, self.refid, *at)] = None

    def row(self, order: Order, it: Record | None) -> None:
        """Evaluate a section for one item."""
        section = order.section
        body: Node = dict(order.constants)
        missing = self._lines(order, self.record, it, body, body)
        for nested in self.rules.nested[section.collection]:
            self._inside(nested, body)
        identity = [_first_text(body, each) for each in order.keys]
        known = all(identity)
        if section.function == "each" and not known:
            return
        name = "|".join(identity) if known else self.refid
        for row in self.rows:
            if row.key == name and row.collection == section.collection:
                return
        reason = f"{', '.join(missing)} is required and not known" if missing else ""
        state = HELD if missing else READY
        at = (section.collection, name, section.entity, self.refid, body, state, reason)
        self.rows.append(TargetRow(*at, *self.rules.links(section, body)))

    def _inside(self, order: Order, body: Node) -> None:
        section = order.section
        refers, *choices = order.arguments
        found = list(self.near.referring(section.entity, refers, self.refid))
        found += self._alike(section, refers)
        found.sort(key=lambda each: _rank(each, choices))
        if found and choices and any(_rank(found[0], choices[:1])):
            self._lose(section, section.lines[0], Note(INFERRED, _CHOSEN), found[0])
        for number, record in enumerate(found):
            inner: Node = dict(order.constants)
            missing = self._lines(order, record, None, inner, body)
            if missing:
                text = f"left out: {', '.join(missing)} is required and not known"
                self._lose(section, section.lines[0], Note(NARROWED, text), record)
            elif inner:
                # Without a choice further containers are other spellings, for reading only.
                place = section.containers[-1 if number and choices else 0]
                add(body, place.segments, _plain(inner))

    def _alike(self, section: Section, refers: str) -> Iterator[Record]:
        """Records that lack the reference but agree with this one in the fields of the header."""
        names = [path.field for path in section.sources]
        value = self.record.get(names[0]) if names else None
        if isinstance(value, str):
            for each in self.near.referring(section.entity, names[0], value):
                agree = all(each.get(name) == self.record.get(name) for name in names)
                if refers not in each and agree:
                    yield each

    def _lines(
        self, order: Order, record: Record, it: Record | None, body: Node, root: Node
    ) -> list[str]:
        """Write the lines of a section; the columns that are required and not known."""
        section = order.section
        missing: list[int] = []
        left = self._short(order, record, body, missing)
        for task in (*left, *order.tasks):
            if task.many:
                written = self._list(section, task, record, body)
            else:
                written = self._line(section, task, record, it, body, root)
            if not written and task.need:
                missing.append(task.number)
        return [section.lines[number].places[0].column for number in sorted(missing)]

    def _short(
        self, order: Order, record: Record, body: Node, missing: list[int]
    ) -> Sequence[Task]:
        """Write the plain texts; what is not plain is left to the functions."""
        left: list[Task] = []
        for above, group in order.short:
            inner: Node = {} if above else body
            for field, column, turn, task in group:
                value = record.get(field)
                if value.__class__ is str:
                    made = turn(value)
                    if made is None:
                        left.append(task)
                    else:
                        inner[column] = made
                elif value is not None:
                    left.append(task)
                elif task.need:
                    missing.append(task.number)
            if above and inner:
                at = body
                for name in above:
                    at = at.setdefault(name, {})
                at.update(inner)
        return left

    def _line(
        self,
        section: Section,
        task: Task,
        record: Record,
        it: Record | None,
        body: Node,
        root: Node,
    ) -> bool:
        line = task.line
        values: list[Any]
        if task.field:
            value = record.get(task.field)
            if value is None:
                return False
            values = [value]
        else:
            values = [record.get(x) for x in line.own] or self._values(task, record, it)
            if values and values.count(None) == len(values):
                return False
        written = line.function.write(self._called(section, line, values, record, it))
        for note in written.notes:
            self._lose(section, line, note, record)
        value = written.value
        if value is None:
            return False
        column = task.column
        if column and body.get(column).__class__ is not dict:
            body[column] = value
        else:
            put(root if line.places[0].absolute else body, task.segments, value)
        return True

    def _values(self, task: Task, record: Record, it: Record | None) -> list[Any]:
        """One value for each path; several paths through the same records stay aligned."""
        fields = task.line.fields
        gather = aligned if len(fields) > 1 else collected
        if task.steps:
            found = self._at(task.steps, record)
            return [gather(path, found) for path in fields]
        return [self._value(path, record, it, gather) for path in fields]

    def _at(self, steps: tuple[Step, ...], start: Record) -> list[Record]:
        # The steps of equal paths are one object: many lines go the same way.
        at = (id(start), id(steps))
        found = self._reached.get(at)
        if found is None:
            found = self._reached[at] = records_at(steps, start, self.near)
        return found

    def _value(
        self,
        path: Path,
        record: Record,
        it: Record | None,
        gather: Callable[[Path, list[Record]], Any],
    ) -> Any:
        start = it if path.start else record
        if start is None:
            return None
        if path.steps:
            return gather(path, self._at(path.steps, start))
        return gather(path, [start]) if path.item else start.get(path.field)

    def _called(
        self,
        section: Section,
        line: Line,
        values: Sequence[Any],
        record: Record,
        it: Record | None,
    ) -> Call:
        call = self._call
        call.values, call.argument, call.fields = values, line.argument, line.names
        call.codes, call.meanings = line.codes, line.meanings
        call.record, call.it, call.entity = record, it, section.entity
        return call

    def _list(self, section: Section, task: Task, record: Record, body: Node) -> bool:
        line = task.line
        found = value_at(line.fields[0], record, None, self.near)
        items = found if isinstance(found, list) else []
        room = int(line.argument or len(items))
        written = False
        for number, item in enumerate(items):
            if number >= room:
                self._lose(section, line, Note(MULTI_TO_ONE, _NO_ROOM, item=number), record)
                continue
            node = self._item(section, task, item, number, record)
            if node:
                add(body, line.places[0 if number == 0 else -1].segments, _plain(node))
                written = True
        return written

    def _item(
        self, section: Section, task: Task, item: Record, number: int, record: Record
    ) -> Node:
        node: Node = {}
        for below in task.items:
            if self._item_line(section, below, item, number, record, node):
                continue
            if below.need:
                note = Note(NARROWED, _INCOMPLETE, item=number)
                self._lose(section, task.line, note, record)
                return {}
        return node

    def _item_line(
        self,
        section: Section,
        task: Task,
        item: Record,
        number: int,
        record: Record,
        node: Node,
    ) -> bool:
        line, simple = task.line, task.line.simple
        value: Any = None
        if simple is not None and simple.write is not None:
            held = item.get(simple.field)
            if held is None:
                return False
            value = simple.write(held) if held.__class__ is str else None
        if value is None:
            values = [item.get(path.item) for path in line.fields]
            if values.count(None) == len(values):
                return False
            written = line.function.write(self._called(section, line, values, record, item))
            for note in written.notes:
                self._lose(section, line, replace(note, item=number), record)
            value = written.value
        if value is None:
            return False
        if task.column and task.column not in node:
            node[task.column] = value
        else:
            put(node, task.segments, value)
        return True

    def _lose(self, section: Section, line: Line, note: Note, record: Record) -> None:
        path = line.fields[note.field] if note.field < len(line.fields) else None
        name = path.name if path else ""
        position = f"[{note.item + 1}]" if note.item > 0 else ""
        source = f"{path.entity if path else section.entity}.{name}{position}"
        target = f"{section.collection}.{line.places[0].path}"
        at = (line.crosswalk_id, source, target, note.kind, note.text)
        self.losses[Loss(section.entity, key(record), *at)] = None


def _plain(node: Node) -> Any:
    return node[TEXT] if node.keys() == {TEXT} else node


def _rank(record: Record, choices: Sequence[str]) -> tuple[bool, ...]:
    """Sorts the record that belongs in the first place before the others."""
    found = []
    for choice in choices:
        name, sign, wanted = choice.partition("=")
        found.append(record.get(name) != (wanted if sign else "true"))
    return tuple(found)


def _first_text(body: Node, segments: tuple[Segment, ...]) -> str:
    found = texts_at(body, segments)
    return found[0] if found else ""


def _each(source: Path, record: Record, graph: Graph) -> Iterator[Record]:
    reached = records_at(source.steps, record, graph)
    field_of_entity = entities()[source.entity].fields[source.field]
    for each in reached:
        value = each.get(source.field)
        if field_of_entity.kind in ("ref", "refs"):
            for one in value if isinstance(value, list) else [value]:
                found = graph.get(field_of_entity.of, one) if isinstance(one, str) else None
                if found is not None:
                    yield found
        elif source.field == paths.KEY_FIELD:
            yield each
        elif isinstance(value, list):
            for item in value:
                yield {**item} if isinstance(item, dict) else {"value": item}
