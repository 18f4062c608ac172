"""The command `generate`: synthetic districts in every model and format."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from conformance.problems import PlaceFault, UsageFault

if TYPE_CHECKING:
    from fixtures.export import Wish

MODELS = ("unity-4.3", "xpress-4.3", "na-3.3", "au-3.4")
FORMATS = ("xml", "pesc", "goessner", "oneroster-csv", "oneroster-json", "edfi", "csv")
PER_SCHOOL = 500
SAMPLE = 100
STEP = 200  # objects between two movements of the bar


@click.command()
@click.option(
    "--seed", type=int, default=1, show_default=True, help="The same seed, the same bytes."
)
@click.option("--students", type=click.IntRange(0), default=300, show_default=True)
@click.option(
    "--schools", type=click.IntRange(1), help="Default: one per 500 students, at least two."
)
@click.option(
    "--model",
    type=click.Choice(MODELS),
    help="For the SIF formats.  [default: unity-4.3]",
)
@click.option(
    "--format",
    "fmt",
    type=click.Choice(FORMATS),
    default="xml",
    show_default=True,
    help="Notation.",
)
@click.option("--timeline", is_flag=True, help="Add the changes of the school year, day by day.")
@click.option(
    "--collection", "collections", multiple=True, metavar="NAME", help="Only this one; repeat."
)
@click.option("--resume", is_flag=True, help="Go on where an interrupted run stopped.")
@click.option("--replace", is_flag=True, help="Replace another district that the folder holds.")
@click.option(
    "--out", type=click.Path(path_type=Path, file_okay=False), required=True, metavar="DIR"
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

    Every value that identifies somebody carries a canary that `conformance scan` finds again. From
    500 students on the district holds every awkward case (`conformance list --edge-cases`).

    \b
    Formats: xml, pesc and goessner are SIF in the notation of that name; oneroster-csv (1.2, a
    zip), oneroster-json, edfi (data standard 5) and csv (plain tables) hold the same people.

    \b
    Examples:
      conformance generate --seed 7 --students 1000 --out district
      conformance generate --model xpress-4.3 --format pesc --out district-json
      conformance generate --students 1000000 --collection xStudents --model xpress-4.3 --out many
    """
    from fixtures.export import Wish, export
    from fixtures.generate import Plan
    from fixtures.problems import BadFixture, OutputError, UnknownName

    plan = Plan(seed, students, schools or max(2, students // PER_SCHOOL))
    wish = Wish(plan, _model(model, fmt, timeline=timeline), fmt, timeline, collections)
    try:
        with _progress(wish) as tick:
            export(wish, out, resume=resume, replace=replace, on_chunk=tick, on_file=_tell)
    except UnknownName as error:
        raise UsageFault(str(error)) from None
    except (OutputError, BadFixture) as error:
        raise PlaceFault(str(error)) from None
    except KeyboardInterrupt:
        click.echo(f"Interrupted. What is complete stays in {out}; --resume goes on.", err=True)
        raise


def _model(model: str | None, fmt: str, *, timeline: bool) -> str:
    if fmt in ("xml", "pesc", "goessner") or timeline:
        return model or MODELS[0]
    if model is not None:
        raise UsageFault(
            f"--model {model} chooses between SIF models, and {fmt} is none. Leave out --model, "
            "or take --format xml, pesc or goessner."
        )
    return ""


def _tell(name: str, records: int, size: int) -> None:
    click.echo(f"{name}  {f'{records} objects  ' if records else ''}{size} bytes")


@contextmanager
def _progress(wish: Wish) -> Iterator[Any]:
    """Show a bar with rate and time left on a terminal; elsewhere nothing."""
    if not sys.stderr.isatty():
        yield lambda _chunks, _bytes: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.fields[rate]}"), BarColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("Writing", total=_estimate(wish), rate="Writing")
        began, waiting, done = time.monotonic(), 0, 0

        def tick(chunks: int, _size: int) -> None:
            nonlocal waiting, done
            waiting += chunks
            if waiting >= STEP:
                done += waiting
                rate = f"{done:,} objects, {done / (time.monotonic() - began + 0.001):,.0f}/s"
                bar.update(task, advance=waiting, rate=rate)
                waiting = 0

        yield tick


def _estimate(wish: Wish) -> float:
    """Estimate the number of pieces from a small district with the same shares."""
    from dataclasses import replace

    from fixtures.export import parts

    share = max(1, wish.plan.student_count // SAMPLE)
    small = replace(
        wish.plan,
        student_count=min(SAMPLE, wish.plan.student_count),
        school_count=max(1, wish.plan.school_count // share),
    )
    return share * sum(
        sum(1 for _ in part.chunks()) for part in parts(replace(wish, plan=small, timeline=False))
    )


COMMANDS: tuple[click.Command, ...] = (generate,)
