"""The canonical records of a connection as a graph, fetched ahead in a few queries."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from reference_hub.model.party import Subscriber
from reference_hub.store import canonical_records
from reference_hub.translate.canonical import KEY, Record, entities, key
from reference_hub.translate.graph import merged, place
from reference_hub.translate.paths import Step

if TYPE_CHECKING:
    from sqlalchemy import Connection


class StoredGraph:
    """A Graph over the store. It remembers what it saw: make one for each run of changes."""

    def __init__(self, connection: Connection, subscriber: Subscriber) -> None:
        self._connection, self._subscriber = connection, subscriber
        self._records: dict[tuple[str, str], Record | None] = {}
        self._referring: dict[tuple[str, str, str], list[Record]] = {}

    def get(self, entity: str, key: str) -> Record | None:
        """The record with this key."""
        if (entity, key) not in self._records:
            self.fetch(entity, [key])
        return self._records[entity, key]

    def referring(self, entity: str, field: str, key: str) -> Sequence[Record]:
        """The records of an entity whose field refers to this key, by their own key."""
        if (entity, field, key) not in self._referring:
            # Whoever asks this of one record will ask it of its neighbours.
            alike = self._keys_of(entities()[entity].fields[field].of)
            self.fetch_referring(entity, field, [key, *alike])
        return self._referring[entity, field, key]

    def _keys_of(self, entity: str) -> list[str]:
        """The keys of an entity that the records seen so far have or refer to."""
        found = [name for kind, name in self._records if kind == entity]
        for (kind, _), record in self._records.items():
            pointer = entities()[kind].reference_to(entity)
            if pointer and record is not None:
                found += _names(record.get(pointer))
        return found

    def find(self, entity: str, field: str, value: str) -> str:
        """The key of the one record whose field has this value; '' when none or several do."""
        at = (self._connection, self._subscriber)
        found = canonical_records.with_value(*at, entity, field, value)
        return found[0] if len(found) == 1 else ""

    def fetch(self, entity: str, keys: Iterable[str]) -> None:
        """Get these records in one query, those that do not exist too."""
        wanted = [each for each in dict.fromkeys(keys) if (entity, each) not in self._records]
        if not wanted:
            return
        union: dict[str, Record] = {}
        for kept in canonical_records.by_key(self._connection, self._subscriber, entity, wanted):
            union[kept.key] = merged(union.get(kept.key, {}), kept.body)
        for each in wanted:
            self._records[entity, each] = union.get(each)
        if entity == "Section":
            self._place(list(union.values()))

    def _place(self, sections: Sequence[Record]) -> None:
        lacking = [each for each in sections if "school" not in each and "course" in each]
        self.fetch("Course", [str(each["course"]) for each in lacking])
        for each in lacking:
            place(each, self._records["Course", str(each["course"])])

    def fetch_referring(self, entity: str, field: str, keys: Iterable[str]) -> None:
        """Get the records that refer to these keys in one query."""
        seen = self._referring
        wanted = [each for each in dict.fromkeys(keys) if (entity, field, each) not in seen]
        if not wanted:
            return
        at = (self._connection, self._subscriber)
        found = canonical_records.referring(*at, entity, field, wanted)
        # All that is told of each, not only what names the reference.
        self.fetch(entity, found)
        for each in wanted:
            seen[entity, field, each] = []
        for name in found:
            record = self._records[entity, name]
            value = record.get(field) if record else None
            for target in _names(value):
                if record is not None and (entity, field, target) in seen:
                    seen[entity, field, target].append(record)

    def fetch_along(self, records: Iterable[Record], steps: Sequence[Step]) -> list[Record]:
        """Follow steps from many records at once; the records they lead to."""
        found = list(records)
        for step in steps:
            found = self._along(found, step)
        return found

    def _along(self, records: list[Record], step: Step) -> list[Record]:
        if step.back:
            keys = [key(each) for each in records]
            self.fetch_referring(step.entity, step.field, keys)
            reached = [x for k in keys for x in self._referring[step.entity, step.field, k]]
        else:
            names = [name for each in records for name in _names(each.get(step.field))]
            self.fetch(step.entity, names)
            # A record that is not there yet is still a way to those that refer to it.
            reached = [
                self._records[step.entity, name] or {KEY: name} for name in dict.fromkeys(names)
            ]
        return list({key(each): each for each in reached}.values())


def _names(value: object) -> list[str]:
    return [
        each for each in (value if isinstance(value, list) else [value]) if isinstance(each, str)
    ]
