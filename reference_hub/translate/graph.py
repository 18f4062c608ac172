"""Canonical records in memory, with the references between them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from reference_hub.translate.calls import Graph
from reference_hub.translate.canonical import KEY, Record, Value, key
from reference_hub.translate.paths import Step, records_at


class MemoryGraph:
    """A Graph over records that fit into memory; records of one key are merged."""

    def __init__(self, records: Iterable[tuple[str, Record]] = ()) -> None:
        self._records: dict[str, dict[str, Record]] = {}
        self._indexes: dict[tuple[str, str], dict[str, list[Record]]] = {}
        self._settled = False
        for entity, record in records:
            self.add(entity, record)

    def add(self, entity: str, record: Record) -> None:
        """Add a record; fields of one that is already there stay unless the new one has them."""
        held = self._records.setdefault(entity, {})
        held[key(record)] = merged(held.get(key(record), {}), record)
        self._indexes.clear()
        self._settled = False

    def replace(self, entity: str, record: Record, told: Iterable[str]) -> None:
        """Put a record in the place of what is told there now of these fields; others stay."""
        held = self._records.setdefault(entity, {})
        before = held.get(key(record), {})
        kept = {name: value for name, value in before.items() if name not in set(told)}
        held[key(record)] = kept
        self.add(entity, record)

    def remove(self, entity: str, key: str) -> None:
        """Take a record away; nothing where there is none."""
        self._records.get(entity, {}).pop(key, None)
        self._indexes.clear()

    def all(self) -> Iterator[tuple[str, Record]]:
        """All records, in the order in which they came."""
        self._settle()
        for entity, held in self._records.items():
            yield from ((entity, record) for record in held.values())

    def get(self, entity: str, key: str) -> Record | None:
        """The record with this key."""
        self._settle()
        return self._records.get(entity, {}).get(key)

    def referring(self, entity: str, field: str, key: str) -> Sequence[Record]:
        """The records of an entity whose field refers to this key, by their own key."""
        return self._index(entity, field).get(key, ())

    def find(self, entity: str, field: str, value: str) -> str:
        """The key of the one record whose field has this value; '' when none or several do."""
        found = self._index(entity, field).get(value, ())
        return key(found[0]) if len(found) == 1 else ""

    def _settle(self) -> None:
        if not self._settled:
            courses = self._records.get("Course", {})
            for section in self._records.get("Section", {}).values():
                place(section, courses.get(str(section.get("course"))))
            self._settled = True

    def _index(self, entity: str, field: str) -> Mapping[str, Sequence[Record]]:
        found = self._indexes.get((entity, field))
        if found is None:
            self._settle()
            found = self._indexes[entity, field] = self._indexed(entity, field)
        return found

    def _indexed(self, entity: str, field: str) -> dict[str, list[Record]]:
        index: dict[str, list[Record]] = {}
        for record in self._records.get(entity, {}).values():
            value = record.get(field)
            for each in value if isinstance(value, list) else [value]:
                if isinstance(each, str):
                    index.setdefault(each, []).append(record)
        for found in index.values():
            found.sort(key=lambda record: str(record.get(KEY, "")))
        return index


def place(section: Record, course: Record | None) -> None:
    """Put a section that names no school into that of its course, as Unity means it."""
    if "school" not in section and course is not None and "school" in course:
        section["school"] = course["school"]


def merged(held: Record, newer: Record) -> Record:
    """One record from two about the same thing; lists are joined, items once."""
    both: Record = dict(held)
    for name, value in newer.items():
        before = both.get(name)
        if isinstance(before, list) and isinstance(value, list):
            both[name] = _joined(before, value)
        else:
            both[name] = value
    return both


def _joined(before: list[str] | list[dict[str, str]], after: Value) -> Value:
    found: list[str | dict[str, str]] = [*before]
    found.extend(each for each in after if each not in found)
    return found  # type: ignore[return-value]  # both lists hold the same kind


class Near:
    """A Graph for one record: it remembers who refers to whom, for its lines ask again and again,
    and where it was looked: (entity, field, key), the field empty for a record itself."""

    __slots__ = ("_along", "_got", "_graph", "_seen")

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._seen: dict[tuple[str, str, str], Sequence[Record]] = {}
        self._got: dict[tuple[str, str, str], None] = {}
        self._along: dict[tuple[int, int], list[Record]] = {}

    @property
    def looks(self) -> tuple[tuple[str, str, str], ...]:
        """Where it was looked."""
        return (*self._seen, *self._got)

    def get(self, entity: str, key: str) -> Record | None:
        """The record with this key."""
        self._got[entity, "", key] = None
        return self._graph.get(entity, key)

    def referring(self, entity: str, field: str, key: str) -> Sequence[Record]:
        """The records of an entity whose field refers to this key, in a stable order."""
        at = (entity, field, key)
        found = self._seen.get(at)
        if found is None:
            found = self._seen[at] = self._graph.referring(entity, field, key)
        return found

    def find(self, entity: str, field: str, value: str) -> str:
        """The key of the one record whose field has this value; '' when none or several do."""
        return self._graph.find(entity, field, value)

    def along(self, steps: tuple[Step, ...], start: Record) -> list[Record]:
        """The records that steps lead to from one that lives as long as this."""
        # The steps of equal paths are one object: many lines go the same way.
        at = (id(start), id(steps))
        found = self._along.get(at)
        if found is None:
            found = self._along[at] = records_at(steps, start, self)
        return found
