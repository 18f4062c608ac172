"""What a OneRoster delta changes: the objects that the records give afterwards and did not before.

The records are read from the objects in the store and the rows of the delta are put onto them. Both
states are written by the same table, so an object that a delta does not touch is not touched.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from reference_hub.codec.xml import fold, read
from reference_hub.model.scope import Scope
from reference_hub.store import listings
from reference_hub.translate.graph import MemoryGraph
from reference_hub.translate.reading import TableReader
from reference_hub.translate.tables import load
from reference_hub.translate.trees import node
from reference_hub.translate.writing import READY, TableWriter

if TYPE_CHECKING:
    from sqlalchemy import Engine

# By object type and folded RefId: what stands for the whole of an object.
State = Mapping[tuple[str, str], str]


def stored_records(engine: Engine, scope: Scope, table: str) -> MemoryGraph:
    """The records of all objects of a zone that a mapping table knows."""
    known, graph = load(table), MemoryGraph()
    reader = TableReader(known)
    with engine.connect() as connection:
        for object_type in known.collections:
            for _, body in listings.scan(connection, scope, object_type):
                reading = reader.read(node(read(body)), object_type, graph=graph)
                for entity, record in reading.records:
                    graph.add(entity, record)
    return graph


def state(graph: MemoryGraph, table: str, settings: Mapping[str, Any]) -> State:
    """The objects that the records of a graph give; those that wait are none."""
    writer = TableWriter(load(table), settings)
    return {
        (row.collection, fold(row.key)): repr(row.body)
        for entity, record in list(graph.all())
        for row in writer.write(entity, record, graph).rows
        if row.state == READY
    }
