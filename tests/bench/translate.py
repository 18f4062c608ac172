"""What the translation of students costs beside parsing and serialising the same bytes."""

from __future__ import annotations

import gc
import statistics
import time
from pathlib import Path

from lxml import etree

from fixtures.generate import generate
from fixtures.writers import xpress
from reference_hub.codec.xml import read, tostring
from reference_hub.translate import tables, trees
from reference_hub.translate.graph import MemoryGraph
from reference_hub.translate.ledger import Loss
from reference_hub.translate.plans import reader_for
from reference_hub.translate.writing import TableWriter
from tests.bench.figures import Figure

STUDENTS, ROUNDS = 500, 9
STUDENT = "xStudent"


def measure(folder: Path) -> list[Figure]:
    """Ratio of processor time, both in this process and in turn; medians over the rounds."""
    graph = MemoryGraph()
    documents: list[bytes] = []
    for _, collection in xpress.documents(generate(1, STUDENTS)):
        for element in collection:
            name = etree.QName(element).localname
            for entity, record in reader_for(name).read(trees.node(element), name).records:
                graph.add(entity, record)
            if name == STUDENT:
                documents.append(etree.tostring(element))
    # The records of the district stand for a database: the collector need not walk through them.
    gc.collect()
    gc.freeze()
    writer = TableWriter(tables.load("oneroster-1.2"))
    both = [(_bare(documents), _translated(documents, writer, graph)) for _ in range(ROUNDS)]
    gc.unfreeze()
    bare, ours = (
        statistics.median(each) / len(documents) * 1e6 for each in zip(*both, strict=True)
    )
    detail = (
        f"{ours:.0f} us of CPU for a student with all its rows and losses, XML alone {bare:.0f}"
    )
    return [Figure("translate_vs_parse", ours / bare, 10, "lower", detail)]


def _bare(documents: list[bytes]) -> float:
    began = time.process_time()
    for each in documents:
        tostring(read(each))
    return time.process_time() - began


def _translated(documents: list[bytes], writer: TableWriter, graph: MemoryGraph) -> float:
    reader, rows = reader_for(STUDENT), 0
    began = time.process_time()
    for each in documents:
        reading = reader.read(trees.node(read(each)), STUDENT)
        losses: set[Loss] = set(reading.losses)
        for entity, record in reading.records:
            written = writer.write(entity, record, graph)
            losses.update(written.losses)
            rows += len(written.rows)
    spent = time.process_time() - began
    if rows < 2 * len(documents):
        raise RuntimeError(f"{rows} rows of {len(documents)} students: that is not all of them")
    return spent
