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
from typing import TYPE_CHECKING, BinaryIO

import click

from conformance.problems import PlaceFault, UsageFault
from conformance.streams import reader_gone

if TYPE_CHECKING:
    from conformance.scan import Found, Scan
    from conformance.scan_report import Report
    from fixtures.canary import Sighting
    from fixtures.sightings import Reader

NOTHING, FOUND, UNDECIDED = 0, 1, 2
_LARGE = 32 << 20  # bytes from which on a bar is shown
_STUDENTS, _SCHOOLS = click.IntRange(0, 80_000_000), click.IntRange(1, 400_000)  # as in `generate`
PLACE = click.Path(path_type=Path, exists=True, allow_dash=True)
DISTRICT = click.Path(path_type=Path, exists=True, file_okay=False)


@click.command(short_help="Find values of a synthetic district in any bytes.")
@click.argument("path", type=PLACE, required=False)
@click.option(
    "--district", type=DISTRICT, metavar="DIR", help="What `generate` wrote: says seed and size."
)
@click.option("--seed", "seeds", type=int, multiple=True, help="Seed of the district; repeat.")
@click.option("--students", type=_STUDENTS, help="Number of its students.  [default: 300]")
@click.option("--schools", type=_SCHOOLS, help="Number of its schools; default as in `generate`.")
@click.option(
    "--granted",
    metavar="AGREEMENT",
    help="Only what this agreement does not grant: minimal, reading-app, rostering or a file.",
)
@click.option("--only", multiple=True, metavar="WORD", help="Only this element or kind; repeat.")
@click.option("--totals", is_flag=True, help="Count only; no line for each sighting.")
@click.option("--json", "as_json", is_flag=True, help="JSON lines; the last one has the totals.")
@click.option("--explain", is_flag=True, help="List which elements carry a canary and which not.")
def scan(
    path: Path | None,
    district: Path | None,
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
    upper and lower case. Which district: --district, or --seed and --students, else the
    district.json of PATH or of a folder around it, else that of `generate` without options.

    \b
    A line has, between tabs: owner, element, revision (0: the first value), what
    was found, seed, file, what had to be unpacked, line, offset. Totals and rate
    go to standard error.

    \b
    Exit codes: 0 nothing found, 1 found, 2 nothing found but something could not
    be read, or nothing was there to read.

    \b
    Examples:
      conformance scan --district district vendor-export.zip
      pg_dump vendor | conformance scan --district district --granted reading-app -
      conformance scan --seed 7 --students 1000 --totals logs
      conformance scan --explain
    """
    if explain:
        return _explain(granted, as_json=as_json)
    if path is None:
        raise UsageFault("nothing to scan: name a file or folder, or - for standard input")
    from conformance import scan_places
    from conformance.scan_report import Report, say

    place, counts = None if str(path) == "-" else path, _wanted(only, granted)
    source = _source(district, seeds, students, schools) or place
    looking, told, guessed = scan_places.readers(source, seeds, students, schools)
    say(told)
    if guessed:
        say("Is it another one? Name it with --district DIR, or with --seed and --students.")
    return _reported(Report(as_json=as_json, lines=not totals), place, looking, counts)


def _reported(
    report: Report, place: Path | None, looking: list[Reader], counts: Callable[[Sighting], bool]
) -> int:
    """Look through a place and report what counts; gives the exit code."""

    def found(one: Found) -> None:
        if counts(one.sighting):
            report.tell(one)

    try:
        _look(place, looking, found, report)
        report.close()
        sys.stdout.flush()
    except OSError as error:  # of standard output; reading has its own
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if not reader_gone(error):  # whoever read the lines has seen enough
            raise PlaceFault(f"the lines cannot be written: {error.strerror}") from None
    return FOUND if report.count else UNDECIDED if report.unread else NOTHING


def _source(
    district: Path | None, seeds: tuple[int, ...], students: int | None, schools: int | None
) -> Path | None:
    """Give the folder that says which district it is, if one was named."""
    from conformance.scan_places import MANIFEST

    if district is None:
        return None
    if seeds or students is not None or schools:
        raise UsageFault("--district says seed and size; leave out --seed, --students, --schools")
    if not (district / MANIFEST).is_file():
        raise UsageFault(
            f"--district {district}: there is no {MANIFEST}. Name a folder that `conformance"
            " generate` has written to the end, or the district with --seed and --students."
        )
    return district


def _wanted(only: tuple[str, ...], granted: str | None) -> Callable[[Sighting], bool]:
    """Make the question whether a sighting is one of those asked for."""
    from conformance.scan_explain import Grant
    from fixtures import canary

    elements = {named.partition(" ")[2] for named in canary.PREFIXES.values()}
    known = {"RefId", *canary.ELEMENTS, *canary.KINDS, *elements}
    for word in only:
        if word not in known:
            near = difflib.get_close_matches(word, known, 3, 0.5)
            hint = ", ".join(near or sorted(known))
            raise UsageFault(f"--only {word}: no element or kind is called so; there is {hint}")
    grant = Grant(granted) if granted else None

    def counts(one: Sighting) -> bool:
        asked = not only or one.element in only or one.kind in only
        return asked and not (grant and grant.allows(one))

    return counts


def _look(
    path: Path | None, looking: list[Reader], found: Callable[[Found], None], report: Report
) -> None:
    """Scan standard input, or the file or all files of the folder."""
    from conformance.scan import Scan
    from conformance.scan_places import files
    from conformance.scan_report import say

    scanner, began, count = Scan(looking, found, report.could_not_read), time.monotonic(), 1
    read = 0

    def counted(chunk: bytes) -> bytes:
        nonlocal read
        read += len(chunk)
        return chunk

    if path is None:
        scanner.stream("-", map(counted, _read(None, report.could_not_read)))
    else:
        passed = list[str]()
        names = list(files(path, report.could_not_read, passed.append))
        count = len(names)
        with _progress(names) as tick:
            for name in names:
                _file(scanner, path, name, lambda chunk: tick(counted(chunk)))
        if passed:
            say(f"passed by, links and what is no file: {len(passed)}, the first {passed[0]}")
    if not read and not report.unread:
        report.could_not_read(f"{path or '-'}: there is not a byte in it")
    seconds, size = time.monotonic() - began, scanner.scanned / 1e6
    rate = f"{size:.1f} MB in {seconds:.1f} s, {size / max(seconds, 0.001):.1f} MB/s"
    say(f"scanned {count} file{'s' * (count != 1)}, {rate}")


def _input() -> BinaryIO:
    """Give standard input."""
    from conformance.scan_report import say

    if sys.stdin is None:
        raise UsageFault("standard input is closed: name a file or folder")
    if sys.stdin.isatty():
        say(f"reading what is typed here until {'Ctrl-Z' if os.name == 'nt' else 'Ctrl-D'}")
        # Without a buffer, which would ask for a second Ctrl-D.
        return open(sys.stdin.fileno(), "rb", buffering=0, closefd=False)
    return sys.stdin.buffer


def _file(scanner: Scan, top: Path, file: Path, tick: Callable[[bytes], bytes]) -> None:
    """Scan a file and its name."""
    name = file.name if file == top else file.relative_to(top).as_posix()
    scanner.stream(f"name of {file}", [os.fsencode(name)])
    scanner.stream(str(file), map(tick, _read(file, scanner.unread)))


def _read(file: Path | None, unread: Callable[[str], None]) -> Iterator[bytes]:
    """Give the bytes of a file, or of standard input, as far as they can be read."""
    from conformance.scan_places import chunks

    try:
        with file.open("rb") if file else _input() as opened:
            yield from chunks(opened)
    except OSError as error:
        unread(f"{file or '-'}: {error.strerror}")


@contextmanager
def _progress(names: list[Path]) -> Iterator[Callable[[bytes], bytes]]:
    """Show a bar for large input on a terminal; elsewhere nothing."""
    size = sum(map(_size, names))
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
    # Lines for a pipe or a file stay there.
    console, mine = Console(stderr=True), sys.stdout.isatty()
    with Progress(*columns, console=console, transient=True, redirect_stdout=mine) as bar:
        task = bar.add_task("", total=size)

        def tick(chunk: bytes) -> bytes:
            bar.update(task, advance=len(chunk))
            return chunk

        yield tick


def _size(name: Path) -> int:
    try:
        return name.stat().st_size
    except OSError:  # which is told when it is read
        return 0


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
