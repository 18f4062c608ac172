"""Evaluate the sections of a mapping table for one record: rows, and what they could not carry."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from reference_hub.translate.calls import Note
from reference_hub.translate.canonical import Record
from reference_hub.translate.ledger import INFERRED, NARROWED
from reference_hub.translate.line_writing import plain
from reference_hub.translate.lines import Section
from reference_hub.translate.places import Node, add
from reference_hub.translate.work import HELD, READY, TargetRow, Work
from reference_hub.translate.writing_order import Order, Task

_CHOSEN = "none is marked as the main one; the first of a stable order stands there"


@dataclass(frozen=True, slots=True)
class Rules:
    """What the rows of a table need to know: sections inside a collection, what a row points to."""

    nested: Mapping[str, tuple[Order, ...]]
    links: Callable[[Section, Node], tuple[tuple[str, ...], tuple[str, ...]]]


def make_rows(rules: Rules, order: Order, work: Work) -> None:
    """Evaluate a section: a row for the record, or for each item; none where not meant."""
    if order.each is not None:
        for item in order.each(work):
            _row(rules, order, work, item)
        return
    for meets in order.conditions:
        if not meets(work, work.record):
            return
    _row(rules, order, work, None)


def _row(rules: Rules, order: Order, work: Work, it: Record | None) -> None:
    section, record = order.section, work.record
    work.about(section.entity, record, it)
    body = order.constants.copy()
    missing = _lines(order, work, record, it, body, body)
    for nested in rules.nested[section.collection]:
        _inside(nested, work, body)
    name = _name(order, body)
    if name is None:
        if order.each is not None:
            return
        name = work.refid
    for row in work.rows:
        if row.key == name and row.collection == section.collection:
            return
    reason = f"{', '.join(missing)} is required and not known" if missing else ""
    state = HELD if missing else READY
    at = (section.collection, name, section.entity, work.refid, body, state, reason)
    work.rows.append(TargetRow(*at, *rules.links(section, body)))


def _inside(order: Order, work: Work, body: Node) -> None:
    section = order.section
    refers, *choices = order.arguments
    found = list(work.near.referring(section.entity, refers, work.refid))
    found += _alike(section, work, refers)
    found.sort(key=lambda each: _rank(each, choices))
    if found and choices and any(_rank(found[0], choices[:1])):
        order.lose(work, found[0], Note(INFERRED, _CHOSEN), -1)
    for number, record in enumerate(found):
        work.about(section.entity, record, None)
        inner = order.constants.copy()
        missing = _lines(order, work, record, None, inner, body)
        if missing:
            text = f"left out: {', '.join(missing)} is required and not known"
            order.lose(work, record, Note(NARROWED, text), -1)
        elif inner:
            # Without a choice further containers are other spellings, for reading only.
            place = section.containers[-1 if number and choices else 0]
            add(body, place.segments, plain(inner))


def _alike(section: Section, work: Work, refers: str) -> Iterator[Record]:
    """Records that lack the reference but agree with this one in the fields of the header."""
    names = [path.field for path in section.sources]
    value = work.record.get(names[0]) if names else None
    if isinstance(value, str):
        for each in work.near.referring(section.entity, names[0], value):
            agree = all(each.get(name) == work.record.get(name) for name in names)
            if refers not in each and agree:
                yield each


def _lines(
    order: Order, work: Work, record: Record, it: Record | None, body: Node, root: Node
) -> list[str]:
    """Write the lines of a section; the columns that are required and not known."""
    missing: list[int] = []
    left = _short(order, record, body, missing)
    for task in (*left, *order.tasks) if left else order.tasks:
        if not task.write(work, record, it, body, root) and task.need >= 0:
            missing.append(task.need)
    lines = order.section.lines
    return [lines[number].places[0].column for number in sorted(missing)] if missing else []


def _short(order: Order, record: Record, body: Node, missing: list[int]) -> Sequence[Task]:
    """Write the plain texts; what is not plain is left to the functions."""
    left: list[Task] = []
    for above, group in order.short:
        inner: Node = {} if above else body
        for field, column, turn, task in group:
            value = record.get(field)
            if value is None:
                if task.need >= 0:
                    missing.append(task.need)
            elif value.__class__ is str and (made := turn(value)) is not None:
                inner[column] = made
            else:
                left.append(task)
        if above and inner:
            at = body
            for name in above:
                at = at.setdefault(name, {})
            at.update(inner)
    return left


def _name(order: Order, body: Node) -> str | None:
    """What the row is known by; None where a part of it is missing."""
    parts: list[str] = []
    for find in order.keys:
        found = find(body, body)
        if not found:
            return None
        parts.append(found[0])
    return "|".join(parts)


def _rank(record: Record, choices: Sequence[str]) -> tuple[bool, ...]:
    """Sorts the record that belongs in the first place before the others."""
    found = []
    for choice in choices:
        name, sign, wanted = choice.partition("=")
        found.append(record.get(name) != (wanted if sign else "true"))
    return tuple(found)
