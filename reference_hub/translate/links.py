"""Which other rows a row points to, so that children wait for their parents."""

from __future__ import annotations

from dataclasses import dataclass, replace

from reference_hub.translate.places import Node, texts_at
from reference_hub.translate.tables import Line, Section, Table


@dataclass(frozen=True, slots=True)
class _Group:
    """Lines that make one pointer; `column` where it is the text of one plain member,
    `beside` the plain members of the row that stand before it in the key pointed at."""

    collection: str
    lines: tuple[Line, ...]
    needed: bool
    column: str
    beside: tuple[str, ...] = ()


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
        self._groups = {
            id(section): tuple(self._beside(x, section) for x in _groups(section))
            for section in table.sections
        }

    def of(self, section: Section, body: Node) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """What the row needs and what it wants, each as `collection:key`."""
        needs: list[str] = []
        wants: list[str] = []
        for group in self._groups.get(id(section), ()):
            value = body.get(group.column) if group.column else None
            if value is None and group.column:
                continue
            found = needs if group.needed else wants
            if value.__class__ is not str:
                found += [f"{group.collection}:{each}" for each in self._keys_at(group, body)]
            elif value and not value.isspace():
                if group.beside:
                    value = "|".join((*(str(body.get(name, "")) for name in group.beside), value))
                found.append(f"{group.collection}:{value}")
        return _once(needs), _once(wants)

    def _beside(self, group: _Group, section: Section) -> _Group:
        """A single column points at a key of several where the row itself has those before the
        last: Clever's `Teacher_2_id` is a teacher of the section's own school."""
        before = self._keys.get(group.collection, ())[:-1]
        own = {line.places[0].column for line in section.lines if line.places[0].plain}
        if group.column and before and own.issuperset(before):
            return replace(group, beside=before)
        return group

    def _keys_at(self, group: _Group, body: Node) -> list[str]:
        lines = group.lines
        if len(lines) == 1:
            return texts_at(body, lines[0].places[0].segments)
        parts = {x.places[0].column: texts_at(body, x.places[0].segments) for x in lines}
        key = [parts.get(name, [""])[:1] or [""] for name in self._keys.get(group.collection, ())]
        if key and all(each[0] for each in key):
            return ["|".join(each[0] for each in key)]
        return []


def _once(names: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names)) if len(names) > 1 else tuple(names)


def _groups(section: Section) -> tuple[_Group, ...]:
    groups: dict[tuple[str, tuple[str, ...]], tuple[Line, ...]] = {}
    for line in section.lines:
        if line.to:
            segments = line.places[0].segments
            above = tuple(segment.name for segment in segments[:-1]) or (segments[0].name,)
            at = (line.to, above)
            groups[at] = (*groups.get(at, ()), line)
    return tuple(_group(to, lines) for (to, _), lines in groups.items())


def _group(collection: str, lines: tuple[Line, ...]) -> _Group:
    plain = lines[0].places[0].plain if len(lines) == 1 else ()
    column = plain[0] if len(plain) == 1 else ""
    return _Group(collection, lines, any(line.need for line in lines), column)
