"""`make bench`: measure, print a table, write reports/bench.json.

`python -m tests.bench TOPIC ...` measures these only and leaves the other figures as they were.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import msgspec
from rich.console import Console
from rich.table import Table

from tests.bench import (
    console_lists,
    delivery,
    generate,
    hub_create,
    hub_requests,
    long_poll,
    nightly,
    obligations,
    publish,
    report,
    roles,
    scan,
    suite,
    translate,
)
from tests.bench.figures import Figure

TOPICS = (
    generate,
    scan,
    translate,
    hub_create,
    hub_requests,
    obligations,
    publish,
    delivery,
    nightly,
    long_poll,
    report,
    suite,
    roles,
    console_lists,
)
OUTPUT = Path(__file__).parents[2] / "reports" / "bench.json"


def tell(console: Console, figures: list[Figure]) -> None:
    """Print the figures with their goals."""
    table = Table("figure", "measured", "goal", "met", "detail")
    for each in figures:
        sign = "at least" if each.better == "higher" else "at most"
        word = "yes" if each.met else "NO"
        table.add_row(each.name, f"{each.ratio:.2f}", f"{sign} {each.goal:g}", word, each.detail)
    console.print(table)


def kept(measured: Sequence[Figure]) -> list[Figure]:
    """What was measured in the place of its older figure, and all others as they stand."""
    before = msgspec.json.decode(OUTPUT.read_bytes(), type=list[Figure]) if OUTPUT.exists() else []
    now = {each.name: each for each in measured}
    return [now.pop(each.name, each) for each in before] + list(now.values())


def main(names: Sequence[str]) -> None:
    """Measure the topics of these names, else all; the exit code does not depend on the figures."""
    console = Console()
    known = {topic.__name__.rpartition(".")[2]: topic for topic in TOPICS}
    unknown = [name for name in names if name not in known]
    if unknown:
        sys.exit(f"No topic is called {unknown[0]}; there are {', '.join(known)}.")
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory(prefix="sif-bench-") as folder:
        for name in names or known:
            with console.status(f"Measuring {name} ..."):
                figures += known[name].measure(Path(folder))
    rounded = [msgspec.structs.replace(each, ratio=round(each.ratio, 3)) for each in figures]
    whole = kept(rounded) if names else rounded
    OUTPUT.write_bytes(msgspec.json.format(msgspec.json.encode(whole), indent=2) + b"\n")
    tell(console, rounded)
    console.print(f"Written to {OUTPUT.relative_to(OUTPUT.parents[1])}")


if __name__ == "__main__":
    main(sys.argv[1:])
