"""Field paths: from a record through its references to a value in another record.

`givenName` is a field; `emails.address` a field of list items; `school.localId` leads forward
through a reference; `SchoolEnrollment.gradeLevel` back to all records of that entity which refer to
this one; `it.code` into the item a section is made for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from reference_hub.translate.calls import Graph
from reference_hub.translate.canonical import KEY, Entity, Record, entities, key

IT = "it"
_REFERENCES = ("ref", "refs")


class PathError(ValueError):
    """A field path that leads nowhere."""


@dataclass(frozen=True, slots=True)
class Step:
    """Forward: `field` of this record refers to `entity`. Back: `field` of `entity` refers here."""

    entity: str
    field: str
    back: bool


@dataclass(frozen=True, slots=True)
class Path:
    """`steps` to another record, then `field`, of whose items `item`; `start` is '' or 'it'."""

    text: str
    entity: str
    steps: tuple[Step, ...]
    field: str
    item: str = ""
    start: str = ""
    # Whether it may lead to several values; and whether to several records.
    many: bool = False
    back: bool = False

    @property
    def own(self) -> bool:
        """Whether the field stands in the record itself."""
        return not self.steps and not self.start

    @property
    def name(self) -> str:
        """The field as canonical.csv names it."""
        return f"{self.field}.{self.item}" if self.item else self.field


# Equal steps are one object, so that what they lead to can be remembered by it.
_STEPS: dict[tuple[Step, ...], tuple[Step, ...]] = {}


def parse(text: str, entity: str, item_entity: str = "") -> Path:
    """Read a path that starts at a record of an entity; raises PathError.

    `item_entity` is the entity of the section's item; with '' an item is one of a list field, and
    `it.name` a member of it.
    """
    parts = text.split(".")
    start = ""
    if parts[0] == IT:
        start, parts, entity = IT, parts[1:], item_entity
        if not entity:
            return Path(text, "", (), ".".join(parts), start=IT)
    steps: list[Step] = []
    while len(parts) > 1:
        step = _step(entity, parts[0], text)
        if step is None:
            break
        steps.append(step)
        entity, parts = step.entity, parts[1:]
    _known(entity, ".".join(parts), text)
    whole = tuple(steps)
    same = _STEPS.setdefault(whole, whole)
    item = ".".join(parts[1:])
    back = any(step.back for step in whole)
    return Path(text, entity, same, parts[0], item, start, bool(item) or back, back)


def _step(entity: str, part: str, text: str) -> Step | None:
    if part in entities():
        field = entities()[part].reference_to(entity)
        if not field:
            raise PathError(f"'{text}': no field of {part} refers to {entity}")
        return Step(part, field, back=True)
    found = _entity(entity, text).fields.get(part)
    if found is not None and found.kind in _REFERENCES:
        return Step(found.of, part, back=False)
    return None


def _known(entity: str, name: str, text: str) -> None:
    if name not in _entity(entity, text).fields:
        raise PathError(f"'{text}': {entity} has no field '{name}'")


def _entity(name: str, text: str) -> Entity:
    found = entities().get(name)
    if found is None:
        raise PathError(f"'{text}': there is no entity '{name}'")
    return found


def records_at(steps: Iterable[Step], record: Record, graph: Graph | None) -> list[Record]:
    """The records that some steps lead to, each once."""
    found = [record]
    for step in steps:
        if graph is None:
            return []
        found = _next(found, step, graph)
    return found


def _next(records: list[Record], step: Step, graph: Graph) -> list[Record]:
    found: dict[str, Record] = {}
    for record in records:
        if step.back:
            for each in graph.referring(step.entity, step.field, key(record)):
                found.setdefault(key(each), each)
            continue
        held = record.get(step.field)
        for name in held if isinstance(held, list) else [held]:
            there = graph.get(step.entity, name) if isinstance(name, str) else None
            if there is not None:
                found.setdefault(key(there), there)
    return list(found.values())


def value_at(path: Path, record: Record, it: Record | None, graph: Graph | None) -> Any:
    """The value a path leads to; None where unknown, a list where several records are met."""
    start = it if path.start else record
    if start is None or not (path.steps or path.item):
        return start.get(path.field) if start else None
    return collected(path, records_at(path.steps, start, graph))


def collected(path: Path, found: list[Record]) -> Any:
    """The values in the records that a path led to, without gaps."""
    if path.item and not path.steps:
        return field_of(found[0], path.field, path.item)
    values: list[Any] = []
    for each in found:
        value = field_of(each, path.field, path.item)
        if value is not None:
            values.extend(value if isinstance(value, list) else [value])
    if not values:
        return None
    return values[0] if len(values) == 1 and not path.back else values


def aligned(path: Path, found: list[Record]) -> Any:
    """Like collected, but with None where a record or an item lacks the field, so that several
    paths through the same records give lists of equal length."""
    if not path.many:
        return collected(path, found)
    values: list[Any]
    if not path.item:
        values = [each.get(path.field) for each in found]
    elif not path.steps:
        items = found[0].get(path.field) if found else None
        values = [each.get(path.item) for each in items or () if isinstance(each, dict)]
    else:
        values = [field_of(each, path.field, path.item) for each in found]
    return values if values.count(None) < len(values) else None


def field_of(record: Record, field: str, item: str = "") -> Any:
    """A field of a record, or that field of each item of a list."""
    value = record.get(field)
    if not item or value is None:
        return value
    items = value if isinstance(value, list) else []
    return [each[item] for each in items if isinstance(each, dict) and item in each] or None


def origins(path: Path, root: str) -> Iterator[tuple[str, tuple[Step, ...]]]:
    """Each entity a path passes through, with the steps that lead from it back to the root.

    A change of a record of that entity may change what the root's row says.
    """
    here = root
    back: tuple[Step, ...] = ()
    for step in path.steps:
        turned = Step(here, step.field, back=not step.back)
        back = (turned, *back)
        here = step.entity
        yield here, back


KEY_FIELD = KEY
