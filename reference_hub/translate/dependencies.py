"""Which rows a change touches: from a changed record back to those that rows are made from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from reference_hub.translate.canonical import entities
from reference_hub.translate.paths import KEY_FIELD, Path, Step, origins
from reference_hub.translate.tables import Section, Table


@dataclass(frozen=True, slots=True)
class Way:
    """From a record of an entity by `steps` to records of `root`, whose rows may have changed."""

    root: str
    steps: tuple[Step, ...]


def ways(table: Table) -> dict[str, tuple[Way, ...]]:
    """By the entity of the changed record."""
    found: dict[str, dict[Way, None]] = {}
    for section in table.sections:
        root, before = _root(table, section)
        if not root:
            continue
        for path in _paths(section):
            whole = Path(path.text, path.entity, (*before, *path.steps), path.field)
            for entity, back in origins(whole, root):
                found.setdefault(entity, {})[Way(root, back)] = None
        found.setdefault(root, {})[Way(root, ())] = None
    # A section that names no school is in that of its course.
    for way in [*found.get("Section", ())]:
        back = (Step("Section", "course", back=True), *way.steps)
        found.setdefault("Course", {})[Way(way.root, back)] = None
    return {entity: tuple(each) for entity, each in found.items()}


def reached(table: Table) -> dict[str, tuple[tuple[Step, ...], ...]]:
    """By root entity the steps its rows are made along, the longest first: what to fetch ahead."""
    found: dict[str, dict[tuple[Step, ...], None]] = {}
    for section in table.sections:
        root, before = _root(table, section)
        if root:
            for path in _paths(section):
                if before or path.steps:
                    found.setdefault(root, {})[(*before, *path.steps)] = None
    return {root: tuple(sorted(each, key=len, reverse=True)) for root, each in found.items()}


def _root(table: Table, section: Section) -> tuple[str, tuple[Step, ...]]:
    if not section.containers:
        return section.entity, ()
    refers = section.arguments[0]
    of = entities()[section.entity].fields[refers].of
    outer = (x.entity for x in table.of_collection(section.collection) if not x.containers)
    return (of, (Step(section.entity, refers, back=True),)) if of in outer else ("", ())


def _paths(section: Section) -> Iterator[Path]:
    to_item = _to_item(section)
    for source in section.sources:
        yield Path(source.text, source.entity, (*source.steps, *to_item), source.field)
    if section.containers:
        yield Path("", section.entity, (), KEY_FIELD)
    for line in section.lines:
        for path in line.fields:
            if path.start:
                steps = (*section.sources[0].steps, *to_item, *path.steps)
                yield Path(path.text, path.entity, steps, path.field)
            else:
                yield path


def _to_item(section: Section) -> tuple[Step, ...]:
    if section.function != "each":
        return ()
    source = section.sources[0]
    field = entities()[source.entity].fields[source.field]
    return (Step(field.of, source.field, back=False),) if field.kind in ("ref", "refs") else ()
