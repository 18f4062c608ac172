"""Which other rows a row points to, so that children wait for their parents."""

from __future__ import annotations

from collections.abc import Iterator

from reference_hub.translate.places import Node, texts_at
from reference_hub.translate.tables import Line, Section, Table


class Links:
    """The pointers of a table's rows, by the columns whose `to` names a collection.

    Columns under the same member that point to the same collection form one pointer; they meet the
    key of that collection by the names of their columns.
    """

    def __init__(self, table: Table) -> None:
        self._keys: dict[str, tuple[str, ...]] = {}
        for section in table.sections:
            if not section.containers:
                names = tuple(x.places[0].column for x in section.lines if x.need == "key")
                self._keys.setdefault(section.collection, names)
        self._groups = {id(section): _groups(section) for section in table.sections}

    def of(self, section: Section, body: Node) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """What the row needs and what it wants, each as `collection:key`."""
        needs: dict[str, None] = {}
        wants: dict[str, None] = {}
        for collection, lines in self._groups.get(id(section), ()):
            found = needs if any(line.need for line in lines) else wants
            found.update(dict.fromkeys(self._pointers(collection, lines, body)))
        return tuple(needs), tuple(wants)

    def _pointers(self, collection: str, lines: tuple[Line, ...], body: Node) -> Iterator[str]:
        if len(lines) == 1:
            values = texts_at(body, lines[0].places[0].segments)
            yield from (f"{collection}:{value}" for value in values)
            return
        parts = {x.places[0].column: texts_at(body, x.places[0].segments) for x in lines}
        key = [parts.get(name, [""])[:1] or [""] for name in self._keys.get(collection, ())]
        if key and all(each[0] for each in key):
            yield f"{collection}:{'|'.join(each[0] for each in key)}"


def _groups(section: Section) -> tuple[tuple[str, tuple[Line, ...]], ...]:
    groups: dict[tuple[str, tuple[str, ...]], tuple[Line, ...]] = {}
    for line in section.lines:
        if line.to:
            segments = line.places[0].segments
            above = tuple(segment.name for segment in segments[:-1]) or (segments[0].name,)
            at = (line.to, above)
            groups[at] = (*groups.get(at, ()), line)
    return tuple((to, lines) for (to, _), lines in groups.items())
