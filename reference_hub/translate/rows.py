"""Evaluate the sections of a mapping table for one record: rows, and what they could not carry."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from reference_hub.translate import paths
from reference_hub.translate.calls import Call, Function, Graph, Note
from reference_hub.translate.canonical import Record, entities, key
from reference_hub.translate.graph import Near
from reference_hub.translate.ledger import INFERRED, MULTI_TO_ONE, NARROWED, Loss
from reference_hub.translate.paths import Path, aligned, collected, records_at, value_at
from reference_hub.translate.places import TEXT, Node, add, put, texts_at
from reference_hub.translate.simple import Simple
from reference_hub.translate.tables import Line, Section

READY, HELD = "ready", "held"
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
    """What the rows of a table need to know: sections inside a collection, functions by name, what
    a row points to, the settings of the connection."""

    nested: Callable[[str], tuple[Section, ...]]
    function: Callable[[str], Function]
    links: Callable[[Section, Node], tuple[tuple[str, ...], tuple[str, ...]]]
    settings: Mapping[str, Any]


@dataclass(slots=True)
class RowMaker:
    """The work on one record."""

    rules: Rules
    entity: str
    record: Record
    graph: Graph
    rows: list[TargetRow] = field(default_factory=list)
    losses: dict[Loss, None] = field(default_factory=dict)
    near: Near = field(init=False)
    reached: dict[tuple[int, int], list[Record]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.near = Near(self.graph)

    def items(self, section: Section) -> Iterator[Record | None]:
        """What a section makes a row for: the record, or each item; nothing where not meant."""
        if section.function == "when":
            if self._meets(section):
                yield None
        elif section.function == "each":
            yield from _each(section.sources[0], self.record, self.near)
        else:
            yield None

    def _meets(self, section: Section) -> bool:
        for condition in section.arguments:
            if condition.startswith("@"):
                sources = section.sources
                values = [self._value(x, self.record, None, aligned) for x in sources]
                decide = self.rules.function(condition.removeprefix("@"))
                call = Call(values, record=self.record, graph=self.near, entity=section.entity)
                decided = decide.write(replace(call, settings=self.rules.settings))
                for note in decided.notes:
                    self._decided(section, note)
                if decided.value is None:
                    return False
            elif not _holds(condition, section, self.record, self.near):
                return False
        return True

    def _decided(self, section: Section, note: Note) -> None:
        source, crosswalk_id = section.entity, ""
        if 0 <= note.field < len(section.sources):
            path = section.sources[note.field]
            source = f"{path.entity}.{path.name}"
            found = entities()[path.entity].fields.get(path.name)
            crosswalk_id = found.crosswalk_id if found else ""
        at = (crosswalk_id, source, section.collection, note.kind, note.text)
        self.losses[Loss(section.entity, key(self.record), *at)] = None

    def row(self, section: Section, it: Record | None) -> None:
        """Evaluate a section for one item."""
        body: Node = {}
        missing = self._lines(section, section.lines, self.record, it, body, body)
        for nested in self.rules.nested(section.collection):
            self._inside(nested, body)
        identity = [t for x in section.lines if x.need == "key" for t in _key_text(body, x)]
        if section.function == "each" and not all(identity):
            return
        name = "|".join(identity) if all(identity) else key(self.record)
        if any((x.collection, x.key) == (section.collection, name) for x in self.rows):
            return
        reason = f"{', '.join(missing)} is required and not known" if missing else ""
        row = TargetRow(
            section.collection,
            name,
            section.entity,
            key(self.record),
            body,
            HELD if missing else READY,
            reason,
            *self.rules.links(section, body),
        )
        self.rows.append(row)

    def _inside(self, section: Section, body: Node) -> None:
        refers, *choices = section.arguments
        found = list(self.near.referring(section.entity, refers, key(self.record)))
        found += self._alike(section, refers)
        found.sort(key=lambda each: _rank(each, choices))
        if found and choices and any(_rank(found[0], choices[:1])):
            self._lose(section, section.lines[0], Note(INFERRED, _CHOSEN), found[0])
        for number, record in enumerate(found):
            inner: Node = {}
            missing = self._lines(section, section.lines, record, None, inner, body)
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
        self,
        section: Section,
        lines: Sequence[Line],
        record: Record,
        it: Record | None,
        body: Node,
        root: Node,
    ) -> list[str]:
        missing: list[str] = []
        for line in lines:
            if line.function.name == "items":
                written = self._list(section, line, record, body)
            else:
                written = self._line(section, line, record, it, body, root)
            if not written and line.need:
                missing.append(line.places[0].column)
        return missing

    def _line(
        self,
        section: Section,
        line: Line,
        record: Record,
        it: Record | None,
        body: Node,
        root: Node,
    ) -> bool:
        simple = line.simple
        if simple is not None and simple.write is not None:
            value = record.get(simple.field)
            made = simple.write(value) if isinstance(value, str) else None
            if value is None or made is not None:
                return _put_simply(simple, line, body, made)
        own = line.own
        values = [record.get(x) for x in own] if own else self._values(line, record, it)
        if values and values.count(None) == len(values):
            return False
        written = line.function.write(self._call(section, line, values, record, it))
        for note in written.notes:
            self._lose(section, line, note, record)
        if written.value is None:
            return False
        place = line.places[0]
        put(root if place.absolute else body, place.segments, written.value)
        return True

    def _values(self, line: Line, record: Record, it: Record | None) -> list[Any]:
        """One value for each path; several paths through the same records stay aligned."""
        gather = aligned if len(line.fields) > 1 else collected
        return [self._value(path, record, it, gather) for path in line.fields]

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
        if not path.steps:
            return gather(path, [start]) if path.item else start.get(path.field)
        # The steps of equal paths are one object: many lines go the same way.
        at = (id(start), id(path.steps))
        found = self.reached.get(at)
        if found is None:
            found = self.reached[at] = records_at(path.steps, start, self.near)
        return gather(path, found)

    def _call(
        self,
        section: Section,
        line: Line,
        values: Sequence[Any],
        record: Record,
        it: Record | None,
    ) -> Call:
        return Call(
            values,
            line.argument,
            line.codes,
            line.meanings,
            record,
            self.near,
            it,
            {},
            section.entity,
            line.names,
            self.rules.settings,
        )

    def _list(self, section: Section, line: Line, record: Record, body: Node) -> bool:
        found = value_at(line.fields[0], record, None, self.near)
        items = found if isinstance(found, list) else []
        room = int(line.argument or len(items))
        written = False
        for number, item in enumerate(items):
            if number >= room:
                self._lose(section, line, Note(MULTI_TO_ONE, _NO_ROOM, item=number), record)
                continue
            node = self._item(section, line, item, number, record)
            if node:
                add(body, line.places[0 if number == 0 else -1].segments, _plain(node))
                written = True
        return written

    def _item(
        self, section: Section, line: Line, item: Record, number: int, record: Record
    ) -> Node:
        node: Node = {}
        for below in line.items:
            values = [item.get(path.item) for path in below.fields]
            if any(each is not None for each in values):
                written = below.function.write(self._call(section, below, values, record, item))
                for note in written.notes:
                    self._lose(section, below, replace(note, item=number), record)
                if written.value is not None:
                    put(node, below.places[0].segments, written.value)
                    continue
            if below.need:
                self._lose(section, line, Note(NARROWED, _INCOMPLETE, item=number), record)
                return {}
        return node

    def _lose(self, section: Section, line: Line, note: Note, record: Record) -> None:
        path = line.fields[note.field] if note.field < len(line.fields) else None
        name = path.name if path else ""
        position = f"[{note.item + 1}]" if note.item > 0 else ""
        source = f"{path.entity if path else section.entity}.{name}{position}"
        target = f"{section.collection}.{line.places[0].path}"
        at = (line.crosswalk_id, source, target, note.kind, note.text)
        self.losses[Loss(section.entity, key(record), *at)] = None


def _put_simply(simple: Simple, line: Line, body: Node, made: str | None) -> bool:
    if made is None:
        return False
    if simple.above or body.get(simple.column).__class__ is dict:
        put(body, line.places[0].segments, made)
    else:
        body[simple.column] = made
    return True


def _plain(node: Node) -> Any:
    return node[TEXT] if node.keys() == {TEXT} else node


def _rank(record: Record, choices: Sequence[str]) -> tuple[bool, ...]:
    """Sorts the record that belongs in the first place before the others."""
    found = []
    for choice in choices:
        name, sign, wanted = choice.partition("=")
        found.append(record.get(name) != (wanted if sign else "true"))
    return tuple(found)


def _key_text(body: Node, line: Line) -> list[str]:
    found = texts_at(body, line.places[0].segments)
    return found[:1] or [""]


def _holds(condition: str, section: Section, record: Record, graph: Graph) -> bool:
    name, sign, wanted = condition.partition("=")
    absent = name.startswith("!")
    path = paths.parse(name.removeprefix("!").strip(), section.entity)
    value = value_at(path, record, None, graph)
    if sign:
        return bool(value == wanted)
    return bool((value in (None, [], "", "false")) == absent)


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
