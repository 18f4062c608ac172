"""Small mapping tables written in the tests, and what they make."""

from __future__ import annotations

from reference_hub.translate import tables
from reference_hub.translate.canonical import Record
from reference_hub.translate.graph import MemoryGraph
from reference_hub.translate.places import Node
from reference_hub.translate.reading import Reading, TableReader
from reference_hub.translate.tables import Table
from reference_hub.translate.writing import TableWriter, TargetRow, Writing

HEAD = "collection,place,entity,field,function,codes,need,to,loss,crosswalk_id,note"
Named = tuple[str, Record]


def text(*lines: str, dialect: str = "oneroster") -> str:
    """The file of a table; lines are filled up to eleven columns."""
    full = [line + "," * (10 - line.count(",")) if '"' not in line else line for line in lines]
    return "\n".join((f"# dialect: {dialect}", HEAD, *full))


def table(*lines: str, dialect: str = "oneroster") -> Table:
    """A table of these lines."""
    return tables.parse("trial", text(*lines, dialect=dialect))


def write(made: Table, *records: Named) -> Writing:
    """What the first record becomes beside the others."""
    return TableWriter(made).write(*records[0], MemoryGraph(records))


def row(made: Table, *records: Named) -> TargetRow:
    """The only row of the first record."""
    (found,) = write(made, *records).rows
    return found


def read(made: Table, collection: str, node: Node, *around: Named) -> Reading:
    """What a node is read as."""
    graph = MemoryGraph(around) if around else None
    return TableReader(made).read(node, collection, graph=graph)
