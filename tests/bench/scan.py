"""What a scan for canaries costs beside one regular expression over the same bytes."""

from __future__ import annotations

import re
import statistics
import time
from pathlib import Path

from conformance.scan import CHUNK, Scan
from fixtures.generate import Plan
from fixtures.sightings import Reader
from fixtures.writers import notation, xpress
from fixtures.writers.xpress import persons
from tests.bench.figures import Figure

STUDENTS, ROUNDS = 4000, 3
# Words and numbers as long as canaries: what any search for them has to look at.
BARE = re.compile(rb"[A-Za-z]{13}|[0-9]{10}")


def measure(folder: Path) -> list[Figure]:
    """Ratio over a district of another seed, where every candidate has to be refused."""
    nodes = map(persons.student, Plan(2, STUDENTS).students())
    data = b"".join(notation.stream("xStudents", nodes, xpress.NA4))
    chunks = [data[start : start + CHUNK] for start in range(0, len(data), CHUNK)]
    bare = statistics.median(_bare(chunks) for _ in range(ROUNDS))
    ours = statistics.median(_scan(chunks) for _ in range(ROUNDS))
    detail = (
        f"{len(data) / 1e6 / ours:.0f} MB/s of XML, the expression {len(data) / 1e6 / bare:.0f}"
    )
    return [Figure("scan_vs_expression", bare / ours, 0.3, "higher", detail)]


def _bare(chunks: list[bytes]) -> float:
    began = time.perf_counter()
    for chunk in chunks:
        BARE.findall(chunk)
    return time.perf_counter() - began


def _scan(chunks: list[bytes]) -> float:
    scan = Scan([Reader(1, STUDENTS, 2)], found=_never, unread=_never)
    began = time.perf_counter()
    scan.stream("bench", chunks)
    return time.perf_counter() - began


def _never(what: object) -> None:
    raise RuntimeError(f"Nothing is planted here, yet the scan told of {what}")
