"""`make bench`: measure, print a table, write reports/bench.json."""

from __future__ import annotations

import tempfile
from pathlib import Path

import msgspec
from rich.console import Console
from rich.table import Table

from tests.bench import (
    delivery,
    generate,
    hub_create,
    hub_requests,
    long_poll,
    nightly,
    obligations,
    publish,
    report,
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


def main() -> None:
    """Run every measurement; the exit code does not depend on the figures."""
    console = Console()
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory(prefix="sif-bench-") as folder:
        for topic in TOPICS:
            with console.status(f"Measuring {topic.__name__.rpartition('.')[2]} ..."):
                figures += topic.measure(Path(folder))
    rounded = [msgspec.structs.replace(each, ratio=round(each.ratio, 3)) for each in figures]
    OUTPUT.write_bytes(msgspec.json.format(msgspec.json.encode(rounded), indent=2) + b"\n")
    tell(console, rounded)
    console.print(f"Written to {OUTPUT.relative_to(OUTPUT.parents[1])}")


if __name__ == "__main__":
    main()
