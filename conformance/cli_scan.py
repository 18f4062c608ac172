"""The command `scan`: which values of a synthetic district are in these bytes?"""

from __future__ import annotations

import difflib
import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from conformance.problems import UsageFault

if TYPE_CHECKING:
    from conformance.scan import Found, Scan
    from conformance.scan_report import Report
    from fixtures.canary import Sighting
    from fixtures.sightings import Reader

NOTHING, FOUND, UNDECIDED = 0, 1, 2
_LARGE = 32 << 20  # bytes from which on a bar is shown
PLACE = click.Path(path_type=Path, exists=True, allow_dash=True)


@click.command()
@click.argument("path", type=PLACE, required=False)
@click.option("--seed", "seeds", type=int, multiple=True, help="Seed of the district; repeat.")
@click.option("--students", type=click.IntRange(0), help="Number of its students.")
@click.option("--schools", type=click.IntRange(1), help="Number of its schools.")
@click.option(
    "--granted", metavar="AGREEMENT", help="Only what this agreement (name or file) does not grant."
)
@click.option("--only", multiple=True, metavar="WORD", help="Only this element or kind; repeat.")
@click.option("--totals", is_flag=True, help="Count only; no line for each sighting.")
@click.option("--json", "as_json", is_flag=True, help="JSON lines; the last one has the totals.")
@click.option("--explain", is_flag=True, help="List which elements carry a canary and which not.")
def scan(
    path: Path | None,
    seeds: tuple[int, ...],
    students: int | None,
    schools: int | None,
    granted: str | None,
    only: tuple[str, ...],
    totals: bool,
    as_json: bool,
    explain: bool,
) -> int:
    """Find values of a synthetic district in PATH (file, folder, or - for standard input).

    Looks into XML, JSON, CSV and any other bytes; into gzip, zip and tar; through base64, hex,
    UTF-16, UTF-32, percent-encoding, JSON escapes, character references, quoted-printable; in
    upper and lower case. Which district: --seed, else the district.json beside PATH, else seed 1.

    \b
    A line has, between tabs: owner, element, revision (0: the first value), what was found,
    seed, file, what had to be unpacked, line, offset. Totals and rate go to standard error.
    Exit codes: 0 nothing found, 1 found, 2 nothing found but something could not be read.

    \b
    Examples:
      conformance scan --seed 7 --students 1000 vendor-export.zip
      pg_dump vendor | conformance scan --seed 7 --granted reading-app -
      conformance scan --explain
    """
    if explain:
        return _explain(granted, as_json=as_json)
    if path is None:
        raise UsageFault("nothing to scan: name a file or folder, or - for standard input")
    from conformance import scan_explain, scan_places
    from conformance.scan_report import Report, say

    place = None if str(path) == "-" else path
    wanted, grant = _wanted(only), scan_explain.Grant(granted) if granted else None
    looking, told = scan_places.readers(place, seeds, students, schools)
    say(told)
    report = Report(as_json=as_json, lines=not totals)

    def found(one: Found) -> None:
        if wanted(one.sighting) and not (grant and grant.allows(one.sighting)):
            report.tell(one)

    _look(place, looking, found, report)
    report.close()
    return FOUND if report.count else UNDECIDED if report.unread else NOTHING


def _wanted(only: tuple[str, ...]) -> Callable[[Sighting], bool]:
    from fixtures import canary

    elements = {named.partition(" ")[2] for named in canary.PREFIXES.values()}
    known = {"RefId", *canary.ELEMENTS, *canary.KINDS, *elements}
    for word in only:
        if word not in known:
            near = difflib.get_close_matches(word, known, 3, 0.5)
            hint = ", ".join(near or sorted(known))
            raise UsageFault(f"--only {word}: no element or kind is called so; there is {hint}")
    return lambda one: not only or one.element in only or one.kind in only


def _look(
    path: Path | None, looking: list[Reader], found: Callable[[Found], None], report: Report
) -> None:
    """Scan standard input, or the file or all files of the folder."""
    from conformance.scan import Scan
    from conformance.scan_places import chunks, files
    from conformance.scan_report import say

    scanner, began, count = Scan(looking, found, report.could_not_read), time.monotonic(), 1
    if path is None:
        scanner.stream("-", chunks(sys.stdin.buffer))
    else:
        passed = list[str]()
        names = list(files(path, report.could_not_read, passed.append))
        count = len(names)
        with _progress(names) as tick:
            for name in names:
                _file(scanner, path, name, tick)
        if passed:
            say(f"passed by, links and what is no file: {len(passed)}, the first {passed[0]}")
    seconds, size = time.monotonic() - began, scanner.scanned / 1e6
    rate = f"{size:.1f} MB in {seconds:.1f} s, {size / max(seconds, 0.001):.1f} MB/s"
    say(f"scanned {count} file{'s' * (count != 1)}, {rate}")


def _file(scanner: Scan, top: Path, file: Path, tick: Callable[[bytes], bytes]) -> None:
    """Scan a file and its name."""
    from conformance.scan_places import chunks

    name = file.name if file == top else str(file.relative_to(top))
    scanner.stream(f"name of {file}", [os.fsencode(name)])
    try:
        with file.open("rb") as opened:
            scanner.stream(str(file), map(tick, chunks(opened)))
    except BrokenPipeError:  # the reader of our lines has gone
        raise
    except OSError as error:
        scanner.unread(f"{file}: {error.strerror}")


@contextmanager
def _progress(names: list[Path]) -> Iterator[Callable[[bytes], bytes]]:
    """Show a bar for large input on a terminal; elsewhere nothing."""
    size = sum(name.stat().st_size for name in names)
    if size < _LARGE or not sys.stderr.isatty():
        yield lambda chunk: chunk
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        DownloadColumn,
        Progress,
        TimeRemainingColumn,
        TransferSpeedColumn,
    )

    columns = (BarColumn(), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=size)

        def tick(chunk: bytes) -> bytes:
            bar.update(task, advance=len(chunk))
            return chunk

        yield tick


def _explain(granted: str | None, *, as_json: bool) -> int:
    from conformance import scan_explain

    for row in scan_explain.explain(granted):
        if as_json:
            print(json.dumps(asdict(row)))
            continue
        what = ", ".join(row.canaries) or f"none: {row.why}"
        cells = (row.model, row.path, what, row.covered, row.granted)
        print("\t".join(cells).rstrip("\t"))
    return NOTHING


COMMANDS: tuple[click.Command, ...] = (scan,)
