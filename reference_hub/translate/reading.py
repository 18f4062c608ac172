"""Read a node of a format into canonical records, by its mapping table.

Every leaf ends in a field or in the ledger: a path the table does not name is a static loss.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from reference_hub.translate.calls import Call, Graph, Note
from reference_hub.translate.canonical import KEY, Record, entities, key
from reference_hub.translate.ledger import MULTI_TO_ONE, NO_SLOT, Loss
from reference_hub.translate.places import TEXT, Node, Place, nodes_at, text_of, texts_at
from reference_hub.translate.simple import Simple
from reference_hub.translate.tables import Line, Section, Table

UNLISTED = "XW-235"
# Below the place of a function that reads nodes, all is read.
ANYTHING: dict[str, Any] = {"**": {}}
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
        self._sections = {name: table.of_collection(name) for name in table.collections}
        self._known = {name: _known(sections) for name, sections in self._sections.items()}
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
        if collection not in self._sections:
            words = (UNLISTED, collection, "", NO_SLOT, _NO_TYPE)
            return Reading((), (Loss(collection, "", *words),))
        work = _Work(self.table, collection, graph, settings or {})
        for section in self._sections.get(collection, ()):
            if not section.containers and not _applies(section, node, only):
                continue
            work.section(section, node)
        known = self._known.get(collection)
        if known is not None:
            work.unlisted(node, known, collection)
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


@dataclass(slots=True)
class _Work:
    table: Table
    collection: str
    graph: Graph | None
    settings: Mapping[str, Any]
    records: list[tuple[str, Record]] = field(default_factory=list)
    roots: dict[str, Record] = field(default_factory=dict)
    losses: dict[Loss, None] = field(default_factory=dict)

    def section(self, section: Section, root: Node) -> None:
        if not section.containers:
            record = self._record(section, root, root, {})
            if _says_something(record):
                self.roots.setdefault(section.entity, record)
                self.records.append((section.entity, record))
            return
        refers, first = section.arguments[0], section.arguments[1:2]
        of = entities()[section.entity].fields[refers].of
        if of not in self.roots:
            return
        for place, container in self._containers(section, root):
            given: Record = {refers: key(self.roots[of])}
            if first:
                given[first[0]] = "true" if place == 0 else "false"
            said = {KEY, *given}
            record = self._record(section, container, root, given)
            # An element that only wraps members says nothing itself (otherStaffs of Unity 4.0).
            if record.keys() - said:
                self.records.append((section.entity, record))

    def _containers(self, section: Section, root: Node) -> Iterator[tuple[int, Node]]:
        for number, place in enumerate(section.containers):
            for each in nodes_at(root, place.segments):
                yield number, each if isinstance(each, dict) else {TEXT: each}

    def _record(self, section: Section, node: Node, root: Node, record: Record) -> Record:
        for condition in section.arguments if section.function == "when" else ():
            name, _, value = condition.partition("=")
            if value and name.isidentifier():
                record[name] = value
        late: list[Line] = []
        for line in section.lines:
            if line.function.late:
                late.append(line)
            else:
                self._line(section, line, node, root, record)
        for line in late:
            self._line(section, line, node, root, record)
        return record

    def _line(self, section: Section, line: Line, node: Node, root: Node, record: Record) -> None:
        if line.simple is not None and _read_simply(line.simple, node, record):
            return
        if line.items or line.function.name == "items":
            self._items(section, line, node, root, record)
            return
        if line.function.read is None or not line.fields:
            return
        values, spare = self._values(line, node, root)
        if not any(values) and not line.function.late:
            return
        call = self._call(section, line, values, record, node)
        found = line.function.read(call)
        if spare:
            self._note(section, line, Note(MULTI_TO_ONE, "another place was read"), record)
        for note in found.notes:
            self._note(section, line, note, record)
        if found.value is not None:
            self._store(line, found.value, record)

    def _values(self, line: Line, node: Node, root: Node) -> tuple[Sequence[Any], bool]:
        function = line.function
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
            elif set(found) - set(values):
                spare = True
        return values, spare

    def _call(
        self,
        section: Section,
        line: Line,
        values: Sequence[Any],
        record: Record,
        node: Node,
        it: Record | None = None,
    ) -> Call:
        return Call(
            values,
            line.argument,
            line.codes,
            line.meanings,
            record,
            self.graph,
            it,
            node,
            section.entity,
            line.names,
            self.settings,
        )

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

    def _items(self, section: Section, line: Line, node: Node, root: Node, record: Record) -> None:
        items: list[dict[str, str]] = []
        for place in line.places:
            for each in nodes_at(root if place.absolute else node, place.segments):
                within = each if isinstance(each, dict) else {TEXT: each}
                item: Record = {}
                for below in line.items:
                    self._item_line(section, below, within, item, record, len(items))
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
        if line.simple is not None and _read_simply(line.simple, node, item):
            return
        if line.function.read is None:
            return
        values, spare = self._values(line, node, node)
        if not values:
            return
        found = line.function.read(self._call(section, line, values, record, node, item))
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
            if below is ANYTHING:
                continue
            for each in value if isinstance(value, list) else [value]:
                if below is None:
                    self._unlisted_leaves(each, f"{path}/{name}" if name else path)
                elif isinstance(each, dict):
                    self.unlisted(each, below, f"{path}/{name}")

    def _unlisted_leaves(self, value: Any, path: str) -> None:
        if isinstance(value, dict):
            for name, below in value.items():
                for each in below if isinstance(below, list) else [below]:
                    self._unlisted_leaves(each, f"{path}/{name}" if name else path)
        elif text_of(value).strip():
            entity = next(iter(self.roots), self.collection)
            self.losses[Loss(entity, "", UNLISTED, path, "", NO_SLOT, _NOT_READ)] = None


def _read_simply(simple: Simple, node: Node, record: Record) -> bool:
    """Read a plain text the short way; False where the function itself must look."""
    for name in simple.above:
        below = node.get(name)
        if below is None:
            return True
        if below.__class__ is not dict:
            return False
        node = below
    text = node.get(simple.column)
    if text is None:
        return True
    if text.__class__ is not str or simple.read is None:
        return False
    found = simple.read(text)
    if found is None:
        return False
    record.setdefault(simple.field, found)
    return True


def _says_something(record: Record) -> bool:
    return bool(record.get(KEY)) or len(record) > 0


def _at(section: Section, line: Line) -> str:
    before = f"{section.containers[-1].path}/" if section.containers else ""
    return before + line.places[0].path


def _known(sections: Sequence[Section]) -> dict[str, Any]:
    tree: dict[str, Any] = {}
    for section in sections:
        for base in section.containers or (None,):
            inside = _grown(tree, base) if base else tree
            for line in section.lines:
                _know_line(tree, inside, line)
    return tree


def _know_line(root: dict[str, Any], inside: dict[str, Any], line: Line) -> None:
    for place in line.places:
        at = _grown(root if place.absolute else inside, place)
        if line.function.raw:
            parent = _grown(root if place.absolute else inside, Place(place.segments[:-1]))
            parent[place.column] = ANYTHING
            continue
        for below in line.items:
            for sub in below.places:
                _grown(at, sub)


def _grown(tree: dict[str, Any], place: Place) -> dict[str, Any]:
    for segment in place.segments:
        tree = tree.setdefault(segment.name, {})
        if segment.test is not None:
            tree.setdefault(segment.test[0], {})
    return _with_text(tree)


def _with_text(tree: dict[str, Any]) -> dict[str, Any]:
    # A value without attributes stands as text, one with attributes under the empty name.
    tree.setdefault(TEXT, {})
    return tree


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
