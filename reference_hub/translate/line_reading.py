"""Lines of a mapping table as closures that read them: compiled when the table is loaded.

The reason is that of `line_writing`: all that a line says, its places, code sets and words for the
ledger, is bound once, so that for each of a million documents only the document is looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from reference_hub.translate.calls import Call, Graph, Note, Turn
from reference_hub.translate.canonical import Record, key
from reference_hub.translate.ledger import MULTI_TO_ONE, Loss
from reference_hub.translate.lines import Line, Section
from reference_hub.translate.places import TEXT, Node, nodes_finder, texts_finder

_ELSEWHERE = Note(MULTI_TO_ONE, "another place was read")


class Document:
    """The work on one document: its records so far, what was lost, one call for all lines."""

    __slots__ = ("call", "graph", "losses", "records", "root", "roots")

    def __init__(self, root: Node, graph: Graph | None, settings: Mapping[str, Any]) -> None:
        self.root, self.graph = root, graph
        self.call = Call((), "", {}, {}, {}, graph, None, root, "", (), settings)
        self.records: list[tuple[str, Record]] = []
        self.roots: dict[str, Record] = {}
        self.losses: dict[Loss, None] = {}

    def about(self, entity: str, record: Record, node: Node, it: Record | None = None) -> None:
        """The next lines read this node into this record, or into an item of it."""
        call = self.call
        call.entity, call.record, call.node, call.it = entity, record, node, it


# Each reads a node into a record, or into an item of the record that comes last.
ReadLine = Callable[[Document, Node, Record, Record], None]
# A line, and the first name of its place: nothing is there to read where a node lacks it.
Begun = tuple[str, ReadLine]
_Store = Callable[[Document, Any, Record], None]
_Lose = Callable[[Document, Record, Note], None]
# From root and node the values at the places of a line.
_Take = Callable[[Node, Node], Sequence[Any]]


@dataclass(frozen=True, slots=True)
class Group:
    """Short lines below one member, `above` leads to it. Each is a column, the field it fills, what
    turns its text, and the line for what is no plain text."""

    above: tuple[str, ...]
    lines: tuple[tuple[str, str, Turn, ReadLine], ...]


def read_short(groups: Sequence[Group], node: Node, record: Record) -> list[ReadLine]:
    """Read the plain texts; the lines of what is not plain are left to their functions."""
    left: list[ReadLine] = []
    for group in groups:
        inner: Any = node
        for name in group.above:
            inner = inner.get(name)
            if inner.__class__ is not dict:
                break
        if inner.__class__ is not dict:
            left += [read for *_, read in group.lines] if inner is not None else ()
            continue
        for column, field, turn, read in group.lines:
            text = inner.get(column)
            if text is None:
                continue
            found = turn(text) if text.__class__ is str else None
            if found is None:
                left.append(read)
            else:
                record[field] = found
    return left


def line_reader(section: Section, line: Line, *, of_item: bool = False) -> ReadLine:
    """The closure that reads one line of a section; one that does nothing where none is read."""
    read = _function_reader(section, line, of_item)
    turn, first = line.function.read_turn, next(iter(line.fields), None)
    if line.simple is not None:
        turn = line.simple.read
    names = line.places[0].plain if len(line.places) == 1 else ()
    if turn is None or of_item or not names or first is None or not first.own:
        return read
    return _text_reader(names, first.field, turn, read)


def _text_reader(names: Sequence[str], field: str, turn: Turn, look: ReadLine) -> ReadLine:
    """The short way of a line that is not read before the others; its function reads the rest."""

    def read(document: Document, node: Node, record: Record, owner: Record) -> None:
        text: Any = node
        for name in names:
            text = text.get(name) if text.__class__ is dict else None
        found = turn(text) if text.__class__ is str else None
        if found is None:
            look(document, node, record, owner)
        else:
            record.setdefault(field, found)

    return read


def _function_reader(section: Section, line: Line, of_item: bool) -> ReadLine:
    function, late = line.function.read, line.function.late
    if function is None or not line.fields:
        return lambda _document, _node, _record, _owner: None
    take, others, lose = _taker(line), _others(line), _loser(section, line)
    store = _item_storer(line) if of_item else _storer(line)
    argument, names, codes, meanings = line.argument, line.names, line.codes, line.meanings

    def read(document: Document, node: Node, record: Record, owner: Record) -> None:
        values = take(document.root, node)
        if not late and not any(values):
            return
        call = document.call
        call.values, call.argument, call.fields = values, argument, names
        call.codes, call.meanings = codes, meanings
        found = function(call)
        if others is not None and others(document.root, node, values):
            lose(document, owner, _ELSEWHERE)
        for note in found.notes:
            lose(document, owner, note)
        if found.value is not None:
            store(document, found.value, record)

    return read


def list_reader(
    section: Section, line: Line, short: Sequence[Group], lines: Sequence[Begun]
) -> ReadLine:
    """The closure that reads a list: an item of each node at its places, by the lines of items."""
    field = line.field
    finds = [nodes_finder(place) for place in line.places]

    def read(document: Document, node: Node, record: Record, owner: Record) -> None:
        items: list[Any] = []
        for find in finds:
            for each in find(document.root, node):
                within = each if isinstance(each, dict) else {TEXT: each}
                item: Record = {}
                left = read_short(short, within, item)
                if left or lines:
                    document.about(section.entity, owner, within, item)
                    for look in (*left, *(look for _, look in lines)):
                        look(document, within, item, owner)
                    document.about(section.entity, owner, node)
                if item:
                    items.append(item)
        held = record.get(field)
        if items:
            record[field] = [*held, *items] if isinstance(held, list) else items

    return read


def _taker(line: Line) -> _Take:
    """What finds the values of a line: those of its first place that has any, or of all places."""
    make = nodes_finder if line.function.raw else texts_finder
    finds = [make(place) for place in line.places]
    if line.function.all_places:
        return lambda root, node: [find(root, node) for find in finds]
    if len(finds) == 1:
        return finds[0]

    def take(root: Node, node: Node) -> Sequence[Any]:
        for find in finds:
            if found := find(root, node):
                return found
        return ()

    return take


def _others(line: Line) -> Callable[[Node, Node, Sequence[str]], bool] | None:
    """Whether a place has texts that are not among those taken; None where all are taken."""
    if len(line.places) == 1 or line.function.raw or line.function.all_places:
        return None
    finds = [texts_finder(place) for place in line.places]

    def spare(root: Node, node: Node, values: Sequence[str]) -> bool:
        return any(set(find(root, node)) - set(values) for find in finds)

    return spare


def _storer(line: Line) -> _Store:
    """Where a line's value goes: its field, or that of a record found by it."""
    path, fields = line.fields[0], line.fields
    step = path.steps[0] if len(path.steps) == 1 and not path.start else None

    def store(document: Document, value: Any, record: Record) -> None:
        if isinstance(value, tuple):
            value = {x.name: y for x, y in zip(fields, value, strict=True) if x.own}
        if isinstance(value, dict):
            _fill(record, value)
        elif path.own:
            record.setdefault(path.field, value)
        elif step is not None and not step.back and document.graph:
            found = document.graph.find(step.entity, path.name, str(value))
            if found:
                record.setdefault(step.field, found)

    return store


def _fill(record: Record, values: Mapping[str, Any]) -> None:
    for name, each in values.items():
        held = record.get(name)
        if isinstance(held, list) and isinstance(each, list):
            # Several places fill one list, each with what it adds.
            held.extend(x for x in each if x not in held)
        elif each is not None:
            record.setdefault(name, each)


def _item_storer(line: Line) -> _Store:
    name = line.fields[0].item

    def store(_document: Document, value: Any, item: Record) -> None:
        if isinstance(value, dict):
            item.update({name: each for name, each in value.items() if each is not None})
        else:
            item[name] = value

    return store


def _loser(section: Section, line: Line) -> _Lose:
    """The closure that puts a note of a line into the ledger."""
    at = (f"{section.collection}/{where(section, line)}", f"{section.entity}.{line.field}")
    entity, crosswalk_id = section.entity, line.crosswalk_id

    def lose(document: Document, record: Record, note: Note) -> None:
        refid = key(record) or next((key(each) for each in document.roots.values()), "")
        loss = Loss(entity, refid, crosswalk_id, *at, note.kind, note.text)
        document.losses[loss] = None

    return lose


def where(section: Section, line: Line) -> str:
    """The path of a line's first place inside the document."""
    before = f"{section.containers[-1].path}/" if section.containers else ""
    return before + line.places[0].path
