"""Read a node of a format into canonical records, by its mapping table.

Every leaf ends in a field or in the ledger: a path the table does not name is a static loss.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from reference_hub.translate.calls import Graph
from reference_hub.translate.canonical import KEY, Record, key
from reference_hub.translate.ledger import NO_SLOT, Loss
from reference_hub.translate.line_reading import Document, read_short, where
from reference_hub.translate.lines import Section, Table
from reference_hub.translate.places import TEXT, Node, text_of, texts_at
from reference_hub.translate.reading_order import ANYTHING, Order, known, order

Names = tuple[str, ...]
UNLISTED = "XW-235"
_NOT_READ = "not in the mapping table"
_NO_TYPE = "objects of this type are not translated"


# Not frozen: made by the million (translate/ledger.py).
@dataclass(slots=True)
class Reading:
    """The records of one node, each with its entity, and what was lost on the way."""

    records: tuple[tuple[str, Record], ...]
    losses: tuple[Loss, ...]


class TableReader:
    """Reads by one table; made once, safe to share between threads."""

    def __init__(self, table: Table) -> None:
        self.table = table
        sections = {name: table.of_collection(name) for name in table.collections}
        self._orders = {name: tuple(map(order, each)) for name, each in sections.items()}
        self._known = {name: known(each) for name, each in sections.items()}
        self.paths = _paths(table)

    def read(
        self,
        node: Node,
        collection: str,
        *,
        only: str = "",
        graph: Graph | None = None,
        settings: Mapping[str, Any] | None = None,
    ) -> Reading:
        """The records of a node; a collection the table does not have gives none and says so.

        `only` names the entity where a collection serves several and the caller knows which it is.
        """
        if collection not in self._orders:
            words = (UNLISTED, collection, "", NO_SLOT, _NO_TYPE)
            return Reading((), (Loss(collection, "", *words),))
        document = Document(node, graph, settings or {})
        for each in self._orders[collection]:
            if each.of:
                _read_nested(document, each)
            elif _applies(each.section, node, only):
                _read_own(document, each)
        unlisted: list[Names] = []
        _unlisted(node, self._known[collection], (collection,), unlisted)
        entity = next(iter(document.roots), collection)
        for names in unlisted:
            path = "/".join(filter(None, names))
            loss = Loss(entity, "", UNLISTED, path, "", NO_SLOT, _NOT_READ)
            document.losses[loss] = None
        return Reading(tuple(document.records), tuple(document.losses))


def _applies(section: Section, node: Node, only: str) -> bool:
    """Whether a row is of this section: the caller's word, else its constants must agree."""
    if only:
        return section.entity == only
    for line in section.lines:
        if line.function.name == "constant":
            found = texts_at(node, line.places[0].segments)
            if found and found[0] != line.argument:
                return False
    return True


def _read_own(document: Document, order: Order) -> None:
    """Read the record that the document is about."""
    record: Record = {}
    _read(document, order, document.root, record)
    if record:
        entity = order.section.entity
        document.roots.setdefault(entity, record)
        document.records.append((entity, record))


def _read_nested(document: Document, order: Order) -> None:
    """Read the records inside the document."""
    if order.of not in document.roots:
        return
    section, owner = order.section, key(document.roots[order.of])
    for number, find in enumerate(order.containers):
        for each in find(document.root, document.root):
            record: Record = {order.refers: owner}
            if order.chosen:
                record[order.chosen] = "true" if number == 0 else "false"
            said = len(record)
            _read(document, order, each if isinstance(each, dict) else {TEXT: each}, record)
            # An element that only wraps members says nothing itself (otherStaffs of Unity 4.0).
            if len(record) - (KEY in record) > said:
                document.records.append((section.entity, record))


def _read(document: Document, order: Order, node: Node, record: Record) -> None:
    record.update(order.given)
    document.about(order.section.entity, record, node)
    for read in read_short(order.short, node, record):
        read(document, node, record, record)
    for begin, read in order.lines:
        if not begin or begin in node:
            read(document, node, record, record)
    for read in order.late:
        read(document, node, record, record)


def _unlisted(node: Node, known: Mapping[str, Any], above: Names, found: list[Names]) -> None:
    """Find the paths that the table does not name. Nearly all are known: that is decided first."""
    for name, value in node.items():
        if name not in known:
            for each in value if isinstance(value, list) else [value]:
                found += _leaves(each, (*above, name))
        elif value.__class__ is str or known[name] is ANYTHING:
            continue
        elif value.__class__ is dict:
            _unlisted(value, known[name], (*above, name), found)
        elif value.__class__ is list:
            for each in value:
                if each.__class__ is dict:
                    _unlisted(each, known[name], (*above, name), found)


def _leaves(value: Any, path: Names) -> Iterator[Names]:
    if isinstance(value, dict):
        for name, below in value.items():
            for each in below if isinstance(below, list) else [below]:
                yield from _leaves(each, (*path, name))
    elif text_of(value).strip():
        yield path


def _paths(table: Table) -> dict[str, str]:
    """Where each canonical field stands in the format: `Student.givenName` to a path."""
    found: dict[str, str] = {}
    for section in table.sections:
        for line in section.lines:
            base = f"{section.collection}/{where(section, line)}"
            for path in line.fields:
                if path.own:
                    found.setdefault(f"{section.entity}.{path.name}", base)
            for below in line.items:
                name = f"{section.entity}.{below.field}"
                found.setdefault(name, f"{base}/{below.places[0].path}")
    return found
