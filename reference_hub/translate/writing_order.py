"""What is written for a section, and in which order: the short lines together, before the others.

Worked out once for a table. A line is short when one text of the record goes to a place of its
own that no other line touches; then the order does not matter.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from reference_hub.translate import paths
from reference_hub.translate.calls import Function, Graph, Note, Turn
from reference_hub.translate.canonical import KEY, Record, entities, key
from reference_hub.translate.gathering import gatherer
from reference_hub.translate.ledger import Loss
from reference_hub.translate.line_writing import Lose, WriteLine, line_writer, loser
from reference_hub.translate.lines import Line, Section
from reference_hub.translate.paths import Path, records_at
from reference_hub.translate.places import Node, Texts, texts_finder
from reference_hub.translate.work import NO_WORDS, Work

Names = tuple[str, ...]
Meets = Callable[[Work, Record], bool]
Each = Callable[[Work], Iterable[Record]]


@dataclass(frozen=True, slots=True)
class Task:
    """A line ready to be written; `need` is its number in the section where the row cannot go
    without it, else -1."""

    need: int
    write: WriteLine


# Field, column, what turns the text, and the line for what is no plain text.
Short = tuple[str, str, Turn, Task]


@dataclass(frozen=True, slots=True)
class Order:
    """What is written for a section. `short` by the names above the column; `constants` are
    columns with the text that always stands there; `keys` find what the row is known by; a row is
    made where all `conditions` are met, or for `each` item; `lose` notes what befell the row as a
    whole."""

    section: Section
    short: tuple[tuple[Names, tuple[Short, ...]], ...]
    tasks: tuple[Task, ...]
    constants: Node
    keys: tuple[Texts, ...]
    conditions: tuple[Meets, ...]
    arguments: tuple[str, ...]
    lose: Lose
    each: Each | None


def order(section: Section, function: Callable[[str], Function]) -> Order:
    """The order of a section; `function` knows those that headers name."""
    places = [each.places[0] for each in section.lines]
    names = [tuple(segment.name for segment in each.segments) for each in places]
    short: dict[Names, list[Short]] = {}
    tasks: list[Task] = []
    constants: Node = {}
    for number, line in enumerate(section.lines):
        task = Task(number if line.need else -1, line_writer(section, line))
        simple, name, plain = line.simple, names[number], places[number].plain
        alone = not any(_touch(name, x) for at, x in enumerate(names) if at != number)
        if alone and simple is not None and simple.write is not None:
            written = (simple.field, simple.column, simple.write, task)
            short.setdefault(simple.above, []).append(written)
        elif alone and len(plain) == 1 and _is_constant(line):
            constants[plain[0]] = line.argument
        else:
            tasks.append(task)
    keys = tuple(texts_finder(x.places[0]) for x in section.lines if x.need == "key")
    said = section.arguments if section.function == "when" else ()
    conditions = tuple(_condition(each, section, function) for each in said)
    groups = tuple((above, tuple(each)) for above, each in short.items())
    at = (tuple(tasks), constants, keys, conditions, section.arguments)
    each = _each(section.sources[0]) if section.function == "each" else None
    return Order(section, groups, *at, _loser_of_row(section), each)


def _is_constant(line: Line) -> bool:
    return not line.fields and line.function.name == "constant"


def _condition(text: str, section: Section, function: Callable[[str], Function]) -> Meets:
    """One condition of a header: a function that decides, or a field's value."""
    if text.startswith("@"):
        return _decided(section, function(text.removeprefix("@")))
    name, sign, wanted = text.partition("=")
    absent = name.startswith("!")
    gather = gatherer([paths.parse(name.removeprefix("!").strip(), section.entity)], together=False)
    if sign:
        return lambda work, record: gather(work.near, record, None) == [wanted]
    no: tuple[list[Any], ...] = ([None], [[]], [""], ["false"])
    return lambda work, record: (gather(work.near, record, None) in no) == absent


def _loser_of_row(section: Section) -> Lose:
    """A row as a whole stands in the ledger with its first line."""
    if section.lines:
        return loser(section, section.lines[0])
    return lambda _work, _record, _note, _item: None


def _decided(section: Section, function: Function) -> Meets:
    gather, decide = gatherer(section.sources, together=True), function.write
    lose = _header_loser(section)

    def meets(work: Work, record: Record) -> bool:
        call = work.call
        call.values = gather(work.near, record, None)
        call.argument, call.fields, call.codes, call.meanings = "", (), NO_WORDS, NO_WORDS
        decided = decide(call)
        for note in decided.notes:
            lose(work, record, note, note.item)
        return decided.value is not None

    return meets


def _header_loser(section: Section) -> Lose:
    """The closure that puts a note of a header's function into the ledger."""
    sources = [(f"{x.entity}.{x.name}", _crosswalk_id(x)) for x in section.sources]
    entity, whole = section.entity, (section.entity, "")

    def lose(work: Work, record: Record, note: Note, _item: int) -> None:
        source, crosswalk_id = sources[note.field] if 0 <= note.field < len(sources) else whole
        at = (crosswalk_id, source, section.collection, note.kind, note.text)
        work.losses[Loss(entity, key(record), *at)] = None

    return lose


def _crosswalk_id(path: Path) -> str:
    found = entities()[path.entity].fields.get(path.name)
    return found.crosswalk_id if found else ""


def _each(source: Path) -> Each:
    """The items that a section makes a row for each of."""
    field = entities()[source.entity].fields[source.field]
    if source.field == KEY and not source.steps:
        return lambda work: (work.record,)

    def items(work: Work) -> Iterator[Record]:
        for each in records_at(source.steps, work.record, work.near):
            value = each.get(source.field)
            if field.kind in ("ref", "refs"):
                yield from _referred(field.of, value, work.near)
            elif source.field == KEY:
                yield each
            elif isinstance(value, list):
                for item in value:
                    yield {**item} if isinstance(item, dict) else {"value": item}

    return items


def _referred(entity: str, value: Any, graph: Graph) -> Iterator[Record]:
    for name in value if isinstance(value, list) else [value]:
        found = graph.get(entity, name) if isinstance(name, str) else None
        if found is not None:
            yield found


def _touch(one: Names, other: Names) -> bool:
    """Whether one place is the other or lies below it."""
    shorter = min(len(one), len(other))
    return one[:shorter] == other[:shorter]
