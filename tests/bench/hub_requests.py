"""List, get and create at the hub against a bare handler on the same PostgreSQL.

The hub authenticates, asks rights and gate, filters and audits; the bare handler makes one prepared
statement. Rounds alternate, and each figure is the median of floor time over hub time.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import count
from pathlib import Path

from lxml import etree

from fixtures.generate import generate, student
from fixtures.writers import xpress
from tests.bench.figures import Figure
from tests.bench.running import Bench, Caller, running
from tests.system.sis import wrapped

STUDENTS = 2000
PAGE = 100
REQUESTS = 100
ROUNDS = 7
WHOLE = ("xStudent",)
PART = ("xStudent/@refId", "xStudent/name/givenName", "xStudent/localId")

Ask = Callable[[int], object]


def seconds(ask: Ask) -> float:
    """The time of one round of requests, one after the other over one connection."""
    began = time.perf_counter()
    for number in range(REQUESTS):
        ask(number)
    return time.perf_counter() - began


def compared(bare: Ask, hub: Ask) -> tuple[float, str]:
    """Median ratio of floor to hub, and the milliseconds behind it."""
    pairs = [(seconds(bare), seconds(hub)) for _ in range(ROUNDS + 1)][1:]
    ratio = statistics.median(first / second for first, second in pairs)
    floor, ours = (statistics.median(column) for column in zip(*pairs, strict=True))
    unit = 1000 / REQUESTS
    return ratio, f"{ours * unit:.2f} ms a request, bare {floor * unit:.2f} ms"


def fill(sis: Caller) -> list[str]:
    """Store the district's students; their ids as the store knows them."""
    collection = dict(xpress.documents(generate(3, STUDENTS)))["xStudents"]
    members = list(collection)
    for start in range(0, len(members), PAGE):
        sis.ask("POST", "/requests/xStudents", wrapped(collection, members[start : start + PAGE]))
    return [str(each.get("refId")).replace("-", "").lower() for each in members]


def lists(bench: Bench, floor: Caller) -> Iterator[Figure]:
    """Pages of 100 students, under a full grant and, beside it, a pruned one."""
    pages = STUDENTS // PAGE

    def bare(number: int) -> object:
        return floor.ask("GET", f"/list/{number % pages * PAGE}")

    def hub(caller: Caller) -> Ask:
        tail = f"&navigationPageSize={PAGE}"
        path = "/requests/xStudents?navigationPage="
        return lambda number: caller.ask("GET", f"{path}{number % pages + 1}{tail}")

    ratio, detail = compared(bare, hub(bench.caller("whole", granted=WHOLE)))
    pruned, beside = compared(bare, hub(bench.caller("part", granted=PART)))
    text = f"{detail}; pruned grant {pruned:.2f} ({beside})"
    yield Figure("hub_list_vs_bare", ratio, 0.35, "higher", text)


def gets(bench: Bench, floor: Caller, refids: Sequence[str]) -> Iterator[Figure]:
    """One student by id."""
    caller = bench.caller("getter", granted=WHOLE)
    ratio, detail = compared(
        lambda number: floor.ask("GET", f"/get/{refids[number]}"),
        lambda number: caller.ask("GET", f"/requests/xStudents/{refids[number]}"),
    )
    yield Figure("hub_get_vs_bare", ratio, 0.25, "higher", detail)


def creates(sis: Caller, floor: Caller) -> Iterator[Figure]:
    """One student a request, a vendor with a POD among the subscribers."""
    numbers = count()

    def body() -> bytes:
        return etree.tostring(xpress.student(student(77, next(numbers))))

    ready = iter([body() for _ in range(REQUESTS * 2 * (ROUNDS + 1))])
    ratio, detail = compared(
        lambda _: floor.ask("POST", "/create", next(ready)),
        lambda _: sis.ask("POST", "/requests/xStudents/xStudent", next(ready)),
    )
    yield Figure("hub_create_vs_bare", ratio, 0.3, "higher", detail)


def measure(folder: Path) -> list[Figure]:
    """All three."""
    with running(folder / "requests") as bench:
        sis, floor = bench.caller("sis"), bench.floor()
        refids = fill(sis)
        return [
            *lists(bench, floor),
            *gets(bench, floor, refids),
            *creates(sis, floor),
        ]
