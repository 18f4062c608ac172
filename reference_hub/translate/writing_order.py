"""In which order the lines of a section are written: the short ones go together, before the others.

Worked out once for a table. A line is short when one text of the record goes to a place of its
own that no other line touches; then the order does not matter.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from reference_hub.translate import paths
from reference_hub.translate.calls import Function
from reference_hub.translate.lines import Line, Section
from reference_hub.translate.paths import Path, Step
from reference_hub.translate.places import Segment
from reference_hub.translate.simple import Turn

Short = tuple[str, str, Turn, "Task"]
Names = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Task:
    """A line and its number in the section. `steps` lead to the records of all its fields, where
    they are the same for all; `column` is its place where that is one plain member, `field` its
    field where that is one of the record itself."""

    number: int
    line: Line
    need: bool
    segments: tuple[Segment, ...]
    column: str
    field: str
    steps: tuple[Step, ...]
    many: bool
    items: tuple[Task, ...]


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition of a header: a function that decides, or a field's value. `wanted` is what
    the field must be, None where it must be there, or be `absent`."""

    decide: Function | None
    path: Path | None = None
    absent: bool = False
    wanted: str | None = None


@dataclass(frozen=True, slots=True)
class Order:
    """What is written for a section. `short` by the names above the column; `constants` are
    columns with the text that always stands there; `keys` the places that the row is known by."""

    section: Section
    short: tuple[tuple[Names, tuple[Short, ...]], ...]
    tasks: tuple[Task, ...]
    constants: tuple[tuple[str, str], ...]
    keys: tuple[tuple[Segment, ...], ...]
    conditions: tuple[Condition, ...]
    arguments: tuple[str, ...]


def order(section: Section, function: Callable[[str], Function]) -> Order:
    """The order of a section; `function` knows those that headers name."""
    places = [each.places[0] for each in section.lines]
    names = [tuple(segment.name for segment in each.segments) for each in places]
    short: dict[Names, list[Short]] = {}
    tasks: list[Task] = []
    constants: list[tuple[str, str]] = []
    for number, line in enumerate(section.lines):
        task = _task(number, line)
        simple, name = line.simple, names[number]
        alone = not any(_touch(name, x) for at, x in enumerate(names) if at != number)
        if alone and simple is not None and simple.write is not None:
            written = (simple.field, simple.column, simple.write, task)
            short.setdefault(simple.above, []).append(written)
        elif alone and task.column and not line.fields and line.function.name == "constant":
            constants.append((task.column, line.argument))
        else:
            tasks.append(task)
    keys = tuple(x.places[0].segments for x in section.lines if x.need == "key")
    said = section.arguments if section.function == "when" else ()
    conditions = tuple(_condition(each, section.entity, function) for each in said)
    groups = tuple((above, tuple(each)) for above, each in short.items())
    fixed = tuple(constants)
    return Order(section, groups, tuple(tasks), fixed, keys, conditions, section.arguments)


def _condition(text: str, entity: str, function: Callable[[str], Function]) -> Condition:
    if text.startswith("@"):
        return Condition(function(text.removeprefix("@")))
    name, sign, wanted = text.partition("=")
    path = paths.parse(name.removeprefix("!").strip(), entity)
    return Condition(None, path, name.startswith("!"), wanted if sign else None)


def _task(number: int, line: Line) -> Task:
    place = line.places[0]
    column = place.plain[0] if len(place.plain) == 1 else ""
    ways = {(path.start, path.steps) for path in line.fields}
    start, steps = next(iter(ways)) if len(ways) == 1 else ("", ())
    steps = () if start else steps
    many = line.function.name == "items"
    below = tuple(_task(at, each) for at, each in enumerate(line.items))
    field = line.own[0] if len(line.own) == 1 else ""
    return Task(number, line, bool(line.need), place.segments, column, field, steps, many, below)


def _touch(one: Names, other: Names) -> bool:
    """Whether one place is the other or lies below it."""
    shorter = min(len(one), len(other))
    return one[:shorter] == other[:shorter]
