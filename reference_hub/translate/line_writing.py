"""Lines of a mapping table as closures that write them: compiled when the table is loaded.

A nightly load writes the same few hundred lines for every record. What a line says is the same
each time: its fields, its place, its codes, its words for the ledger. So all that is bound once,
when the table is loaded, and only the record is looked at later (tests/bench/translate.py
measures what that saves).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from reference_hub.translate.calls import Note, Turn
from reference_hub.translate.canonical import Record, key
from reference_hub.translate.gathering import gatherer
from reference_hub.translate.ledger import MULTI_TO_ONE, NARROWED, Loss
from reference_hub.translate.lines import Line, Section
from reference_hub.translate.paths import value_at
from reference_hub.translate.places import TEXT, Node, Place, add, put
from reference_hub.translate.work import Work

_NO_ROOM = "the format has room for fewer"
_INCOMPLETE = "left out: it lacks what the format requires"


# Each says whether something was written. Record, item, the row's body, the document's body.
WriteLine = Callable[[Work, Record, Record | None, Node, Node], bool]
_WriteItem = Callable[[Work, Record, Record, int, Node], bool]
# A note about a record, and the position in a list where it is not that of the note.
Lose = Callable[[Work, Record, Note, int], None]


def line_writer(section: Section, line: Line) -> WriteLine:
    """The closure that writes one line of a section."""
    if line.function.name == "items":
        return _list_writer(section, line)
    write = _function_writer(section, line)
    turn, first = line.function.turn, next(iter(line.fields), None)
    if turn is None or first is None or not first.own or first.item or line.places[0].absolute:
        return write
    return _text_writer(first.field, turn, line.places[0], write)


def _text_writer(field: str, turn: Turn, place: Place, look: WriteLine) -> WriteLine:
    """The short way of a line that writes its first field where that is one text."""
    segments = place.segments

    def write(work: Work, record: Record, it: Record | None, body: Node, root: Node) -> bool:
        text = record.get(field)
        made = turn(text) if isinstance(text, str) else None
        if made is None:
            return look(work, record, it, body, root)
        put(body, segments, made)
        return True

    return write


def _function_writer(section: Section, line: Line) -> WriteLine:
    function, lose = line.function.write, loser(section, line)
    # What looks at the record itself needs no values.
    fields = () if line.function.whole else line.fields
    gather = gatherer(fields, together=len(fields) > 1)
    argument, names, codes, meanings = line.argument, line.names, line.codes, line.meanings
    place = line.places[0]
    column = place.plain[0] if len(place.plain) == 1 else ""

    def write(work: Work, record: Record, it: Record | None, body: Node, root: Node) -> bool:
        values = gather(work.near, record, it)
        if values and values.count(None) == len(values):
            return False
        call = work.call
        call.values, call.argument, call.fields = values, argument, names
        call.codes, call.meanings = codes, meanings
        written = function(call)
        for note in written.notes:
            lose(work, record, note, note.item)
        value = written.value
        if value is None:
            return False
        if column and body.get(column).__class__ is not dict:
            body[column] = value
        else:
            put(root if place.absolute else body, place.segments, value)
        return True

    return write


def loser(section: Section, line: Line) -> Lose:
    """The closure that puts a note of a line into the ledger."""
    sources = [f"{path.entity}.{path.name}" for path in line.fields]
    entity, whole = section.entity, f"{section.entity}."
    target = f"{section.collection}.{line.places[0].path}"
    crosswalk_id = line.crosswalk_id

    def lose(work: Work, record: Record, note: Note, item: int) -> None:
        source = sources[note.field] if note.field < len(sources) else whole
        if item > 0:
            source = f"{source}[{item + 1}]"
        at = (crosswalk_id, source, target, note.kind, note.text)
        work.losses[Loss(entity, key(record), *at)] = None

    return lose


def _list_writer(section: Section, line: Line) -> WriteLine:
    """Write the items of a list field, as many as there is room for."""
    path, first, last = line.fields[0], line.places[0].segments, line.places[-1].segments
    item_of, lose = _whole_item(section, line), loser(section, line)

    def write(work: Work, record: Record, it: Record | None, body: Node, _root: Node) -> bool:
        found = value_at(path, record, None, work.near)
        items = found if isinstance(found, list) else []
        room = int(line.argument or len(items))
        written = False
        for number, item in enumerate(items):
            if number >= room:
                lose(work, record, Note(MULTI_TO_ONE, _NO_ROOM), number)
                continue
            node = item_of(work, record, item, number)
            if node:
                add(body, last if number else first, plain(node))
                written = True
        work.call.it = it
        return written

    return write


def _whole_item(section: Section, line: Line) -> Callable[[Work, Record, Record, int], Node]:
    """One item; {} where it lacks what the format requires."""
    below = [(bool(each.need), _item_writer(section, each)) for each in line.items]
    lose = loser(section, line)

    def write(work: Work, record: Record, item: Record, number: int) -> Node:
        node: Node = {}
        work.call.it = item
        for needed, write_line in below:
            if not write_line(work, record, item, number, node) and needed:
                lose(work, record, Note(NARROWED, _INCOMPLETE), number)
                return {}
        return node

    return write


def _item_writer(section: Section, line: Line) -> _WriteItem:
    """Write one line of an item: plain texts the short way."""
    simple, segments = line.simple, line.places[0].segments
    turn, field = (simple.write, simple.field) if simple else (None, "")
    column = line.places[0].plain[0] if len(line.places[0].plain) == 1 else ""
    look = _item_function(section, line)

    def write(work: Work, record: Record, item: Record, number: int, node: Node) -> bool:
        value: Any = None
        if turn is not None:
            held = item.get(field)
            if held is None:
                return False
            value = turn(held) if held.__class__ is str else None
        if value is None:
            value = look(work, record, item, number)
        if value is None:
            return False
        if column and column not in node:
            node[column] = value
        else:
            put(node, segments, value)
        return True

    return write


def _item_function(section: Section, line: Line) -> Callable[[Work, Record, Record, int], Any]:
    """What the function of an item's line makes of it, None for nothing."""
    names, lose = [path.item for path in line.fields], loser(section, line)

    def look(work: Work, record: Record, item: Record, number: int) -> Any:
        values = [item.get(name) for name in names]
        if values.count(None) == len(values):
            return None
        call = work.call
        call.values, call.argument, call.fields = values, line.argument, line.names
        call.codes, call.meanings = line.codes, line.meanings
        written = line.function.write(call)
        for note in written.notes:
            lose(work, record, note, number)
        return written.value

    return look


def plain(node: Node) -> Any:
    """An item that is only a text as that text."""
    return node[TEXT] if node.keys() == {TEXT} else node
