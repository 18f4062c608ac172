"""The command `generate`: synthetic districts in every model and format."""

from __future__ import annotations

import os
import sys
import time
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from conformance.problems import PlaceFault, UsageFault

if TYPE_CHECKING:
    from rich.progress import Progress

    from fixtures.export import Wish

MODELS = ("unity-4.3", "xpress-4.3", "na-3.3", "au-3.4")
FORMATS = ("xml", "pesc", "goessner", "oneroster-csv", "oneroster-json", "edfi", "csv")
PER_SCHOOL = 500
PATIENCE = 0.5  # seconds without a bar
STEP = 100  # records between two movements of the bar


@click.command(short_help="Write a synthetic district, in any model and format.")
@click.option(
    "--seed",
    type=int,
    default=1,
    show_default=True,
    help="Which district: the same seed, the same bytes.",
)
@click.option("--students", type=click.IntRange(0), default=300, show_default=True)
@click.option(
    "--schools", type=click.IntRange(1), help="Default: one per 500 students, at least two."
)
@click.option(
    "--model",
    type=click.Choice(MODELS),
    help="For the SIF formats and the timeline.  [default: unity-4.3]",
)
@click.option("--format", "fmt", type=click.Choice(FORMATS), default="xml", show_default=True)
@click.option("--timeline", is_flag=True, help="Add the changes of the school year, day by day.")
@click.option(
    "--collection",
    "collections",
    multiple=True,
    metavar="NAME",
    help="Only this collection, or this file of a format that is not SIF; repeat.",
)
@click.option("--resume", is_flag=True, help="Go on where an interrupted run stopped.")
@click.option("--replace", is_flag=True, help="Replace another district that the folder holds.")
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    required=True,
    metavar="DIR",
    help="A new or an empty folder.",
)
def generate(
    seed: int,
    students: int,
    schools: int | None,
    model: str | None,
    fmt: str,
    timeline: bool,
    collections: tuple[str, ...],
    resume: bool,
    replace: bool,
    out: Path,
) -> None:
    """Write a synthetic district: schools, staff, students, contacts, classes and a year of school.

    Nobody in it exists. Every value that identifies somebody carries a canary that `conformance
    scan` finds again. From 500 students on the district holds every awkward case (`conformance
    list --edge-cases`).

    \b
    Formats; the same seed gives the same people in all of them:
      xml, pesc, goessner  SIF in XML and in both JSON notations, by collection
      oneroster-csv        OneRoster 1.2, one zip
      oneroster-json       OneRoster 1.2, a file per resource
      edfi                 Ed-Fi data standard 5, a file of bodies per resource
      csv                  plain tables; columns.csv explains them

    \b
    Models of the SIF formats:
      unity-4.3            StudentPersonal and all the rest
      xpress-4.3, na-3.3   xStudent and its like
      au-3.4               students, staff, schools, enrolments
    --timeline is there for unity-4.3 and xpress-4.3.

    \b
    Examples:
      conformance generate --seed 7 --students 1000 --out district
      conformance generate --seed 7 --students 50 --format oneroster-csv --out small
      conformance generate --model xpress-4.3 --timeline --out year
      conformance generate --students 1000000 --format csv --out many
    """
    from fixtures.export import Wish
    from fixtures.generate import Plan

    plan = Plan(seed, students, schools or max(2, students // PER_SCHOOL))
    named = _model(model, fmt, timeline=timeline)
    try:
        wish = Wish(plan, named, fmt, timeline, collections)
    except ValueError as error:
        raise UsageFault(str(error)) from None
    _write(wish, out, resume=resume, replace=replace)


def _write(wish: Wish, out: Path, *, resume: bool, replace: bool) -> None:
    """Write the district and say how it goes; what stands in the way becomes a sentence."""
    from fixtures.export import export
    from fixtures.problems import BadFixture, OutputError, UnknownName

    told = Told(wish, click.format_filename(out))
    try:
        with told:
            export(
                wish,
                out,
                resume=resume,
                replace=replace,
                on_chunk=told.wrote,
                on_kept=told.found,
                on_file=told.file,
            )
    except UnknownName as error:
        raise UsageFault(str(error)) from None
    except (OutputError, BadFixture) as error:
        raise PlaceFault(str(error)) from None
    except KeyboardInterrupt:
        click.echo(
            f"Interrupted. What is complete stays in {told.out}; --resume goes on.", err=True
        )
        raise
    told.end()


def _model(model: str | None, fmt: str, *, timeline: bool) -> str:
    if fmt in ("xml", "pesc", "goessner") or timeline:
        return model or MODELS[0]
    if model is not None:
        raise UsageFault(
            f"--model {model} chooses between SIF models, and {fmt} is none. Leave out --model, "
            "or take --format xml, pesc or goessner."
        )
    return ""


class Told(ExitStack):
    """Tells how it goes: a line per file, and on a terminal a bar with rate and time left.

    `done` counts records since the last file that was there already, `before` all until then.
    """

    def __init__(self, wish: Wish, out: str) -> None:
        super().__init__()
        self.wish, self.out = wish, out
        self.files = self.bytes = self.before = self.done = self.waiting = 0
        self.began = time.monotonic()
        self.bar: Progress | None = None
        self.total = 0.0

    def wrote(self, chunks: int, _bytes: int) -> None:
        """Hear of a piece that was written."""
        self.waiting += chunks
        if self.waiting >= STEP:
            self.done, self.waiting = self.done + self.waiting, 0
            self._move()

    def found(self, chunks: int) -> None:
        """Hear of a file that was there already."""
        self.before += self.done + self.waiting + chunks
        self.done = self.waiting = 0
        self.began = time.monotonic()

    def file(self, name: str, records: int, size: int) -> None:
        """Hear of a complete file."""
        self.files, self.bytes = self.files + 1, self.bytes + size
        try:
            click.echo(f"{name}  {f'{records} objects  ' if records else ''}{size} bytes")
        except OSError:  # nobody listens any more; the files are what was asked for
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())

    def end(self) -> None:
        """Say what is there now, and what it is good for."""
        plan = self.wish.plan
        click.echo(
            f"{self.out} is complete: seed {plan.seed}, {plan.student_count:,} students, "
            f"{plan.school_count:,} schools; {self.files} files, {self.bytes:,} bytes.\n"
            f"To look for them elsewhere: conformance scan --district {self.out} PATH",
            err=True,
        )

    def _move(self) -> None:
        seconds = time.monotonic() - self.began
        if seconds < PATIENCE or not sys.stderr.isatty():
            return
        bar = self.bar or self._start()
        rate, count = self.done / seconds, self.before + self.done
        # It is an estimate, and only the end is the end.
        self.total = max(self.total, count / 0.99)
        left = str(timedelta(seconds=round((self.total - count) / rate)))
        told = f"{count:,} records, {rate:,.0f}/s"
        bar.update(bar.task_ids[0], completed=count, total=self.total, told=told, left=left)

    def _start(self) -> Progress:
        """Begin the bar; what is done in little time needs none."""
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn

        from fixtures.export.estimate import pieces

        self.total = pieces(self.wish)
        columns = (
            TextColumn("{task.fields[told]}"),
            BarColumn(),
            TextColumn("{task.fields[left]}"),
        )
        # Lines for a pipe or a file stay there.
        mine = sys.stdout.isatty()
        self.bar = self.enter_context(
            Progress(*columns, console=Console(stderr=True), transient=True, redirect_stdout=mine)
        )
        self.bar.add_task("", total=self.total, told="", left="")
        return self.bar


COMMANDS: tuple[click.Command, ...] = (generate,)
